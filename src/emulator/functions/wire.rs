//! One delivery to a function, as the platform would make it: `POST /invoke` with the raw event (*documented*).

use std::{error::Error as _, sync::Arc, time::Duration};

use axum::{body::Bytes, http::header::CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider};

use super::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Function};

/// How a failed invocation is called. For custom runtimes the logs say `Unhandled function error` (*documented*).
pub(super) const UNHANDLED: &str = "UnhandledInvocationError";

const CONNECT: Duration = Duration::from_secs(3);
/// A function that takes longer has failed. The vendor's limit is set per function.
const PATIENCE: Duration = Duration::from_mins(10);
const ROLE_TOKEN: &str = "stand-in-role-token";

/// What a function is to be told.
pub(super) struct Event {
    pub(super) request_id: String,
    pub(super) function: Function,
    pub(super) qualifier: Option<String>,
    pub(super) attempt: u32,
    pub(super) body: Bytes,
}

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// None if there was no answer.
    pub(super) http_status: Option<u16>,
    pub(super) x_fc_status: Option<String>,
    /// The answer's body, or one sentence why there is none.
    pub(super) answer: String,
}

impl Outcome {
    /// `x-fc-status` alone decides; an answer without it is a success whatever its status (*documented*).
    pub(super) fn is_success(&self) -> bool {
        self.http_status.is_some() && self.x_fc_status.as_deref().is_none_or(|status| status == "200")
    }
}

/// A client that talks plain HTTP, follows nothing and repeats nothing. Each delivery has a connection of its own.
pub(crate) fn client() -> Client {
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
    let tls = tls.expect("the provider knows the default versions").with_root_certificates(RootCertStore::empty());
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .connect_timeout(CONNECT)
        .timeout(PATIENCE)
        .tls_backend_preconfigured(tls.with_no_client_auth());
    client.build().expect("nothing here depends on the machine")
}

pub(super) async fn deliver(client: &Client, event: &Event) -> Outcome {
    attempt(client, event).await.unwrap_or_else(|error| {
        let mut answer = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            answer = format!("{answer}: {cause}");
            source = cause.source();
        }
        Outcome { http_status: None, x_fc_status: None, answer }
    })
}

async fn attempt(client: &Client, event: &Event) -> reqwest::Result<Outcome> {
    let response = request(client, event).send().await?;
    let x_fc_status = response.headers().get("x-fc-status");
    let x_fc_status = x_fc_status.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let http_status = Some(response.status().as_u16());
    Ok(Outcome { http_status, x_fc_status, answer: response.text().await? })
}

fn request(client: &Client, event: &Event) -> RequestBuilder {
    let function = &event.function;
    let mut request = client
        .post(format!("{}/invoke", function.url.trim_end_matches('/')))
        .header(CONTENT_TYPE, "application/octet-stream")
        .header("x-fc-control-path", "/invoke")
        .header("x-fc-request-id", &event.request_id)
        .header("x-fc-function-name", &function.name)
        .header("x-fc-account-id", &function.account)
        .header("x-fc-region", &function.region)
        .header("x-fc-retry-count", event.attempt)
        .body(event.body.clone());
    if let Some(qualifier) = &event.qualifier {
        request = request.header("x-fc-qualifier", qualifier);
    }
    if function.role_credentials {
        request = request
            .header("x-fc-access-key-id", ACCESS_KEY_ID)
            .header("x-fc-access-key-secret", ACCESS_KEY_SECRET)
            .header("x-fc-security-token", ROLE_TOKEN);
    }
    request
}
