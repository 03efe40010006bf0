//! The whole story on one screen: one delivery in, one answer out.

mod address;
mod answer;
pub mod chat;
mod later;
mod push;
mod signer;

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};

use crate::aliyun::Client;
use crate::aliyun::credentials::Found;
use crate::aliyun::credentials::assume::Roles;
use crate::aliyun::credentials::identity::Identity;
use crate::ingress::event::{self, EventDoor};
use crate::ingress::webhook::{EventBridgeDoor, WebhookCredential};
use crate::ingress::{DeliveryDefaults, Intake, Rejection, Verified};
use crate::notify::Sinks;
use crate::notify::audit::Audit;
use crate::outcome::{Asked, Job, Outcome, Resolution, Rule};
use crate::policy::confirm::{Plan, state};
use crate::policy::permit::Permit;
use crate::policy::{Decision, DecisionInput, NeededFacts, Policy, Refusal};
use crate::relay::{Task, TaskKind};
use crate::request::facts::Evidence;
use crate::request::ids::{AccountId, RegionId};
use crate::request::{Door, Mode, SealRequest};
use crate::seal;
use crate::time::{Clock, Deadline};

use answer::Processed;
use chat::Chats;
use later::Wait;

pub use answer::DeliveryResult;
pub use push::{Certificates, NotAdmitted};

/// Items of one delivery that are worked on at the same time.
const AT_ONCE: usize = 8;

/// A deployment: everything that outlives a delivery. It keeps no state.
#[derive(Debug)]
pub struct App {
    pub door: EventDoor,
    /// Who may send webhooks.
    pub webhooks: Vec<WebhookCredential>,
    /// What the platform's event bus may push to, if anything.
    pub eventbridge: Option<EventBridgeDoor>,
    pub certificates: Certificates,
    pub http: reqwest::Client,
    /// What is asked instead of the vendors' own hosts, in a rehearsal.
    pub stand_in: Option<reqwest::Url>,
    pub chats: Chats,
    pub policy: Policy,
    pub client: Client,
    pub sinks: Sinks,
    pub audit: Audit,
    pub clock: Clock,
    /// Who signs where a delivery brings no credentials of its own.
    pub identity: Identity,
    /// A source was configured by name: what a delivery brings is then not looked at.
    pub source_is_named: bool,
    /// The account of the built-in test pair.
    pub test_account: Option<AccountId>,
    /// The roles of other accounts, where they may be taken on.
    pub roles: Option<Roles>,
    /// The role by which RDS uses keys may be created.
    pub authorize: bool,
    /// What cannot be done yet waits in the platform's queue, where there is one.
    pub relay: bool,
    /// Where else an instance that is not found is looked for.
    pub elsewhere: Vec<RegionId>,
    /// The smallest slice of a deadline that is kept for notification.
    pub notify_slice: Duration,
}

/// What comes with one delivery.
#[derive(Debug)]
pub struct Context {
    pub deadline: Deadline,
    pub asked: Asked,
    /// What stands in where the event is silent.
    pub defaults: DeliveryDefaults,
    /// The identity this delivery brings.
    pub credentials: Found,
    /// The function that this process serves, where the platform has a queue for it.
    pub function: Option<Function>,
    /// Somebody sits and waits for the answer, and hears it first: sinks keep no more than a fifth of the time.
    pub is_waited_for: bool,
}

/// This function, as its platform names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// The version or alias; absent is the latest.
    pub qualifier: Option<String>,
}

/// By whose leave something is asked for.
#[derive(Debug)]
pub struct Authority<'a> {
    permit: Permit<'a>,
    /// The name of the webhook credential, which a task carries.
    credential: Option<&'a str>,
    /// What was planned, where this confirms it.
    plan: Option<&'a Plan>,
    /// What cannot end now may be left for later.
    may_wait: bool,
}

impl Authority<'_> {
    pub fn platform() -> Self {
        Self { permit: Permit::Platform, credential: None, plan: None, may_wait: true }
    }
}

/// One request, with everything that bears on it.
struct Order<'a> {
    request: SealRequest,
    wait: Wait,
    /// How many came in the same delivery.
    together: usize,
    under: &'a Authority<'a>,
}

