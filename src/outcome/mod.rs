//! How a request ended, and the report that says so.

mod attempt;
mod next_step;
mod reason;
mod refusal;
mod report;
mod tagged;
mod verdict;

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::kind::Kind;
use crate::request::facts::Evidence;

pub use attempt::{Attempt, Doubt};
pub use next_step::{NextStep, next_step, step_about, step_about_verdict};
pub use reason::{KeyProblem, Reason, Remedy, ServiceError};
pub use refusal::Refusal;
pub use report::{Intent, Job, REPORT_SCHEMA, Recorded, Report, ReportedOrigin, to_json};
pub use verdict::{Prediction, ReadItem, Verdict, VerdictReason};

/// How one request ended. Each is an end, not an error: it is logged, reported and answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The service accepted the call, or said "already" after an attempt of ours that may have applied.
    Enabled,
    /// It was on before we came.
    AlreadyEnabled,
    /// Plan mode: nothing changed; the verdict says what would happen.
    Planned,
    /// One of our own rules said no, before any write.
    Refused,
    /// Not now; a later delivery may succeed.
    Waiting,
    /// The service's final word, or a set-up that only a person can mend.
    Failed,
    /// An attempt may have applied, and no answer settled it.
    Unknown,
}

impl Outcome {
    pub const ALL: [Self; 7] =
        [Self::Enabled, Self::AlreadyEnabled, Self::Planned, Self::Refused, Self::Waiting, Self::Failed, Self::Unknown];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::AlreadyEnabled => "already_enabled",
            Self::Planned => "planned",
            Self::Refused => "refused",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// What the platform is told about a request that ended so. Without a relay, the sender's own retry does the waiting.
    pub fn delivery(self) -> Delivery {
        match self {
            Self::Enabled | Self::AlreadyEnabled | Self::Planned | Self::Refused | Self::Failed => Delivery::Done,
            Self::Waiting | Self::Unknown => Delivery::Again,
        }
    }

    /// Whether sinks are told. A wait may be many deliveries long: sinks hear of its beginning, if that is known to be
    /// one, and of its end.
    pub fn is_news(self, begins_a_wait: bool) -> bool {
        match self {
            Self::Enabled | Self::AlreadyEnabled | Self::Planned | Self::Refused | Self::Failed | Self::Unknown => true,
            Self::Waiting => begins_a_wait,
        }
    }
}

/// What the host tells the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It is dealt with: do not deliver it again.
    #[default]
    Done,
    /// Deliver it again later.
    Again,
}

/// The rule that refused and the value that broke it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct Rule {
    pub name: Cow<'static, str>,
    pub value: Option<String>,
}

/// What the cloud said last, and what it took.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct Upstream {
    /// The operation whose answer decided.
    pub operation: Cow<'static, str>,
    /// The service's error code; null on success or where none could be read.
    pub code: Option<String>,
    pub kind: Option<Kind>,
    pub http_status: Option<u16>,
    pub request_id: Option<String>,
    /// Calls made for this request in all, reads and retries included.
    pub calls: u32,
    /// Milliseconds from the first call to the last answer.
    pub ms: u64,
}

/// How a request ended and why, before it becomes a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    pub outcome: Outcome,
    /// False where an attempt may have applied and nothing proved what it did.
    pub certain: bool,
    pub reason: Reason,
    pub verdict: Option<Verdict>,
    pub evidence: Option<Evidence>,
    pub upstream: Option<Upstream>,
    /// When it is tried again, where the queue took it.
    pub retry_at: Option<Timestamp>,
    /// What alone helps, where no queue of ours can.
    pub retry_needs: Option<RetryNeeds>,
    /// What is in doubt now; nothing where no answer could have changed that.
    pub doubt: Option<Doubt>,
}

/// What a request waits for that time alone does not bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryNeeds {
    /// Another delivery, which brings what this one lacks.
    Delivery,
    /// A new process, which gets new credentials.
    Process,
    /// New credentials, which this process can get.
    Renewal,
}

impl Resolution {
    pub fn new(outcome: Outcome, reason: Reason) -> Self {
        Self {
            outcome,
            certain: outcome != Outcome::Unknown,
            reason,
            verdict: None,
            evidence: None,
            upstream: None,
            retry_at: None,
            retry_needs: None,
            doubt: None,
        }
    }

    /// The same after earlier attempts. Doubt about them outlives every ending but an answer about the instance.
    #[must_use]
    pub fn after(self, earlier: Doubt) -> Self {
        let doubt = self.doubt.unwrap_or(earlier);
        Self { certain: self.certain && !doubt.unsettled, doubt: Some(doubt), ..self }
    }
}

impl From<Refusal> for Resolution {
    fn from(refusal: Refusal) -> Self {
        Self::new(Outcome::Refused, refusal.into())
    }
}

/// A duration as the report's whole milliseconds.
pub fn whole_ms(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word that serde writes for a value.
    fn written(value: impl Serialize) -> String {
        serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn a_word_is_the_same_wherever_it_is_written() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str(), written(outcome));
        }
        for would in [Prediction::Enable, Prediction::Wait, Prediction::Cannot, Prediction::CannotTell] {
            assert_eq!(would.as_str(), written(would));
        }
        for known in crate::aliyun::error::known_codes() {
            assert_eq!(known.kind.as_str(), written(known.kind));
        }
    }
}
