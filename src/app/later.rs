//! What cannot end now: the queue takes it, or the sender delivers it again; and what has waited too long.

use super::authority::Authority;
use super::context::{Context, Function};
use super::deployment::App;
use super::signer::Signer;
use crate::outcome::{Attempt, Delivery, Resolution};
use crate::relay::{MAX_WAIT, Relay, Task, TaskKind};
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
        let is_old = self.clock.now().duration_since(context.attempt.first_seen) >= MAX_WAIT;
        if is_old && may_wait(&resolution, authority) { seal::given_up(resolution, MAX_WAIT) } else { resolution }
    }

    /// What is to be done after this attempt.
    pub(super) fn task(&self, kind: TaskKind, attempt: &Attempt) -> Task {
        Task::after(attempt, self.clock.now(), kind)
    }

    /// Puts something into the queue. Says whether the queue took it.
    pub(super) async fn enqueue(
        &self,
        task: &Task,
        signer: Option<&Signer<'_>>,
        context: &Context,
        deadline: Deadline,
    ) -> bool {
        let Some(relay) = self.relay(signer, context, deadline) else { return false };
        let sent = relay.send(task).await;
        sent.inspect_err(|why| tracing::warn!("the queue did not take {task}: {why}")).is_ok()
    }

    /// The way into the queue, where there is one.
    pub(super) fn relay<'r>(
        &'r self,
        signer: Option<&'r Signer<'_>>,
        context: &'r Context,
        deadline: Deadline,
    ) -> Option<Relay<'r>> {
        let function = self.queue_of(context)?;
        Some(Relay {
            codec: self.tasks.as_ref()?,
            client: &self.client,
            credentials: &signer?.credentials,
            account: context.defaults.account.as_ref()?,
            region: context.defaults.region.as_ref()?,
            function: &function.name,
            qualifier: function.qualifier.as_deref(),
            deadline,
        })
    }

    /// The function whose queue may take something, where there is one.
    pub(super) fn queue_of<'c>(&self, context: &'c Context) -> Option<&'c Function> {
        context.function.as_ref().filter(|_| self.tasks.is_some())
    }
}
