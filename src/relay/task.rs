//! Something that is done later: what is to be done, and since when.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::confirmed::Confirmed;
use crate::aliyun::fc::MAX_DELAY;
use crate::outcome::{Attempt, Doubt, Report};
use crate::request::rejection::RejectionReason;
use crate::request::{Door, SealRequest};

/// Coming so much too early is the clock, not the queue.
const EARLY_TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// How old a request may be that a door hands over, and how far its clock may be ahead: the queue takes a moment, and what is
/// older was kept by somebody.
const HAND_OVER: SignedDuration = SignedDuration::from_mins(15);

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
        /// Who confirmed it in a chat.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirmed: Option<Box<Confirmed>>,
        request: Box<SealRequest>,
    },
    /// What came in by a door, all of one delivery: nobody has tried it yet. All is judged where it arrives.
    HandOver {
        /// The name of the webhook credential that sent it.
        credential: Option<String>,
        /// Who confirmed it in a chat.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirmed: Option<Box<Confirmed>>,
        requests: Vec<SealRequest>,
    },
    /// A report that a required sink did not take. It goes to the sink that has this name then, in that one's form.
    Report { sink: String, report: Box<Report> },
    /// How a confirmed change ended, which the chat did not take.
    Answer { confirmed: Box<Confirmed>, report: Box<Report> },
}

impl Task {
    /// The task that follows an attempt, as long as the wait after it does not go beyond what is waited in all.
    pub fn after(attempt: &Attempt, now: Timestamp, most: SignedDuration, kind: TaskKind) -> Self {
        let not_before = later(now, SignedDuration::from_secs(wait_after(attempt.round).into()));
        let not_before = not_before.min(later(attempt.first_seen, most)).max(now);
        Self { attempt: attempt.round.saturating_add(1), first_seen: attempt.first_seen, not_before, kind }
    }

    /// The task that hands this attempt over.
    pub fn instead_of(attempt: &Attempt, now: Timestamp, kind: TaskKind) -> Self {
        Self { attempt: attempt.round, first_seen: attempt.first_seen, not_before: now, kind }
    }

    /// How many whole seconds the queue holds it back, from this moment on.
    pub(super) fn delay(&self, now: Timestamp) -> u32 {
        let millis = u64::try_from(self.not_before.duration_since(now).as_millis()).unwrap_or(0);
        u32::try_from(millis.div_ceil(1000)).unwrap_or(MAX_DELAY).min(MAX_DELAY)
    }

    /// Why a door cannot have asked for it: a door hands over what a chat or a webhook asked for just now, and knows of no
    /// attempt at it.
    pub(super) fn unlike_a_door(&self, now: Timestamp) -> Option<RejectionReason> {
        let is_its_own = match &self.kind {
            TaskKind::HandOver { credential, confirmed, requests } => {
                requests.iter().all(|request| match request.origin.door {
                    Door::Chat => credential.is_none() && confirmed.is_some(),
                    Door::Webhook => confirmed.is_none(),
                    Door::Event => false,
                })
            }
            TaskKind::Request { .. } | TaskKind::Report { .. } | TaskKind::Answer { .. } => false,
        };
        if !is_its_own || self.attempt != 1 {
            return Some(RejectionReason::NotOfDoor);
        }
        let is_new = |moment: Timestamp| now.duration_since(moment).abs() <= HAND_OVER;
        let is_new = is_new(self.first_seen) && is_new(self.not_before);
        (!is_new).then_some(RejectionReason::HandedOverLate { minutes: HAND_OVER.as_mins() })
    }

    /// The attempt that it asks for, where it came in with this delivery.
    pub fn resume(&self, delivery: Attempt) -> Attempt {
        let doubt = match &self.kind {
            TaskKind::Request { doubt, .. } => *doubt,
            TaskKind::HandOver { .. } | TaskKind::Report { .. } | TaskKind::Answer { .. } => Doubt::default(),
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

fn later(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_add(by).unwrap_or(moment)
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
            TaskKind::HandOver { requests, .. } => {
                let instances: Vec<&str> = requests.iter().map(|request| request.instance.as_str()).collect();
                f.write_str(&instances.join(", "))
            }
            TaskKind::Report { sink, report } => write!(f, "report {} for sink {sink}", report.id),
            TaskKind::Answer { confirmed, report } => write!(f, "report {} for {}", report.id, confirmed.chat),
        }
    }
}

#[cfg(test)]
impl Task {
    /// One that was made at this moment, to come back in a minute.
    pub(super) fn sample(now: Timestamp) -> Self {
        let doubt = Doubt { may_have_applied: true, unsettled: false };
        let request = Box::new(SealRequest::sample());
        let kind = TaskKind::Request { doubt, credential: None, confirmed: None, request };
        Self::after(&Attempt::fresh(1, now), now, super::MAX_WAIT, kind)
    }

    /// What a door hands over at this moment.
    pub(super) fn of_door(now: Timestamp) -> Self {
        let mut request = SealRequest::sample();
        request.origin.door = Door::Webhook;
        let credential = Some("ci".to_owned());
        let kind = TaskKind::HandOver { credential, confirmed: None, requests: vec![request] };
        Self::instead_of(&Attempt::fresh(1, now), now, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_from_a_minute_to_what_the_queue_takes() {
        assert_eq!([1, 2, 3, 6, 7, 50, u32::MAX].map(wait_after), [60, 120, 240, 1920, 3599, 3599, 3599]);
        let (then, now) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH + SignedDuration::from_millis(300));
        assert_eq!((wait_after(0), Task::sample(then).delay(then), Task::sample(then).delay(now)), (60, 60, 60));
        assert_eq!(Task::of_door(then).delay(now), 0);
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
