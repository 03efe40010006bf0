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
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::body::whole;
use super::health::health;
use super::refusals::forwarded_by_platform;
use super::{HostState, chat, webhook};
use crate::app::DeliveryResult;
use crate::ingress::Verified;
use crate::outcome::Delivery;
use crate::request::rejection::Rejection;

const INVOKE: &str = "/invoke";
const INITIALIZE: &str = "/initialize";

const NOT_BY_PLATFORM: (StatusCode, &str) = (StatusCode::FORBIDDEN, "only the platform may call this path");

/// How long `/initialize` may spend on a connection.
const CONNECT_AHEAD: Duration = Duration::from_secs(1);

pub fn router(state: &Arc<HostState>) -> Router {
    let others = webhook::routes(state).merge(chat::routes(state)).route("/healthz", get(health));
    let others = others.layer(map_response(said_to_be_a_success));
    Router::new()
        .route(INVOKE, post(invoke))
        .route(INITIALIZE, post(initialize))
        // SIGTERM drains; this hook has nothing to do.
        .route("/pre-stop", get(async || reply(StatusCode::OK, true, String::new())))
        .merge(others)
        .layer(from_fn_with_state(Arc::clone(state), refuse_doubled))
        .fallback(async || reply(StatusCode::NOT_FOUND, true, "there is nothing at this path\n".to_owned()))
        .method_not_allowed_fallback(wrong_method)
        .with_state(Arc::clone(state))
}

async fn wrong_method(State(state): State<Arc<HostState>>, request: Request) -> Response {
    let sentence = "this path takes another method";
    let refused = (StatusCode::METHOD_NOT_ALLOWED, sentence);
    refuse(&state, request.uri().path(), request.headers(), refused)
}

/// The platform repeats nothing that came in by another door: who sent it was answered.
async fn said_to_be_a_success(mut response: Response) -> Response {
    response.headers_mut().insert("x-fc-status", HeaderValue::from_static("200"));
    response
}

async fn invoke(State(state): State<Arc<HostState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !is_by_platform(&parts.headers, INVOKE) {
        return refuse(&state, INVOKE, &parts.headers, NOT_BY_PLATFORM);
    }
    let context = state.context(&parts.headers);
    // They are slices of the connection's buffer, which can be used again without them.
    drop(parts);
    let id = context.defaults.request_id.clone().unwrap_or_default();
    state.deployment.audit.remark(&format!("FC Invoke Start RequestId: {id}"));
    let body = match whole(body, context.deadline).await {
        Ok(body) => body,
        Err(reason) => {
            let answer = DeliveryResult::rejecting(Rejection::new("body", reason));
            log_end(&state, &id, &answer);
            return respond(&answer);
        }
    };
    let mut app = match state.app(&context).await {
        Ok(app) => app,
        Err(none) => {
            let answer = none.answer();
            log_end(&state, &id, &answer);
            return respond(&answer);
        }
    };
    // A task may be signed by a secret that this process has not seen yet.
    if state.deployment.apps.may_be_renewed(&app) && app.is_forged_task(&body, context.attempt.received_at) {
        state.renew(&mut app, &context).await;
    }
    let log = Arc::clone(&state);
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
    if !is_by_platform(&headers, INITIALIZE) {
        return refuse(&state, INITIALIZE, &headers, NOT_BY_PLATFORM);
    }
    if let Some(region) = state.region(&headers) {
        state.deployment.client.connect_ahead(region.as_str(), CONNECT_AHEAD).await;
    }
    reply(StatusCode::OK, true, String::new())
}

/// Lets the platform in and nobody else: one control path, which the platform reserves for itself (documented).
fn is_by_platform(headers: &HeaderMap, path: &str) -> bool {
    headers.get("x-fc-control-path").is_some_and(|control| control == path)
}

/// Answers a request that nobody understood, and leaves a trace of it.
fn refuse(
    state: &HostState,
    door: &str,
    headers: &HeaderMap,
    (status, reason): (StatusCode, &'static str),
) -> Response {
    state.refused(door, forwarded_by_platform(headers), status, reason.into());
    reply(status, true, format!("{reason}\n"))
}

/// Whichever door it comes in by, one of the platform's own headers says one thing: the other would be somebody else's word.
/// An event of which that is so has to come again, or reach the dead letter.
async fn refuse_doubled(State(state): State<Arc<HostState>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.len() > headers.keys_len()
        && let Some(name) = headers.keys().find(|name| is_doubled(headers, name))
    {
        let (door, reason) = (request.uri().path(), format!("the header {name} is there more than once"));
        let response = reply(StatusCode::BAD_REQUEST, door != INVOKE, format!("{reason}\n"));
        state.refused(door, forwarded_by_platform(headers), StatusCode::BAD_REQUEST, reason.into());
        return response;
    }
    next.run(request).await
}

fn is_doubled(headers: &HeaderMap, name: &HeaderName) -> bool {
    name.as_str().starts_with("x-fc-") && headers.get_all(name).iter().nth(1).is_some()
}

/// The platform's own convention for the end of an invocation.
fn log_end(state: &HostState, id: &str, answer: &DeliveryResult) {
    let failed = if answer.delivery == Delivery::Again { ", Error: Unhandled function error" } else { "" };
    state.deployment.audit.remark(&format!("FC Invoke End RequestId: {id}{failed}"));
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
