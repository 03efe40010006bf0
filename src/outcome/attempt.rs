//! Which try at a request this is, and what is in doubt about those before it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One try at a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// 1 for the first delivery of an event, one more for each that the platform says it repeated.
    pub number: u32,
    /// When this delivery arrived, by our clock.
    pub received_at: Timestamp,
    /// When the request first arrived.
    pub first_seen: Timestamp,
    /// How often it has come out of the queue, and once more.
    pub round: u32,
    pub doubt: Doubt,
    /// By how many seconds it came out of the queue too early.
    pub early_by: Option<i64>,
}

/// What is not known about attempts of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Doubt {
    /// Some attempt may have made the change, whatever was answered since.
    pub may_have_applied: bool,
    /// And no later answer settled whether it did.
    pub unsettled: bool,
}

impl Attempt {
    /// A request that has not waited in the queue.
    pub fn fresh(number: u32, received_at: Timestamp) -> Self {
        Self { number, received_at, first_seen: received_at, round: 1, doubt: Doubt::default(), early_by: None }
    }

    /// Whether a wait that begins now is the first one of its request.
    pub fn begins_a_wait(&self) -> bool {
        self.round == 1
    }
}
