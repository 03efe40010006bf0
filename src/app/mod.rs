//! The story, top to bottom: one delivery in, one result out.
//!
//! A delivery is read into requests (or is a task that comes back from the queue). Each request gets a signer, a decision,
//! a resolution and a report, which goes to the audit stream and the sinks. What is left when all of them are through goes
//! into the queue.

mod authority;
mod certificates;
pub mod chat;
mod chats;
mod concurrently;
mod context;
mod delivery_result;
mod deployment;
mod doors;
mod event_bus;
mod hand_over;
mod later;
mod leftovers;
mod publish;
mod role;
mod sealing;
mod secrets;
mod signer;

use jiff::Timestamp;

use crate::ingress::event;
use crate::ingress::{Intake, Verified};
use crate::outcome::{Job, Resolution};
use crate::policy::Decision;
use crate::relay::{Task, TaskCodec, TaskKind};
use crate::request::rejection::{Rejection, RejectionReason};
use crate::request::{Door, SealRequest};
use crate::seal;

use concurrently::concurrently;
use leftovers::{Carried, Leftovers, Progress};

pub use authority::Authority;
pub use certificates::Certificates;
pub use chats::{Chats, OpenChat, TenantTokens};
pub use context::{Context, Function, Sender};
pub use delivery_result::{DeliveryResult, IgnoredAnswer, RejectionAnswer};
pub use deployment::App;
pub use doors::{Deployment, Doors};
pub use event_bus::NotAdmitted;
pub use role::Role;
pub use secrets::{Apps, Make, Need, NoSecrets, why as why_unread};

impl App {
    /// Carries one verified delivery to its result. There is no `Result`: refusal and failure are outcomes.
    pub async fn handle(&self, body: &Verified, context: Context) -> DeliveryResult {
        if self.role == Role::Door {
            return DeliveryResult::rejecting(not_for(self.role));
        }
        match TaskCodec::read(self.tasks.as_ref(), body.as_bytes(), context.attempt.received_at) {
            Some(Ok(task)) => self.resume(task, context).await,
            Some(Err(rejection)) => DeliveryResult::rejecting(rejection),
            None if !self.role.takes_events() => DeliveryResult::rejecting(not_for(self.role)),
            None => {
                let intake = event::read(body, &self.door, &context.defaults);
                self.accept(intake, &Authority::platform(), &context).await
            }
        }
    }

    /// Whether a body says that it is a task, and none of our secrets signed it.
    pub fn is_forged_task(&self, body: &[u8], now: Timestamp) -> bool {
        let rejection = TaskCodec::read(self.tasks.as_ref(), body, now).and_then(Result::err);
        rejection.is_some_and(|rejection| rejection.reason == RejectionReason::TaskNotAuthentic)
    }

    /// Carries what was read of one delivery, by somebody's leave.
    pub async fn accept(&self, intake: Intake, authority: &Authority<'_>, context: &Context) -> DeliveryResult {
        let intake = intake.without_repeats();
        let comes_again = context.sender.repeats_unreadable(&intake.rejected);
        if self.hands_over(authority) {
            let processed = Box::pin(self.hand_over(intake.requests, authority, context)).await;
            return DeliveryResult::new(processed, intake.ignored, intake.rejected, context.sender);
        }
        let carried = self.carry_all(intake.requests, authority, context).await;
        let leftovers = Leftovers::new(self, &carried, comes_again, authority, context);
        let processed = Box::pin(leftovers.settle(carried)).await;
        DeliveryResult::new(processed, intake.ignored, intake.rejected, context.sender)
    }

