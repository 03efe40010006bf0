//! One decided request, carried out: looked at where something depends on it, on record before it is written.

use std::borrow::Cow;

use futures_util::future::FutureExt as _;

use super::authority::Authority;
use super::context::Context;
use super::deployment::App;
use super::signer::Signer;
use crate::outcome::{Doubt, Job, Outcome, Refusal, Resolution, RetryNeeds};
use crate::policy::NeededFacts;
use crate::policy::confirm::{Plan, state};
use crate::request::Mode;
use crate::request::facts::Evidence;
use crate::seal::{self, Intents};

impl App {
    /// Seals as this signer, or as a role of the instance's account. Credentials that have expired are renewed once, where
    /// this process can, for whatever comes after too.
    pub(super) async fn carry_out(
        &self,
        job: &Job,
        needs: NeededFacts,
        signer: &mut Signer<'_>,
        authority: &Authority<'_>,
        context: &Context,
    ) -> Resolution {
        let plan = authority.plan;
        if plan.is_some_and(|plan| plan.key != job.key) {
            return Refusal::KeyChanged {}.into();
        }
        let doubt = context.attempt.doubt;
        let resolution = self.carry_out_as(job, needs, signer, plan, doubt, context).await;
        if resolution.retry_needs != Some(RetryNeeds::Renewal) {
            return resolution;
        }
        tracing::info!("the credentials have expired and are renewed");
        let doubt = resolution.doubt.unwrap_or(doubt);
        Box::pin(async {
            if let Cow::Owned(stale) = &signer.credentials {
                self.identity.renew(stale);
                match self.own_credentials(context.work_deadline(self.notify_slice)).await {
                    Ok(own) => signer.credentials = Cow::Owned(own),
                    Err(resolution) => return resolution.after(doubt),
                }
            }
            self.carry_out_as(job, needs, signer, plan, doubt, context).await.after(doubt)
        })
        .await
    }

    async fn carry_out_as(
        &self,
        job: &Job,
        needs: NeededFacts,
        signer: &Signer<'_>,
        plan: Option<&Plan>,
        doubt: Doubt,
        context: &Context,
    ) -> Resolution {
        let deadline = context.work_deadline(self.notify_slice);
        let session = match Box::pin(self.session(job, signer, deadline)).await {
            Ok(session) => session,
            Err(resolution) => return *resolution,
        };
        let intend = |operation| {
            let intent = job.intent(operation, self.clock.now());
            async move { self.audit.record(&intent, deadline).await }.boxed()
        };
        let seal = seal::SealContext {
            client: &self.client,
            credentials: session.as_ref().map_or(&*signer.credentials, |session| &session.credentials),
            deadline,
            instance: &job.request.instance,
            account: job.account.as_ref(),
            region: &job.request.region,
            key: job.key.as_ref(),
            happened_at: job.request.happened_at,
            now: job.attempt.received_at,
            doubt,
            intents: Intents(&intend),
            authorize: self.authorize,
            elsewhere: &self.elsewhere,
        };
        let mut resolution = match job.mode {
            Mode::Plan => self.plan(&seal, needs).await,
            Mode::Enforce => self.enforce(&seal, needs, plan).await,
        };
        if self.sinks.go_by_tags() && resolution.retry_needs.is_none() {
            seal::add_tags(&seal, &mut resolution).await;
        }
        if let (Some(RetryNeeds::Renewal), Some(session)) = (resolution.retry_needs, session) {
            session.renew();
        }
        resolution
    }

    /// A plan, unless a rule refuses what it has seen.
    async fn plan(&self, seal: &seal::SealContext<'_>, needs: NeededFacts) -> Resolution {
        let plan = Box::pin(seal::plan(seal, needs.tags, needs.instance)).await;
        // What could not be read is said by the plan itself.
        let was_read = |read: &&Evidence| read.instance.is_some() && (!needs.tags || read.tags.is_some());
        let read = plan.evidence.as_ref().filter(|_| needs.is_any()).filter(was_read);
        match read.filter(|_| plan.outcome == Outcome::Planned).map(|read| self.policy.judge(read, self.clock.now())) {
            Some(Err(refusal)) => {
                Resolution { evidence: plan.evidence, upstream: plan.upstream, ..Resolution::from(refusal) }
            }
            Some(Ok(())) | None => plan,
        }
    }

    /// Makes the change, where nothing that was seen forbids it.
    async fn enforce<'s>(
        &self,
        seal: &'s seal::SealContext<'s>,
        needs: NeededFacts,
        plan: Option<&Plan>,
    ) -> Resolution {
        let mut observed = None;
        if needs.is_any() || plan.is_some() {
            match Box::pin(seal::observe(seal, needs.tags, plan.is_some())).await {
                Ok(found) => observed = Some(found),
                Err(resolution) => return *resolution,
            }
        }
        if let Some(observed) = &observed
            && let Err(refusal) = self.policy.judge(&observed.evidence, self.clock.now())
        {
            return refused_after_a_look(observed, refusal);
        }
        let observed = match (observed, plan) {
            (Some(observed), Some(plan)) if !is_as_planned(&observed.evidence, plan) => {
                let refusal = refused_after_a_look(&observed, Refusal::InstanceChanged {});
                return Box::pin(seal::key_unread(seal, observed)).await.map_or(refusal, |waiting| *waiting);
            }
            (observed, _) => observed,
        };
        seal::enforce(seal, observed).await
    }
}

/// What is seen has to be what a plan was made of. A key that could not be read then may have any state now.
fn is_as_planned(observed: &Evidence, plan: &Plan) -> bool {
    state(observed) == plan.state || state(&Evidence { key: None, ..observed.clone() }) == plan.state
}

fn refused_after_a_look(observed: &seal::Observed, refusal: Refusal) -> Resolution {
    let (evidence, upstream) = (Some(observed.evidence.clone()), Some(observed.upstream()));
    Resolution { evidence, upstream, ..Resolution::from(refusal) }
}
