//! `PagerDuty`: Events API v2. Fields and limits are *documented*; the bodies of the answers are *inferred*.

use axum::http::StatusCode;
use serde_json::json;

use super::{Message, Reply, new_request_id};

const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];

/// *Documented*, as "512 KB".
const MOST_BYTES: usize = 512 * 1024;

pub(super) fn event(message: &Message) -> Result<Reply, Reply> {
    let mistakes = mistakes(message);
    if !mistakes.is_empty() {
        let body = json!({ "status": "invalid event", "message": "Event object is invalid", "errors": mistakes });
        return Err(Reply::json(StatusCode::BAD_REQUEST, &body));
    }
    let key =
        message.text("/dedup_key").map_or_else(|| new_request_id().replace('-', "").to_lowercase(), str::to_owned);
    let body = json!({ "status": "success", "message": "Event processed", "dedup_key": key });
    Ok(Reply::json(StatusCode::ACCEPTED, &body))
}

/// Everything that is wrong with an event.
fn mistakes(message: &Message) -> Vec<&'static str> {
    let body = &message.body;
    let is_long = |pointer: &str, most| message.text(pointer).is_some_and(|text| text.chars().count() > most);
    let action = message.text("/event_action").unwrap_or_default();
    let (is_trigger, is_answer) = (action == "trigger", ["acknowledge", "resolve"].contains(&action));
    let key_is_plain = |key: &str| key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let severity_is_known = message.text("/payload/severity").is_some_and(|severity| SEVERITIES.contains(&severity));
    let checks = [
        (!body.is_object(), "the event is not a JSON object"),
        (message.bytes.len() > MOST_BYTES, "the event has more than 512 KB"),
        (!message.text("/routing_key").is_some_and(key_is_plain), "'routing_key' is invalid (must be 32 characters)"),
        (!is_trigger && !is_answer, "'event_action' is invalid (must be one of trigger, acknowledge, resolve)"),
        (is_answer && message.text("/dedup_key").is_none(), "'dedup_key' is missing or blank"),
        (!body["dedup_key"].is_null() && !body["dedup_key"].is_string(), "'dedup_key' is not a text"),
        (is_long("/dedup_key", 255), "'dedup_key' is too long (maximum is 255 characters)"),
        (is_trigger && message.text("/payload/summary").is_none(), "'payload.summary' is missing or blank"),
        (is_long("/payload/summary", 1024), "'payload.summary' is too long (maximum is 1024 characters)"),
        (is_trigger && message.text("/payload/source").is_none(), "'payload.source' is missing or blank"),
        (
            is_trigger && !severity_is_known,
            "'payload.severity' is invalid (must be one of critical, error, warning, info)",
        ),
    ];
    checks.into_iter().filter_map(|(is_wrong, why)| is_wrong.then_some(why)).collect()
}
