//! Something that is done later: what is to be done, and since when.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aliyun::fc::MAX_DELAY;
use crate::outcome::{Attempt, Doubt, Report};
use crate::request::SealRequest;

/// Coming so much too early is the clock, not the queue.
const EARLY_TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// The first wait, in seconds. It doubles with each.
const FIRST_WAIT: u32 = 60;

/// Something that is done later. Fields that another version of this program added are passed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The attempt it asks for: 2 for the first repetition.
    pub attempt: u32,
    /// When the request first arrived, or when the report was first not taken.
    pub first_seen: Timestamp,
    pub not_before: Timestamp,
    #[serde(rename = "errand")]
    pub kind: TaskKind,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A request that waits. Policy and mode are judged anew when it comes back.
    Request {
        doubt: Doubt,
        /// By whose leave, if not the platform's: the webhook credential's name. It is looked up anew.
        credential: Option<String>,
        request: Box<SealRequest>,
    },
    /// A report that a required sink did not take. It goes to the sink that has this name then, in that one's form.
    Report { sink: String, report: Box<Report> },
}

impl Task {
    /// The task that follows an attempt.
    pub fn after(attempt: &Attempt, now: Timestamp, kind: TaskKind) -> Self {
        let delay = SignedDuration::from_secs(wait_after(attempt.round).into());
        let not_before = now.checked_add(delay).unwrap_or(now);
        Self { attempt: attempt.round.saturating_add(1), first_seen: attempt.first_seen, not_before, kind }
    }

    /// How many seconds the queue holds it back.
    pub(super) fn delay(&self) -> u32 {
        wait_after(self.attempt.saturating_sub(1))
    }

    /// The attempt that it asks for, where it came in with this delivery.
    pub fn resume(&self, delivery: Attempt) -> Attempt {
        let doubt = match &self.kind {
            TaskKind::Request { doubt, .. } => *doubt,
            TaskKind::Report { .. } => Doubt::default(),
        };
        let early_by = self.early_by(delivery.received_at);
        let (number, first_seen, round) = (self.attempt, self.first_seen, self.attempt);
        Attempt { number, first_seen, round, doubt, early_by, ..delivery }
    }

    /// By how many seconds it came too early, if that is more than clocks differ.
    fn early_by(&self, now: Timestamp) -> Option<i64> {
        let early = self.not_before.duration_since(now);
        (early > EARLY_TOLERANCE).then_some(early.as_secs())
    }
}

/// How many seconds the delivery after this attempt waits: a minute, doubling, at most what the queue takes.
fn wait_after(attempt: u32) -> u32 {
    let doublings = attempt.saturating_sub(1).min(16);
    FIRST_WAIT.saturating_mul(1 << doublings).min(MAX_DELAY)
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            TaskKind::Request { request, .. } => request.instance.fmt(f),
            TaskKind::Report { sink, report } => write!(f, "report {} for sink {sink}", report.id),
        }
    }
}

#[cfg(test)]
impl Task {
    /// One that was made at this moment, to come back in a minute.
    pub(super) fn sample(now: Timestamp) -> Self {
        let doubt = Doubt { may_have_applied: true, unsettled: false };
        let kind = TaskKind::Request { doubt, credential: None, request: Box::new(SealRequest::sample()) };
        Self::after(&Attempt::fresh(1, now), now, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_from_a_minute_to_what_the_queue_takes() {
        assert_eq!([1, 2, 3, 6, 7, 50, u32::MAX].map(wait_after), [60, 120, 240, 1920, 3599, 3599, 3599]);
        assert_eq!((wait_after(0), Task::sample(Timestamp::UNIX_EPOCH).delay()), (60, 60));
    }

    #[test]
    fn a_second_is_the_clock_and_a_minute_is_the_queue() {
        let now: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let after = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        let task = Task::sample(now);
        assert_eq!((task.attempt, task.not_before), (2, after(60)));
        assert_eq!(task.early_by(after(0)), Some(60));
        assert_eq!([58, 60, 600].map(|seconds| task.early_by(after(seconds))), [None; 3]);
    }
}
