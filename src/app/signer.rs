//! Whose hand signs for one request.

use std::borrow::Cow;
use std::time::Duration;

use super::later::Wait;
use super::{App, Context, Order, Work};
use crate::aliyun::credentials::assume::{Roles, SessionTarget};
use crate::aliyun::credentials::{Credentials, Source};
use crate::outcome::{Doubt, Job, Resolution, RetryNeeds};
use crate::request::SealRequest;
use crate::request::ids::AccountId;
use crate::seal;
use crate::time::Deadline;

/// The deployment's own identity.
pub(super) struct Signer<'a> {
    pub(super) credentials: Cow<'a, Credentials>,
    /// Its account, where that is known.
    pub(super) account: Option<AccountId>,
}

impl App {
    /// Who signs for a request, and whose account that is if it has to be known.
    pub(super) async fn signer<'a>(
        &'a self,
        order: &Order<'_>,
        context: &'a Context,
    ) -> Result<Signer<'a>, Box<Resolution>> {
        let request = &order.request;
        let signer = self.identity_for(context).await?;
        if signer.account.is_some() || !self.policy.needs_own_account(request, &order.under.permit) {
            return Ok(signer);
        }
        let account = Box::pin(self.own_account(request, &signer.credentials, self.work_until(context))).await?;
        Ok(Signer { account: Some(account), ..signer })
    }

    /// The delivery's own identity, unless another source is configured by name; else the process's. A broken source stops
    /// the search.
    pub(super) async fn identity_for<'a>(&'a self, context: &'a Context) -> Result<Signer<'a>, Box<Resolution>> {
        let brought = if self.source_is_named { &Ok(None) } else { &context.credentials };
        let credentials = match brought.as_ref().map_err(seal::broken)? {
            Some(credentials) => Cow::Borrowed(credentials),
            None => Cow::Owned(Box::pin(self.own_credentials(self.work_until(context))).await?),
        };
        let account = self.known_account(&credentials, context);
        Ok(Signer { credentials, account })
    }

    /// Whose credentials these are, where that is known without asking: the platform says whose its own are, and the
    /// built-in test pair is of one account. Credentials from anywhere else may be anybody's.
    fn known_account(&self, credentials: &Credentials, context: &Context) -> Option<AccountId> {
        if credentials.is_the_test_pair() {
            return self.test_account.clone();
        }
        match credentials.source {
            Source::Invocation | Source::FunctionEnvironment => context.defaults.account.clone(),
            _ => None,
        }
    }

    async fn own_credentials(&self, deadline: Deadline) -> Result<Credentials, Box<Resolution>> {
        let provided = self.identity.credentials(&self.client, deadline).await;
        provided.map_err(|error| seal::unsigned(&error, None))?.ok_or_else(seal::nobody)
    }

    async fn own_account(
        &self,
        request: &SealRequest,
        credentials: &Credentials,
        deadline: Deadline,
    ) -> Result<AccountId, Box<Resolution>> {
        let region = request.region.id.as_str();
        let account = self.identity.account(&self.client, credentials, region, deadline).await;
        let account = account.map_err(|error| seal::unsigned(&error, Some(credentials.source)))?;
        AccountId::parse(&account).map_err(|_| seal::nobody())
    }

    /// Seals as this signer, or as a role of the instance's account. Credentials that have expired are renewed once, where
    /// this process can, for whatever comes after too.
    pub(super) async fn attempt(
        &self,
        ask: &Job,
        signer: &mut Signer<'_>,
        work: Work<'_>,
        context: &Context,
    ) -> Resolution {
        let resolution = self.attempt_as(ask, signer, work, context).await;
        if resolution.again != Some(RetryNeeds::Renewal) {
            return resolution;
        }
        tracing::info!("the credentials have expired and are renewed");
        let may_have_applied = work.wait.doubt.may_have_applied || resolution.doubt.may_have_applied;
        let doubt = Doubt { may_have_applied, unsettled: resolution.doubt.unsettled };
        let work = Work { wait: Wait { doubt, ..work.wait }, ..work };
        Box::pin(async {
            if let Cow::Owned(stale) = &signer.credentials {
                self.identity.renew(stale);
                match self.own_credentials(self.work_until(context)).await {
                    Ok(own) => signer.credentials = Cow::Owned(own),
                    Err(resolution) => return Resolution { doubt, ..*resolution },
                }
            }
            self.attempt_as(ask, signer, work, context).await
        })
        .await
    }

    async fn attempt_as(&self, ask: &Job, signer: &Signer<'_>, work: Work<'_>, context: &Context) -> Resolution {
        let deadline = self.work_until(context);
        let session = match self.foreign_role(ask, signer) {
            Some((roles, place)) => {
                match Box::pin(roles.session(&self.client, &signer.credentials, place, deadline)).await {
                    Ok(session) => Some((roles, place, session)),
                    Err(error) => return *seal::unsigned(&error, Some(signer.credentials.source)),
                }
            }
            None => None,
        };
        let credentials = session.as_ref().map_or(&*signer.credentials, |(_, _, session)| session);
        let task = seal::SealContext {
            client: &self.client,
            credentials,
            deadline,
            instance: &ask.request.instance,
            account: ask.account.as_ref(),
            region: &ask.request.region.id,
            key: ask.key.as_ref(),
            happened_at: ask.request.happened_at,
            now: ask.asked.received_at,
            doubt: work.wait.doubt,
            authorize: self.authorize,
            elsewhere: &self.elsewhere,
        };
        let resolution = self.seal(ask, &task, work).await;
        if let (Some(RetryNeeds::Renewal), Some((roles, place, session))) = (resolution.again, &session) {
            roles.renew(*place, session);
        }
        resolution
    }

    /// The role to take on, where the instance is of another account.
    fn foreign_role<'a>(&'a self, ask: &'a Job, signer: &Signer<'_>) -> Option<(&'a Roles, SessionTarget<'a>)> {
        let account = ask.account.as_ref().filter(|account| signer.account.as_ref() != Some(account))?;
        let place = SessionTarget {
            account: account.as_str(),
            region: ask.request.region.id.as_str(),
            instance: ask.request.instance.as_str(),
        };
        Some((self.roles.as_ref()?, place))
    }

    /// The deadline for work: a slice of the delivery's is kept for notification.
    pub(super) fn work_until(&self, context: &Context) -> Deadline {
        let least = if context.is_waited_for { Duration::ZERO } else { self.notify_slice };
        context.deadline.keeping_a_slice(least)
    }
}
