//! The webhook doors over HTTP: `POST /v1/requests`, `POST /v1/events`, `POST /v1/eventbridge`, and their description.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::json;

use super::HostState;
use super::apps::SECRETS_UNREAD;
use super::body::{BodyError, NO_ROOM, Unproven};
use crate::app::{App, Context, DeliveryResult, NotAdmitted, Sender};
use crate::ingress::webhook::{self, Admitted, Kind, Unauthorised};
use crate::ingress::{BODY_LIMIT, DeliveryDefaults, Intake};
use crate::outcome::Delivery;
use crate::request::rejection::{Rejection, RejectionReason};
use crate::time::Deadline;

/// Senders give up after 15 seconds (documented for Standard Webhooks); a second is left for the answer's way.
const TIMEOUT: Duration = Duration::from_secs(14);

/// What the doors take and answer, as a machine reads it. A test holds it to the types.
const DESCRIPTION: &str = include_str!("../../docs/openapi.json");

const REQUESTS: &str = "/v1/requests";
const EVENTS: &str = "/v1/events";
const PUSHES: &str = "/v1/eventbridge";

/// The doors that a deployment has opened.
pub(super) fn routes(state: &Arc<HostState>) -> Router<Arc<HostState>> {
    let mut routes = Router::new();
    let doors = &state.deployment.doors;
    if doors.webhooks {
        routes =
            routes.route(REQUESTS, post(requests).fallback(only_post)).route(EVENTS, post(events).fallback(only_post));
    }
    if doors.eventbridge {
        routes = routes.route(PUSHES, post(pushes).fallback(only_post));
    }
    if doors.webhooks || doors.eventbridge {
        routes = routes.route("/openapi.json", get(describe).fallback(only_get));
    }
    routes
}

async fn describe() -> Response {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION).into_response()
}

async fn requests(State(state): State<Arc<HostState>>, request: Request) -> Response {
    let source = state.source(request.headers(), request.extensions());
    answered(&state, REQUESTS, source, proven(&state, request, true).await)
}

async fn events(State(state): State<Arc<HostState>>, request: Request) -> Response {
    let source = state.source(request.headers(), request.extensions());
    answered(&state, EVENTS, source, proven(&state, request, false).await)
}

async fn pushes(State(state): State<Arc<HostState>>, request: Request) -> Response {
    let source = state.source(request.headers(), request.extensions());
    answered(&state, PUSHES, source, pushed(&state, request).await)
}

/// What a door answers. What it refuses leaves a trace.
fn answered(state: &HostState, door: &str, source: Option<IpAddr>, answer: Result<Response, Refused>) -> Response {
    match answer {
        Ok(response) if response.status() == StatusCode::BAD_REQUEST => {
            state.refused(door, source, StatusCode::BAD_REQUEST, "nothing in it is accepted".into());
            response
        }
        Ok(response) => response,
        Err(Refused { status, detail }) => {
            state.refused(door, source, status, detail.into());
            refuse(status, detail)
        }
    }
}

/// A request that a credential has to prove. Its body is not read before its headers may prove it; then it is bounded, then
/// verified, then read.
async fn proven(state: &HostState, request: Request, as_requests: bool) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let headers = parts.headers;
    let context = context(state, &headers);
    let now = context.attempt.received_at;
    let mut app = state.app(&context).await.map_err(|_| Refused::without_secrets())?;
    let may_be_admitted =
        |app: &App| if webhook::may_be_admitted(&app.webhooks, &headers, now) { Ok(()) } else { Err(Unauthorised) };
    state.prove(&mut app, &context, may_be_admitted).await?;
    let Unproven { bytes, room } = state.room.read(body, BODY_LIMIT, context.deadline).await?;
    loop {
        if let Ok(admitted) = webhook::admit(&app.webhooks, &headers, bytes.clone(), now) {
            drop((bytes, room));
            return read(state, &app, &headers, admitted, as_requests, context).await;
        }
        if !state.renew(&mut app, &context).await {
            return Err(Refused::unauthorised());
        }
    }
}

/// What was proved, read and carried.
async fn read(
    state: &HostState,
    app: &Arc<App>,
    headers: &HeaderMap,
    Admitted { body, credential, delivery, signed_at }: Admitted<'_>,
    as_requests: bool,
    context: Context,
) -> Result<Response, Refused> {
    if is_packed(headers) {
        return Err(Refused::unsupported("send the body without a content encoding"));
    }
    let kind = if as_requests { Kind::Requests(&delivery) } else { Kind::Events(&credential.proof) };
    let arrived_at = context.defaults.asked_at;
    let defaults = DeliveryDefaults { asked_at: signed_at.or(arrived_at), ..context.defaults.clone() };
    let read = webhook::read(kind, headers, &body, &app.door, &defaults);
    let mut intake = read.map_err(|_| wrong_content_type(as_requests))?;
    for request in &mut intake.requests {
        request.origin.actor.get_or_insert_with(|| credential.name.clone());
    }
    let name = credential.name.clone();
    Ok(carry(state, app, intake, Some(name), context).await)
}

