//! The keys of KMS. Until somebody lists some, every key that is asked for exists and works.

use std::{
    collections::{BTreeMap, HashSet},
    slice,
};

use serde::{Deserialize, Serialize};

use super::{ACCOUNT, instance::DEFAULT_REGION};

/// The tag by which the role of backup encryption may use a key (*documented*).
const TAG: &str = "acs:rds:backup-encryption";

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    pub(super) id: String,
    #[serde(default = "default_region")]
    pub(super) region: String,
    #[serde(default = "default_account")]
    pub(super) account: String,
    #[serde(default)]
    pub(super) state: State,
    #[serde(default)]
    pub(super) usage: Usage,
    #[serde(default = "symmetric")]
    pub(super) spec: String,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
}

/// What a key can be in (*documented*).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum State {
    #[default]
    Enabled,
    Disabled,
    PendingDeletion,
    PendingImport,
}

/// What a key is for (*documented*).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum Usage {
    #[default]
    #[serde(rename = "ENCRYPT/DECRYPT")]
    Encrypt,
    #[serde(rename = "SIGN/VERIFY")]
    Sign,
}

#[derive(Default)]
pub(super) struct Keys(Option<Vec<Key>>);

impl Keys {
    /// These keys and no others.
    pub(super) fn of(listed: Vec<Key>) -> Result<Self, String> {
        let mut ids = HashSet::new();
        if listed.iter().any(|key| key.id.is_empty()) {
            return Err("a key's `id` is empty".to_owned());
        }
        match listed.iter().find(|key| !ids.insert((&key.account, &key.region, &key.id))) {
            Some(second) => Err(format!("the key `{}` is listed twice", second.id)),
            None => Ok(Self(Some(listed))),
        }
    }

    /// Those that were listed.
    pub(super) fn listed(&self) -> &[Key] {
        self.0.as_deref().unwrap_or_default()
    }

    /// A key of an account in this region, or wherever it is.
    pub(super) fn find(&self, id: &str, account: &str, region: Option<&str>) -> Option<Key> {
        let Some(listed) = &self.0 else {
            return Some(Key::any(id, account, region.unwrap_or(DEFAULT_REGION)));
        };
        listed.iter().find(|key| key.is(id, account, region.unwrap_or(&key.region))).cloned()
    }

    /// RDS marks a key it is going to use (*documented*).
    pub(super) fn tag(&mut self, key: &Key) {
        let mut listed = self.0.as_mut().map_or_else(slice::IterMut::default, |listed| listed.iter_mut());
        if let Some(own) = listed.find(|own| own.is(&key.id, &key.account, &key.region)) {
            own.tags.insert(TAG.to_owned(), "true".to_owned());
        }
    }
}

impl Key {
    fn any(id: &str, account: &str, region: &str) -> Self {
        Self {
            id: id.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            state: State::default(),
            usage: Usage::default(),
            spec: symmetric(),
            tags: BTreeMap::new(),
        }
    }

    fn is(&self, id: &str, account: &str, region: &str) -> bool {
        self.id == id && self.account == account && self.region == region
    }

    /// Whether backups can be encrypted with it (*inferred*).
    pub(super) fn encrypts(&self) -> bool {
        self.state == State::Enabled && self.usage == Usage::Encrypt
    }
}

fn default_region() -> String {
    DEFAULT_REGION.to_owned()
}

fn default_account() -> String {
    ACCOUNT.to_owned()
}

fn symmetric() -> String {
    "Aliyun_AES_256".to_owned()
}
