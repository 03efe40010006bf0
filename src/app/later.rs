//! What cannot end now: the queue takes it, or the sender delivers it again; and what has waited too long.

use std::time::Duration;

use jiff::Timestamp;

use super::answer::DeliveryResult;
use super::signer::Signer;
use super::{App, Authority, Context, Function};
use crate::ingress::Ignored;
use crate::notify::Undelivered;
use crate::outcome::{Asked, Delivery, Doubt, Job, Resolution};
use crate::relay::{MAX_WAIT, Relay, Task, TaskKind, wait_after};
use crate::request::SealRequest;
use crate::seal;
use crate::time::Deadline;

/// What is left of a deadline, at least, for putting a report into the queue that a sink did not take.
const ENQUEUE_RESERVE: Duration = Duration::from_secs(1);

/// For how long something has waited so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    /// What a report calls this attempt.
    pub(super) attempt: u32,
    /// How often it has come out of the queue, and once more.
    pub(super) turn: u32,
    pub(super) first_seen: Timestamp,
    pub(super) doubt: Doubt,
    /// By how many seconds it came back too early.
    pub(super) early_by: Option<i64>,
}

impl Wait {
    /// A request that has not waited here.
    pub(super) fn none(asked: Asked) -> Self {
        let Asked { attempt, received_at } = asked;
        Self { attempt, turn: 1, first_seen: received_at, doubt: Doubt::default(), early_by: None }
    }

    pub(super) fn of(task: &Task, doubt: Doubt, now: Timestamp) -> Self {
        let Task { attempt, first_seen, .. } = *task;
        Self { attempt, turn: attempt, first_seen, doubt, early_by: task.early_by(now) }
    }

    /// Whether a wait that begins now is the first one of its request.
    pub(super) fn is_first(self) -> bool {
        self.turn == 1
    }
}

impl App {
    /// Puts what cannot end now into the queue, or gives it up by its age. Says whether the queue took it.
    pub(super) async fn or_later(
        &self,
        ask: &Job,
        resolution: Resolution,
        wait: Wait,
        under: &Authority<'_>,
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> (Resolution, bool) {
        if resolution.outcome.delivery() == Delivery::Done || resolution.again.is_some() || !under.may_wait {
            return (resolution, false);
        }
        if self.clock.now().duration_since(wait.first_seen) >= MAX_WAIT {
            return (seal::given_up(resolution, MAX_WAIT), false);
        }
        let doubt = Doubt {
            may_have_applied: wait.doubt.may_have_applied || resolution.doubt.may_have_applied,
            unsettled: resolution.doubt.unsettled,
        };
        let request = Box::new(again(ask, doubt));
        let credential = under.credential.map(str::to_owned);
        let until = self.work_until(context);
        match self.queue(TaskKind::Request { doubt, credential, request }, wait, signer, context, until).await {
            Some(delay) => (resolution.next_step(format!("Nothing: it is tried again in {}.", shown(delay))), true),
            None => (resolution, false),
        }
    }

    /// Puts a report that a required sink did not take into the queue, for that sink alone. Says whether the queue took it.
    pub(super) async fn tell_later(
        &self,
        id: &str,
        untold: Undelivered,
        wait: Wait,
        signer: Option<&Signer<'_>>,
        context: &Context,
    ) -> bool {
        let kind = TaskKind::Report { sink: untold.sink, id: id.to_owned(), body: untold.body };
        let wait = Wait { turn: 1, ..wait };
        self.queue(kind, wait, signer, context, context.deadline).await.is_some()
    }

    /// The deadline for sinks: where the queue is to take what they do not, it is left the time for it.
    pub(super) fn told_until(&self, context: &Context, may_be_queued: bool) -> Deadline {
        if may_be_queued && self.queue_of(context).is_some() {
            context.deadline.keeping_a_slice(ENQUEUE_RESERVE)
        } else {
            context.deadline
        }
    }

    /// Sends a report that came back from the queue to its sink.
    pub(super) async fn tell_again(&self, task: Task, context: &Context) -> DeliveryResult {
        let wait = Wait::of(&task, Doubt::default(), context.asked.received_at);
        let TaskKind::Report { sink, id, body } = &task.kind else { return DeliveryResult::default() };
        if wait.early_by.is_some() {
            return DeliveryResult::again();
        }
        match self.sinks.tell(sink, id, body, self.told_until(context, true)).await {
            None => DeliveryResult::ignoring(Ignored {
                event_id: id.clone(),
                reason: "the report is for a sink that is no longer configured".to_owned(),
            }),
            Some(Ok(())) => DeliveryResult::default(),
            Some(Err(why)) if self.clock.now().duration_since(wait.first_seen) >= MAX_WAIT => {
                tracing::error!("report {id} is given up for sink {sink}: {why}; it is in the audit stream");
                DeliveryResult::default()
            }
            Some(Err(_)) => {
                let signer = self.identity_for(context).await.ok();
                let queued = self.queue(task.kind, wait, signer.as_ref(), context, context.deadline).await;
                if queued.is_some() { DeliveryResult::default() } else { DeliveryResult::again() }
            }
        }
    }

    /// Puts something into the queue, and says how many seconds it waits there; nothing where the queue did not take it.
    async fn queue(
        &self,
        kind: TaskKind,
        wait: Wait,
        signer: Option<&Signer<'_>>,
        context: &Context,
        until: Deadline,
    ) -> Option<u32> {
        let relay = self.relay(signer, context, until)?;
        let delay = wait_after(wait.turn);
        let task = Task::after(wait.turn, wait.first_seen, self.clock.now(), delay, kind);
        let sent = relay.send(&task, delay).await;
        sent.inspect_err(|why| tracing::warn!("the queue did not take {task}: {why}")).ok()?;
        Some(delay)
    }

    /// The function whose queue may take something, where there is one.
    fn queue_of<'a>(&self, context: &'a Context) -> Option<&'a Function> {
        context.function.as_ref().filter(|_| self.relay)
    }

    fn relay<'a>(
        &'a self,
        signer: Option<&'a Signer<'_>>,
        context: &'a Context,
        deadline: Deadline,
    ) -> Option<Relay<'a>> {
        let function = self.queue_of(context)?;
        Some(Relay {
            client: &self.client,
            credentials: &signer?.credentials,
            account: context.defaults.account.as_ref()?,
            region: context.defaults.region.as_ref()?,
            function: &function.name,
            qualifier: function.qualifier.as_deref(),
            deadline,
        })
    }
}

/// The same request. Where an attempt may have made the change, it asks for the key of that attempt.
fn again(ask: &Job, doubt: Doubt) -> SealRequest {
    let key = if doubt.may_have_applied { ask.key.clone() } else { ask.request.key.clone() };
    SealRequest { key, ..ask.request.clone() }
}

fn shown(seconds: u32) -> String {
    if seconds < 3000 { format!("{} min", seconds / 60) } else { "1 h".to_owned() }
}
