//! What one delivery leaves for later: requests that have to wait, and reports that a required sink did not take.
//!
//! What comes again anyway queues nothing: each delivery of it would begin one more wait for the same thing. So the queue is
//! asked when everything else of the delivery is through, and everything that is to wait in it is on record. What comes up
//! after that, such as a sink that is gone or does not take the digest, goes into the queue as well. Only where that takes
//! some of it and then no more does a delivery come again of which a part waits.

use std::sync::atomic::{AtomicBool, Ordering};

use super::authority::Authority;
use super::concurrently::concurrently;
use super::context::{Context, Sender};
use super::delivery_result::Processed;
use super::deployment::App;
use super::signer::Signer;
use crate::notify::{ReportContext, Undelivered};
use crate::outcome::{Attempt, Doubt, Job, Recorded, Resolution};
use crate::relay::{CONFIRMED_WAIT, Confirmed, MAX_WAIT, Task, TaskKind};
use crate::request::SealRequest;
use crate::time::Deadline;

/// One request, as far as its delivery has carried it.
pub(super) struct Carried<'a> {
    pub(super) progress: Progress,
    pub(super) signer: Option<Signer<'a>>,
}

pub(super) enum Progress {
    Ended(Processed),
    /// The queue may take it, unless the delivery comes again.
    Waits(Box<(Job, Resolution)>),
}

/// A request on record as one that waits in the queue, which has not been asked yet.
struct Wait {
    task: Task,
    recorded: Recorded,
}

/// What is left of one delivery.
pub(super) struct Leftovers<'d> {
    app: &'d App,
    authority: &'d Authority<'d>,
    context: &'d Context,
    report_context: ReportContext,
    /// Whether the delivery comes again, as far as is known by now.
    comes_again: AtomicBool,
}

