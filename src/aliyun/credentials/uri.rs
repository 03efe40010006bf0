//! A server that hands out credentials at an address (`ALIBABA_CLOUD_CREDENTIALS_URI`, read in the vendor's SDKs).

use std::fmt;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use reqwest::{Method, StatusCode, Url};

use super::credential::{Credentials, Source};
use super::error::CredentialsError;
use super::fetch::{self, Request};
use super::provider::{ProvideCredentials, Provided};
use crate::aliyun::Client;
use crate::env::Env;
use crate::kind::{CredentialProblem, CredentialSource, VariableProblem};
use crate::outbound;
use crate::time::Deadline;

const VARIABLE: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";

/// The longest the server may take.
const TIMEOUT: Duration = Duration::from_secs(3);

const SOURCE: CredentialSource = CredentialSource::Uri {};

/// An address, which is not shown: it may be all that is needed.
pub(super) struct Uri(Url);

impl Uri {
    pub(super) fn from_environment(env: &Env) -> Result<Option<Self>, CredentialProblem> {
        let Some(text) = env.get(VARIABLE) else { return Ok(None) };
        let problem = if Url::parse(&text).is_ok() { VariableProblem::NotHttps } else { VariableProblem::NotUrl };
        let url = outbound::parse_url(&text);
        let url = url.map_err(|_| CredentialProblem::Variable { variable: VARIABLE.to_owned(), problem })?;
        Ok(Some(Self(url)))
    }

    async fn fetch(&self, client: &Client, deadline: Deadline) -> Result<Credentials, CredentialsError> {
        let request = Request { method: Method::GET, url: self.0.clone(), header: None, limit: TIMEOUT };
        let response = fetch::send(client, request, deadline).await.map_err(|error| error.into_error(SOURCE))?;
        if response.status != StatusCode::OK {
            return Err(fetch::unexpected(response.status, SOURCE));
        }
        Ok(fetch::parse(&response.body, Source::Uri, &SOURCE)?)
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Uri")
    }
}

impl ProvideCredentials for Uri {
    fn provide<'a>(&'a self, client: &'a Client, deadline: Deadline) -> BoxFuture<'a, Provided> {
        async move { self.fetch(client, deadline).await.map(Some) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: &str) -> Result<Option<Uri>, CredentialProblem> {
        Uri::from_environment(&Env::fixed([(VARIABLE, value)]))
    }

    #[test]
    fn credentials_come_over_https_or_from_this_machine() {
        assert!(found("").unwrap().is_none());
        assert!(found("https://vault.example.com/k?key=hush").unwrap().is_some());
        assert!(found("http://127.0.0.1:9000/").unwrap().is_some());
        for bad in ["http://vault.example.com/?key=hush", "hush", "file:///hush"] {
            let broken = found(bad).unwrap_err();
            let broken = broken.to_string();
            assert!(broken.starts_with(VARIABLE) && !broken.contains("hush"), "{broken}");
        }
    }

    #[test]
    fn the_address_is_not_shown() {
        let shown = format!("{:?}", found("https://vault.example.com/k?key=hush"));
        assert!(!shown.contains("hush"), "{shown}");
    }
}
