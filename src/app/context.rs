//! What comes with one delivery, besides what it asks for.

use std::time::Duration;

use crate::aliyun::credentials::Found;
use crate::ingress::DeliveryDefaults;
use crate::outcome::Attempt;
use crate::time::Deadline;

/// One delivery.
#[derive(Debug)]
pub struct Context {
    pub deadline: Deadline,
    pub attempt: Attempt,
    /// What stands in where the event is silent.
    pub defaults: DeliveryDefaults,
    /// The identity this delivery brings.
    pub credentials: Found,
    /// The function that this process serves, where the platform has a queue for it.
    pub function: Option<Function>,
    /// Somebody sits and waits for the answer, and hears it first: sinks keep no more than a fifth of the time.
    pub is_waited_for: bool,
}

/// This function, as its platform names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// The version or alias; absent is the latest.
    pub qualifier: Option<String>,
}

impl Context {
    /// The deadline for work: a slice of the delivery's is kept for notification.
    pub(super) fn work_deadline(&self, notify_slice: Duration) -> Deadline {
        let least = if self.is_waited_for { Duration::ZERO } else { notify_slice };
        self.deadline.keeping_a_slice(least)
    }
}
