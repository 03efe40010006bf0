//! Why a genuine event asks nothing of us, as data.

use super::ids::{InstanceId, printable};

/// A genuine event that is not for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub event_id: String,
    pub reason: IgnoredReason,
}

impl Ignored {
    pub fn new(event_id: &str, reason: IgnoredReason) -> Self {
        Self { event_id: printable(event_id), reason }
    }
}

/// What the event is instead. Foreign words in it are as they came: they are made fit to be shown with the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IgnoredReason {
    /// A call of another service.
    OtherService {
        call: String,
        service: String,
    },
    /// Our own call: following it would be a loop.
    OwnCall,
    /// Not one of the configured creating calls.
    OtherCall {
        call: String,
    },
    FailedCall {
        call: String,
        error_code: String,
    },
    /// The instance that was copied.
    SourceOfCopy {
        call: String,
        instance: InstanceId,
    },
    OtherEventType {
        event_type: String,
    },
    OtherDataType {
        data_type: String,
    },
    /// A finding about something that is no RDS instance.
    OtherResource {
        resource_type: String,
    },
    OtherRule {
        rule: String,
    },
    /// A finding that is no complaint.
    Compliance {
        found: String,
    },
    /// The record of an invocation that succeeded.
    Succeeded,
    DeadLetterInDeadLetter,
    /// The platform's timer asks for a sweep.
    Sweep,
    /// The delivery asks for the very same elsewhere.
    Repeated,
}

impl IgnoredReason {
    /// The reason's name. Machines may go by it: it is stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherService { .. } => "other_service",
            Self::OwnCall => "own_call",
            Self::OtherCall { .. } => "other_call",
            Self::FailedCall { .. } => "failed_call",
            Self::SourceOfCopy { .. } => "source_of_copy",
            Self::OtherEventType { .. } => "other_event_type",
            Self::OtherDataType { .. } => "other_data_type",
            Self::OtherResource { .. } => "other_resource",
            Self::OtherRule { .. } => "other_rule",
            Self::Compliance { .. } => "compliance",
            Self::Succeeded => "succeeded",
            Self::DeadLetterInDeadLetter => "dead_letter_in_dead_letter",
            Self::Sweep => "sweep",
            Self::Repeated => "repeated",
        }
    }
}
