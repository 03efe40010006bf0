//! The five chats: what people say in them is sent as each chat sends it, and what is answered is taken as each takes it.
//!
//! `POST /_emulator/chats/{slack|dingtalk|feishu|wecom|teams}` sends one message or pressed button, signed by code of the
//! stand-in's own, to `url`, and answers what came back: `{"status", "headers", "body", "plain"}`, where `plain` is what
//! was inside an encrypted answer. Without `url` nothing is sent: the request itself is answered,
//! `{"query", "headers", "body"}`.
//!
//! | field | meaning |
//! |---|---|
//! | `text`, or `button` with a card's value | what is said |
//! | `tenant`, `channel`, `user` | where and by whom; each chat has usual ones |
//! | `at` | when it is signed, in seconds; else now |
//! | `secret` | Slack's signing secret, DingTalk's app secret, Feishu's encrypt key, Teams' security token |
//! | `token`, `aes_key`, `receiver` | of an envelope: WeCom's, and DingTalk's with `encrypted`; Feishu's `token` |
//! | `app_id` | Feishu's application |
//! | `raw`, `cipher` | signed, or put where the cipher text belongs, as they stand: what no chat would send |

mod access;
mod dingtalk;
mod envelope;
mod feishu;
mod slack;
mod teams;
mod wecom;

use std::{collections::BTreeMap, sync::OnceLock};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::post,
};
use jiff::Timestamp;
use reqwest::Client;
use serde::{Deserialize, Serialize};

use super::{
    Emulator,
    answer::new_request_id,
    control::{json, malformed},
    encoding, functions,
};

pub use access::ChatAccess;
pub(super) use access::Said;
use envelope::Envelope;

/// What is to be said, to whom, and under which secrets.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Order {
    url: Option<String>,
    text: String,
    button: Option<String>,
    tenant: Option<String>,
    channel: Option<String>,
    user: Option<String>,
    at: Option<i64>,
    encrypted: bool,
    raw: Option<String>,
    cipher: Option<String>,
    secret: String,
    token: String,
    aes_key: String,
    receiver: String,
    app_id: String,
}

/// A request as the chat would send it.
#[derive(Serialize)]
struct Letter {
    query: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// What a door answered.
#[derive(Serialize)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    /// What was inside, if it was encrypted.
    pub(crate) plain: Option<String>,
}

pub(super) fn routes() -> Router<Emulator> {
    Router::new().route("/chats/{chat}", post(say))
}

async fn say(
    State(emulator): State<Emulator>,
    Path(chat): Path<String>,
    body: Bytes,
) -> Result<Response, (StatusCode, String)> {
    let order: Order = serde_json::from_slice(&body).map_err(|error| malformed(error.to_string()))?;
    let now = match order.at {
        Some(at) => Timestamp::from_second(at).map_err(|error| malformed(error.to_string()))?,
        None => emulator.world().clock.now(),
    };
    let (letter, envelope) = letter(&chat, &order, now).map_err(malformed)?.ok_or_else(no_such_chat)?;
    let Some(url) = &order.url else { return Ok(json(&letter)) };
    let answered = send(url, letter, envelope.as_ref()).await;
    answered.map(|answered| json(&answered)).map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}

fn no_such_chat() -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, "there is no such chat here".to_owned())
}

/// What the chat sends for an order, and what opens an encrypted answer. None if there is no such chat.
fn letter(chat: &str, order: &Order, now: Timestamp) -> Result<Option<(Letter, Option<Envelope>)>, String> {
    Ok(Some(match chat {
        "slack" => (slack::letter(order, now), None),
        "feishu" => (feishu::letter(order, now), None),
        "teams" => (teams::letter(order, now)?, None),
        "dingtalk" if !order.encrypted => (dingtalk::letter(order, now), None),
        "dingtalk" => {
            let envelope = Envelope::of(order)?;
            (dingtalk::sealed(order, &envelope, now), Some(envelope))
        }
        "wecom" => {
            let envelope = Envelope::of(order)?;
            (wecom::letter(order, &envelope, now), Some(envelope))
        }
        _ => return Ok(None),
    }))
}

async fn send(url: &str, letter: Letter, envelope: Option<&Envelope>) -> reqwest::Result<Answered> {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    let query = if letter.query.is_empty() { String::new() } else { format!("?{}", letter.query) };
    let request = CLIENT.get_or_init(functions::client).post(format!("{url}{query}")).body(letter.body);
    let request = letter.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    let response = request.send().await?;
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let status = response.status().as_u16();
    let body = response.text().await?;
    let plain = envelope.and_then(|envelope| envelope.open_answer(&body));
    Ok(Answered { status, headers, body, plain })
}

impl Order {
    fn tenant<'o>(&'o self, usual: &'o str) -> &'o str {
        self.tenant.as_deref().unwrap_or(usual)
    }

    fn channel<'o>(&'o self, usual: &'o str) -> &'o str {
        self.channel.as_deref().unwrap_or(usual)
    }

    fn user<'o>(&'o self, usual: &'o str) -> &'o str {
        self.user.as_deref().unwrap_or(usual)
    }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

/// An id that nothing else has.
fn fresh() -> String {
    new_request_id().replace('-', "")
}