/// What the platform's own event bus pushes. The token among its headers is looked at before its body.
async fn pushed(state: &HostState, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let headers = parts.headers;
    let context = context(state, &headers);
    let now = context.attempt.received_at;
    let mut app = state.app(&context).await.map_err(|_| Refused::without_secrets())?;
    let may_be_admitted = |app: &App| {
        let door = app.eventbridge.as_ref().ok_or(Unauthorised)?;
        door.check_headers(&headers, now).map(|_| ())
    };
    state.prove(&mut app, &context, may_be_admitted).await?;
    let Unproven { bytes, room } = state.room.read(body, BODY_LIMIT, context.deadline).await?;
    let body = app.admit_push(&headers, bytes, &context).await.map_err(|reason| match reason {
        NotAdmitted::Unauthorised => Refused::unauthorised(),
        NotAdmitted::NoCertificate => {
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the certificate of the event bus cannot be had")
        }
    })?;
    drop(room);
    let read = webhook::read(Kind::Pushed, &headers, &body, &app.door, &context.defaults);
    let intake = read.map_err(|_| wrong_content_type(false))?;
    Ok(carry(state, &app, intake, None, context).await)
}

fn context(state: &HostState, headers: &HeaderMap) -> Context {
    let mut context = state.context(headers);
    context.deadline = context.deadline.min(Deadline::after(TIMEOUT));
    context.sender = Sender::Program;
    context
}

/// A body is read as it was sent and signed: nothing is unpacked.
fn is_packed(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

async fn carry(
    state: &HostState,
    app: &Arc<App>,
    intake: Intake,
    credential: Option<String>,
    context: Context,
) -> Response {
    let app = Arc::clone(app);
    let work = async move {
        let authority = app.authority(credential.as_deref());
        app.accept(intake, &authority, &context).await
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

/// Why a request was refused before it was understood.
struct Refused {
    status: StatusCode,
    detail: &'static str,
}

impl Refused {
    fn new(status: StatusCode, detail: &'static str) -> Self {
        Self { status, detail }
    }

    fn unauthorised() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Unauthorised::SENTENCE)
    }

    fn without_secrets() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SECRETS_UNREAD)
    }

    fn unsupported(detail: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }
}

impl From<Unauthorised> for Refused {
    fn from(_: Unauthorised) -> Self {
        Self::unauthorised()
    }
}

impl From<BodyError> for Refused {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 256 KiB"),
            BodyError::BrokeOff => Self::new(StatusCode::BAD_REQUEST, "the body did not arrive whole"),
            BodyError::NoRoom => Self::new(StatusCode::SERVICE_UNAVAILABLE, NO_ROOM),
        }
    }
}

fn refuse(status: StatusCode, detail: &str) -> Response {
    match status {
        // The one reason for it, before anything is understood.
        StatusCode::BAD_REQUEST => {
            let rejected = vec![Rejection::new("body", RejectionReason::Incomplete)];
            respond(&DeliveryResult { rejected, ..DeliveryResult::default() })
        }
        StatusCode::UNAUTHORIZED => with(problem(status, detail), WWW_AUTHENTICATE, "Bearer"),
        StatusCode::SERVICE_UNAVAILABLE => later(problem(status, detail)),
        _ => problem(status, detail),
    }
}

fn later(response: Response) -> Response {
    with(response, RETRY_AFTER, "60")
}

fn wrong_content_type(as_requests: bool) -> Refused {
    Refused::unsupported(if as_requests {
        "send application/json"
    } else {
        "send application/cloudevents+json, application/cloudevents-batch+json, or ce- headers with application/json"
    })
}

async fn only_post(State(state): State<Arc<HostState>>, request: Request) -> Response {
    wrong_method(&state, &request, "this path takes POST", "POST")
}

async fn only_get(State(state): State<Arc<HostState>>, request: Request) -> Response {
    wrong_method(&state, &request, "this path takes GET", "GET, HEAD")
}

fn wrong_method(state: &HostState, request: &Request, detail: &'static str, allowed: &'static str) -> Response {
    let source = state.source(request.headers(), request.extensions());
    state.refused(request.uri().path(), source, StatusCode::METHOD_NOT_ALLOWED, detail.into());
    with(problem(StatusCode::METHOD_NOT_ALLOWED, detail), ALLOW, allowed)
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
