//! Function Compute 3.0, custom runtime: an HTTP server that the platform calls.
//!
//! Sources: the vendor's pages on custom runtimes and request headers (2025-06 and later). Documented: `POST /invoke` with
//! the raw event, `x-fc-control-path`, `x-fc-status` (200 or 404; unset counts as success), the log lines, the reserved
//! `x-fc-*` headers. Read in the vendor's Go runtime and taken where present: deadline, time-out and retry count. Inferred:
//! a client of an HTTP trigger can call any path, `/invoke` included, so the path proves nothing.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::time::timeout;

use super::Deliveries;
use crate::aliyun::credentials::of_invocation;
use crate::app::{Answer, App, Context, Function};
use crate::ingress::{BODY_LIMIT, Envelope, Rejection, Verified};
use crate::outcome::{Asked, Delivery};
use crate::request::ids::{AccountId, RegionId, printable};
use crate::time::Deadline;

/// What is left of the platform's moment for the answer itself.
const ANSWERING: Duration = Duration::from_millis(250);

/// How long `/initialize` may spend on a connection.
const CONNECT_AHEAD: Duration = Duration::from_secs(1);

/// What the platform's own environment says, and where it says nothing.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub account: Option<AccountId>,
    pub region: Option<RegionId>,
    /// The function's name.
    pub function: Option<String>,
    /// How long a delivery may take where no header says it.
    pub timeout: Duration,
}

struct Host {
    app: Arc<App>,
    deliveries: Deliveries,
    settings: Settings,
}

pub fn router(app: Arc<App>, deliveries: Deliveries, settings: Settings) -> Router {
    let host = Arc::new(Host { app, deliveries, settings });
    Router::new()
        .route("/invoke", post(invoke))
        .route("/initialize", post(initialize))
        // SIGTERM drains; this hook has nothing to do.
        .route("/pre-stop", get(async || reply(StatusCode::OK, true, String::new())))
        .route("/healthz", get(async || reply(StatusCode::OK, true, "ok\n".to_owned())))
        .fallback(async || reply(StatusCode::NOT_FOUND, true, "there is nothing at this path\n".to_owned()))
        .method_not_allowed_fallback(async || {
            reply(StatusCode::METHOD_NOT_ALLOWED, true, "this path takes another method\n".to_owned())
        })
        .with_state(host)
}

async fn invoke(State(host): State<Arc<Host>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let context = match admit(&parts.headers, "/invoke") {
        Ok(()) => host.context(&parts.headers),
        Err(refusal) => return *refusal,
    };
    let id = context.envelope.request_id.clone().unwrap_or_default();
    host.app.audit.line(&format!("FC Invoke Start RequestId: {id}"));
    let Ok(Ok(body)) = timeout(context.deadline.remaining(), to_bytes(body, BODY_LIMIT)).await else {
        let answer = Answer::rejecting(Rejection::new("body", "is larger than 256 KiB, or its transfer broke off"));
        host.log_end(&id, &answer);
        return respond(&answer);
    };
    let log = Arc::clone(&host);
    let finished = move |answer: &Answer| log.log_end(&id, answer);
    match host.deliveries.run(Arc::clone(&host.app), Verified::by_platform(body), context, finished).await {
        Some(answer) => respond(&answer),
        None => reply(StatusCode::NOT_FOUND, false, "the delivery ended without an answer\n".to_owned()),
    }
}

/// Connects ahead, so that the first event finds a connection. It is no reason to fail.
async fn initialize(State(host): State<Arc<Host>>, headers: HeaderMap) -> Response {
    if let Err(refusal) = admit(&headers, "/initialize") {
        return *refusal;
    }
    if let Some(region) = host.region(&headers) {
        host.app.client.connect_ahead(region.as_str(), CONNECT_AHEAD).await;
    }
    reply(StatusCode::OK, true, String::new())
}

