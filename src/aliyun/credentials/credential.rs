//! One set of credentials, and where it came from.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::aliyun::sts::SessionCredentials;

/// Where a set of credentials came from, which decides what can be done when it has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The headers of this invocation: the next one brings its own.
    Invocation,
    /// The environment of a function instance, set when its process started: only a new process gets new ones.
    FunctionEnvironment,
    /// The environment anywhere else: set by a person.
    Environment,
    /// The stand-in cloud's own pair.
    StandIn,
    /// A pair or triple that somebody wrote into a profile.
    Written,
    /// A program that a profile names.
    External,
    /// An identity provider's token, exchanged for a session.
    Oidc,
    /// A role that other credentials took on.
    Role,
    /// A server that hands out credentials.
    Uri,
    /// The metadata service of a virtual machine.
    Metadata,
}

impl Source {
    /// Whether this process can have new credentials from there when the old ones have expired.
    pub fn renewable_here(self) -> bool {
        match self {
            Self::Invocation | Self::FunctionEnvironment | Self::Environment | Self::StandIn | Self::Written => false,
            Self::External | Self::Oidc | Self::Role | Self::Uri | Self::Metadata => true,
        }
    }
}

/// An identity, as one value: parts of two sources are never mixed.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub access_key_id: String,
    pub access_key_secret: SecretString,
    pub security_token: Option<SecretString>,
    /// When they stop being accepted, where their source says so.
    pub expires_at: Option<Timestamp>,
    pub source: Source,
}

const TEST_KEY_ID: &str = "testAccessKeyId";

impl Credentials {
    /// The pair that the stand-in cloud accepts, and no other cloud does.
    pub fn stand_in() -> Self {
        Self {
            access_key_id: TEST_KEY_ID.to_owned(),
            access_key_secret: SecretString::from("testAccessKeySecret"),
            security_token: None,
            expires_at: None,
            source: Source::StandIn,
        }
    }

    /// Whether this is that pair, wherever it came from.
    pub fn is_the_test_pair(&self) -> bool {
        self.access_key_id == TEST_KEY_ID
    }

    /// What an exchange at STS gave.
    pub(super) fn from_session(session: SessionCredentials, source: Source) -> Self {
        Self {
            access_key_id: session.access_key_id,
            access_key_secret: session.access_key_secret,
            security_token: Some(session.security_token),
            expires_at: Some(session.expiration),
            source,
        }
    }

    /// Whether these are exactly those. A new session may keep the key id of the old one.
    pub(super) fn is_same_session(&self, other: &Self) -> bool {
        self.access_key_id == other.access_key_id && self.token() == other.token()
    }

    fn token(&self) -> Option<&str> {
        self.security_token.as_ref().map(ExposeSecret::expose_secret)
    }
}

/// A secret with something in it.
pub(super) fn filled(secret: Option<SecretString>) -> Option<SecretString> {
    secret.filter(|secret| !secret.expose_secret().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let credentials = Credentials { security_token: Some("the-token".into()), ..Credentials::stand_in() };
        let shown = format!("{credentials:?}");
        assert!(!shown.contains("testAccessKeySecret") && !shown.contains("the-token"), "{shown}");
    }

    #[test]
    fn the_same_key_with_another_token_is_another_session() {
        let session = |token: &str| Credentials { security_token: Some(token.into()), ..Credentials::stand_in() };
        assert!(session("a").is_same_session(&session("a")));
        assert!(
            !session("a").is_same_session(&session("b")) && !session("a").is_same_session(&Credentials::stand_in())
        );
    }
}
