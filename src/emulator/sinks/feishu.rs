//! Feishu: the robot of a group, and what an application is answered through. All refuse with a 200.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Message, Reply, secrets};

/// *Documented*, as "20 KB".
const MOST_BYTES: usize = 20 * 1024;

/// Where each kind of message has its content (*documented*).
const KINDS: [(&str, &str); 5] = [
    ("text", "content"),
    ("post", "content"),
    ("image", "content"),
    ("share_chat", "content"),
    ("interactive", "card"),
];

/// `9499` and `19021` are *documented*, `19002` is *read in code*; the order is *inferred*.
pub(super) fn robot(message: &Message, secret: Option<&str>, now: Timestamp) -> Result<Reply, Reply> {
    if !message.body.is_object() || message.bytes.len() > MOST_BYTES {
        return Err(refused(9499, "Bad Request"));
    }
    check_signature(&message.body, secret, now)?;
    let kind = message.text("/msg_type").ok_or_else(|| refused(19002, "params error, msg_type need"))?;
    let known = KINDS.iter().find(|(name, _)| *name == kind);
    let (_, place) = known.ok_or_else(|| refused(19002, "params error, unknown msg_type"))?;
    if !message.body[*place].is_object() {
        return Err(refused(19002, &format!("params error, {place} need")));
    }
    Ok(Reply::ok(&json!({ "code": 0, "msg": "success", "StatusCode": 0 })))
}

/// An application's answer to a message. Only its form is looked at.
pub(super) fn reply(message: &Message) -> Result<Reply, Reply> {
    if message.body["content"].is_string() { Ok(Reply::ok(&json!({ "code": 0 }))) } else { Err(bad_request()) }
}

/// The token of an application.
pub(super) fn token(message: &Message) -> Result<Reply, Reply> {
    if message.body["app_secret"].is_string() {
        Ok(Reply::ok(&json!({ "code": 0, "tenant_access_token": "t-stand-in", "expire": 7200 })))
    } else {
        Err(bad_request())
    }
}

/// The tag of nothing, under time and secret (*documented*). Both fields are texts.
fn check_signature(body: &Value, secret: Option<&str>, now: Timestamp) -> Result<(), Reply> {
    if secret.is_none() && body["timestamp"].is_null() && body["sign"].is_null() {
        return Ok(());
    }
    let mismatch = || refused(19021, "sign match fail or timestamp is not within one hour from current time");
    let (timestamp, sign) = body["timestamp"].as_str().zip(body["sign"].as_str()).ok_or_else(mismatch)?;
    let at = timestamp.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok()).ok_or_else(mismatch)?;
    let right = match secret {
        Some(secret) => secrets::is_recent(at, now) && sign == secrets::tag(&format!("{timestamp}\n{secret}"), ""),
        None => secrets::is_tag(sign),
    };
    if right { Ok(()) } else { Err(mismatch()) }
}

fn bad_request() -> Reply {
    refused(9499, "bad request")
}

fn refused(code: i32, why: &str) -> Reply {
    Reply::ok(&json!({ "code": code, "msg": why }))
}
