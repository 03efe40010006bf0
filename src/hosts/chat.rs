//! The chat doors over HTTP: one path for each, `/chat/{name}`.

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
use super::body::{BodyError, whole};
use crate::app::Context;
use crate::ingress::chat::{ChatError, ChatInbound, ChatMessage, HttpAnswer, RawRequest, Unauthorised};
use crate::time::Deadline;

/// The least that is kept of the time for an answer that has to be sent: neither the cloud nor a sink may use it up.
const REPLY_RESERVE: Duration = Duration::from_millis(500);

/// The doors that a deployment has opened.
pub(super) fn routes(state: &Arc<HostState>) -> Router<Arc<HostState>> {
    let doors = state.app.chats.doors.iter().enumerate();
    doors.fold(Router::new(), |routes, (at, open)| {
        let state = Arc::clone(state);
        let path = format!("/chat/{}", open.door.chat().as_str());
        routes.route(&path, any(async move |request: Request| hear(state, at, request).await))
    })
}

/// One request: bounded, verified, then understood. What is said is carried out and answered in a tracked task.
async fn hear(state: Arc<HostState>, at: usize, request: Request) -> Response {
    if request.method() != Method::POST && request.method() != Method::GET {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "this path takes POST");
    }
    let (parts, body) = request.into_parts();
    let door = &state.app.chats.doors[at].door;
    let mut context = state.context(&parts.headers);
    context.is_waited_for = true;
    if let Some(own) = door.chat().answers_within() {
        let within = state.settings.answer_within.map_or(own, |most| most.min(own));
        context.deadline = context.deadline.min(Deadline::after(within));
    }
    let body = match whole(body, context.deadline).await {
        Ok(body) => body,
        Err(BodyError::TooLarge) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 256 KiB"),
        Err(BodyError::BrokeOff) => return plain(StatusCode::BAD_REQUEST, "the body did not arrive whole"),
    };
    let raw = RawRequest::new(&parts.method, parts.uri.query(), &parts.headers, &body);
    match door.hear(&raw, context.attempt.received_at) {
        Ok(ChatInbound::ChatMessage(message)) => answer(&state, at, *message, context).await,
        Ok(ChatInbound::Handshake(response)) => respond(response),
        Ok(ChatInbound::Nothing { reason, response }) => {
            tracing::info!("a message of {} is not for us: {reason}", door.chat().as_str());
            respond(response)
        }
        Err(ChatError::Unauthorised) => plain(StatusCode::UNAUTHORIZED, &Unauthorised.to_string()),
        Err(ChatError::Unreadable(rejection)) => {
            respond(state.app.chats.doors[at].unreadable(&rejection, context.attempt.received_at))
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

fn respond(answer: HttpAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, [(CONTENT_TYPE, answer.content_type)], Body::from(answer.body)).into_response()
}

fn plain(status: StatusCode, text: &str) -> Response {
    (status, format!("{text}\n")).into_response()
}
