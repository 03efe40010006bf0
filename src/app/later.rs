//! What cannot end now: the queue takes it, or the sender delivers it again; and what has waited too long.

use jiff::Timestamp;

use super::signer::Signer;
use super::{App, Context};
use crate::outcome::{Ask, Asked, Delivery, Ending};
use crate::relay::{PATIENCE, Relay, Task, wait_after};
use crate::request::SealRequest;
use crate::seal;

/// For how long a request has waited so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    pub(super) attempt: u32,
    pub(super) first_seen: Timestamp,
    /// An earlier attempt may have made the change.
    pub(super) doubted: bool,
    /// By how many seconds it came back too early.
    pub(super) early_by: Option<i64>,
}

impl Wait {
    /// A request that has not waited here.
    pub(super) fn none(asked: Asked) -> Self {
        Self { attempt: asked.attempt, first_seen: asked.received_at, doubted: false, early_by: None }
    }

    pub(super) fn of(task: &Task, asked: Asked) -> Self {
        let early_by = task.early_by(asked.received_at);
        Self { attempt: task.attempt, first_seen: task.first_seen, doubted: task.doubted, early_by }
    }
}

impl App {
    /// Puts what cannot end now into the queue, or gives it up by its age. Says whether the queue took it.
    pub(super) async fn or_later(
        &self,
        ask: &Ask,
        ending: Ending,
        wait: Wait,
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> (Ending, bool) {
        if ending.outcome.delivery() == Delivery::Done || ending.again.is_some() {
            return (ending, false);
        }
        let now = self.clock.now();
        let age = now.duration_since(wait.first_seen);
        if age >= PATIENCE {
            return (seal::given_up(ending, PATIENCE), false);
        }
        let Some(relay) = self.relay(signer, context) else { return (ending, false) };
        let delay = wait_after(wait.attempt);
        let doubted = wait.doubted || ending.doubted;
        let task = Task::next(again(ask, doubted), wait.attempt, wait.first_seen, doubted, now, delay);
        match relay.send(&task, delay).await {
            Ok(()) => (ending.next_step(format!("Nothing: it is tried again in {}.", shown(delay))), true),
            Err(why) => {
                tracing::warn!(
                    "the queue did not take {}, so it is to be delivered again: {why}",
                    ask.request.instance
                );
                (ending, false)
            }
        }
    }

    fn relay<'a>(&'a self, signer: Option<&'a Signer<'_>>, context: &'a Context) -> Option<Relay<'a>> {
        let function = context.function.as_ref().filter(|_| self.relay)?;
        Some(Relay {
            client: &self.client,
            credentials: &signer?.credentials,
            account: context.envelope.account.as_ref()?,
            region: context.envelope.region.as_ref()?,
            function: &function.name,
            qualifier: function.qualifier.as_deref(),
            deadline: self.work_until(context),
        })
    }
}

/// The same request. Where an attempt may have made the change, it asks for the key of that attempt.
fn again(ask: &Ask, doubted: bool) -> SealRequest {
    let key = if doubted { ask.key.clone() } else { ask.request.key.clone() };
    SealRequest { key, ..ask.request.clone() }
}

fn shown(seconds: u32) -> String {
    if seconds < 3000 { format!("{} min", seconds / 60) } else { "1 h".to_owned() }
}
