//! The story, top to bottom: one delivery in, one result out.
//!
//! A delivery is read into requests (or is a task that comes back from the queue). Each request gets a signer, a decision,
//! a resolution, perhaps a place in the queue, and a report, which goes to the audit stream and the sinks.

mod authority;
mod certificates;
pub mod chat;
mod chats;
mod context;
mod delivery_result;
mod deployment;
mod event_bus;
mod later;
mod publish;
mod sealing;
mod signer;

use futures_util::stream::{self, StreamExt as _};

use crate::ingress::event;
use crate::ingress::{Intake, Verified};
use crate::notify::ReportContext;
use crate::outcome::{Job, Recorded, Resolution};
use crate::policy::Decision;
use crate::relay::{Task, TaskKind};
use crate::request::{Door, SealRequest};
use crate::seal;
use crate::words;

use delivery_result::Processed;

pub use authority::Authority;
pub use certificates::Certificates;
pub use chats::{Chats, OpenChat, TenantTokens};
pub use context::{Context, Function};
pub use delivery_result::{DeliveryResult, IgnoredAnswer, RejectionAnswer};
pub use deployment::App;
pub use event_bus::NotAdmitted;

/// Items of one delivery that are worked on at the same time.
const AT_ONCE: usize = 8;

impl App {
    /// Carries one verified delivery to its result. There is no `Result`: refusal and failure are outcomes.
    pub async fn handle(&self, body: &Verified, context: Context) -> DeliveryResult {
        match Task::read(body.as_bytes(), context.attempt.received_at) {
            Some(Ok(task)) => self.resume(task, context).await,
            Some(Err(rejection)) => DeliveryResult::rejecting(rejection),
            None => {
                let intake = event::read(body, &self.door, &context.defaults);
                self.accept(intake, &Authority::platform(), &context).await
            }
        }
    }

    /// Carries what was read of one delivery, by somebody's leave.
    pub async fn accept(&self, intake: Intake, authority: &Authority<'_>, context: &Context) -> DeliveryResult {
        let mut processed = self.process_all(intake.requests, authority, context).await;
        self.publish_digest(&mut processed, authority, context).await;
        DeliveryResult::new(processed, intake.ignored, intake.rejected)
    }

    /// Goes on with what came back from the queue.
    async fn resume(&self, task: Task, context: Context) -> DeliveryResult {
        let attempt = task.resume(context.attempt);
        let context = Context { attempt, ..context };
        match task.kind {
            TaskKind::Request { credential, request, .. } => {
                let credential = credential.as_deref();
                let authority = match request.origin.door {
                    Door::Event => self.authority(credential),
                    Door::Webhook if credential.is_some() || self.eventbridge.is_some() => self.authority(credential),
                    Door::Webhook | Door::Chat => Authority::revoked(),
                };
                let processed = self.process(*request, 1, &authority, &context).await;
                DeliveryResult::new(vec![processed], Vec::new(), Vec::new())
            }
            TaskKind::Report { sink, report } => self.publish_again(sink, *report, &context).await,
        }
    }

    /// Carries some requests at the same time, and returns their ends in the order in which they were asked.
    async fn process_all(
        &self,
        mut requests: Vec<SealRequest>,
        authority: &Authority<'_>,
        context: &Context,
    ) -> Vec<Processed> {
        let together = requests.len();
        // Nearly every delivery asks for one.
        if together == 1 {
            return vec![self.process(requests.remove(0), 1, authority, context).await];
        }
        let work = requests
            .into_iter()
            .enumerate()
            .map(|(index, request)| async move { (index, self.process(request, together, authority, context).await) });
        let mut processed: Vec<_> = stream::iter(work).buffer_unordered(AT_ONCE).collect().await;
        processed.sort_unstable_by_key(|(index, _)| *index);
        processed.into_iter().map(|(_, one)| one).collect()
    }

    /// Carries one request, of `together` that came with it, to its report, and the report to the audit stream and the
    /// sinks.
    async fn process(
        &self,
        request: SealRequest,
        together: usize,
        authority: &Authority<'_>,
        context: &Context,
    ) -> Processed {
        let mut signer = match context.attempt.early_by {
            Some(seconds) => Err(seal::before_its_time(seconds).into()),
            None => self.signer(&request, authority, context).await,
        };
        let own = signer.as_ref().ok().and_then(|signer| signer.account.as_ref()).or(context.defaults.account.as_ref());
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
        let (resolution, is_queued) = self.wait_or_end(&job, resolution, authority, signer.as_ref(), context).await;
        let retry_needs = resolution.retry_needs;
        let mut report = job.report(resolution, self.clock.now());
        words::write_sentences(&mut report);
        let recorded = Recorded::from(report);
        self.audit.line(recorded.json());
        let is_news = recorded.report.outcome.is_news(is_queued && context.attempt.begins_a_wait());
        let report_context = ReportContext { is_one_of_many: together > 1, is_replayable: authority.is_replayable };
        let unpublished =
            if is_news { self.publish(&recorded, report_context, signer.as_ref(), context).await } else { Vec::new() };
        Processed { recorded, is_queued, is_news, unpublished, retry_needs }
    }
}
