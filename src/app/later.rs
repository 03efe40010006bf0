//! What cannot end now: the queue takes it, or the sender delivers it again; and what has waited too long.

use jiff::SignedDuration;

use super::authority::Authority;
use super::context::Context;
use super::delivery_result::DeliveryResult;
use super::deployment::App;
use super::signer::Signer;
use crate::outcome::{Attempt, Delivery, Resolution};
use crate::relay::{EnqueueError, Relay, Task, TaskKind};
use crate::seal;
use crate::time::Deadline;

/// Whether a request may be left for later.
pub(super) fn may_wait(resolution: &Resolution, authority: &Authority<'_>) -> bool {
    authority.may_wait && resolution.outcome.delivery() == Delivery::Again && resolution.retry_needs.is_none()
}

impl App {
    /// Gives a request up that has waited too long.
    pub(super) fn given_up_if_old(
        &self,
        resolution: Resolution,
        authority: &Authority<'_>,
        context: &Context,
    ) -> Resolution {
        let patience = authority.patience;
        let is_old = self.clock.now().duration_since(context.attempt.first_seen) >= patience;
        if is_old && may_wait(&resolution, authority) { seal::given_up(resolution, patience) } else { resolution }
    }

    /// What is to be done after this attempt, and within so much time in all.
    pub(super) fn task(&self, kind: TaskKind, attempt: &Attempt, patience: SignedDuration) -> Task {
        Task::after(attempt, self.clock.now(), patience, kind)
    }

    /// Puts something into the queue.
    pub(super) async fn enqueue(
        &self,
        task: &Task,
        signer: Option<&Signer<'_>>,
        context: &Context,
        deadline: Deadline,
    ) -> Result<(), EnqueueError> {
        let sent = match self.relay(signer, context, deadline) {
            Some(relay) => relay.send(task, self.clock.now()).await,
            None => Err(EnqueueError::NoQueue),
        };
        sent.inspect_err(|why| tracing::warn!("the queue did not take {task}: {why}"))
    }

    /// What becomes of a delivery that is of no use but for something in the queue.
    pub(super) async fn queued_or_again(
        &self,
        kind: TaskKind,
        (attempt, patience): (&Attempt, SignedDuration),
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> DeliveryResult {
        let task = self.task(kind, attempt, patience);
        let queued = self.enqueue(&task, signer, context, context.deadline).await;
        if queued.is_ok() { DeliveryResult::default() } else { DeliveryResult::again() }
    }

    /// The way into the queue, where there is one.
    pub(super) fn relay<'r>(
        &'r self,
        signer: Option<&'r Signer<'_>>,
        context: &'r Context,
        deadline: Deadline,
    ) -> Option<Relay<'r>> {
        let (function, qualifier) = self.queue_of(context)?;
        Some(Relay {
            codec: self.tasks.as_ref()?,
            client: &self.client,
            credentials: &signer?.credentials,
            account: context.defaults.account.as_ref()?,
            region: context.defaults.region.as_ref()?,
            function,
            qualifier,
            deadline,
        })
    }

    /// The function whose queue may take something, where there is one, and its version or alias.
    pub(super) fn queue_of<'c>(&'c self, context: &'c Context) -> Option<(&'c str, Option<&'c str>)> {
        self.tasks.as_ref()?;
        match (&self.worker, &context.function) {
            (Some(worker), _) => Some((worker, None)),
            (None, Some(own)) => Some((&own.name, own.qualifier.as_deref())),
            (None, None) => None,
        }
    }
}
