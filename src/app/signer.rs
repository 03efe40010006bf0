//! Whose hand signs for one request.

use std::borrow::Cow;
use std::time::Duration;

use super::later::Wait;
use super::{App, Context, Order, Work};
use crate::aliyun::credentials::assume::{Place, Roles};
use crate::aliyun::credentials::{Credentials, Source};
use crate::outcome::{Again, Ask, Doubt, Ending};
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
    ) -> Result<Signer<'a>, Box<Ending>> {
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
    pub(super) async fn identity_for<'a>(&'a self, context: &'a Context) -> Result<Signer<'a>, Box<Ending>> {
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
            Source::Invocation | Source::FunctionEnvironment => context.envelope.account.clone(),
            _ => None,
        }
    }

    async fn own_credentials(&self, deadline: Deadline) -> Result<Credentials, Box<Ending>> {
        let provided = self.identity.credentials(&self.client, deadline).await;
        provided.map_err(|unprovided| seal::unsigned(&unprovided, None))?.ok_or_else(seal::nobody)
    }

    async fn own_account(
        &self,
        request: &SealRequest,
        credentials: &Credentials,
        deadline: Deadline,
    ) -> Result<AccountId, Box<Ending>> {
        let region = request.region.id.as_str();
        let account = self.identity.account(&self.client, credentials, region, deadline).await;
        let account = account.map_err(|unprovided| seal::unsigned(&unprovided, Some(credentials.source)))?;
        AccountId::parse(&account).map_err(|_| seal::nobody())
    }

    /// Seals as this signer, or as a role of the instance's account. Credentials that have expired are renewed once, where
    /// this process can, for whatever comes after too.
    pub(super) async fn attempt(
        &self,
        ask: &Ask,
        signer: &mut Signer<'_>,
        work: Work<'_>,
        context: &Context,
    ) -> Ending {
        let ending = self.attempt_as(ask, signer, work, context).await;
        if ending.again != Some(Again::Renewal) {
            return ending;
        }
        tracing::info!("the credentials have expired and are renewed");
        let may_have_applied = work.wait.doubt.may_have_applied || ending.doubt.may_have_applied;
        let doubt = Doubt { may_have_applied, unsettled: ending.doubt.unsettled };
        let work = Work { wait: Wait { doubt, ..work.wait }, ..work };
        Box::pin(async {
            if let Cow::Owned(stale) = &signer.credentials {
                self.identity.renew(stale);
                match self.own_credentials(self.work_until(context)).await {
                    Ok(own) => signer.credentials = Cow::Owned(own),
                    Err(ending) => return Ending { doubt, ..*ending },
                }
            }
            self.attempt_as(ask, signer, work, context).await
        })
        .await
    }

    async fn attempt_as(&self, ask: &Ask, signer: &Signer<'_>, work: Work<'_>, context: &Context) -> Ending {
        let deadline = self.work_until(context);
        let session = match self.foreign_role(ask, signer) {
            Some((roles, place)) => {
                match Box::pin(roles.session(&self.client, &signer.credentials, place, deadline)).await {
                    Ok(session) => Some((roles, place, session)),
                    Err(unprovided) => return *seal::unsigned(&unprovided, Some(signer.credentials.source)),
                }
            }
            None => None,
        };
        let credentials = session.as_ref().map_or(&*signer.credentials, |(_, _, session)| session);
        let task = seal::Task {
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
        let ending = self.seal(ask, &task, work).await;
        if let (Some(Again::Renewal), Some((roles, place, session))) = (ending.again, &session) {
            roles.renew(*place, session);
        }
        ending
    }

    /// The role to take on, where the instance is of another account.
    fn foreign_role<'a>(&'a self, ask: &'a Ask, signer: &Signer<'_>) -> Option<(&'a Roles, Place<'a>)> {
        let account = ask.account.as_ref().filter(|account| signer.account.as_ref() != Some(account))?;
        let place = Place {
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
