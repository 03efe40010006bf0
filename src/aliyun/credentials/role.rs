//! A role that other credentials take on.

use futures_util::future::{BoxFuture, FutureExt as _};
use secrecy::{ExposeSecret, SecretString};

use super::credential::{Credentials, Source};
use super::error::CredentialsError;
use super::provider::{ProvideCredentials, Provided, Provider};
use super::sts_host::StsHost;
use crate::aliyun::sts::AssumeRole;
use crate::aliyun::{Client, Target, Trace};
use crate::kind::CredentialSource;
use crate::time::Deadline;

/// What the account's own records show of us.
pub(super) const SESSION_NAME: &str = "rds-seal";

/// How long a session lasts unless somebody says so: the service's own default (documented).
pub(super) const DURATION: &str = "3600";

/// A role of a profile, over the credentials that are allowed to take it on.
#[derive(Debug)]
pub(super) struct Role {
    pub(super) base: Provider,
    pub(super) arn: String,
    pub(super) session_name: String,
    pub(super) external_id: Option<SecretString>,
    pub(super) policy: Option<String>,
    pub(super) duration: String,
    pub(super) sts: StsHost,
    /// What it is called in a failure.
    pub(super) source: CredentialSource,
}

impl Role {
    async fn assume(&self, client: &Client, deadline: Deadline) -> Provided {
        let Some(base) = self.base.provide(client, deadline).await? else { return Ok(None) };
        let host = self.sts.name(client.settings.network);
        let operation = AssumeRole {
            role: &self.arn,
            session_name: &self.session_name,
            duration: &self.duration,
            policy: self.policy.as_deref(),
            external_id: self.external_id.as_ref().map(ExposeSecret::expose_secret),
            endpoint: Some(&host),
        };
        let target = Target { credentials: Some(&base), region: "", deadline };
        assume(client, &operation, target, self.source.clone()).await.map(Some)
    }
}

impl ProvideCredentials for Role {
    fn provide<'a>(&'a self, client: &'a Client, deadline: Deadline) -> BoxFuture<'a, Provided> {
        self.assume(client, deadline).boxed()
    }
}

/// One exchange.
pub(super) async fn assume(
    client: &Client,
    operation: &AssumeRole<'_>,
    target: Target<'_>,
    source: CredentialSource,
) -> Result<Credentials, CredentialsError> {
    let assumed = client.call(operation, target, &mut Trace::default()).await;
    let assumed = assumed.map_err(|failure| CredentialsError::failed(source, failure))?;
    Ok(Credentials::from_session(assumed.credentials, Source::Role))
}
