//! Who signs where a delivery brings no identity of its own.

use tokio::sync::Mutex;

use super::cache::CredentialCache;
use super::credential::Credentials;
use super::error::CredentialsError;
use super::provider::{Found, Provided, Provider};
use crate::aliyun::sts::GetCallerIdentity;
use crate::aliyun::{Client, Target, Trace};
use crate::kind::{CredentialProblem, CredentialSource, NoAnswer};
use crate::time::Deadline;

/// The identity of a process: one source, what it last gave, and whose account that is.
#[derive(Debug)]
pub struct Identity {
    origin: Origin,
    cache: CredentialCache,
    /// The access key that was last asked about, and its account.
    owner: Mutex<Option<(String, String)>>,
}

#[derive(Debug)]
enum Origin {
    Fixed(Found),
    Provider(Provider),
}

impl Identity {
    /// An identity that is what it is.
    pub fn fixed(found: Found) -> Self {
        Self::new(Origin::Fixed(found))
    }

    /// The identity of the source that was found, if any was.
    pub fn found(found: Result<Option<Provider>, CredentialProblem>) -> Self {
        match found {
            Ok(Some(provider)) => Self::new(Origin::Provider(provider)),
            Ok(None) => Self::fixed(Ok(None)),
            Err(broken) => Self::fixed(Err(broken)),
        }
    }

    fn new(origin: Origin) -> Self {
        Self { origin, cache: CredentialCache::default(), owner: Mutex::default() }
    }

    /// Credentials that outlive the operation; nothing where no source is set up.
    pub async fn credentials(&self, client: &Client, deadline: Deadline) -> Provided {
        match &self.origin {
            Origin::Fixed(found) => found.clone().map_err(CredentialsError::Broken),
            Origin::Provider(provider) => {
                self.cache.get(client.clock(), deadline, provider.provide(client, deadline)).await
            }
        }
    }

    /// Forgets exactly these, so that the next who asks gets new ones where the source has any.
    pub fn renew(&self, stale: &Credentials) {
        self.cache.forget(stale);
    }

    /// The account of these credentials, asked for once: an access key does not change its account.
    pub async fn account(
        &self,
        client: &Client,
        credentials: &Credentials,
        region: &str,
        deadline: Deadline,
    ) -> Result<String, CredentialsError> {
        let asked = tokio::time::timeout(deadline.remaining(), async {
            // Whoever comes meanwhile waits for the one answer.
            let mut owner = self.owner.lock().await;
            match &*owner {
                Some((key, account)) if *key == credentials.access_key_id => Ok(account.clone()),
                _ => {
                    let account = ask(client, credentials, region, deadline).await?;
                    *owner = Some((credentials.access_key_id.clone(), account.clone()));
                    Ok(account)
                }
            }
        });
        asked.await.unwrap_or_else(|_| {
            Err(CredentialsError::unavailable(CredentialSource::CallerIdentity {}, NoAnswer::TimedOut))
        })
    }
}

async fn ask(
    client: &Client,
    credentials: &Credentials,
    region: &str,
    deadline: Deadline,
) -> Result<String, CredentialsError> {
    let target = Target { credentials: Some(credentials), region, deadline };
    let caller = client.call(&GetCallerIdentity, target, &mut Trace::default()).await;
    caller
        .map(|caller| caller.account_id)
        .map_err(|failure| CredentialsError::failed(CredentialSource::CallerIdentity {}, failure))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::{BoxFuture, FutureExt as _};

    use super::super::credential::Source;
    use super::super::provider::ProvideCredentials;
    use super::*;
    use crate::aliyun::Settings;
    use crate::kind::MetadataProblem;
    use crate::outbound;

    #[derive(Debug)]
    struct Failing;

    impl ProvideCredentials for Failing {
        fn provide<'a>(&'a self, _client: &'a Client, _deadline: Deadline) -> BoxFuture<'a, Provided> {
            async { Err(CredentialsError::unavailable(CredentialSource::Any {}, NoAnswer::TimedOut)) }.boxed()
        }
    }

    async fn credentials(identity: &Identity) -> Provided {
        let client = Client::new(outbound::client(None).unwrap(), Settings::default());
        identity.credentials(&client, Deadline::after(Duration::from_secs(9))).await
    }

    #[tokio::test]
    async fn a_fixed_identity_is_what_it_is() {
        let found = credentials(&Identity::fixed(Ok(Some(Credentials::stand_in())))).await.unwrap().unwrap();
        assert_eq!(found.source, Source::StandIn);
        assert!(credentials(&Identity::found(Ok(None))).await.unwrap().is_none());
        let broken = credentials(&Identity::found(Err(MetadataProblem::NoRole {}.into()))).await;
        assert_eq!(
            broken.unwrap_err().to_string(),
            "The metadata service knows no role for this machine: attach one, or check the name."
        );
    }

    #[test]
    fn a_delivery_may_wait_for_credentials_on_any_thread() {
        fn is_send<T: Send>(_: T) {}
        let client = Client::new(outbound::client(None).unwrap(), Settings::default());
        let (identity, own) = (Identity::found(Ok(Some(Box::new(Failing)))), Credentials::stand_in());
        let deadline = Deadline::after(Duration::ZERO);
        is_send(identity.credentials(&client, deadline));
        is_send(identity.account(&client, &own, "r", deadline));
    }

    #[tokio::test]
    async fn a_source_that_fails_is_a_failure_and_not_an_absence() {
        let failed = credentials(&Identity::found(Ok(Some(Box::new(Failing))))).await;
        assert!(matches!(failed, Err(CredentialsError::Failed { .. })));
    }
}
