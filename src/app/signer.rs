//! Whose hand signs for one request.

use std::borrow::Cow;

use super::authority::Authority;
use super::context::Context;
use super::deployment::App;
use crate::aliyun::credentials::assume::{Roles, SessionTarget};
use crate::aliyun::credentials::{Credentials, Source};
use crate::outcome::{Job, Resolution};
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

/// A role taken on in the account of the instance.
pub(super) struct Session<'a> {
    pub(super) credentials: Credentials,
    roles: &'a Roles,
    target: SessionTarget<'a>,
}

impl Session<'_> {
    /// Has the next one taken on anew.
    pub(super) fn renew(self) {
        self.roles.renew(self.target, &self.credentials);
    }
}

impl App {
    /// Who signs for a request, and whose account that is if it has to be known.
    pub(super) async fn signer<'a>(
        &'a self,
        request: &SealRequest,
        authority: &Authority<'_>,
        context: &'a Context,
    ) -> Result<Signer<'a>, Box<Resolution>> {
        let signer = self.own_signer(context).await?;
        if signer.account.is_some() || !self.policy.needs_own_account(request, &authority.permit) {
            return Ok(signer);
        }
        let deadline = context.work_deadline(self.notify_slice);
        let account = Box::pin(self.own_account(request, &signer.credentials, deadline)).await?;
        Ok(Signer { account: Some(account), ..signer })
    }

    /// The delivery's own identity, unless another source is configured by name; else the process's. A broken source stops
    /// the search.
    pub(super) async fn own_signer<'a>(&'a self, context: &'a Context) -> Result<Signer<'a>, Box<Resolution>> {
        let brought = if self.source_is_named { &Ok(None) } else { &context.credentials };
        let credentials = match brought.as_ref().map_err(|problem| seal::broken(problem.clone()))? {
            Some(credentials) => Cow::Borrowed(credentials),
            None => Cow::Owned(Box::pin(self.own_credentials(context.work_deadline(self.notify_slice))).await?),
        };
        let account = self.known_account(&credentials, context);
        Ok(Signer { credentials, account })
    }

    /// Whose credentials these are, where that is known without asking: the platform says whose its own are, and the
    /// built-in test pair is of one account. Credentials from anywhere else may be anybody's, and so may a key pair in a
    /// function's environment that has no token: the platform gives its role a token (documented), so a person set it.
    fn known_account(&self, credentials: &Credentials, context: &Context) -> Option<AccountId> {
        if credentials.is_the_test_pair() {
            return self.test_account.clone();
        }
        let is_the_platforms = matches!(credentials.source, Source::Invocation | Source::FunctionEnvironment)
            && credentials.security_token.is_some();
        if is_the_platforms { context.defaults.account.clone() } else { None }
    }

    pub(super) async fn own_credentials(&self, deadline: Deadline) -> Result<Credentials, Box<Resolution>> {
        let provided = self.identity.credentials(&self.client, deadline).await;
        provided.map_err(|error| seal::unsigned(&error, None))?.ok_or_else(seal::no_credentials)
    }

    async fn own_account(
        &self,
        request: &SealRequest,
        credentials: &Credentials,
        deadline: Deadline,
    ) -> Result<AccountId, Box<Resolution>> {
        let region = request.region.as_str();
        let account = self.identity.account(&self.client, credentials, region, deadline).await;
        let account = account.map_err(|error| seal::unsigned(&error, Some(credentials.source)))?;
        AccountId::parse(&account).map_err(|_| seal::no_credentials())
    }

    /// A session of the role to take on, where the instance is of another account.
    pub(super) async fn session<'a>(
        &'a self,
        job: &'a Job,
        signer: &Signer<'_>,
        deadline: Deadline,
    ) -> Result<Option<Session<'a>>, Box<Resolution>> {
        let account = job.account.as_ref().filter(|account| signer.account.as_ref() != Some(account));
        let Some((account, roles)) = account.zip(self.roles.as_ref()) else { return Ok(None) };
        let target = SessionTarget {
            account: account.as_str(),
            region: job.request.region.as_str(),
            instance: job.request.instance.as_str(),
        };
        let credentials = roles.session(&self.client, &signer.credentials, target, deadline).await;
        let credentials = credentials.map_err(|error| seal::unsigned(&error, Some(signer.credentials.source)))?;
        Ok(Some(Session { credentials, roles, target }))
    }
}
