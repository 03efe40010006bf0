//! The kinds of failure a cloud call can have, in the words the rest of the program uses.

use serde::{Deserialize, Serialize};

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

/// Why there is no answer of the service's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoAnswer {
    /// There was no time left to start the call.
    NoTime,
    /// There is nothing to sign the call with.
    NoCredentials,
    /// The request could not be built.
    NotBuilt,
    /// No connection to the host could be opened.
    NotConnected { host: String },
    /// Nothing came in time.
    TimedOut,
    /// The connection broke before anything came.
    Disconnected,
    /// It ended in the middle.
    Cut,
    /// It was too large to be an answer.
    TooLarge,
    /// It is not JSON of the service's form.
    Unreadable,
    /// It names no error code.
    NoCode,
    /// It is the answer to another question.
    Stray,
    /// The service lists nothing where one thing was asked for.
    NotListed,
    /// A page's token came twice.
    EndlessList,
    /// The service-linked role was created and is not known everywhere yet.
    RoleNotKnownYet,
}
