//! Whose signature a request bears.

use aws_lc_rs::digest;

use super::{
    policy::Policy,
    sessions::{Session, Terms},
};

/// Somebody who calls, and the account they act in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) principal: Principal,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// A RAM user, named after their access key.
    User { name: String },
    /// A session of a role.
    Session { role: String, name: String, policy: Option<Policy> },
}

impl Caller {
    pub(crate) fn user(account: &str, name: &str) -> Self {
        Self { account: account.to_owned(), principal: Principal::User { name: name.to_owned() } }
    }

    pub(crate) fn session(session: &Session) -> Self {
        let (role, name) = (session.role.clone(), session.name.clone());
        let principal = Principal::Session { role, name, policy: session.policy.clone() };
        Self { account: session.account.clone(), principal }
    }

    pub(crate) fn role(&self) -> Option<&str> {
        match &self.principal {
            Principal::User { .. } => None,
            Principal::Session { role, .. } => Some(role),
        }
    }

    pub(crate) fn policy(&self) -> Option<&Policy> {
        match &self.principal {
            Principal::User { .. } => None,
            Principal::Session { policy, .. } => policy.as_ref(),
        }
    }

    /// How a denial calls the kind of caller (*documented*).
    pub(crate) fn kind(&self) -> &'static str {
        match self.principal {
            Principal::User { .. } => "SubUser",
            Principal::Session { .. } => "AssumedRoleUser",
        }
    }

    /// A user's id, or role and session (*documented*).
    pub(crate) fn display_name(&self) -> String {
        match &self.principal {
            Principal::User { .. } => self.id(),
            Principal::Session { role, name, .. } => format!("{role}:{name}"),
        }
    }

    pub(crate) fn arn(&self) -> String {
        let account = &self.account;
        match &self.principal {
            Principal::User { name } => format!("acs:ram::{account}:user/{name}"),
            Principal::Session { role, name, .. } => assumed_arn(account, role, name),
        }
    }

    /// The id of the user or of the role: digits, always the same for the same name.
    pub(crate) fn id(&self) -> String {
        match &self.principal {
            Principal::User { name } => entity_id('2', &self.account, name),
            Principal::Session { role, .. } => role_id(&self.account, role),
        }
    }
}

impl Session {
    pub(crate) fn role_id(&self) -> String {
        role_id(&self.account, &self.role)
    }

    pub(crate) fn arn(&self) -> String {
        assumed_arn(&self.account, &self.role, &self.name)
    }
}

impl Terms<'_> {
    /// Lengths and letters of a session's name (*documented*).
    pub(crate) fn is_name(name: &str) -> bool {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte);
        (2..=64).contains(&name.len()) && name.bytes().all(letter)
    }
}

fn assumed_arn(account: &str, role: &str, session: &str) -> String {
    format!("acs:ram::{account}:assumed-role/{role}/{session}")
}

fn role_id(account: &str, role: &str) -> String {
    entity_id('3', account, &role.to_lowercase())
}

/// Eighteen digits, like the vendor's own.
fn entity_id(first: char, account: &str, name: &str) -> String {
    let hash = digest::digest(&digest::SHA256, format!("{account}/{name}").as_bytes());
    let digits = hash.as_ref().iter().take(17).map(|byte| char::from(b'0' + byte % 10));
    [first].into_iter().chain(digits).collect()
}
