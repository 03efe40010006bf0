//! What can be asked about one instance, and about its region.

use serde::{Deserialize, Deserializer};

use super::VERSION;
use crate::aliyun::endpoint::{Network, rds};
use crate::aliyun::operation::Operation;

/// Reads one instance.
#[derive(Debug)]
pub struct DescribeDBInstanceAttribute<'a> {
    pub instance: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Described {
    pub items: Attributes,
    pub request_id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Attributes {
    #[serde(rename = "DBInstanceAttribute")]
    pub attributes: Vec<InstanceAttribute>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceAttribute {
    #[serde(rename = "DBInstanceId")]
    pub instance: String,
    #[serde(rename = "DBInstanceStatus")]
    pub status: String,
    pub engine: Option<String>,
    pub engine_version: Option<String>,
    pub category: Option<String>,
    #[serde(rename = "DBInstanceStorageType")]
    pub storage: Option<String>,
    #[serde(rename = "DBInstanceType")]
    pub instance_type: Option<String>,
    pub lock_mode: Option<String>,
    pub region_id: Option<String>,
    pub resource_group_id: Option<String>,
}

impl Operation for DescribeDBInstanceAttribute<'_> {
    const ACTION: &'static str = "DescribeDBInstanceAttribute";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "rds:DescribeDBInstanceAttribute";
    type Response = Described;

    fn host(&self, region: &str, network: Network) -> String {
        rds(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        vec![("DBInstanceId", self.instance)]
    }

    /// An empty list is an answer too: the instance is not there.
    fn is_answered_by(&self, response: &Described) -> bool {
        response.items.attributes.first().is_none_or(|attribute| attribute.instance == self.instance)
    }
}

/// Whether a region has the feature. Its page was not found; that the answer is about the instance, where one is named, is
/// inferred.
#[derive(Debug)]
pub struct CheckRegionSupportBackupEncryption<'a> {
    pub region: &'a str,
    pub instance: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
pub struct RegionSupport {
    #[serde(rename = "SupportBackupEncryption")]
    pub is_supported: bool,
}

impl Operation for CheckRegionSupportBackupEncryption<'_> {
    const ACTION: &'static str = "CheckRegionSupportBackupEncryption";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "rds:CheckRegionSupportBackupEncryption";
    type Response = RegionSupport;

    fn host(&self, region: &str, network: Network) -> String {
        rds(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        let mut parameters = vec![("RegionId", self.region)];
        parameters.extend(self.instance.map(|instance| ("DBInstanceID", instance)));
        parameters
    }
}

/// Whether the account has the role by which RDS uses keys, `AliyunServiceRoleForRdsBackupEncryption`.
#[derive(Debug)]
pub struct CheckBackupEncryptionAuthorized<'a> {
    pub region: &'a str,
}

#[derive(Debug, Deserialize)]
pub struct Authorization {
    /// A string here, a number where the role is created.
    #[serde(rename = "AuthorizationState")]
    pub state: String,
}

impl Authorization {
    pub fn is_authorized(&self) -> bool {
        self.state == "1"
    }
}

impl Operation for CheckBackupEncryptionAuthorized<'_> {
    const ACTION: &'static str = "CheckBackupEncryptionAuthorized";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "rds:CheckBackupEncryptionAuthorized";
    type Response = Authorization;

    fn host(&self, region: &str, network: Network) -> String {
        rds(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        vec![("RegionId", self.region)]
    }
}

/// The newest successful backups of an instance: the only published sign that its backups are encrypted.
#[derive(Debug)]
pub struct DescribeBackups<'a> {
    pub instance: &'a str,
}

#[derive(Debug, Deserialize)]
pub struct Backups {
    #[serde(rename = "Items")]
    items: BackupList,
}

#[derive(Debug, Default, Deserialize)]
struct BackupList {
    #[serde(rename = "Backup", default)]
    backups: Vec<Backup>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Backup {
    pub backup_end_time: Option<String>,
    /// Read in the vendor's SDK: "encryption information about the backup set", sample `{}`. Its keys are undocumented.
    pub encryption: Option<String>,
}

impl Backup {
    /// Whether the backup says something of encryption. That a text other than `{}` means encrypted is inferred.
    pub fn names_encryption(&self) -> bool {
        let text = self.encryption.as_deref().unwrap_or_default();
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(serde_json::Value::Object(fields)) => !fields.is_empty(),
            Ok(serde_json::Value::Null) => false,
            _ => !text.trim().is_empty(),
        }
    }
}

impl Backups {
    /// The newest by its end, whatever order they came in. Times are `yyyy-MM-ddTHH:mm:ssZ`, so text sorts as time does.
    pub fn newest(self) -> Option<Backup> {
        self.items.backups.into_iter().max_by(|a, b| a.backup_end_time.cmp(&b.backup_end_time))
    }
}

impl Operation for DescribeBackups<'_> {
    const ACTION: &'static str = "DescribeBackups";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "rds:DescribeBackups";
    type Response = Backups;

    fn host(&self, region: &str, network: Network) -> String {
        rds(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        vec![("DBInstanceId", self.instance), ("BackupStatus", "Success"), ("PageSize", "30")]
    }
}

/// When an instance is backed up next. It says nothing of encryption (read in the vendor's SDK).
#[derive(Debug)]
pub struct DescribeBackupPolicy<'a> {
    pub instance: &'a str,
}

#[derive(Debug, Deserialize)]
pub struct BackupPolicy {
    #[serde(rename = "PreferredNextBackupTime")]
    pub next_backup: Option<String>,
}

impl Operation for DescribeBackupPolicy<'_> {
    const ACTION: &'static str = "DescribeBackupPolicy";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "rds:DescribeBackupPolicy";
    type Response = BackupPolicy;

    fn host(&self, region: &str, network: Network) -> String {
        rds(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        vec![("DBInstanceId", self.instance)]
    }
}

/// The tags of one instance, which hold on one page: it can have 20 (documented for the product's tags).
#[derive(Debug)]
pub struct ListTagResources<'a> {
    pub region: &'a str,
    pub instance: &'a str,
}

/// A list that is not there is no empty list, and a page that is not the last is none either: what is exempt by a tag must
/// not be sealed because the tag was not seen.
#[derive(Debug, Deserialize)]
pub struct Tags {
    #[serde(rename = "TagResources", deserialize_with = "tag_list")]
    pub tags: Vec<Tag>,
    #[serde(rename = "NextToken", default)]
    next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tag {
    #[serde(rename = "ResourceId")]
    pub instance: String,
    #[serde(rename = "TagKey")]
    pub key: String,
    #[serde(rename = "TagValue", default)]
    pub value: String,
}

fn tag_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Tag>, D::Error> {
    #[derive(Deserialize)]
    struct List {
        #[serde(rename = "TagResource")]
        tags: Vec<Tag>,
    }
    Ok(List::deserialize(deserializer)?.tags)
}

impl Operation for ListTagResources<'_> {
    const ACTION: &'static str = "ListTagResources";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "rds:ListTagResources";
    type Response = Tags;

    fn host(&self, region: &str, network: Network) -> String {
        rds(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        vec![("RegionId", self.region), ("ResourceType", "INSTANCE"), ("ResourceId.1", self.instance)]
    }

    fn is_answered_by(&self, response: &Tags) -> bool {
        let is_whole = response.next.as_deref().is_none_or(str::is_empty);
        is_whole && response.tags.iter().all(|tag| tag.instance == self.instance)
    }
}