impl<'d> Leftovers<'d> {
    pub(super) fn new(
        app: &'d App,
        carried: &[Carried<'_>],
        comes_again: bool,
        authority: &'d Authority<'d>,
        context: &'d Context,
    ) -> Self {
        let report_context = authority.report_context(carried.len());
        let leftovers = Self { app, authority, context, report_context, comes_again: comes_again.into() };
        leftovers.comes_again_if(carried.iter().any(|one| match &one.progress {
            Progress::Ended(processed) => processed.is_left(),
            Progress::Waits(..) => false,
        }));
        leftovers
    }

    /// A person is told what is left, and nothing comes again.
    fn comes_again_if(&self, is_left: bool) {
        self.comes_again.fetch_or(is_left && self.context.sender != Sender::Person, Ordering::Relaxed);
    }

    /// Puts into the queue what it takes, and ends the rest: in the order in which it was asked.
    pub(super) async fn settle(&self, carried: Vec<Carried<'_>>) -> Vec<Processed> {
        let recording = carried.into_iter().map(|carried| async move {
            let wait = match &carried.progress {
                Progress::Ended(_) => None,
                Progress::Waits(waiting) => Box::pin(self.record(waiting, carried.signer.as_ref())).await,
            };
            (carried, wait)
        });
        let recorded = concurrently(recording).await;
        let settling = recorded.into_iter().map(|(Carried { progress, signer }, wait)| async move {
            let processed = match progress {
                Progress::Ended(processed) => processed,
                Progress::Waits(waiting) => Box::pin(self.wait(*waiting, wait, signer.as_ref())).await,
            };
            (processed, signer)
        });
        let settled = concurrently(settling).await;
        let processed = settled.iter().map(|(processed, _)| processed);
        let has_queued = processed.clone().any(|one| one.is_queued);
        // Where a sink is gone the queue would ask it in vain: told again, the delivery ends in the failure destination. Once
        // something waits in the queue, its report goes there too, and ends there by itself.
        let is_gone = processed.clone().any(|one| one.unpublished.iter().any(|sink| sink.is_gone));
        self.comes_again_if(is_gone && !has_queued);
        let mut undigested = self.app.publish_digest(processed, self.report_context, self.context).await;
        self.comes_again_if(!undigested.is_empty() && !has_queued);
        let told_singly = if has_queued { std::mem::take(&mut undigested) } else { Vec::new() };
        let told_singly = &told_singly;
        let publishing = settled.into_iter().map(|(mut processed, signer)| async move {
            let mut sinks = std::mem::take(&mut processed.unpublished);
            if processed.is_news {
                sinks.extend(told_singly.iter().cloned());
            }
            processed.unpublished = Box::pin(self.publish_later(sinks, &processed.recorded, signer.as_ref())).await;
            if let Some(confirmed) = processed.unanswered.take() {
                let left = self.answer_later(confirmed, &processed.recorded, signer.as_ref());
                processed.unanswered = Box::pin(left).await;
            }
            processed
        });
        let mut processed = concurrently(publishing).await;
        if let Some(first) = processed.first_mut() {
            first.unpublished.extend(undigested);
        }
        processed
    }

    /// Puts on record that a request is about to wait in the queue, where it may.
    async fn record(&self, (job, resolution): &(Job, Resolution), signer: Option<&Signer<'_>>) -> Option<Wait> {
        let deadline = self.context.work_deadline(self.app.notify_slice);
        if self.app.relay(signer, self.context, deadline).is_none() {
            self.comes_again_if(true);
            return None;
        }
        if self.comes_again() {
            return None;
        }
        let attempt = self.context.attempt;
        let doubt = resolution.doubt.unwrap_or(attempt.doubt);
        let credential = self.authority.credential.map(str::to_owned);
        let confirmed = self.authority.confirmed.cloned().map(Box::new);
        let kind = TaskKind::Request { doubt, credential, confirmed, request: Box::new(repeated(job, doubt)) };
        let task = self.app.task(kind, &attempt, self.authority.patience);
        let resolution = Resolution { retry_at: Some(task.not_before), ..resolution.clone() };
        let recorded = self.app.recorded(job.clone(), resolution);
        let is_recorded = self.app.audit.line(recorded.json(), deadline).await;
        self.comes_again_if(!is_recorded);
        is_recorded.then_some(Wait { task, recorded })
    }

    /// Puts a request that cannot end now into the queue, if that is on record, and tells the sinks. What comes again
    /// instead is recorded so: its later line counts.
    async fn wait(
        &self,
        (job, resolution): (Job, Resolution),
        wait: Option<Wait>,
        signer: Option<&Signer<'_>>,
    ) -> Processed {
        let deadline = self.context.work_deadline(self.app.notify_slice);
        if let Some(Wait { task, recorded }) = wait
            && self.enqueue(&task, signer, deadline).await
        {
            return self
                .app
                .publish_queued(recorded, self.report_context, self.confirmed(), signer, self.context)
                .await;
        }
        let processed =
            self.app.conclude(job, resolution, self.report_context, self.confirmed(), signer, self.context).await;
        self.comes_again_if(processed.is_left());
        processed
    }

    /// Puts a report into the queue for each of the sinks that did not take it, for that sink alone. Returns those for which
    /// the queue did not.
    async fn publish_later(
        &self,
        sinks: Vec<Undelivered>,
        recorded: &Recorded,
        signer: Option<&Signer<'_>>,
    ) -> Vec<Undelivered> {
        // The patience with a report begins when it is first not taken, however long its request has waited.
        let attempt = Attempt { round: 1, first_seen: self.app.clock.now(), ..self.context.attempt };
        let mut left = Vec::new();
        for undelivered in sinks {
            let (sink, report) = (undelivered.sink.clone(), recorded.report.clone());
            let task = self.app.task(TaskKind::Report { sink, report }, &attempt, MAX_WAIT);
            if !self.enqueue(&task, signer, self.context.deadline).await {
                left.push(undelivered);
            }
        }
        left
    }

    /// Puts an answer into the queue that a chat did not take. Returns whom the queue did not take it for.
    async fn answer_later(
        &self,
        confirmed: Box<Confirmed>,
        recorded: &Recorded,
        signer: Option<&Signer<'_>>,
    ) -> Option<Box<Confirmed>> {
        let attempt = Attempt { round: 1, first_seen: self.app.clock.now(), ..self.context.attempt };
        let kind = TaskKind::Answer { confirmed: confirmed.clone(), report: recorded.report.clone() };
        let task = self.app.task(kind, &attempt, CONFIRMED_WAIT);
        let is_queued = self.enqueue(&task, signer, self.context.deadline).await;
        Some(confirmed).filter(|_| !is_queued)
    }

    /// Who hears in a chat, later, how it ends: whoever sits and waits hears it at once.
    fn confirmed(&self) -> Option<&Confirmed> {
        self.authority.confirmed_elsewhere(self.context)
    }

    /// Puts something into the queue, unless the delivery comes again anyway: which it does if the queue does not take it.
    async fn enqueue(&self, task: &Task, signer: Option<&Signer<'_>>, deadline: Deadline) -> bool {
        let is_queued = !self.comes_again() && self.app.enqueue(task, signer, self.context, deadline).await.is_ok();
        self.comes_again_if(!is_queued);
        is_queued
    }

    fn comes_again(&self) -> bool {
        self.comes_again.load(Ordering::Relaxed)
    }
}

/// The same request. Where an attempt may have made the change, it asks for the key of that attempt.
fn repeated(job: &Job, doubt: Doubt) -> SealRequest {
    let key = if doubt.may_have_applied { job.key.clone() } else { job.request.key.clone() };
    SealRequest { key, ..job.request.clone() }
}
