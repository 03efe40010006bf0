//! A request on its way through the queue: versioned JSON that only this program writes, and reads with suspicion.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aliyun::fc::{MAX_BODY, MAX_DELAY};
use crate::outcome::{Attempt, Doubt, Report};
use crate::request::SealRequest;
use crate::request::rejection::{Rejection, RejectionReason};

/// What every version of a task says of itself.
const SCHEMA_FAMILY: &str = "rds-seal.task/";
const SCHEMA: &str = "rds-seal.task/1";

/// How far the clocks of two instances of the function may differ.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Coming so much too early is the clock, not the queue.
const EARLY_TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// Something that is done later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    schema: String,
    /// The attempt it asks for: 2 for the first repetition.
    pub attempt: u32,
    pub first_seen: Timestamp,
    pub not_before: Timestamp,
    #[serde(rename = "errand")]
    pub kind: TaskKind,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TaskKind {
    /// A request that waits. Policy and mode are judged anew when it comes back.
    Request {
        doubt: Doubt,
        /// By whose leave, if not the platform's: the webhook credential's name. It is looked up anew.
        credential: Option<String>,
        request: Box<SealRequest>,
    },
    /// A report that a required sink did not take. It goes to that sink alone, in that sink's form.
    Report { sink: String, report: Box<Report> },
}

/// As much of a body as tells whether it is a task.
#[derive(Deserialize)]
struct Peek {
    schema: Option<String>,
}

impl Task {
    /// The task that follows an attempt, `delay` seconds from now.
    pub fn after(attempt: &Attempt, now: Timestamp, delay: u32, kind: TaskKind) -> Self {
        let not_before = now.checked_add(SignedDuration::from_secs(delay.into())).unwrap_or(now);
        let number = attempt.round.saturating_add(1);
        Self { schema: SCHEMA.to_owned(), attempt: number, first_seen: attempt.first_seen, not_before, kind }
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

    /// Reads a whole body, if it says that it is a task. One that cannot be taken is rejected.
    pub fn read(body: &[u8], now: Timestamp) -> Option<Result<Self, Rejection>> {
        // Nearly every body is an event: it is not parsed twice.
        if !body.windows(SCHEMA_FAMILY.len()).any(|window| window == SCHEMA_FAMILY.as_bytes()) {
            return None;
        }
        let schema = serde_json::from_slice::<Peek>(body).ok()?.schema?;
        let version = schema.strip_prefix(SCHEMA_FAMILY)?;
        if schema != SCHEMA {
            let version = version.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
            return Some(Err(Rejection::new("schema", RejectionReason::TaskVersion { version })));
        }
        Some(Self::parse(body, now))
    }

    fn parse(body: &[u8], now: Timestamp) -> Result<Self, Rejection> {
        let invalid = |field: &'static str, reason| Err(Rejection::new(field, reason));
        if body.len() > MAX_BODY {
            return invalid("body", RejectionReason::TaskTooLarge);
        }
        let Ok(task) = serde_json::from_slice::<Self>(body) else {
            return invalid("body", RejectionReason::NotATask);
        };
        if task.first_seen.duration_since(now) > SKEW {
            return invalid("first_seen", RejectionReason::TaskFromTheFuture);
        }
        let longest = SignedDuration::from_secs(MAX_DELAY.into()) + SKEW;
        if task.not_before.duration_since(now) > longest {
            return invalid("not_before", RejectionReason::TaskTooFarAhead);
        }
        if task.attempt < 2 || task.not_before < task.first_seen {
            return invalid("attempt", RejectionReason::TaskContradictory);
        }
        Ok(task)
    }

    /// By how many seconds it came too early, if that is more than clocks differ.
    fn early_by(&self, now: Timestamp) -> Option<i64> {
        let early = self.not_before.duration_since(now);
        (early > EARLY_TOLERANCE).then_some(early.as_secs())
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a task is plain data")
    }
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
mod tests {
    use super::*;
    use crate::request::{Origin, Region};

    fn now() -> Timestamp {
        "2026-11-24T06:00:00Z".parse().unwrap()
    }

    fn task() -> Task {
        let sample = SealRequest::sample();
        let request = SealRequest {
            region: Region { attested: true, ..sample.region },
            happened_at: Some(now()),
            origin: Origin {
                source: "acs.rds".to_owned(),
                event_id: "e-1\u{202e}".to_owned(),
                event_name: Some("CreateDBInstance".to_owned()),
                ..sample.origin
            },
            ..sample
        };
        let doubt = Doubt { may_have_applied: true, unsettled: false };
        Task::after(
            &Attempt::fresh(1, now()),
            now(),
            60,
            TaskKind::Request { doubt, credential: None, request: Box::new(request) },
        )
    }

    fn invalid(change: impl Fn(&mut serde_json::Value)) -> Rejection {
        let mut json = serde_json::to_value(task()).unwrap();
        change(&mut json);
        Task::read(json.to_string().as_bytes(), now()).unwrap().unwrap_err()
    }

    #[test]
    fn a_task_comes_back_as_it_was_sent() {
        assert_eq!(Task::read(&task().to_json(), now()), Some(Ok(task())));
        assert_eq!((task().attempt, task().not_before), (2, "2026-11-24T06:01:00Z".parse().unwrap()));
    }

    #[test]
    fn what_is_no_task_is_left_to_the_event_door() {
        let nested = format!("[{}]", String::from_utf8(task().to_json()).unwrap());
        for body in ["", "{}", "[]", r#"{"instance":"rds-seal.task/1"}"#, r#"{"schema":"rds-seal.report/1"}"#, &nested]
        {
            assert_eq!(Task::read(body.as_bytes(), now()), None, "{body}");
        }
    }

    #[test]
    fn a_task_that_cannot_be_taken_says_why() {
        let other = RejectionReason::TaskVersion { version: "2".to_owned() };
        assert_eq!(invalid(|json| json["schema"] = "rds-seal.task/2".into()), Rejection::new("schema", other));
        let early = invalid(|json| json["first_seen"] = "2026-11-25T06:00:00Z".into());
        assert_eq!(early, Rejection::new("first_seen", RejectionReason::TaskFromTheFuture));
        let far = invalid(|json| json["not_before"] = "2027-11-25T06:00:00Z".into());
        assert_eq!(far, Rejection::new("not_before", RejectionReason::TaskTooFarAhead));
        let first = invalid(|json| json["attempt"] = 1.into());
        assert_eq!(first, Rejection::new("attempt", RejectionReason::TaskContradictory));
        let none = Rejection::new("body", RejectionReason::NotATask);
        assert_eq!(invalid(|json| json["errand"]["request"]["request"]["instance"] = "rm-a;b".into()), none);
        assert_eq!(invalid(|json| json["more"] = 1.into()), none);
        let large = |json: &mut serde_json::Value| {
            json["errand"]["request"]["request"]["origin"]["event_id"] = "x".repeat(140_000).into();
        };
        assert_eq!(invalid(large), Rejection::new("body", RejectionReason::TaskTooLarge));
    }

    #[test]
    fn a_second_is_the_clock_and_a_minute_is_the_queue() {
        let after = |seconds| now().checked_add(SignedDuration::from_secs(seconds)).unwrap();
        assert_eq!(task().early_by(after(0)), Some(60));
        assert_eq!([58, 60, 600].map(|seconds| task().early_by(after(seconds))), [None; 3]);
    }
}
