//! Operations of RDS, API version 2014-08-15.
//!
//! Sources: the vendor's reference page of `EnableBackupEncryption` (2026-04-18); the instance parameter's spelling
//! differs by operation (read in the vendor's Python SDK, 16.0.2).

use serde::Deserialize;

use super::operation::Operation;

const VERSION: &str = "2014-08-15";

/// Every RAM action this program needs for the calls it can make.
pub const RAM_ACTIONS: [&str; 2] = [EnableBackupEncryption::RAM_ACTION, DescribeDBInstanceAttribute::RAM_ACTION];

/// Turns on backup encryption. It cannot be turned off again, and the key cannot be changed. Safe to repeat: a second
/// call answers `BackupEncryptionAlreadyEnabled`.
#[derive(Debug)]
pub struct EnableBackupEncryption<'a> {
    pub instance: &'a str,
    /// Absent: RDS generates a key (inferred from the console's two choices).
    pub key: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Enabled {
    #[serde(rename = "DBInstanceId")]
    pub instance: String,
    pub request_id: Option<String>,
}

impl Operation for EnableBackupEncryption<'_> {
    const ACTION: &'static str = "EnableBackupEncryption";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "rds:EnableBackupEncryption";
    type Response = Enabled;

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        let mut parameters = vec![("DBInstanceName", self.instance)];
        parameters.extend(self.key.map(|key| ("EncryptionKey", key)));
        parameters
    }

    fn is_answered_by(&self, response: &Enabled) -> bool {
        response.instance == self.instance
    }
}

/// Reads one instance.
#[derive(Debug)]
pub struct DescribeDBInstanceAttribute<'a> {
    pub instance: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Described {
    pub items: Items,
    pub request_id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Items {
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
}

impl Operation for DescribeDBInstanceAttribute<'_> {
    const ACTION: &'static str = "DescribeDBInstanceAttribute";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "rds:DescribeDBInstanceAttribute";
    type Response = Described;

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        vec![("DBInstanceId", self.instance)]
    }

    /// An empty list is an answer too: the instance is not there.
    fn is_answered_by(&self, response: &Described) -> bool {
        response.items.attributes.first().is_none_or(|attribute| attribute.instance == self.instance)
    }
}
