//! Accounts with their access keys and roles, as the control requests list them.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, ACCOUNT};

/// How long a session of a role may last if the role says nothing (*documented*).
const HOUR_SECONDS: u32 = 3600;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) id: String,
    /// Whether it has the service-linked role that backup encryption needs.
    #[serde(default = "yes")]
    pub(crate) backup_encryption_role: bool,
    #[serde(default)]
    access_keys: Vec<AccessKey>,
    #[serde(default)]
    roles: Vec<Role>,
}

/// A key pair of a RAM user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) secret: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    pub(crate) name: String,
    /// Accounts whose users and roles may assume it.
    #[serde(default)]
    pub(crate) trusts: Vec<String>,
    /// What a caller must know beside.
    #[serde(default)]
    pub(crate) external_id: Option<String>,
    #[serde(default = "hour")]
    pub(crate) max_session_seconds: u32,
    #[serde(default)]
    pub(crate) oidc: Option<Oidc>,
    /// Actions it may not carry out. `*` and `?` mean what they mean in a policy.
    #[serde(default)]
    pub(crate) denied: Vec<String>,
}

/// The identity provider a role trusts, and the one token that counts as signed by it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Oidc {
    pub(crate) provider_arn: String,
    pub(crate) token: String,
}

#[derive(Debug)]
pub(crate) struct Accounts(Vec<Account>);

impl Default for Accounts {
    /// The account of the test pair, alone.
    fn default() -> Self {
        Self(vec![Account {
            id: ACCOUNT.to_owned(),
            backup_encryption_role: true,
            access_keys: vec![AccessKey::of_tests()],
            roles: Vec::new(),
        }])
    }
}

impl Accounts {
    /// These accounts and no others; but the default account and its test pair are always there.
    pub(crate) fn of(listed: Vec<Account>) -> Result<Self, String> {
        let mut accounts = listed;
        if !accounts.iter().any(|account| account.id == ACCOUNT) {
            accounts.splice(0..0, Self::default().0);
        }
        for account in &mut accounts {
            if account.id == ACCOUNT {
                account.access_keys.retain(|key| *key != AccessKey::of_tests());
                account.access_keys.insert(0, AccessKey::of_tests());
            }
        }
        check(&accounts)?;
        Ok(Self(accounts))
    }

    pub(crate) fn all(&self) -> &[Account] {
        &self.0
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Account> {
        self.0.iter().find(|account| account.id == id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Account> {
        self.0.iter_mut().find(|account| account.id == id)
    }

    /// A role by its name. Upper and lower case are the same (*inferred*).
    pub(crate) fn role(&self, account: &str, name: &str) -> Option<&Role> {
        self.find(account)?.roles.iter().find(|role| role.name.eq_ignore_ascii_case(name))
    }

    /// A key pair and the account it belongs to.
    pub(crate) fn key(&self, id: &str) -> Option<(&Account, &AccessKey)> {
        let keys = self.0.iter().flat_map(|account| account.access_keys.iter().map(move |key| (account, key)));
        keys.into_iter().find(|(_, key)| key.id == id)
    }

    /// Whether any account knows this identity provider.
    pub(crate) fn knows_provider(&self, arn: &str) -> bool {
        let mut providers = self.0.iter().flat_map(|account| &account.roles).filter_map(|role| role.oidc.as_ref());
        providers.any(|oidc| oidc.provider_arn == arn)
    }
}

impl AccessKey {
    fn of_tests() -> Self {
        Self { id: ACCESS_KEY_ID.to_owned(), secret: ACCESS_KEY_SECRET.to_owned() }
    }
}

/// What would make a name stand for two things, or for nothing.
fn check(accounts: &[Account]) -> Result<(), String> {
    let mut seen = HashSet::new();
    for account in accounts {
        let keys = account.access_keys.iter().map(|key| ("access key", key.id.clone()));
        let roles = account.roles.iter().map(|role| ("role", format!("{}/{}", account.id, role.name.to_lowercase())));
        for (kind, name) in [("account", account.id.clone())].into_iter().chain(keys).chain(roles) {
            if name.is_empty() || name.ends_with('/') {
                return Err(format!("a name of an {kind} is empty").replace("an role", "a role"));
            }
            if !seen.insert((kind, name.clone())) {
                return Err(format!("the {kind} `{name}` is listed twice"));
            }
        }
    }
    Ok(())
}

fn yes() -> bool {
    true
}

fn hour() -> u32 {
    HOUR_SECONDS
}
