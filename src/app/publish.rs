//! A report to the sinks, and what a required one did not take to the queue.

use std::time::Duration;

use futures_util::future::join_all;

use super::authority::Authority;
use super::context::Context;
use super::delivery_result::{DeliveryResult, Processed};
use super::deployment::App;
use super::later::queue_of;
use super::signer::Signer;
use crate::notify::{CloudAccess, ReportContext};
use crate::outcome::{Attempt, Recorded, Report};
use crate::relay::{MAX_WAIT, TaskKind};
use crate::request::ignored::{Ignored, IgnoredReason};
use crate::time::Deadline;

/// What is left of a deadline, at least, for putting a report into the queue that a sink did not take.
const ENQUEUE_RESERVE: Duration = Duration::from_secs(1);

impl App {
    /// Tells the sinks. Returns the required ones that did not take the report, and for which the queue did not either.
    pub(super) async fn publish(
        &self,
        recorded: &Recorded,
        report_context: ReportContext,
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> Vec<String> {
        let deadline = self.sink_deadline(context, self.sinks.require(recorded.report.outcome));
        let undelivered = self.sinks.publish(recorded, report_context, cloud(signer), deadline).await.into_iter();
        let queued = undelivered.map(|sink| async move {
            let is_queued = self.publish_later(&sink, &recorded.report, signer, context).await;
            (!is_queued).then_some(sink)
        });
        join_all(queued).await.into_iter().flatten().collect()
    }

    /// Tells people of several requests of one delivery. What a required sink does not take, the sender delivers again.
    pub(super) async fn publish_digest(
        &self,
        processed: &mut [Processed],
        authority: &Authority<'_>,
        context: &Context,
    ) {
        if processed.len() < 2 {
            return;
        }
        let report_context = ReportContext { is_one_of_many: true, is_replayable: authority.is_replayable };
        let news = processed.iter().filter(|one| one.is_news);
        let reports: Vec<_> = news.map(|one| (&one.recorded, report_context)).collect();
        let unpublished = self.sinks.publish_digest(&reports, cloud(None), context.deadline).await;
        if let Some(first) = processed.first_mut() {
            first.unpublished.extend(unpublished);
        }
    }

    /// Puts a report that a required sink did not take into the queue, for that sink alone. Says whether the queue took it.
    async fn publish_later(&self, sink: &str, report: &Report, signer: Option<&Signer<'_>>, context: &Context) -> bool {
        let kind = TaskKind::Report { sink: sink.to_owned(), report: Box::new(report.clone()) };
        let attempt = Attempt { round: 1, ..context.attempt };
        self.enqueue(kind, &attempt, signer, context, context.deadline).await.is_some()
    }

    /// Sends a report that came back from the queue to its sink.
    pub(super) async fn publish_again(&self, sink: String, report: Report, context: &Context) -> DeliveryResult {
        if context.attempt.early_by.is_some() {
            return DeliveryResult::again();
        }
        let recorded = Recorded::from(report);
        let id = &recorded.report.id;
        let Some(known) = self.sinks.named(&sink) else {
            return DeliveryResult::ignoring(Ignored::new(id, IgnoredReason::SinkGone));
        };
        let signer = self.own_signer(context).await.ok();
        let deadline = self.sink_deadline(context, true);
        match self.sinks.tell(known, &recorded, cloud(signer.as_ref()), deadline).await {
            Ok(()) => DeliveryResult::default(),
            Err(why) if self.clock.now().duration_since(context.attempt.first_seen) >= MAX_WAIT => {
                tracing::error!("report {id} is given up for sink {sink}: {why}; it is in the audit stream");
                DeliveryResult::default()
            }
            Err(_) => {
                let kind = TaskKind::Report { sink, report: Box::new(recorded.report) };
                let queued = self.enqueue(kind, &context.attempt, signer.as_ref(), context, context.deadline).await;
                if queued.is_some() { DeliveryResult::default() } else { DeliveryResult::again() }
            }
        }
    }

    /// The deadline for sinks: where the queue is to take what they do not, it is left the time for it.
    fn sink_deadline(&self, context: &Context, may_be_queued: bool) -> Deadline {
        if may_be_queued && queue_of(self.relay, context).is_some() {
            context.deadline.keeping_a_slice(ENQUEUE_RESERVE)
        } else {
            context.deadline
        }
    }
}

/// As whom the cloud's own sinks are told.
fn cloud<'a>(signer: Option<&'a Signer<'_>>) -> CloudAccess<'a> {
    CloudAccess { credentials: signer.map(|signer| &*signer.credentials) }
}