/// Lets the platform in and nobody else: one control path, which the platform reserves for itself (documented), and no
/// header twice.
fn admit(headers: &HeaderMap, path: &str) -> Result<(), Box<Response>> {
    if headers.len() > headers.keys_len()
        && let Some(name) = headers.keys().find(|name| is_doubled(headers, name))
    {
        let sentence = format!("the header {name} is there more than once\n");
        return Err(reply(StatusCode::BAD_REQUEST, true, sentence).into());
    }
    if headers.get("x-fc-control-path").is_some_and(|control| control == path) {
        return Ok(());
    }
    Err(reply(StatusCode::FORBIDDEN, true, "only the platform may call this path\n".to_owned()).into())
}

fn is_doubled(headers: &HeaderMap, name: &HeaderName) -> bool {
    name.as_str().starts_with("x-fc-") && headers.get_all(name).iter().nth(1).is_some()
}

impl Host {
    fn context(&self, headers: &HeaderMap) -> Context {
        let text = |name| text(headers, name);
        let retries = text("x-fc-retry-count").and_then(|count| count.parse::<u32>().ok());
        Context {
            deadline: self.deadline(headers),
            asked: Asked { received_at: self.app.clock.now(), attempt: retries.unwrap_or(0).saturating_add(1) },
            envelope: Envelope {
                account: text("x-fc-account-id")
                    .and_then(|account| AccountId::parse(account).ok())
                    .or_else(|| self.settings.account.clone()),
                region: self.region(headers),
                request_id: text("x-fc-request-id").map(printable).filter(|id| !id.is_empty()),
            },
            credentials: of_invocation(|name| headers.get(name).map(HeaderValue::as_bytes)),
            function: self.function(text("x-fc-function-name"), text("x-fc-qualifier")),
        }
    }

    /// This function. A qualifier that is none of the alphabet is left out, and the latest version is meant.
    fn function(&self, name: Option<&str>, qualifier: Option<&str>) -> Option<Function> {
        let is_name = |text: &&str| {
            (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        let name = self.settings.function.as_deref().or(name).filter(is_name)?.to_owned();
        Some(Function { name, qualifier: qualifier.filter(is_name).map(str::to_owned) })
    }

    /// The platform's own moment, else its time-out less a second, else ours.
    fn deadline(&self, headers: &HeaderMap) -> Deadline {
        let number = |name| text(headers, name)?.parse::<u64>().ok().filter(|number| *number > 0);
        let left = if let Some(moment) = number("x-fc-function-deadline") {
            let now = u64::try_from(self.app.clock.now().as_millisecond()).unwrap_or_default();
            Duration::from_millis(moment.saturating_sub(now)).saturating_sub(ANSWERING)
        } else if let Some(timeout) = number("x-fc-function-timeout") {
            Duration::from_secs(timeout - 1)
        } else {
            self.settings.timeout
        };
        Deadline::after(left)
    }

    fn region(&self, headers: &HeaderMap) -> Option<RegionId> {
        self.settings.region.clone().or_else(|| RegionId::parse(text(headers, "x-fc-region")?).ok())
    }

    fn log_end(&self, id: &str, answer: &Answer) {
        let failed = if answer.delivery == Delivery::Again { ", Error: Unhandled function error" } else { "" };
        self.app.audit.line(&format!("FC Invoke End RequestId: {id}{failed}"));
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Done is 200, Again is 404; an envelope that cannot be read is 400 to a person and 404 to the platform.
fn respond(answer: &Answer) -> Response {
    let status = match answer.delivery {
        Delivery::Done => StatusCode::OK,
        Delivery::Again if answer.has_unfinished => StatusCode::NOT_FOUND,
        Delivery::Again => StatusCode::BAD_REQUEST,
    };
    let body = answer.to_json();
    let mut response = reply(status, answer.delivery == Delivery::Done, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An answer with the platform's own verdict on it, which every response has: success, or failure, which it delivers
/// again.
fn reply(status: StatusCode, success: bool, body: String) -> Response {
    let mut response = (status, Body::from(body)).into_response();
    response.headers_mut().insert("x-fc-status", HeaderValue::from_static(if success { "200" } else { "404" }));
    response
}
