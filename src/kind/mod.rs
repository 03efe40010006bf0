//! The kinds of failure a cloud call can have, in the words the rest of the program uses.

mod credentials;

use serde::{Deserialize, Serialize};

pub use credentials::{
    AnswerProblem, CredentialFile, CredentialProblem, CredentialSource, FileProblem, MetadataProblem, ProgramProblem,
    Section, SectionProblem, SourceName, VariableProblem, quoted,
};

/// What an error code means for us. There is no `_` arm on kinds anywhere: a new one does not compile until each place
/// has decided about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The change was made before.
    AlreadyEnabled,
    /// Refused before execution because of the rate.
    Throttled,
    /// The service, or the way to it, failed for now.
    Unavailable,
    /// No readable answer: the change may or may not have been made.
    Ambiguous,
    /// The instance is busy with something else, or not there yet.
    NotReady,
    /// This instance, class, version or region cannot have the feature.
    Unsupported,
    /// No such instance under this account on this endpoint.
    NotFound,
    /// The KMS key or the service-linked role stands in the way.
    KeyOrRole,
    /// The identity lacks a permission.
    Forbidden,
    /// Signature, clock, key pair or token is not accepted.
    Unauthenticated,
    /// The account itself is the obstacle: bills, verification, risk control.
    Account,
    /// We sent something the service does not accept.
    InvalidRequest,
    /// The service failed inside, for good.
    Service,
    /// A code that is not in our table.
    Unknown,
}

impl Kind {
    /// Whether the same question may be answered in a moment.
    pub fn may_pass(self) -> bool {
        match self {
            Self::Throttled | Self::Unavailable | Self::Ambiguous => true,
            Self::AlreadyEnabled
            | Self::NotReady
            | Self::Unsupported
            | Self::NotFound
            | Self::KeyOrRole
            | Self::Forbidden
            | Self::Unauthenticated
            | Self::Account
            | Self::InvalidRequest
            | Self::Service
            | Self::Unknown => false,
        }
    }

    /// The name reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AlreadyEnabled => "already_enabled",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Ambiguous => "ambiguous",
            Self::NotReady => "not_ready",
            Self::Unsupported => "unsupported",
            Self::NotFound => "not_found",
            Self::KeyOrRole => "key_or_role",
            Self::Forbidden => "forbidden",
            Self::Unauthenticated => "unauthenticated",
            Self::Account => "account",
            Self::InvalidRequest => "invalid_request",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }
}

/// Why there is no answer of the service's own. The English is here for the client of the cloud, where it stands alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoAnswer {
    #[error("There was no time left to start the call")]
    NoTime,
    #[error("There are no credentials to sign the call with")]
    NoCredentials,
    #[error("The request could not be built")]
    NotBuilt,
    #[error("No connection to {host}")]
    NotConnected { host: String },
    #[error("No answer came in time")]
    TimedOut,
    #[error("The connection broke before an answer came")]
    Disconnected,
    #[error("The answer was cut short")]
    Cut,
    #[error("The answer was too large")]
    TooLarge,
    /// It is not JSON of the service's form.
    #[error("The answer could not be read")]
    Unreadable,
    #[error("The answer has no error code")]
    NoCode,
    #[error("The answer has the HTTP status {status}")]
    HttpStatus { status: u16 },
    #[error("The answer belongs to another request")]
    #[serde(rename = "stray")]
    OtherRequest,
    /// The service lists nothing where one thing was asked for.
    #[error("RDS does not list the instance")]
    NotListed,
    #[error("The list of instances does not end: a page's token came twice")]
    EndlessList,
    /// The service-linked role was created.
    #[error("The role was created and is not known everywhere yet")]
    RoleNotKnownYet,
    /// Another call refreshes the credentials.
    #[error("Others were still waiting for it")]
    OthersWait,
    /// A source that gave credentials before.
    #[error("Nobody is there any more")]
    Gone,
    /// Credentials are of no use.
    #[error("They had already expired when they came: compare the clocks")]
    Expired,
    /// A program.
    #[error("It did not end in time")]
    NotEnded,
    #[error("There is no session")]
    NoSession,
}