    /// Goes on with what came back from the queue.
    async fn resume(&self, task: Task, context: Context) -> DeliveryResult {
        let attempt = task.resume(context.attempt);
        let context = Context { attempt, ..context };
        match task.kind {
            TaskKind::Request { confirmed: Some(confirmed), request, .. } => {
                Box::pin(self.resume_confirmed(*confirmed, *request, &context)).await
            }
            TaskKind::HandOver { confirmed: Some(confirmed), requests, .. } => match <[_; 1]>::try_from(requests) {
                Ok([request]) => Box::pin(self.resume_confirmed(*confirmed, request, &context)).await,
                Err(_) => DeliveryResult::rejecting(Rejection::new("task", RejectionReason::NotOfDoor)),
            },
            TaskKind::HandOver { credential, requests, .. } => {
                self.resume_for(credential.as_deref(), requests, &context).await
            }
            TaskKind::Request { credential, request, .. } => {
                self.resume_for(credential.as_deref(), vec![*request], &context).await
            }
            TaskKind::Report { sink, report } => self.publish_again(sink, *report, &context).await,
            TaskKind::Answer { confirmed, report } => Box::pin(self.answer_again(*confirmed, *report, &context)).await,
        }
    }

    /// Goes on with what a sender asked for, by the leave that it has by now.
    async fn resume_for(
        &self,
        credential: Option<&str>,
        requests: Vec<SealRequest>,
        context: &Context,
    ) -> DeliveryResult {
        let has_leave = requests.iter().all(|request| match request.origin.door {
            Door::Event => true,
            Door::Webhook => credential.is_some() || self.eventbridge.is_some(),
            Door::Chat => false,
        });
        let authority = if has_leave { self.authority(credential) } else { Authority::revoked() };
        self.accept(Intake { requests, ..Intake::default() }, &authority, context).await
    }

    /// Carries some requests at the same time, and returns how far they got, in the order in which they were asked.
    async fn carry_all<'a>(
        &'a self,
        requests: Vec<SealRequest>,
        authority: &Authority<'_>,
        context: &'a Context,
    ) -> Vec<Carried<'a>> {
        let together = requests.len();
        // Boxed where it begins: the way of a request is a large future, and this moves it.
        let work = requests.into_iter().map(|request| Box::pin(self.carry(request, together, authority, context)));
        concurrently(work).await
    }

    /// Carries one request, of `together` that came with it, to its report, unless it has to wait.
    async fn carry<'a>(
        &'a self,
        request: SealRequest,
        together: usize,
        authority: &Authority<'_>,
        context: &'a Context,
    ) -> Carried<'a> {
        let mut signer = match context.attempt.early_by {
            Some(seconds) => Err(seal::before_its_time(seconds).into()),
            None => self.signer(&request, authority, context).await,
        };
        let own = match &signer {
            Ok(signer) => signer.account.as_ref(),
            // Nobody signs, so this only says in the report whose function it was.
            Err(_) => context.defaults.account.as_ref(),
        };
        let decision = self.policy.decide(&request, own, together, context.attempt.first_seen, &authority.permit);
        let Decision { mode, account, key, needs } = decision;
        let shown_key = key.as_ref().map_or_else(|_| request.key.clone(), Clone::clone);
        let job = Job::new(request, mode, account, shown_key, context.attempt);
        let resolution = match (&mut signer, key) {
            (Err(resolution), _) => Resolution::clone(resolution),
            (Ok(_), Err(refusal)) => refusal.into(),
            (Ok(signer), Ok(_)) => self.carry_out(&job, needs, signer, authority, context).await,
        };
        let signer = signer.ok();
        let resolution = self.given_up_if_old(resolution.after(context.attempt.doubt), authority, context);
        if later::may_wait(&resolution, authority) {
            return Carried { progress: Progress::Waits(Box::new((job, resolution))), signer };
        }
        let report_context = authority.report_context(together);
        let confirmed = authority.confirmed_elsewhere(context);
        let processed = self.conclude(job, resolution, report_context, confirmed, signer.as_ref(), context).await;
        Carried { progress: Progress::Ended(processed), signer }
    }
}

/// What a role says to an event that is not for it.
fn not_for(role: Role) -> Rejection {
    Rejection::new("body", RejectionReason::NotForRole { role: role.as_str() })
}
