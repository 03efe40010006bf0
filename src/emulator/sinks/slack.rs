//! Slack: incoming webhooks and `response_url`s, and `chat.postMessage` of an app.

use axum::http::{StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Message, Reply};

/// The most blocks a message may have (*documented*).
const MOST_BLOCKS: usize = 50;

/// A hook answers in words. Codes and the limit of blocks are *documented*; the order is *inferred*.
pub(super) fn hook(message: &Message) -> Result<Reply, Reply> {
    let refused = |code: &str| Reply::text(StatusCode::BAD_REQUEST, code);
    if !message.body.is_object() {
        return Err(refused("invalid_payload"));
    }
    content(&message.body).map_err(refused)?;
    Ok(Reply::text(StatusCode::OK, "ok"))
}

/// The Web API answers everything with a 200 and an object. The errors are *documented*; the order is *inferred*, and
/// that a token is one if it begins with `xox` is a convention of the stand-in.
pub(super) fn bot(message: &Message, now: Timestamp) -> Result<Reply, Reply> {
    let refused = |error: &str| Reply::ok(&json!({ "ok": false, "error": error }));
    let shown = message.header(header::AUTHORIZATION).ok_or_else(|| refused("not_authed"))?;
    if !shown.strip_prefix("Bearer ").is_some_and(|token| token.starts_with("xox")) {
        return Err(refused("invalid_auth"));
    }
    if !message.is_of_type("application/json") {
        return Err(refused("invalid_post_type"));
    }
    if !message.body.is_object() {
        return Err(refused("invalid_json"));
    }
    let channel = message.text("/channel").ok_or_else(|| refused("channel_not_found"))?;
    content(&message.body).map_err(refused)?;
    let micros = now.as_microsecond();
    let ts = format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    Ok(Reply::ok(&json!({ "ok": true, "channel": channel, "ts": ts })))
}

/// What both refuse to show.
fn content(body: &Value) -> Result<(), &'static str> {
    if body.get("blocks").is_some_and(|blocks| !blocks.is_null() && !blocks.is_array()) {
        return Err("invalid_blocks");
    }
    let has_text = body["text"].as_str().is_some_and(|text| !text.is_empty());
    let list = |name| body.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if !has_text && list("blocks").is_empty() && list("attachments").is_empty() {
        return Err("no_text");
    }
    let attached = list("attachments").iter().filter_map(|attachment| attachment.get("blocks")?.as_array());
    if list("blocks").len() > MOST_BLOCKS || attached.into_iter().any(|blocks| blocks.len() > MOST_BLOCKS) {
        return Err("invalid_blocks");
    }
    Ok(())
}