impl App {
    /// The leave that a webhook credential gives; the platform's where none is named.
    pub fn under<'a>(&'a self, credential: Option<&'a str>) -> Authority<'a> {
        let Some(name) = credential else { return Authority::platform() };
        let found = self.webhooks.iter().find(|credential| credential.name == name);
        Authority {
            permit: found.map_or(Permit::Revoked, |found| Permit::Scope(&found.scope, found.mode_cap())),
            credential,
            ..Authority::platform()
        }
    }

    /// Carries one verified delivery to its answer. There is no `Result`: refusal and failure are outcomes.
    pub async fn handle(&self, body: &Verified, context: &Context) -> DeliveryResult {
        if let Some(task) = Task::read(body.as_bytes(), context.asked.received_at) {
            return match task {
                Ok(task) => self.resume(task, context).await,
                Err(misfit) => DeliveryResult::rejecting(Rejection::new(misfit.field, misfit.reason)),
            };
        }
        let intake = event::read(body, &self.door, &context.defaults);
        self.take(intake, &Authority::platform(), context).await
    }

    /// Carries what was read of one delivery, by somebody's leave.
    pub async fn take(&self, intake: Intake, under: &Authority<'_>, context: &Context) -> DeliveryResult {
        let carried = self.carry_all(intake.requests, under, context).await;
        DeliveryResult::of(carried, intake.ignored, intake.rejected)
    }

    /// Goes on with what came back from the queue.
    async fn resume(&self, task: Task, context: &Context) -> DeliveryResult {
        match &task.kind {
            TaskKind::Request { doubt, credential, request } => {
                let wait = Wait::of(&task, *doubt, context.asked.received_at);
                let under = match request.origin.door {
                    Door::Event => self.under(credential.as_deref()),
                    Door::Webhook if credential.is_some() || self.eventbridge.is_some() => {
                        self.under(credential.as_deref())
                    }
                    // Whoever gave leave cannot be asked again.
                    Door::Webhook | Door::Chat => Authority { permit: Permit::Revoked, ..Authority::platform() },
                };
                let order = Order { request: SealRequest::clone(request), wait, together: 1, under: &under };
                let carried = self.carry(order, context).await;
                DeliveryResult::of(vec![carried], Vec::new(), Vec::new())
            }
            TaskKind::Report { .. } => self.tell_again(task, context).await,
        }
    }

    /// Carries some requests at the same time, and returns their ends in the order in which they were asked.
    async fn carry_all(
        &self,
        mut requests: Vec<SealRequest>,
        under: &Authority<'_>,
        context: &Context,
    ) -> Vec<Processed> {
        let (together, wait) = (requests.len(), Wait::none(context.asked));
        let order = |request| Order { request, wait, together, under };
        // Nearly every delivery asks for one.
        if together == 1 {
            return vec![self.carry(order(requests.remove(0)), context).await];
        }
        let numbered = requests.into_iter().enumerate();
        let work = numbered.map(|(index, request)| async move { (index, self.carry(order(request), context).await) });
        let mut carried: Vec<_> = stream::iter(work).buffer_unordered(AT_ONCE).collect().await;
        carried.sort_unstable_by_key(|(index, _)| *index);
        carried.into_iter().map(|(_, one)| one).collect()
    }

    /// Carries one request to its report, and the report to the audit stream and the sinks.
    async fn carry(&self, order: Order<'_>, context: &Context) -> Processed {
        let mut signer = match order.wait.early_by {
            Some(seconds) => Err(seal::before_its_time(seconds).into()),
            None => self.signer(&order, context).await,
        };
        let Order { request, wait, together, under } = order;
        let own = signer.as_ref().ok().and_then(|signer| signer.account.as_ref());
        let own = own.or(context.defaults.account.as_ref());
        let with = DecisionInput { own, together, first_seen: wait.first_seen, permit: &under.permit };
        let Decision { mode, account, key, look } = self.policy.decide(&request, with);
        let shown_key = key.as_ref().map_or_else(|_| request.key.clone(), Clone::clone);
        let asked = Asked { attempt: wait.attempt, ..context.asked };
        let ask = Job::new(request, mode, account, shown_key, asked);
        let resolution = match (&mut signer, key) {
            (Err(resolution), _) => Resolution::clone(resolution),
            (_, Err(refusal)) => refused(refusal),
            (_, Ok(key)) if under.plan.is_some_and(|plan| plan.key != key) => refused(changed("the key")),
            (Ok(signer), Ok(_)) => {
                let work = Work { look, wait, plan: under.plan };
                self.attempt(&ask, signer, work, context).await
            }
        };
        let signer = signer.ok();
        let (resolution, relayed) = self.or_later(&ask, resolution, wait, under, signer.as_ref(), context).await;
        let (outcome, again) = (resolution.outcome, resolution.again);
        let recorded = ask.report(resolution, self.clock.now());
        self.audit.line(recorded.json());
        let mut told = true;
        if outcome.is_news(relayed && wait.is_first()) {
            let until = self.told_until(context, self.sinks.require(outcome));
            let untold = self.sinks.publish(&recorded, until).await.into_iter();
            let later = untold.map(|one| self.tell_later(&recorded.report.id, one, wait, signer.as_ref(), context));
            told = join_all(later).await.into_iter().all(|queued| queued);
        }
        Processed { recorded, relayed, told, again }
    }

