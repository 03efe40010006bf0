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
use super::apps::SECRETS_UNREAD;
use super::body::{BodyError, NO_ROOM};
use crate::app::{App, Context, OpenChat, Sender};
use crate::ingress::chat::{ChatError, ChatInbound, ChatMessage, ChatName, HttpAnswer, RawRequest, Unauthorised};
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
    state.deployment.doors.chats.iter().fold(Router::new(), |routes, (chat, _)| {
        let (state, chat) = (Arc::clone(state), *chat);
        routes.route(&path(chat), any(async move |request: Request| hear(state, chat, request).await))
    })
}

/// One request. What is said is carried out and answered in a tracked task.
async fn hear(state: Arc<HostState>, chat: ChatName, request: Request) -> Response {
    let source = state.source(request.headers(), request.extensions());
    let mut context = state.context(request.headers());
    context.sender = Sender::Person;
    if let Some(own) = chat.answers_within() {
        let within = state.settings.answer_within.map_or(own, |most| most.min(own));
        context.deadline = context.deadline.min(Deadline::after(within));
    }
    let Ok(mut app) = state.app(&context).await else {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        state.refused(&path(chat), source, status, SECRETS_UNREAD.into());
        return state.deployment.doors.without_secrets(chat).map_or_else(|| plain(status, SECRETS_UNREAD), respond);
    };
    match listen(&state, &mut app, chat, request, &context).await {
        Ok(ChatInbound::ChatMessage(message)) => answer(&state, &app, *message, context).await,
        Ok(ChatInbound::Handshake(response)) => respond(response),
        Ok(ChatInbound::Nothing { reason, response }) => {
            tracing::info!("a message of {} is not for us: {reason}", chat.as_str());
            respond(response)
        }
        Err(Unheard::Unreadable(rejection)) => {
            respond(open(&app, chat).unreadable(&rejection, context.attempt.received_at))
        }
        Err(Unheard::Refused(status, reason)) => {
            let response = plain(status, &reason);
            state.refused(&path(chat), source, status, reason);
            response
        }
    }
}

/// What a request says: bounded, verified, then understood. Its body is not read before it shows what a proof needs.
async fn listen(
    state: &HostState,
    app: &mut Arc<App>,
    chat: ChatName,
    request: Request,
    context: &Context,
) -> Result<ChatInbound, Unheard> {
    if request.method() != Method::POST && request.method() != Method::GET {
        return Err(Unheard::Refused(StatusCode::METHOD_NOT_ALLOWED, "this path takes POST".into()));
    }
    let now = context.attempt.received_at;
    let (parts, body) = request.into_parts();
    let with = |body| RawRequest::new(&parts.method, parts.uri.query(), &parts.headers, body);
    let may_read = |app: &App| open(app, chat).door.may_read(&with(b""), now);
    let most = state.prove(app, context, may_read).await.map_err(ChatError::from)?;
    let body = state.room.read(body, most, context.deadline).await.map_err(|error| unread(&error, most))?;
    match open(app, chat).door.hear(&with(&body.bytes), now) {
        Err(ChatError::Unauthorised) if state.renew(app, context).await => {
            Ok(open(app, chat).door.hear(&with(&body.bytes), now)?)
        }
        heard => Ok(heard?),
    }
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
async fn answer(state: &HostState, app: &Arc<App>, message: ChatMessage, mut context: Context) -> Response {
    let until = context.deadline;
    if message.reply.is_sent() {
        context.deadline = until.keeping_a_slice(REPLY_RESERVE);
    }
    let app = Arc::clone(app);
    let work = async move {
        let response = app.converse(&message, &context).await;
        let door = &open(&app, message.chat).door;
        let now = app.clock.now();
        let answer = if response.more_comes {
            door.acknowledge(&message.reply, &response.card, now)
        } else {
            door.answer(&message.reply, &response.card, now)
        };
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

/// A door of an app. Every app of a deployment has the same ones.
fn open(app: &App, chat: ChatName) -> &OpenChat {
    let open = app.chats.doors.iter().find(|open| open.door.chat() == chat);
    open.expect("only the doors of a deployment have paths")
}

fn path(chat: ChatName) -> String {
    format!("/chat/{}", chat.as_str())
}

fn respond(answer: HttpAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, [(CONTENT_TYPE, answer.content_type)], Body::from(answer.body)).into_response()
}

fn plain(status: StatusCode, text: &str) -> Response {
    (status, format!("{text}\n")).into_response()
}
