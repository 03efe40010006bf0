//! Behind a door that may change nothing: what was asked for goes to the worker, as a task, and is done and told of there.

use super::authority::Authority;
use super::concurrently::concurrently;
use super::context::Context;
use super::delivery_result::Processed;
use super::deployment::App;
use super::role::Role;
use crate::aliyun::credentials::Source;
use crate::outcome::{Job, Outcome, Reason, Recorded, Refusal, Resolution};
use crate::policy::permit::Permit;
use crate::relay::{EnqueueError, Task, TaskKind};
use crate::request::SealRequest;
use crate::seal;

impl App {
    /// Whether this is for the worker: all that comes in by a door, but for what somebody in a chat only wants to see.
    pub(super) fn hands_over(&self, authority: &Authority<'_>) -> bool {
        let only_looks = matches!(authority.permit, Permit::Grants(_)) && authority.confirmed.is_none();
        self.role == Role::Door && !only_looks
    }

    /// Puts what one delivery asks for into the worker's queue, as one task. What a rule refuses already ends here.
    pub(super) async fn hand_over(
        &self,
        requests: Vec<SealRequest>,
        authority: &Authority<'_>,
        context: &Context,
    ) -> Vec<Processed> {
        let report_context = authority.report_context(requests.len());
        let (passed, refused) = self.judged(requests, authority, context);
        let signer = self.own_signer(context).await;
        let signer = signer.as_ref().ok();
        let refusing = refused
            .into_iter()
            .map(|(job, refusal)| Box::pin(self.conclude(job, refusal.into(), report_context, None, signer, context)));
        let mut processed = concurrently(refusing).await;
        if passed.is_empty() {
            return processed;
        }
        let kind = TaskKind::HandOver {
            credential: authority.credential.map(str::to_owned),
            confirmed: authority.confirmed.cloned().map(Box::new),
            requests: passed.iter().map(|job| job.request.clone()).collect(),
        };
        let task = Task::instead_of(&context.attempt, self.clock.now(), kind);
        // On record before it is in the queue: what is not comes again, and would be handed over twice.
        let sent = match self.record_all(&passed, &task, context).await {
            Some(recorded) => {
                let deadline = context.work_deadline(self.notify_slice);
                self.enqueue(&task, signer, context, deadline).await.map(|()| recorded)
            }
            None => Err(EnqueueError::NoQueue),
        };
        processed.extend(match sent {
            Ok(recorded) => {
                let work = recorded.into_iter();
                concurrently(work.map(|recorded| self.publish_queued(recorded, report_context, None, signer, context)))
                    .await
            }
            Err(why) => {
                let resolution = not_handed_over(&why, signer.map(|signer| signer.credentials.source));
                let end = |job| self.conclude(job, resolution.clone(), report_context, None, signer, context);
                concurrently(passed.into_iter().map(end)).await
            }
        });
        processed
    }

    /// What is handed over, and what a rule refuses here and now. The worker judges all of it anew, and does no more than is
    /// allowed here.
    fn judged(
        &self,
        requests: Vec<SealRequest>,
        authority: &Authority<'_>,
        context: &Context,
    ) -> (Vec<Job>, Vec<(Job, Refusal)>) {
        let (together, attempt) = (requests.len(), context.attempt);
        let own = context.defaults.account.as_ref();
        let (mut passed, mut refused) = (Vec::with_capacity(together), Vec::new());
        for request in requests {
            let decision = self.policy.decide(&request, own, together, attempt.first_seen, &authority.permit);
            let (key, refusal) = match decision.key {
                Ok(key) => (key, None),
                Err(refusal) => (request.key.clone(), Some(refusal)),
            };
            let request = SealRequest { mode: Some(decision.mode), ..request };
            let job = Job::new(request, decision.mode, decision.account, key, attempt);
            match refusal {
                None => passed.push(job),
                Some(refusal) => refused.push((job, refusal)),
            }
        }
        (passed, refused)
    }

    /// Puts on record that the worker is about to have these; nothing where the audit stream does not take all of it.
    async fn record_all(&self, jobs: &[Job], task: &Task, context: &Context) -> Option<Vec<Recorded>> {
        let deadline = context.work_deadline(self.notify_slice);
        let mut all = Vec::with_capacity(jobs.len());
        for job in jobs {
            let waits = Resolution::new(Outcome::Waiting, Reason::HandedOver {});
            let recorded = self.recorded(job.clone(), Resolution { retry_at: Some(task.not_before), ..waits });
            if !self.audit.line(recorded.json(), deadline).await {
                return None;
            }
            all.push(recorded);
        }
        Some(all)
    }
}

/// The worker's queue did not take it, or did not say that it did.
fn not_handed_over(why: &EnqueueError, source: Option<Source>) -> Resolution {
    let failure = match why {
        EnqueueError::Refused(failure) => Some(failure),
        EnqueueError::NoQueue | EnqueueError::TooLarge => None,
    };
    let expired = failure.zip(source).and_then(|(failure, source)| seal::expired(source, failure));
    let may_be_queued = failure.is_some_and(|failure| failure.no_answer.is_some());
    Resolution {
        certain: !may_be_queued,
        retry_needs: expired.and_then(|expired| expired.retry_needs),
        ..Resolution::new(Outcome::Waiting, Reason::NotHandedOver { may_be_queued })
    }
}