    /// Plans or makes the change. No write is tried before its intent is on record.
    async fn seal(&self, ask: &Job, task: &seal::SealContext<'_>, work: Work<'_>) -> Resolution {
        let Work { look, plan, .. } = work;
        if ask.mode == Mode::Plan {
            return self.judged(Box::pin(seal::plan(task, look.tags, look.instance)).await, look);
        }
        let mut seen = None;
        if look.is_needed() || plan.is_some() {
            match Box::pin(seal::look(task, look.tags, plan.is_some())).await {
                Ok(found) => seen = Some(found),
                Err(resolution) => return *resolution,
            }
        }
        if let Some(seen) = &seen
            && let Err(refusal) = self.policy.judge(&seen.evidence, self.clock.now())
        {
            return seen_and_refused(seen, refusal);
        }
        let seen = match (seen, plan) {
            (Some(seen), Some(plan)) if !is_as_planned(&seen.evidence, plan) => {
                let refusal = seen_and_refused(&seen, changed("the instance or its key"));
                return Box::pin(seal::key_unseen(task, seen)).await.map_or(refusal, |waiting| *waiting);
            }
            (seen, _) => seen,
        };
        if !self.audit.record(&ask.intent(self.clock.now())) {
            return off_the_record();
        }
        seal::enforce(task, seen).await
    }

    /// A plan, unless a rule refuses what it has seen.
    fn judged(&self, plan: Resolution, look: NeededFacts) -> Resolution {
        // What could not be read is said by the plan itself.
        let was_seen = |seen: &&Evidence| seen.instance.is_some() && (!look.tags || seen.tags.is_some());
        let seen = plan.evidence.as_ref().filter(|_| look.is_needed()).filter(was_seen);
        match seen.filter(|_| plan.outcome == Outcome::Planned).map(|seen| self.policy.judge(seen, self.clock.now())) {
            Some(Err(refusal)) => Resolution { evidence: plan.evidence, upstream: plan.upstream, ..refused(refusal) },
            Some(Ok(())) | None => plan,
        }
    }
}

/// What one attempt goes by.
#[derive(Clone, Copy)]
struct Work<'a> {
    look: NeededFacts,
    wait: Wait,
    plan: Option<&'a Plan>,
}

/// What is seen has to be what a plan was made of. A key that could not be read then may have any state now.
fn is_as_planned(seen: &Evidence, plan: &Plan) -> bool {
    state(seen) == plan.state || state(&Evidence { key: None, ..seen.clone() }) == plan.state
}

fn seen_and_refused(seen: &seal::Observed, refusal: Refusal) -> Resolution {
    let (evidence, upstream) = (Some(seen.evidence.clone()), Some(seen.upstream()));
    Resolution { evidence, upstream, ..refused(refusal) }
}

/// What was confirmed is not what there is.
fn changed(what: &str) -> Refusal {
    let message = format!("Since the plan was made, {what} has changed, so it is not carried out.");
    Refusal::new("plan-changed", message, "Say `seal <instance>` for a new plan.")
}

fn off_the_record() -> Resolution {
    Resolution {
        again: Some(crate::outcome::RetryNeeds::Delivery),
        ..Resolution::new(Outcome::Waiting, "The audit stream takes no line, and nothing is tried off the record.")
            .next_step("Give the process a standard output that can be written to.")
    }
}

fn refused(refusal: Refusal) -> Resolution {
    Resolution {
        rule: Some(Rule { name: refusal.name, value: refusal.value }),
        ..Resolution::new(Outcome::Refused, refusal.message).next_step(refusal.next_step)
    }
}
