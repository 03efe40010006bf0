//! A report to the audit stream and the sinks, now or when it comes back from the queue.

use std::time::Duration;

use futures_util::future::join;

use super::context::Context;
use super::delivery_result::{DeliveryResult, Processed};
use super::deployment::App;
use super::signer::Signer;
use crate::notify::{CloudAccess, ReportContext, SinkError, Undelivered};
use crate::outcome::{Job, Recorded, Report, Resolution};
use crate::relay::{Confirmed, MAX_WAIT, TaskKind};
use crate::request::rejection::{Rejection, RejectionReason};
use crate::time::Deadline;
use crate::words;

/// What is left of a deadline, at least, for putting into the queue what has to wait or a sink did not take.
const ENQUEUE_RESERVE: Duration = Duration::from_secs(1);

impl App {
    /// Makes a report of how a request ended, for the audit stream and the sinks.
    pub(super) async fn conclude(
        &self,
        job: Job,
        resolution: Resolution,
        report_context: ReportContext,
        confirmed: Option<&Confirmed>,
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> Processed {
        let retry_needs = resolution.retry_needs;
        let recorded = self.recorded(job, resolution);
        // The record comes first, and the sinks hear of it all the same while it waits for room.
        let record = self.audit.line(recorded.json(), self.deadline_of(&recorded, report_context, context));
        let publication = self.publish(&recorded, report_context, confirmed, signer, context);
        let (is_recorded, (unpublished, unanswered)) = join(record, publication).await;
        let is_news = is_news(&recorded, context);
        Processed { recorded, is_recorded, is_queued: false, is_news, unpublished, unanswered, retry_needs }
    }

    /// Tells the sinks of a request that is on record and in the queue.
    pub(super) async fn publish_queued(
        &self,
        recorded: Recorded,
        report_context: ReportContext,
        confirmed: Option<&Confirmed>,
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> Processed {
        let (unpublished, unanswered) = self.publish(&recorded, report_context, confirmed, signer, context).await;
        let is_news = is_news(&recorded, context);
        Processed { recorded, is_recorded: true, is_queued: true, is_news, unpublished, unanswered, retry_needs: None }
    }

    /// A report as it is recorded.
    pub(super) fn recorded(&self, job: Job, resolution: Resolution) -> Recorded {
        let mut report = job.report(resolution, self.clock.now());
        words::write_sentences(&mut report);
        Recorded::from(report)
    }

    /// Tells the sinks, if it is news to them, and whoever confirmed it in a chat, at the same time: neither waits for the
    /// other. Returns the required sinks that did not take the report, and who was not told in a chat.
    async fn publish(
        &self,
        recorded: &Recorded,
        report_context: ReportContext,
        confirmed: Option<&Confirmed>,
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> (Vec<Undelivered>, Option<Box<Confirmed>>) {
        let sinks = self.publish_to_sinks(recorded, report_context, signer, context);
        let Some(confirmed) = confirmed else { return (sinks.await, None) };
        let answer = Box::pin(self.tell_late(confirmed, &recorded.report, context));
        let (undelivered, is_told) = join(sinks, answer).await;
        (undelivered, Some(confirmed).filter(|_| !is_told).cloned().map(Box::new))
    }

    async fn publish_to_sinks(
        &self,
        recorded: &Recorded,
        report_context: ReportContext,
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> Vec<Undelivered> {
        if !is_news(recorded, context) {
            return Vec::new();
        }
        let deadline = self.deadline_of(recorded, report_context, context);
        self.sinks.publish(recorded, report_context, cloud(signer), deadline).await
    }

    /// Tells people of several requests of one delivery. What a required sink does not take, the sender delivers again: it
    /// may be larger than what the queue takes.
    pub(super) async fn publish_digest(
        &self,
        processed: impl Iterator<Item = &Processed>,
        report_context: ReportContext,
        context: &Context,
    ) -> Vec<Undelivered> {
        if !report_context.is_one_of_many {
            return Vec::new();
        }
        let reports: Vec<_> = processed.filter(|one| one.is_news).map(|one| (&one.recorded, report_context)).collect();
        self.sinks.publish_digest(&reports, cloud(None), self.publication_deadline(context, true)).await
    }

    /// Sends a report that came back from the queue to its sink.
    pub(super) async fn publish_again(&self, sink: String, report: Report, context: &Context) -> DeliveryResult {
        if context.attempt.early_by.is_some() {
            return DeliveryResult::again();
        }
        let recorded = Recorded::from(report);
        let id = &recorded.report.id;
        let Some(known) = self.sinks.named(&sink) else {
            let reason = RejectionReason::SinkGone { sink, report: id.clone() };
            return DeliveryResult::rejecting(Rejection::new("sink", reason));
        };
        let signer = self.own_signer(context).await.ok();
        let deadline = self.publication_deadline(context, true);
        match self.sinks.tell(known, &recorded, cloud(signer.as_ref()), deadline).await {
            Ok(()) => DeliveryResult::default(),
            Err(why) if self.clock.now().duration_since(context.attempt.first_seen) >= MAX_WAIT => {
                // The platform tries a few times more, and then it is in the failure destination.
                tracing::error!("report {id} is given up for sink {sink}: {why}; it is in the audit stream");
                DeliveryResult::again()
            }
            Err(SinkError::Gone) => {
                tracing::error!(
                    "sink {sink} does not take report {id}: {}; it is in the audit stream",
                    SinkError::Gone
                );
                DeliveryResult::again()
            }
            Err(_) => {
                let kind = TaskKind::Report { sink, report: recorded.report };
                self.queued_or_again(kind, (&context.attempt, MAX_WAIT), signer.as_ref(), context).await
            }
        }
    }

    /// The deadline for one report.
    fn deadline_of(&self, recorded: &Recorded, report_context: ReportContext, context: &Context) -> Deadline {
        // Of several, another may have to wait.
        let may_be_queued = report_context.is_one_of_many || self.sinks.require(recorded.report.outcome);
        self.publication_deadline(context, may_be_queued)
    }

    /// The deadline for record and sinks: where the queue may have to take something after them, it is left the time for it.
    pub(super) fn publication_deadline(&self, context: &Context, may_be_queued: bool) -> Deadline {
        if may_be_queued && self.queue_of(context).is_some() {
            context.deadline.keeping_a_slice(ENQUEUE_RESERVE)
        } else {
            context.deadline
        }
    }
}

/// Whether sinks are to hear of a report.
fn is_news(recorded: &Recorded, context: &Context) -> bool {
    let report = &recorded.report;
    report.outcome.is_news(report.retry_at.is_some() && context.attempt.begins_a_wait())
}

/// As whom the cloud's own sinks are told.
fn cloud<'a>(signer: Option<&'a Signer<'_>>) -> CloudAccess<'a> {
    CloudAccess { credentials: signer.map(|signer| &*signer.credentials) }
}
