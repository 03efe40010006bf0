//! What one delivery comes to, for the platform, for people and for machines.

use serde::Serialize;

use super::context::Sender;
use crate::notify::Undelivered;
use crate::outcome::{Delivery, Recorded, RetryNeeds};
use crate::relay::Confirmed;
use crate::request::ignored::Ignored;
use crate::request::rejection::Rejection;
use crate::words::{self, Language};

/// So many lines of one kind a delivery leaves in the log: its answer has all of them.
const MAX_LINES: usize = 10;

/// What the caller is told. The delivery goes to the platform, the rest to people and machines.
#[derive(Debug, Default)]
pub struct DeliveryResult {
    pub delivery: Delivery,
    pub reports: Vec<Recorded>,
    pub ignored: Vec<Ignored>,
    pub rejected: Vec<Rejection>,
    /// It is to come again for a request's sake, not only because something in it could not be read.
    pub has_unfinished: bool,
    /// The queue took something of it.
    pub has_queued: bool,
    /// The required sinks that did not take a report.
    pub unpublished: Vec<String>,
    /// The ids of the reports that the audit stream did not take.
    pub unrecorded: Vec<String>,
    /// Only a new process has what this one lacks.
    pub needs_a_new_process: bool,
}

/// A genuine event that is not for us.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema), schemars(rename = "Ignored"))]
pub struct IgnoredAnswer<'a> {
    event_id: &'a str,
    /// A sentence for people. It may change.
    reason: String,
    /// The reason for machines, which is stable.
    code: &'static str,
}

impl<'a> From<&'a Ignored> for IgnoredAnswer<'a> {
    fn from(ignored: &'a Ignored) -> Self {
        let reason = words::ignored(&ignored.reason);
        Self { event_id: &ignored.event_id, reason, code: ignored.reason.code() }
    }
}

/// The field that is wrong and why. Never repeats what was sent, but for the name of a field that is not known.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema), schemars(rename = "Rejection"))]
pub struct RejectionAnswer<'a> {
    field: &'a str,
    /// The rest of a sentence that begins with the field. It may change.
    reason: String,
    /// The reason for machines, which is stable.
    code: &'static str,
}

impl<'a> From<&'a Rejection> for RejectionAnswer<'a> {
    fn from(rejection: &'a Rejection) -> Self {
        let reason = Language::En.rejection_reason(&rejection.reason);
        Self { field: &rejection.field, reason, code: rejection.reason.code() }
    }
}

/// One request at its end.
pub(super) struct Processed {
    pub(super) recorded: Recorded,
    /// The audit stream took the report.
    pub(super) is_recorded: bool,
    /// The queue took what is left to do.
    pub(super) is_queued: bool,
    /// Sinks are to hear of it.
    pub(super) is_news: bool,
    /// The required sinks that did not take the report, but for those that the queue took it for.
    pub(super) unpublished: Vec<Undelivered>,
    /// Whoever confirmed it in a chat that did not take the late answer, and nor did the queue.
    pub(super) unanswered: Option<Box<Confirmed>>,
    /// What alone helps, where no queue can.
    pub(super) retry_needs: Option<RetryNeeds>,
}

impl Sender {
    /// Whether a delivery comes again for what could not be read in it.
    pub(super) fn repeats_unreadable(self, rejected: &[Rejection]) -> bool {
        self == Self::Platform && !rejected.is_empty()
    }
}

impl Processed {
    /// Whether the sender has to deliver it again.
    pub(super) fn is_unfinished(&self) -> bool {
        self.is_left() || self.unanswered.is_some() || !self.unpublished.is_empty()
    }

    /// Whether the sender has to deliver it again, whatever the sinks say: it is not at its end, or not on record.
    pub(super) fn is_left(&self) -> bool {
        !self.is_recorded || (!self.is_queued && self.recorded.report.outcome.delivery() == Delivery::Again)
    }
}

impl DeliveryResult {
    pub(super) fn new(
        processed: Vec<Processed>,
        ignored: Vec<Ignored>,
        rejected: Vec<Rejection>,
        sender: Sender,
    ) -> Self {
        for ignored in ignored.iter().take(MAX_LINES) {
            tracing::info!("event {} is ignored: {}", ignored.event_id, words::ignored(&ignored.reason));
        }
        if let Some(more) = ignored.len().checked_sub(MAX_LINES).filter(|more| *more > 0) {
            tracing::info!("and {more} more of this delivery are ignored");
        }
        for rejection in rejected.iter().take(MAX_LINES) {
            tracing::error!("a delivery is rejected: {}", Language::En.rejection(rejection));
        }
        if let Some(more) = rejected.len().checked_sub(MAX_LINES).filter(|more| *more > 0) {
            tracing::error!("and {more} more of this delivery are rejected");
        }
        let has_unfinished = processed.iter().any(Processed::is_unfinished);
        let again = has_unfinished || sender.repeats_unreadable(&rejected);
        Self {
            delivery: if again { Delivery::Again } else { Delivery::Done },
            has_unfinished,
            has_queued: processed.iter().any(|one| one.is_queued),
            unpublished: processed
                .iter()
                .flat_map(|one| one.unpublished.iter().map(|undelivered| undelivered.sink.clone()))
                .collect(),
            unrecorded: processed
                .iter()
                .filter(|one| !one.is_recorded)
                .map(|one| one.recorded.report.id.clone())
                .collect(),
            needs_a_new_process: processed.iter().any(|one| one.retry_needs == Some(RetryNeeds::Process)),
            reports: processed.into_iter().map(|one| one.recorded).collect(),
            ignored,
            rejected,
        }
    }

    /// The result of something that is to come again, and has nothing else to say.
    pub(super) fn again() -> Self {
        Self { delivery: Delivery::Again, has_unfinished: true, ..Self::default() }
    }

    /// The result of a delivery of the platform that could not be read at all.
    pub fn rejecting(rejection: Rejection) -> Self {
        Self::new(Vec::new(), Vec::new(), vec![rejection], Sender::Platform)
    }

    /// The machine's answer, one line. The reports in it are the very texts that are on record.
    pub fn to_json(&self) -> String {
        let plain = "an answer is plain data";
        let reports: Vec<&str> = self.reports.iter().map(Recorded::json).collect();
        let ignored: Vec<_> = self.ignored.iter().map(IgnoredAnswer::from).collect();
        let rejected: Vec<_> = self.rejected.iter().map(RejectionAnswer::from).collect();
        format!(
            r#"{{"delivery":{},"reports":[{}],"ignored":{},"rejected":{}}}"#,
            serde_json::to_string(&self.delivery).expect(plain),
            reports.join(","),
            serde_json::to_string(&ignored).expect(plain),
            serde_json::to_string(&rejected).expect(plain),
        )
    }

    /// Adds what another delivery came to.
    pub fn add(&mut self, other: Self) {
        self.delivery = self.delivery.max(other.delivery);
        self.reports.extend(other.reports);
        self.ignored.extend(other.ignored);
        self.rejected.extend(other.rejected);
        self.has_unfinished |= other.has_unfinished;
        self.has_queued |= other.has_queued;
        self.unpublished.extend(other.unpublished);
        self.unrecorded.extend(other.unrecorded);
        self.needs_a_new_process |= other.needs_a_new_process;
    }
}
