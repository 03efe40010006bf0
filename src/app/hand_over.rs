//! Behind a door that may change nothing: what was asked for goes to the worker, as a task, and is done and told of there.

use super::authority::Authority;
use super::concurrently::concurrently;
use super::context::Context;
use super::delivery_result::Processed;
use super::deployment::App;
use super::role::Role;
use super::signer::Signer;
use crate::outcome::{Doubt, Job, Outcome, Reason, Resolution};
use crate::policy::permit::Permit;
use crate::relay::{Task, TaskKind};
use crate::request::SealRequest;

impl App {
    /// Whether this is for the worker: all that comes in by a door, but for what somebody in a chat only wants to see.
    pub(super) fn hands_over(&self, authority: &Authority<'_>) -> bool {
        let only_looks = matches!(authority.permit, Permit::Grants(_)) && authority.confirmed.is_none();
        self.role == Role::Door && !only_looks
    }

    /// Puts some requests into the worker's queue. Those that it did not take are to be asked for again.
    pub(super) async fn hand_over(
        &self,
        requests: Vec<SealRequest>,
        authority: &Authority<'_>,
        context: &Context,
    ) -> Vec<Processed> {
        let signer = self.own_signer(context).await.ok();
        let (together, signer) = (requests.len(), signer.as_ref());
        let work = requests.into_iter();
        concurrently(work.map(|request| Box::pin(self.hand_over_one(request, together, signer, authority, context))))
            .await
    }

    /// The worker judges all of it anew: what is decided here only says in the report whose instance it is.
    async fn hand_over_one(
        &self,
        request: SealRequest,
        together: usize,
        signer: Option<&Signer<'_>>,
        authority: &Authority<'_>,
        context: &Context,
    ) -> Processed {
        let attempt = context.attempt;
        let own = context.defaults.account.as_ref();
        let decision = self.policy.decide(&request, own, together, attempt.first_seen, &authority.permit);
        let key = decision.key.unwrap_or_else(|_| request.key.clone());
        let kind = TaskKind::Request {
            doubt: Doubt::default(),
            credential: authority.credential.map(str::to_owned),
            confirmed: authority.confirmed.cloned().map(Box::new),
            request: Box::new(request.clone()),
        };
        let task = Task::instead_of(&attempt, self.clock.now(), kind);
        let job = Job::new(request, decision.mode, decision.account, key, attempt);
        let (report_context, deadline) = (authority.report_context(together), context.work_deadline(self.notify_slice));
        // On record before it is in the queue: what is not comes again, and would be handed over twice.
        let handed_over = Resolution::new(Outcome::Waiting, Reason::HandedOver {});
        let recorded = self.recorded(job.clone(), Resolution { retry_at: Some(task.not_before), ..handed_over });
        if self.audit.line(recorded.json(), deadline).await && self.enqueue(&task, signer, context, deadline).await {
            return self.publish_queued(recorded, report_context, signer, context).await;
        }
        let resolution = Resolution::new(Outcome::Waiting, Reason::NotHandedOver {});
        self.conclude(job, resolution, report_context, signer, context).await
    }
}
