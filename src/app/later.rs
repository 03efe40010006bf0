//! What cannot end now: the queue takes it, or the sender delivers it again; and what has waited too long.

use jiff::Timestamp;

use super::authority::Authority;
use super::context::{Context, Function};
use super::deployment::App;
use super::signer::Signer;
use crate::outcome::{Attempt, Delivery, Doubt, Job, Resolution};
use crate::relay::{MAX_WAIT, Relay, Task, TaskKind, wait_after};
use crate::request::SealRequest;
use crate::seal;
use crate::time::Deadline;

impl App {
    /// Puts what cannot end now into the queue, or gives it up by its age. Says whether the queue took it.
    pub(super) async fn wait_or_end(
        &self,
        job: &Job,
        resolution: Resolution,
        authority: &Authority<'_>,
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> (Resolution, bool) {
        let is_final = resolution.outcome.delivery() == Delivery::Done || resolution.retry_needs.is_some();
        if is_final || !authority.may_wait {
            return (resolution, false);
        }
        let attempt = context.attempt;
        if self.clock.now().duration_since(attempt.first_seen) >= MAX_WAIT {
            return (seal::given_up(resolution, MAX_WAIT), false);
        }
        let doubt = resolution.doubt.unwrap_or(attempt.doubt);
        let credential = authority.credential.map(str::to_owned);
        let kind = TaskKind::Request { doubt, credential, request: Box::new(repeated(job, doubt)) };
        let deadline = context.work_deadline(self.notify_slice);
        match self.enqueue(kind, &attempt, signer, context, deadline).await {
            Some(retry_at) => (Resolution { retry_at: Some(retry_at), ..resolution }, true),
            None => (resolution, false),
        }
    }

    /// Puts something into the queue, and says until when it waits there; nothing where the queue did not take it.
    pub(super) async fn enqueue(
        &self,
        kind: TaskKind,
        attempt: &Attempt,
        signer: Option<&Signer<'_>>,
        context: &Context,
        deadline: Deadline,
    ) -> Option<Timestamp> {
        let function = queue_of(self.relay, context)?;
        let relay = Relay {
            client: &self.client,
            credentials: &signer?.credentials,
            account: context.defaults.account.as_ref()?,
            region: context.defaults.region.as_ref()?,
            function: &function.name,
            qualifier: function.qualifier.as_deref(),
            deadline,
        };
        let delay = wait_after(attempt.round);
        let task = Task::after(attempt, self.clock.now(), delay, kind);
        let sent = relay.send(&task, delay).await;
        sent.inspect_err(|why| tracing::warn!("the queue did not take {task}: {why}")).ok()?;
        Some(task.not_before)
    }
}

/// The function whose queue may take something, where there is one.
pub(super) fn queue_of(relay: bool, context: &Context) -> Option<&Function> {
    context.function.as_ref().filter(|_| relay)
}

/// The same request. Where an attempt may have made the change, it asks for the key of that attempt.
fn repeated(job: &Job, doubt: Doubt) -> SealRequest {
    let key = if doubt.may_have_applied { job.key.clone() } else { job.request.key.clone() };
    SealRequest { key, ..job.request.clone() }
}
