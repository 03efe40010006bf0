//! Why a request ended as it did, as data. Sentences are made of it elsewhere, in any language.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Refusal, tagged};
use crate::kind::{CredentialProblem, CredentialSource, Kind, NoAnswer};
use crate::request::ids::KeyId;

/// Why a request ended as it did. Codes are stable: machines may go by them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema), schemars(tag = "code", content = "params"))]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Reason {
    /// The service accepted the call.
    Accepted {},
    /// An earlier attempt of ours got no clear answer, and the next was told that it is on already.
    AcceptedBefore {},
    /// It was on before we came.
    AlreadyOn {},
    /// Nothing was to be changed; the verdict says what would happen.
    Planned {},
    /// A report that only tries a sink.
    Test {},
    /// An attempt may have made the change, and no answer settled it.
    Unanswered {
        error: ServiceError,
    },
    /// The service's word, or why there is none.
    Service {
        error: ServiceError,
    },
    /// The instance is in a state that passes.
    InstanceBusy {
        status: String,
        error: ServiceError,
    },
    InstanceStopped {
        status: String,
    },
    InstanceGone {
        status: String,
    },
    /// A new instance may not be visible yet.
    NotVisibleYet {
        error: ServiceError,
    },
    NotFound {
        error: ServiceError,
    },
    InAnotherRegion {
        found: String,
        error: ServiceError,
    },
    Released {
        status: String,
        error: ServiceError,
    },
    /// It exists, and this operation does not find it.
    LooksUnsupported {
        error: ServiceError,
    },
    ClockOff {
        seconds: i64,
        is_ahead: bool,
        error: ServiceError,
    },
    Forbidden {
        error: ServiceError,
        remedy: Remedy,
    },
    /// The account lacks the service-linked role.
    RoleMissing {
        may_be_created: bool,
        error: ServiceError,
    },
    KeyUnusable {
        key: KeyId,
        problem: KeyProblem,
        error: ServiceError,
    },
    /// A source of credentials is set up and cannot be used.
    CredentialsBroken {
        problem: CredentialProblem,
    },
    CredentialsMissing {},
    /// A source of credentials gave none.
    CredentialsUnavailable {
        source: CredentialSource,
        error: ServiceError,
        denied_action: Option<String>,
    },
    TaskTooEarly {
        seconds: i64,
    },
    /// The worker does it: this function may change nothing itself.
    HandedOver {},
    /// The queue of the worker did not take it, or did not say so: then the worker may have it.
    NotHandedOver {
        may_be_queued: bool,
    },
    /// The audit stream takes no line.
    OffTheRecord {},
    /// It has waited for too long.
    GivenUp {
        hours: i64,
        is_in_doubt: bool,
        last: Box<Self>,
    },
    #[cfg_attr(feature = "dev", schemars(untagged))]
    Refused(Refusal),
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Refused(refusal) => refusal.serialize(serializer),
            _ => tagged::serialize(Self::serialize(self, serde_json::value::Serializer), serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        tagged::deserialize(deserializer, |plain| match Refusal::deserialize(plain.clone()) {
            Ok(refusal) => Ok(Self::Refused(refusal)),
            Err(_) => Self::deserialize(plain),
        })
    }
}

/// What the service said, or why it said nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct ServiceError {
    pub code: Option<String>,
    pub kind: Kind,
    /// The service's own words, or details of ours; in English.
    pub message: String,
    pub no_answer: Option<NoAnswer>,
}

/// What gives a permission that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// A statement to add to a policy of the role.
    Allow { statement: String },
    /// A policy denies it on purpose.
    LiftDenial { action: String, policy: String },
    /// The session is narrowed to a region.
    CheckRegion {},
    /// What the code, or its kind, advises.
    #[serde(rename = "as_usual")]
    ByCode {},
}

/// What is wrong with a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyProblem {
    State { state: String },
    Usage { usage: String },
    OtherRegion { region: String },
    Missing {},
}

impl Reason {
    /// Whether its own sentence says that an attempt may have made the change.
    pub fn says_its_doubt(&self) -> bool {
        matches!(self, Self::AcceptedBefore {} | Self::Unanswered { .. } | Self::GivenUp { is_in_doubt: true, .. })
    }

    /// Whether the service turned down what was asked, rather than a rule of ours or a fault of the set-up.
    pub fn error(&self) -> Option<&ServiceError> {
        match self {
            Self::Unanswered { error }
            | Self::Service { error }
            | Self::InstanceBusy { error, .. }
            | Self::NotVisibleYet { error }
            | Self::NotFound { error }
            | Self::InAnotherRegion { error, .. }
            | Self::Released { error, .. }
            | Self::LooksUnsupported { error }
            | Self::ClockOff { error, .. }
            | Self::Forbidden { error, .. }
            | Self::RoleMissing { error, .. }
            | Self::KeyUnusable { error, .. }
            | Self::CredentialsUnavailable { error, .. } => Some(error),
            Self::GivenUp { last, .. } => last.error(),
            Self::Accepted {}
            | Self::AcceptedBefore {}
            | Self::AlreadyOn {}
            | Self::Planned {}
            | Self::Test {}
            | Self::InstanceStopped { .. }
            | Self::InstanceGone { .. }
            | Self::CredentialsBroken { .. }
            | Self::CredentialsMissing {}
            | Self::TaskTooEarly { .. }
            | Self::HandedOver {}
            | Self::NotHandedOver { .. }
            | Self::OffTheRecord {}
            | Self::Refused(_) => None,
        }
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
