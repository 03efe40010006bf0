//! Whose hand signs. *Absent* and *broken* are different things: a source that is set up and cannot be used stops the
//! search, because the next one would be somebody else.
//!
//! [`chain`] finds the source that is set up, [`identity`] keeps what it gave until that must be renewed, and
//! [`assume`] takes on roles of other accounts with it. Every other file is one source, or what several of them share.

mod answer;
pub mod assume;
mod cache;
pub mod chain;
mod credentials_file;
mod environment;
mod external;
mod file;
pub mod identity;
mod invocation;
mod metadata;
mod oidc;
mod pair;
mod profile;
mod role;
mod section;
mod sts_host;
mod uri;

use std::fmt;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::Client;
use super::error::Failure;
use super::sts::SessionCredentials;
use crate::time::Deadline;

pub use environment::from_environment;
pub use invocation::from_invocation;

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

/// A source that is set up and cannot be used: a person must mend it. The sentence names the missing part, never a
/// value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

/// What a source gave: credentials, or nothing because it is not set up.
pub type Found = Result<Option<Credentials>, Broken>;

/// Why there are no credentials although a source is set up.
#[derive(Debug, Clone, PartialEq)]
pub enum CredentialsError {
    /// A person must mend the source.
    Broken(Broken),
    /// A call failed. The kind of the failure says whether waiting helps.
    Failed {
        /// Which source, in words that follow "from".
        source: String,
        failure: Box<Failure>,
    },
}

/// What a source gives when it is asked: credentials, or nothing because nobody is there after all.
pub type Provided = Result<Option<Credentials>, CredentialsError>;

/// A source that has to be asked, and may have to be asked again. It keeps nothing between two questions.
pub trait ProvideCredentials: fmt::Debug + Send + Sync {
    fn provide<'a>(&'a self, client: &'a Client, deadline: Deadline) -> BoxFuture<'a, Provided>;
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
    fn from_session(session: SessionCredentials, source: Source) -> Self {
        Self {
            access_key_id: session.access_key_id,
            access_key_secret: session.access_key_secret,
            security_token: Some(session.security_token),
            expires_at: Some(session.expiration),
            source,
        }
    }

    /// Whether these are exactly those. A new session may keep the key id of the old one.
    fn is(&self, other: &Self) -> bool {
        self.access_key_id == other.access_key_id && self.token() == other.token()
    }

    fn token(&self) -> Option<&str> {
        self.security_token.as_ref().map(ExposeSecret::expose_secret)
    }
}

/// A secret with something in it.
fn filled(secret: Option<SecretString>) -> Option<SecretString> {
    secret.filter(|secret| !secret.expose_secret().is_empty())
}

impl Broken {
    fn because(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl CredentialsError {
    /// A call to `source` failed. Whatever it may have come to, it changed nothing that anybody asked for.
    fn failed(source: impl Into<String>, failure: Failure) -> Self {
        Self::Failed { source: source.into(), failure: Box::new(Failure { may_have_applied: false, ..failure }) }
    }

    /// `source` gave no usable answer for now, as `message` says.
    fn unavailable(source: impl Into<String>, message: &str) -> Self {
        Self::failed(source, Failure::not_sent(message))
    }
}

impl From<Broken> for CredentialsError {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, failure) = match self {
            Self::Broken(broken) => return broken.fmt(f),
            Self::Failed { source, failure } => (source, failure),
        };
        write!(f, "No credentials came from {source}")?;
        match failure.code.as_deref() {
            Some(code) if failure.message.is_empty() => write!(f, ": {code}."),
            Some(code) => write!(f, " ({code}): {}", failure.message),
            None => write!(f, ": {}", failure.message),
        }
    }
}

impl std::error::Error for CredentialsError {}

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
    fn a_failed_call_is_one_sentence_and_casts_no_doubt_on_the_change() {
        let failed =
            CredentialsError::failed("the metadata service", Failure::ambiguous("No answer came in time.", None));
        assert_eq!(failed.to_string(), "No credentials came from the metadata service: No answer came in time.");
        let CredentialsError::Failed { failure, .. } = failed else { panic!("it is a failed call") };
        assert!(!failure.may_have_applied);
        let coded = Failure { code: Some("NoPermission".to_owned()), message: "Not you.".to_owned(), ..*failure };
        let failed = CredentialsError::failed("the role", coded);
        assert_eq!(failed.to_string(), "No credentials came from the role (NoPermission): Not you.");
    }

    #[test]
    fn the_same_key_with_another_token_is_another_session() {
        let session = |token: &str| Credentials { security_token: Some(token.into()), ..Credentials::stand_in() };
        assert!(session("a").is(&session("a")));
        assert!(!session("a").is(&session("b")) && !session("a").is(&Credentials::stand_in()));
    }
}
