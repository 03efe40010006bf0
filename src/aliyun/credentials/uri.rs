//! A server that hands out credentials at an address (`ALIBABA_CLOUD_CREDENTIALS_URI`, read in the vendor's SDKs).

use std::fmt;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use reqwest::{Method, StatusCode, Url};

use super::credential::{Credentials, Source};
use super::error::{Broken, CredentialsError};
use super::fetch::{self, Request};
use super::provider::{ProvideCredentials, Provided};
use crate::aliyun::Client;
use crate::env::Env;
use crate::outbound;
use crate::time::Deadline;

const VARIABLE: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";

/// The longest the server may take.
const TIMEOUT: Duration = Duration::from_secs(3);

const LABEL: &str = "the credentials URI";

/// An address, which is not shown: it may be all that is needed.
pub(super) struct Uri(Url);

impl Uri {
    pub(super) fn from_environment(env: &Env) -> Result<Option<Self>, Broken> {
        let Some(text) = env.get(VARIABLE) else { return Ok(None) };
        let url = outbound::parse_url(&text).map_err(|unusable| Broken(format!("{VARIABLE} {unusable}.")))?;
        Ok(Some(Self(url)))
    }

    async fn fetch(&self, client: &Client, deadline: Deadline) -> Result<Credentials, CredentialsError> {
        let request = Request { method: Method::GET, url: self.0.clone(), header: None, limit: TIMEOUT };
        let response = fetch::send(client, request, deadline).await.map_err(|error| error.into_error(LABEL))?;
        if response.status != StatusCode::OK {
            return Err(fetch::unexpected(response.status, LABEL));
        }
        Ok(fetch::parse(&response.body, Source::Uri, LABEL)?)
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

    fn found(value: &str) -> Result<Option<Uri>, Broken> {
        Uri::from_environment(&Env::fixed([(VARIABLE, value)]))
    }

    #[test]
    fn credentials_come_over_https_or_from_this_machine() {
        assert!(found("").unwrap().is_none());
        assert!(found("https://vault.example.com/k?key=hush").unwrap().is_some());
        assert!(found("http://127.0.0.1:9000/").unwrap().is_some());
        for bad in ["http://vault.example.com/?key=hush", "hush", "file:///hush"] {
            let broken = found(bad).unwrap_err();
            assert!(broken.0.starts_with(VARIABLE) && !broken.0.contains("hush"), "{broken}");
        }
    }

    #[test]
    fn the_address_is_not_shown() {
        let shown = format!("{:?}", found("https://vault.example.com/k?key=hush"));
        assert!(!shown.contains("hush"), "{shown}");
    }
}
