//! What a plan comes to: what would happen in `enforce`, and what speaks for that.

use serde::{Deserialize, Serialize};

use super::reason::{KeyProblem, Remedy, ServiceError};
use super::tagged::tagged;
use crate::request::facts::Difference;
use crate::request::ids::KeyId;

/// What would happen in `enforce`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct Verdict {
    pub is: Prediction,
    /// The reasons as sentences, in English, the one that decides first.
    pub why: Vec<String>,
    /// The same as data.
    pub reasons: Vec<VerdictReason>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub enum Prediction {
    #[serde(rename = "would enable")]
    Enable,
    #[serde(rename = "would wait")]
    Wait,
    /// The service would refuse.
    #[serde(rename = "cannot")]
    Cannot,
    #[serde(rename = "cannot tell")]
    CannotTell,
}

impl Prediction {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enable => "would enable",
            Self::Wait => "would wait",
            Self::Cannot => "cannot",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// Something that speaks for a verdict, or that a person should know before saying yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema), schemars(tag = "code", content = "params"))]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum VerdictReason {
    Running {},
    Busy {
        status: String,
    },
    Stopped {
        status: String,
    },
    Gone {
        status: String,
    },
    NotVisibleYet {},
    NotFound {},
    /// What decides could not be read.
    Unread {
        what: ReadItem,
        error: ServiceError,
        remedy: Remedy,
    },
    RegionUnsupported {},
    KeyUnusable {
        key: KeyId,
        problem: KeyProblem,
    },
    /// The service-linked role is missing.
    RoleMissing {},
    RoleWouldBeCreated {},
    InAnotherRegion {
        found: String,
    },
    /// The newest backup's record says something of encryption.
    ProbablyOn {},
    /// Nothing that can be read tells whether it is on.
    MayBeOn {},
    OutsideTheGuide {
        difference: Difference,
    },
    Locked {
        lock_mode: String,
    },
    FirstBackup {
        at: String,
    },
}

tagged!(VerdictReason);

/// Something that is read for a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReadItem {
    Instance,
    Tags,
    RegionSupport,
    Role,
    Key,
    NewestBackup,
    NextBackup,
}

impl Verdict {
    /// A verdict whose sentences are still to be made.
    pub fn new(is: Prediction, reasons: Vec<VerdictReason>) -> Self {
        Self { is, why: Vec::new(), reasons }
    }

    /// Whether something that was read says that it is on already.
    pub fn is_probably_on(&self) -> bool {
        self.reasons.contains(&VerdictReason::ProbablyOn {})
    }
}
