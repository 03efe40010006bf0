//! The secrets of KMS Secrets Manager. There are none until somebody lists some.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{ACCOUNT, instance::DEFAULT_REGION};

/// The longest value, in bytes (*documented*).
const LONGEST: usize = 30_720;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Secret {
    pub(super) name: String,
    #[serde(default = "default_region")]
    pub(super) region: String,
    #[serde(default = "default_account")]
    pub(super) account: String,
    /// The value of the current version; base64 where it is binary (*inferred*).
    pub(super) data: String,
    /// The value of the version before it, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<String>,
    #[serde(default)]
    pub(super) binary: bool,
    /// A key of the customer's own that encrypts it: whoever reads it then has to be allowed to decrypt with that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
}

/// One version of a secret.
pub(super) struct Version<'s> {
    pub(super) id: &'static str,
    pub(super) stage: &'static str,
    pub(super) data: &'s str,
}

#[derive(Default)]
pub(super) struct SecretStore(Vec<Secret>);

impl SecretStore {
    /// These secrets and no others.
    pub(super) fn of(listed: Vec<Secret>) -> Result<Self, String> {
        let mut names = HashSet::new();
        if listed.iter().any(|secret| secret.name.is_empty()) {
            return Err("a secret's `name` is empty".to_owned());
        }
        if let Some(long) = listed.iter().find(|secret| secret.values().any(|value| value.len() > LONGEST)) {
            return Err(format!("the secret `{}` is longer than {LONGEST} bytes", long.name));
        }
        match listed.iter().find(|secret| !names.insert((&secret.account, &secret.region, &secret.name))) {
            Some(second) => Err(format!("the secret `{}` is listed twice", second.name)),
            None => Ok(Self(listed)),
        }
    }

    pub(super) fn listed(&self) -> &[Secret] {
        &self.0
    }

    /// A secret by its name, or by its ARN.
    pub(super) fn find(&self, name: &str, account: &str, region: Option<&str>) -> Option<&Secret> {
        let is_here = |secret: &&Secret| region.is_none_or(|region| secret.region == region);
        let is_named = |secret: &Secret| (secret.name == name && secret.account == account) || secret.arn() == name;
        self.0.iter().filter(is_here).find(|secret| is_named(secret))
    }
}

impl Secret {
    pub(super) fn arn(&self) -> String {
        format!("acs:kms:{}:{}:secret/{}", self.region, self.account, self.name)
    }

    pub(super) fn versions(&self) -> impl Iterator<Item = Version<'_>> {
        let id = if self.previous.is_some() { "v2" } else { "v1" };
        let current = Version { id, stage: "ACSCurrent", data: &self.data };
        let previous = self.previous.as_ref().map(|data| Version { id: "v1", stage: "ACSPrevious", data });
        [current].into_iter().chain(previous)
    }

    fn values(&self) -> impl Iterator<Item = &String> {
        [&self.data].into_iter().chain(&self.previous)
    }
}

fn default_region() -> String {
    DEFAULT_REGION.to_owned()
}

fn default_account() -> String {
    ACCOUNT.to_owned()
}
