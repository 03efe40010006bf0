//! A report to the sinks, and what a required one did not take to the queue.

use std::time::Duration;

use futures_util::future::join_all;

use super::context::Context;
use super::delivery_result::DeliveryResult;
use super::deployment::App;
use super::later::queue_of;
use super::signer::Signer;
use crate::ingress::Ignored;
use crate::notify::Undelivered;
use crate::outcome::{Attempt, Recorded};
use crate::relay::{MAX_WAIT, TaskKind};
use crate::time::Deadline;

/// What is left of a deadline, at least, for putting a report into the queue that a sink did not take.
const ENQUEUE_RESERVE: Duration = Duration::from_secs(1);

impl App {
    /// Tells the sinks. Whether every required one took the report, or the queue did for it.
    pub(super) async fn publish(&self, recorded: &Recorded, signer: Option<&Signer<'_>>, context: &Context) -> bool {
        let deadline = self.sink_deadline(context, self.sinks.require(recorded.report.outcome));
        let undelivered = self.sinks.publish(recorded, deadline).await.into_iter();
        let queued = undelivered.map(|one| self.publish_later(&recorded.report.id, one, signer, context));
        join_all(queued).await.into_iter().all(|is_queued| is_queued)
    }

    /// Puts a report that a required sink did not take into the queue, for that sink alone. Says whether the queue took it.
    async fn publish_later(
        &self,
        id: &str,
        undelivered: Undelivered,
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> bool {
        let kind = TaskKind::Report { sink: undelivered.sink, id: id.to_owned(), body: undelivered.body };
        let attempt = Attempt { round: 1, ..context.attempt };
        self.enqueue(kind, &attempt, signer, context, context.deadline).await.is_some()
    }

    /// Sends a report that came back from the queue to its sink.
    pub(super) async fn publish_again(
        &self,
        sink: String,
        id: String,
        body: String,
        context: &Context,
    ) -> DeliveryResult {
        if context.attempt.early_by.is_some() {
            return DeliveryResult::again();
        }
        match self.sinks.tell(&sink, &id, &body, self.sink_deadline(context, true)).await {
            None => DeliveryResult::ignoring(Ignored {
                event_id: id,
                reason: "the report is for a sink that is no longer configured".to_owned(),
            }),
            Some(Ok(())) => DeliveryResult::default(),
            Some(Err(why)) if self.clock.now().duration_since(context.attempt.first_seen) >= MAX_WAIT => {
                tracing::error!("report {id} is given up for sink {sink}: {why}; it is in the audit stream");
                DeliveryResult::default()
            }
            Some(Err(_)) => {
                let signer = self.own_signer(context).await.ok();
                let kind = TaskKind::Report { sink, id, body };
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
