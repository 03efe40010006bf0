//! What an ECS instance can ask about itself, as far as credentials go, and a credentials URI.
//!
//! The instance belongs to the default account. Version 2 asks for a token first; version 1, without one, works only
//! where it is allowed. Paths and headers are *documented*; the status of each refusal is *inferred*.

use std::future::pending;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
    routing::{get, put},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    ACCOUNT, Emulator,
    identities::{Terms, random_text},
    moment::Moment,
    world::World,
};

const TTL: &str = "x-aliyun-ecs-metadata-token-ttl-seconds";
const TOKEN: &str = "x-aliyun-ecs-metadata-token";
const SESSION_NAME: &str = "stand-in-instance";
const PAGE: &str =
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Not what you expect.</body></html>\n";

/// The body of `PUT /_emulator/metadata`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Setting {
    /// The role of the instance, one of the default account's.
    role: Option<String>,
    /// Whether version 1 is allowed.
    v1: bool,
    session_seconds: u32,
    fault: Option<Fault>,
}

/// What goes wrong with every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Fault {
    Hang,
    Html,
    Error,
}

impl Default for Setting {
    fn default() -> Self {
        Self { role: None, v1: true, session_seconds: 21_600, fault: None }
    }
}

#[derive(Default)]
pub(super) struct Metadata {
    pub(super) setting: Setting,
    /// Tokens of version 2 and when they end.
    tokens: Vec<(String, Timestamp)>,
}

/// Why there is no answer.
type Unable = (StatusCode, &'static str);

impl World {
    /// Sets how the instance answers. A role must exist.
    pub(super) fn set_metadata(&mut self, setting: Setting) -> Result<(), String> {
        if let Some(role) =
            setting.role.as_deref().filter(|role| self.identities.accounts.role(ACCOUNT, role).is_none())
        {
            return Err(format!("the account {ACCOUNT} has no role `{role}`"));
        }
        self.metadata.setting = setting;
        Ok(())
    }
}

/// The paths of the metadata service.
pub(super) fn routes() -> Router<Emulator> {
    const CREDENTIALS: &str = "/latest/meta-data/ram/security-credentials/";
    Router::new()
        .route("/latest/api/token", put(token))
        .route(CREDENTIALS, get(role))
        .route(&format!("{CREDENTIALS}{{role}}"), get(credentials))
}

/// The credentials URI, which asks for no token.
pub(super) async fn uri(State(emulator): State<Emulator>) -> Response {
    answer(&emulator, |world| session(world, None)).await
}

async fn token(State(emulator): State<Emulator>, headers: HeaderMap) -> Response {
    answer(&emulator, |world| {
        let ttl = headers.get(TTL).and_then(|value| value.to_str().ok()?.parse().ok());
        let ttl: i64 = ttl.filter(|ttl| (1..=21_600).contains(ttl)).ok_or((StatusCode::BAD_REQUEST, "no such ttl"))?;
        let now = world.clock.now();
        let token = random_text();
        let end = now.checked_add(SignedDuration::from_secs(ttl)).unwrap_or(now);
        world.metadata.tokens.retain(|(_, end)| now < *end);
        world.metadata.tokens.push((token.clone(), end));
        Ok(token.into_response())
    })
    .await
}

async fn role(State(emulator): State<Emulator>, headers: HeaderMap) -> Response {
    answer(&emulator, |world| {
        admit(world, &headers)?;
        Ok(attached(world)?.into_response())
    })
    .await
}

async fn credentials(State(emulator): State<Emulator>, Path(role): Path<String>, headers: HeaderMap) -> Response {
    answer(&emulator, |world| {
        admit(world, &headers)?;
        session(world, Some(&role))
    })
    .await
}

/// Answers, unless a fault does.
async fn answer(emulator: &Emulator, make: impl FnOnce(&mut World) -> Result<Response, Unable>) -> Response {
    let fault = emulator.world().metadata.setting.fault;
    match fault {
        None => make(&mut emulator.world()).unwrap_or_else(axum::response::IntoResponse::into_response),
        Some(Fault::Hang) => pending().await,
        Some(Fault::Html) => Html(PAGE).into_response(),
        Some(Fault::Error) => (StatusCode::INTERNAL_SERVER_ERROR, "internal server error").into_response(),
    }
}

/// Whether a request for metadata may pass: with a token that lasts, or without one where version 1 is allowed.
fn admit(world: &World, headers: &HeaderMap) -> Result<(), Unable> {
    let now = world.clock.now();
    let lasts = |token: &str| world.metadata.tokens.iter().any(|(known, end)| known == token && now < *end);
    match headers.get(TOKEN).map(|value| value.to_str().unwrap_or_default()) {
        Some(token) if lasts(token) => Ok(()),
        None if world.metadata.setting.v1 => Ok(()),
        Some(_) | None => Err((StatusCode::FORBIDDEN, "a valid token is needed")),
    }
}

/// The name of the instance's role.
fn attached(world: &World) -> Result<String, Unable> {
    let role = world.metadata.setting.role.as_deref();
    let role = role.and_then(|role| world.identities.accounts.role(ACCOUNT, role));
    role.map(|role| role.name.clone()).ok_or((StatusCode::NOT_FOUND, "the instance has no role"))
}

/// A new session of the instance's role, which must be the one asked for.
fn session(world: &mut World, asked: Option<&str>) -> Result<Response, Unable> {
    let role = attached(world)?;
    if asked.is_some_and(|asked| asked != role) {
        return Err((StatusCode::NOT_FOUND, "the instance has another role"));
    }
    let (now, seconds) = (world.clock.now(), world.metadata.setting.session_seconds);
    let terms = Terms { account: ACCOUNT, role: &role, name: SESSION_NAME, seconds, policy: None };
    let mut body = world.identities.sessions.issue(terms, now).credentials();
    body["LastUpdated"] = json!(Moment(now).to_the_second());
    body["Code"] = json!("Success");
    Ok(([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response())
}
