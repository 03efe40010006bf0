//! `DingTalk`: the robot of a group, and the session through which a message is answered. Both refuse with a 200.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Message, Reply, secrets};

/// *Read in code* and in its own refusal.
const MOST_BYTES: usize = 20_000;

/// The kinds of message, and what each cannot do without (*documented*).
const KINDS: [(&str, &[&str]); 5] = [
    ("text", &["content"]),
    ("link", &["title", "text", "messageUrl"]),
    ("markdown", &["title", "text"]),
    ("actionCard", &["title", "text"]),
    ("feedCard", &["links"]),
];

/// Codes are those of the vendor's table, the words after `310000` and `460101` are *read in code*, the others and the
/// order are *inferred*.
pub(super) fn robot(message: &Message, secret: Option<&str>, now: Timestamp) -> Result<Reply, Reply> {
    if message.parameter("access_token").is_none() {
        return Err(refused(40035, "missing param access_token"));
    }
    check_signature(message, secret, now).map_err(|why| refused(310_000, why))?;
    if !message.is_of_type("application/json") {
        return Err(refused(43004, "the Content-Type has to be application/json"));
    }
    if message.bytes.len() > MOST_BYTES {
        return Err(refused(460_101, "message too long, exceed 20000 bytes"));
    }
    let kind = message.text("/msgtype").ok_or_else(|| refused(40035, "missing param msgtype"))?;
    let known = KINDS.iter().find(|(name, _)| *name == kind);
    let (_, needed) = known.ok_or_else(|| refused(400_105, "unsupported message type"))?;
    match needed.iter().find(|name| is_blank(&message.body[kind][**name])) {
        Some(name) => Err(refused(40035, &format!("missing param {kind}.{name}"))),
        None => Ok(Reply::ok(&json!({ "errcode": 0, "errmsg": "ok" }))),
    }
}

/// An answer through the session of a message. Only its form is looked at.
pub(super) fn reply(message: &Message) -> Result<Reply, Reply> {
    match message.text("/msgtype") {
        Some(_) => Ok(Reply::ok(&json!({ "errcode": 0 }))),
        None => Err(refused(40035, "no msgtype")),
    }
}

/// The tag of time and secret, under the secret (*documented*). The query was decoded, so the sign is plain base64.
fn check_signature(message: &Message, secret: Option<&str>, now: Timestamp) -> Result<(), &'static str> {
    let (timestamp, sign) = (message.parameter("timestamp"), message.parameter("sign"));
    if secret.is_none() && timestamp.is_none() && sign.is_none() {
        return Ok(());
    }
    let timestamp = timestamp.ok_or("invalid timestamp")?;
    let at = timestamp.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).ok_or("invalid timestamp")?;
    let sign = sign.filter(|sign| secrets::is_tag(sign)).ok_or("sign not match")?;
    let Some(secret) = secret else { return Ok(()) };
    if !secrets::is_recent(at, now) {
        return Err("invalid timestamp");
    }
    if sign == secrets::tag(secret, &format!("{timestamp}\n{secret}")) { Ok(()) } else { Err("sign not match") }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty)
}

fn refused(code: i32, why: &str) -> Reply {
    Reply::ok(&json!({ "errcode": code, "errmsg": why }))
}
