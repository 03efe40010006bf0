//! The operation of KMS that we use, API version 2016-01-20: it reads a key, and never uses one.

use serde::Deserialize;

use super::endpoint::{Network, kms};
use super::operation::Operation;

/// Reads what a key is. Works in every state of the key (documented).
#[derive(Debug)]
pub struct DescribeKey<'a> {
    pub key: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Key {
    pub key_metadata: KeyMetadata,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyMetadata {
    /// `acs:kms:{region}:{account}:key/{id}`.
    pub arn: Option<String>,
    /// Enabled, Disabled, `PendingDeletion` or `PendingImport` (documented).
    pub key_state: String,
    pub key_spec: Option<String>,
    /// ENCRYPT/DECRYPT or SIGN/VERIFY.
    pub key_usage: Option<String>,
}

impl Operation for DescribeKey<'_> {
    const ACTION: &'static str = "DescribeKey";
    const VERSION: &'static str = "2016-01-20";
    const RAM_ACTION: &'static str = "kms:DescribeKey";
    type Response = Key;

    fn host(&self, region: &str, network: Network) -> String {
        kms(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        vec![("KeyId", self.key)]
    }
}
