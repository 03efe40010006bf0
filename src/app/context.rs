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
    pub sender: Sender,
}

/// Who hears of the end of a delivery, and what they make of one that does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// Delivers it again, and what cannot be read too, until that is in its dead letters.
    Platform,
    /// Sends it again, but for what cannot be read: a program, which is told that at once.
    Program,
    /// Sits and waits for the answer, and hears it first: sinks keep no more than a fifth of the time. Nothing comes again.
    Person,
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
        let least = if self.sender == Sender::Person { Duration::ZERO } else { notify_slice };
        self.deadline.keeping_a_slice(least)
    }
}
