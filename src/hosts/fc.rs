//! Function Compute 3.0, custom runtime: an HTTP server that the platform calls.
//!
//! Sources: the vendor's pages on custom runtimes and request headers (2025-06 and later). Documented: `POST /invoke` with
//! the raw event, `x-fc-control-path`, `x-fc-status` (200 or 404; unset counts as success), the log lines, the reserved
//! `x-fc-*` headers. Read in the vendor's Go runtime and taken where present: deadline, time-out and retry count. Inferred:
//! a client of an HTTP trigger can call any path, `/invoke` included, so the path proves nothing.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::body::whole;
use super::health::health;
use super::{HostState, chat, webhook};
use crate::app::DeliveryResult;
use crate::ingress::Verified;
use crate::outcome::Delivery;
use crate::request::rejection::Rejection;

/// How long `/initialize` may spend on a connection.
const CONNECT_AHEAD: Duration = Duration::from_secs(1);

pub fn router(state: &Arc<HostState>) -> Router {
    let others = webhook::routes(state).merge(chat::routes(state)).route("/healthz", get(health));
    let others = others.layer(map_response(said_to_be_a_success));
    Router::new()
        .route("/invoke", post(invoke))
        .route("/initialize", post(initialize))
        // SIGTERM drains; this hook has nothing to do.
        .route("/pre-stop", get(async || reply(StatusCode::OK, true, String::new())))
        .merge(others)
        .layer(from_fn(refuse_doubled))
        .fallback(async || reply(StatusCode::NOT_FOUND, true, "there is nothing at this path\n".to_owned()))
        .method_not_allowed_fallback(async || {
            reply(StatusCode::METHOD_NOT_ALLOWED, true, "this path takes another method\n".to_owned())
        })
        .with_state(Arc::clone(state))
}

/// The platform repeats nothing that came in by another door: who sent it was answered.
async fn said_to_be_a_success(mut response: Response) -> Response {
    response.headers_mut().insert("x-fc-status", HeaderValue::from_static("200"));
    response
}

async fn invoke(State(state): State<Arc<HostState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let context = match admit(&parts.headers, "/invoke") {
        Ok(()) => state.context(&parts.headers),
        Err(refusal) => return *refusal,
    };
    // They are slices of the connection's buffer, which can be used again without them.
    drop(parts);
    let id = context.defaults.request_id.clone().unwrap_or_default();
    state.app.audit.remark(&format!("FC Invoke Start RequestId: {id}"));
    let body = match whole(body, context.deadline).await {
        Ok(body) => body,
        Err(error) => {
            let answer = DeliveryResult::rejecting(Rejection::new("body", error.into()));
            log_end(&state, &id, &answer);
            return respond(&answer);
        }
    };
    let (app, log) = (Arc::clone(&state.app), Arc::clone(&state));
    let work = async move {
        let answer = app.handle(&Verified::by_platform(body), context).await;
        log_end(&log, &id, &answer);
        answer
    };
    match state.run(work).await {
        Some(answer) => respond(&answer),
        None => reply(StatusCode::NOT_FOUND, false, "the delivery ended without an answer\n".to_owned()),
    }
}

/// Connects ahead, so that the first event finds a connection. It is no reason to fail.
async fn initialize(State(state): State<Arc<HostState>>, headers: HeaderMap) -> Response {
    if let Err(refusal) = admit(&headers, "/initialize") {
        return *refusal;
    }
    if let Some(region) = state.region(&headers) {
        state.app.client.connect_ahead(region.as_str(), CONNECT_AHEAD).await;
    }
    reply(StatusCode::OK, true, String::new())
}

/// Lets the platform in and nobody else: one control path, which the platform reserves for itself (documented).
fn admit(headers: &HeaderMap, path: &str) -> Result<(), Box<Response>> {
    if headers.get("x-fc-control-path").is_some_and(|control| control == path) {
        return Ok(());
    }
    Err(reply(StatusCode::FORBIDDEN, true, "only the platform may call this path\n".to_owned()).into())
}

/// Whichever door it comes in by, one of the platform's own headers says one thing: the other would be somebody else's word.
async fn refuse_doubled(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.len() > headers.keys_len()
        && let Some(name) = headers.keys().find(|name| is_doubled(headers, name))
    {
        let sentence = format!("the header {name} is there more than once\n");
        return reply(StatusCode::BAD_REQUEST, true, sentence);
    }
    next.run(request).await
}

fn is_doubled(headers: &HeaderMap, name: &HeaderName) -> bool {
    name.as_str().starts_with("x-fc-") && headers.get_all(name).iter().nth(1).is_some()
}

/// The platform's own convention for the end of an invocation.
fn log_end(state: &HostState, id: &str, answer: &DeliveryResult) {
    let failed = if answer.delivery == Delivery::Again { ", Error: Unhandled function error" } else { "" };
    state.app.audit.remark(&format!("FC Invoke End RequestId: {id}{failed}"));
}

/// Done is 200, Again is 404; an envelope that cannot be read is 400 to a person and 404 to the platform.
fn respond(answer: &DeliveryResult) -> Response {
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
