//! The chat doors over HTTP: one path for each, `/chat/{name}`.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;

use super::HostState;
use super::body::{BodyError, NO_ROOM};
use crate::app::{Context, Sender};
use crate::ingress::chat::{ChatDoor, ChatError, ChatInbound, ChatMessage, HttpAnswer, RawRequest, Unauthorised};
use crate::request::rejection::Rejection;
use crate::time::Deadline;

/// The least that is kept of the time for an answer that has to be sent: neither the cloud nor a sink may use it up.
const REPLY_RESERVE: Duration = Duration::from_millis(500);

/// Why nothing was said.
enum Unheard {
    Refused(StatusCode, Cow<'static, str>),
    Unreadable(Rejection),
}

/// The doors that a deployment has opened.
pub(super) fn routes(state: &Arc<HostState>) -> Router<Arc<HostState>> {
    let doors = state.app.chats.doors.iter().enumerate();
    doors.fold(Router::new(), |routes, (at, open)| {
        let state = Arc::clone(state);
        routes.route(&path(&open.door), any(async move |request: Request| hear(state, at, request).await))
    })
}

/// One request. What is said is carried out and answered in a tracked task.
async fn hear(state: Arc<HostState>, at: usize, request: Request) -> Response {
    let door = &state.app.chats.doors[at].door;
    let source = state.source(request.headers(), request.extensions());
    let mut context = state.context(request.headers());
    context.sender = Sender::Person;
    if let Some(own) = door.chat().answers_within() {
        let within = state.settings.answer_within.map_or(own, |most| most.min(own));
        context.deadline = context.deadline.min(Deadline::after(within));
    }
    match listen(&state, door, request, &context).await {
        Ok(ChatInbound::ChatMessage(message)) => answer(&state, at, *message, context).await,
        Ok(ChatInbound::Handshake(response)) => respond(response),
        Ok(ChatInbound::Nothing { reason, response }) => {
            tracing::info!("a message of {} is not for us: {reason}", door.chat().as_str());
            respond(response)
        }
        Err(Unheard::Unreadable(rejection)) => {
            respond(state.app.chats.doors[at].unreadable(&rejection, context.attempt.received_at))
        }
        Err(Unheard::Refused(status, reason)) => {
            let response = plain(status, &reason);
            state.refused(&path(door), source, status, reason);
            response
        }
    }
}

/// What a request says: bounded, verified, then understood. Its body is not read before it shows what a proof needs.
async fn listen(
    state: &HostState,
    door: &ChatDoor,
    request: Request,
    context: &Context,
) -> Result<ChatInbound, Unheard> {
    if request.method() != Method::POST && request.method() != Method::GET {
        return Err(Unheard::Refused(StatusCode::METHOD_NOT_ALLOWED, "this path takes POST".into()));
    }
    let now = context.attempt.received_at;
    let (parts, body) = request.into_parts();
    let with = |body| RawRequest::new(&parts.method, parts.uri.query(), &parts.headers, body);
    let most = door.may_read(&with(b""), now).map_err(ChatError::from)?;
    let body = state.room.read(body, most, context.deadline).await.map_err(|error| unread(&error, most))?;
    Ok(door.hear(&with(&body.bytes), now)?)
}

fn unread(error: &BodyError, most: usize) -> Unheard {
    match error {
        BodyError::TooLarge => {
            let reason = format!("the body is larger than {} KiB", most / 1024);
            Unheard::Refused(StatusCode::PAYLOAD_TOO_LARGE, reason.into())
        }
        BodyError::BrokeOff => Unheard::Refused(StatusCode::BAD_REQUEST, "the body did not arrive whole".into()),
        BodyError::NoRoom => Unheard::Refused(StatusCode::SERVICE_UNAVAILABLE, NO_ROOM.into()),
    }
}

impl From<ChatError> for Unheard {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Unauthorised => Self::Refused(StatusCode::UNAUTHORIZED, Unauthorised.to_string().into()),
            ChatError::Unreadable(rejection) => Self::Unreadable(rejection),
        }
    }
}

/// Carries out what was said and answers it. An answer that the chat does not take is the chat's to repeat.
async fn answer(state: &Arc<HostState>, at: usize, message: ChatMessage, mut context: Context) -> Response {
    let until = context.deadline;
    if message.reply.is_sent() {
        context.deadline = until.keeping_a_slice(REPLY_RESERVE);
    }
    let app = Arc::clone(&state.app);
    let work = async move {
        let response = app.converse(&message, &context).await;
        let door = &app.chats.doors[at].door;
        let answer = door.answer(&message.reply, &response.card, app.clock.now());
        let taken = match &answer.send {
            Some(outgoing) => app.say(door, outgoing, until).await,
            None => true,
        };
        if !taken {
            tracing::error!("{} did not take the answer to {}", message.chat.as_str(), message.delivery_id);
        }
        (taken.then_some(answer.response), response.needs_a_new_process || app.audit.is_broken())
    };
    match state.deliveries.run(work).await {
        Some(Some(response)) => respond(response),
        Some(None) | None => plain(StatusCode::SERVICE_UNAVAILABLE, "the answer could not be sent"),
    }
}

fn path(door: &ChatDoor) -> String {
    format!("/chat/{}", door.chat().as_str())
}

fn respond(answer: HttpAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, [(CONTENT_TYPE, answer.content_type)], Body::from(answer.body)).into_response()
}

fn plain(status: StatusCode, text: &str) -> Response {
    (status, format!("{text}\n")).into_response()
}
