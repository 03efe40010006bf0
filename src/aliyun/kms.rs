//! The operations of KMS that we use, API version 2016-01-20: one reads what a key is, and none uses one; the other reads a
//! secret. Source: the vendor's API metadata and its Python SDK (3.3.1).

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};

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

/// Reads one version of a secret.
#[derive(Debug)]
pub struct GetSecretValue<'a> {
    /// Its name, or its ARN, which another account's needs.
    pub secret: &'a str,
    pub stage: Stage,
    /// Only asks whether it could be read. The answer is then always an error: [`WOULD_HAVE_WORKED`], or why not
    /// (documented).
    pub is_dry_run: bool,
}

/// The code by which a dry run says yes.
pub const WOULD_HAVE_WORKED: &str = "DryRunOperationError";

/// Which version of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Current,
    /// The one before it, while a rotation is under way.
    Previous,
}

/// A secret's value. It is never shown.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecretValue {
    #[serde(deserialize_with = "hidden")]
    pub secret_data: SecretString,
    /// `text`, or `binary`, which is base64 (inferred).
    pub secret_data_type: Option<String>,
}

impl Operation for GetSecretValue<'_> {
    const ACTION: &'static str = "GetSecretValue";
    const VERSION: &'static str = "2016-01-20";
    const RAM_ACTION: &'static str = "kms:GetSecretValue";
    const IS_LAST_RESORT: bool = true;
    type Response = SecretValue;

    fn host(&self, region: &str, network: Network) -> String {
        kms(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        let stage = match self.stage {
            Stage::Current => "ACSCurrent",
            Stage::Previous => "ACSPrevious",
        };
        let dry_run = self.is_dry_run.then_some(("DryRun", "true"));
        [("SecretName", self.secret), ("VersionStage", stage)].into_iter().chain(dry_run).collect()
    }

    /// An empty value is none.
    fn is_answered_by(&self, response: &SecretValue) -> bool {
        !response.secret_data.expose_secret().is_empty()
    }
}

fn hidden<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(Into::into)
}
