//! The webhook doors over HTTP: `POST /v1/requests`, `POST /v1/events`, `POST /v1/eventbridge`, and their description.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::json;

use super::HostState;
use super::body::{BodyError, whole};
use crate::app::{Context, DeliveryResult, NotAdmitted};
use crate::ingress::webhook::{self, Admitted, Kind, Unauthorised};
use crate::ingress::{DeliveryDefaults, Intake};
use crate::outcome::Delivery;
use crate::request::rejection::Rejection;
use crate::time::Deadline;

/// Senders give up after 15 seconds (documented for Standard Webhooks); a second is left for the answer's way.
const TIMEOUT: Duration = Duration::from_secs(14);

/// What the doors take and answer, as a machine reads it. A test holds it to the types.
const DESCRIPTION: &str = include_str!("../../docs/openapi.json");

/// The doors that a deployment has opened.
pub(super) fn routes(state: &Arc<HostState>) -> Router<Arc<HostState>> {
    let mut routes = Router::new();
    if !state.app.webhooks.is_empty() {
        routes = routes
            .route("/v1/requests", post(requests).fallback(only_post))
            .route("/v1/events", post(events).fallback(only_post));
    }
    if state.app.eventbridge.is_some() {
        routes = routes.route("/v1/eventbridge", post(pushed).fallback(only_post));
    }
    if !state.app.webhooks.is_empty() || state.app.eventbridge.is_some() {
        routes = routes.route("/openapi.json", get(describe).fallback(only_get));
    }
    routes
}

async fn describe() -> Response {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION).into_response()
}

async fn requests(State(state): State<Arc<HostState>>, request: Request) -> Response {
    proven(state, request, true).await
}

async fn events(State(state): State<Arc<HostState>>, request: Request) -> Response {
    proven(state, request, false).await
}

/// A request that a credential has to prove. The body is bounded, then verified, then read.
async fn proven(state: Arc<HostState>, request: Request, as_requests: bool) -> Response {
    let (headers, context, body) = match arrive(&state, request).await {
        Ok(arrival) => arrival,
        Err(refusal) => return *refusal,
    };
    let now = context.attempt.received_at;
    let Ok(admitted) = webhook::admit(&state.app.webhooks, &headers, body, now) else { return unauthorised() };
    let Admitted { body, credential, delivery, signed_at } = admitted;
    if is_packed(&headers) {
        return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send the body without a content encoding");
    }
    let kind = if as_requests { Kind::Requests(&delivery) } else { Kind::Events(&credential.proof) };
    let arrived_at = context.defaults.asked_at;
    let defaults = DeliveryDefaults { asked_at: signed_at.or(arrived_at), ..context.defaults.clone() };
    let read = webhook::read(kind, &headers, &body, &state.app.door, &defaults);
    let Ok(mut intake) = read else { return wrong_content_type(as_requests) };
    for request in &mut intake.requests {
        request.origin.actor.get_or_insert_with(|| credential.name.clone());
    }
    let name = credential.name.clone();
    carry(&state, intake, Some(name), context).await
}

/// What the platform's own event bus pushes.
async fn pushed(State(state): State<Arc<HostState>>, request: Request) -> Response {
    let (headers, context, body) = match arrive(&state, request).await {
        Ok(arrival) => arrival,
        Err(refusal) => return *refusal,
    };
    let body = match state.app.admit_push(&headers, body, &context).await {
        Ok(body) => body,
        Err(NotAdmitted::Unauthorised) => return unauthorised(),
        Err(NotAdmitted::NoCertificate) => {
            return later(problem(StatusCode::SERVICE_UNAVAILABLE, "the certificate of the event bus cannot be had"));
        }
    };
    match webhook::read(Kind::Pushed, &headers, &body, &state.app.door, &context.defaults) {
        Ok(intake) => carry(&state, intake, None, context).await,
        Err(_) => wrong_content_type(false),
    }
}

/// Headers, circumstances and the whole body of a request.
async fn arrive(state: &HostState, request: Request) -> Result<(HeaderMap, Context, Bytes), Box<Response>> {
    let (parts, body) = request.into_parts();
    let mut context = state.context(&parts.headers);
    context.deadline = context.deadline.min(Deadline::after(TIMEOUT));
    let refusal = match whole(body, context.deadline).await {
        Ok(body) => return Ok((parts.headers, context, body)),
        Err(BodyError::TooLarge) => problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 256 KiB"),
        Err(error @ BodyError::BrokeOff) => {
            let rejected = vec![Rejection::new("body", error.into())];
            respond(&DeliveryResult { rejected, ..DeliveryResult::default() })
        }
    };
    Err(refusal.into())
}

/// A body is read as it was sent and signed: nothing is unpacked.
fn is_packed(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

async fn carry(state: &HostState, intake: Intake, credential: Option<String>, context: Context) -> Response {
    let app = Arc::clone(&state.app);
    let work = async move {
        let authority = app.authority(credential.as_deref());
        app.accept(intake, &authority, &context).await.without_dead_letter()
    };
    match state.run(work).await {
        Some(answer) => respond(&answer),
        None => problem(StatusCode::INTERNAL_SERVER_ERROR, "the delivery ended without an answer"),
    }
}

/// 200, or 202 where the queue holds what is left; 503 where the sender is to try again; 400 where nothing was accepted.
fn respond(answer: &DeliveryResult) -> Response {
    let nothing_accepted = answer.reports.is_empty() && answer.ignored.is_empty() && !answer.rejected.is_empty();
    let status = match answer.delivery {
        Delivery::Again => StatusCode::SERVICE_UNAVAILABLE,
        Delivery::Done if nothing_accepted => StatusCode::BAD_REQUEST,
        Delivery::Done if answer.has_queued => StatusCode::ACCEPTED,
        Delivery::Done => StatusCode::OK,
    };
    let response = (status, [(CONTENT_TYPE, "application/json")], answer.to_json()).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE { later(response) } else { response }
}

fn later(response: Response) -> Response {
    with(response, RETRY_AFTER, "60")
}

fn unauthorised() -> Response {
    with(problem(StatusCode::UNAUTHORIZED, &Unauthorised.to_string()), WWW_AUTHENTICATE, "Bearer")
}

fn wrong_content_type(as_requests: bool) -> Response {
    let detail = if as_requests {
        "send application/json"
    } else {
        "send application/cloudevents+json, application/cloudevents-batch+json, or ce- headers with application/json"
    };
    problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
}

async fn only_post() -> Response {
    with(problem(StatusCode::METHOD_NOT_ALLOWED, "this path takes POST"), ALLOW, "POST")
}

async fn only_get() -> Response {
    with(problem(StatusCode::METHOD_NOT_ALLOWED, "this path takes GET"), ALLOW, "GET, HEAD")
}

fn with(mut response: Response, name: HeaderName, value: &'static str) -> Response {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

/// RFC 9457.
fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
    (status, [(CONTENT_TYPE, "application/problem+json")], Body::from(body.to_string())).into_response()
}
