//! Operations of RDS, API version 2014-08-15.
//!
//! Sources: the vendor's reference pages of `EnableBackupEncryption` and its neighbours (2026-04-18), and its Python SDK
//! (16.0.2), in which the instance parameter has three spellings. That a RAM action has the operation's name is documented
//! for the first and inferred for the rest.

mod instances;
mod reads;

pub use instances::{DescribeDBInstances, Page, every_instance};
pub use reads::{
    Backup, CheckBackupEncryptionAuthorized, CheckRegionSupportBackupEncryption, DescribeBackupPolicy, DescribeBackups,
    DescribeDBInstanceAttribute, InstanceAttribute, ListTagResources, Tag,
};

use serde::Deserialize;

use super::endpoint::{Network, rds};
use super::operation::Operation;

const VERSION: &str = "2014-08-15";

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

    fn host(&self, region: &str, network: Network) -> String {
        rds(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        let mut parameters = vec![("DBInstanceName", self.instance)];
        parameters.extend(self.key.map(|key| ("EncryptionKey", key)));
        parameters
    }

    fn is_answered_by(&self, response: &Enabled) -> bool {
        response.instance == self.instance
    }
}

/// Creates the role by which RDS uses keys, once per account. Repeating it changes nothing.
#[derive(Debug)]
pub struct AuthorizeBackupEncryption<'a> {
    pub region: &'a str,
}

/// The documented sample of a *success* carries a message that reads like an error, so the state alone decides.
#[derive(Debug, Deserialize)]
pub struct Authorized {
    /// A number here, a string in the check.
    #[serde(rename = "AuthorizationState")]
    pub state: i64,
}

impl Authorized {
    pub fn is_authorized(&self) -> bool {
        self.state == 1
    }
}

impl Operation for AuthorizeBackupEncryption<'_> {
    const ACTION: &'static str = "AuthorizeBackupEncryption";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "rds:AuthorizeBackupEncryption";
    type Response = Authorized;

    fn host(&self, region: &str, network: Network) -> String {
        rds(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        vec![("RegionId", self.region)]
    }
}
