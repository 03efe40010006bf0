//! An answer as Feishu shows it: a card, as a reply by the API or in the response to a button.
//!
//! Source: Feishu's pages on cards, on `im/v1/messages/{id}/reply` and on `card.action.trigger` (documented: `code` 0 is
//! success, a card has at most 30 KB, what is markup in `lark_md` is written as an entity).

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::ingress::chat::card::{Card, Escape, PLAIN, Tone, Unit, fitted};
use crate::ingress::chat::reply::{Accepted, Authorization, HttpAnswer, Outgoing};

const ESCAPE: Escape = |character| {
    Some(match character {
        '<' => "&#60;",
        '>' => "&#62;",
        '*' => "&#42;",
        '_' => "&#95;",
        '~' => "&#126;",
        '[' => "&#91;",
        ']' => "&#93;",
        '`' => "&#96;",
        '\\' => "&#92;",
        '&' => "&#38;",
        _ => return None,
    })
};

/// The reply API drops a repetition by its `uuid` for an hour (documented): the same answer to the same event is shown
/// once, however often the event is delivered.
pub(super) fn to_message(origin: &str, message_id: &str, event_id: &str, card: &Card) -> Outgoing {
    let content = json_card(card).to_string();
    let unique = digest(&SHA256, format!("{event_id}\n{content}").as_bytes());
    let unique = base16ct::lower::encode_string(&unique.as_ref()[..16]);
    let id = percent_encoding::utf8_percent_encode(message_id, percent_encoding::NON_ALPHANUMERIC);
    Outgoing {
        url: format!("{origin}/open-apis/im/v1/messages/{id}/reply"),
        authorization: Authorization::TenantToken,
        body: json!({"msg_type": "interactive", "content": content, "uuid": unique}).to_string(),
        accepted: Accepted::Code,
    }
}

/// A button's answer takes the place of the card that had it.
pub(super) fn in_response(card: &Card) -> HttpAnswer {
    HttpAnswer::json(&json!({
        "toast": {"type": toast_type(card.tone), "content": fitted(&card.title, 200, Unit::Characters, PLAIN)},
        "card": {"type": "raw", "data": json_card(card)},
    }))
}

/// Words over the chat where a button was pressed; to a message it is an answer that is not shown.
pub(super) fn toast(sentence: &str) -> HttpAnswer {
    HttpAnswer::json(&json!({"toast": {"type": "error", "content": sentence}}))
}

fn json_card(card: &Card) -> Value {
    let mut elements = Vec::new();
    elements.extend((!card.text.is_empty()).then(|| div(&plain(&card.text, 3000))));
    let fields: Vec<Value> = card.facts().map(|(name, value)| field(name, value)).collect();
    elements.extend((!fields.is_empty()).then(|| json!({"tag": "div", "fields": fields})));
    elements.extend(card.next_step.as_ref().map(|step| div(&markdown("Next step", step, 2000))));
    if let Some(words) = card.confirm_words() {
        elements.push(div(&plain(&format!("To go ahead, press the button or say: {words}"), 3000)));
    }
    let actions: Vec<Value> = confirm_button(card).into_iter().chain(link_button(card)).collect();
    elements.extend((!actions.is_empty()).then(|| json!({"tag": "action", "actions": actions})));
    elements.extend(card.footer.as_ref().map(|footer| json!({"tag": "note", "elements": [plain(footer, 1000)]})));
    json!({
        "config": {"wide_screen_mode": true, "update_multi": true},
        "header": {"template": template(card.tone), "title": plain(&card.title, 200)},
        "elements": elements,
    })
}

fn confirm_button(card: &Card) -> Option<Value> {
    let confirm = card.confirm.as_ref()?;
    Some(json!({
        "tag": "button",
        "type": "danger",
        "text": plain(&confirm.label, 50),
        "value": {"confirm": confirm.token},
        "confirm": {"title": plain(&confirm.label, 50), "text": plain(&confirm.question, 500)},
    }))
}

fn link_button(card: &Card) -> Option<Value> {
    let link = card.link.as_ref()?;
    Some(json!({"tag": "button", "type": "default", "text": plain(&link.label, 50), "url": link.url}))
}

fn div(text: &Value) -> Value {
    json!({"tag": "div", "text": text})
}

fn field(name: &str, value: &str) -> Value {
    json!({"is_short": true, "text": markdown(name, value, 500)})
}

fn markdown(name: &str, value: &str, most: usize) -> Value {
    let value = fitted(value, most, Unit::Characters, ESCAPE);
    json!({"tag": "lark_md", "content": format!("**{}**\n{value}", fitted(name, 100, Unit::Characters, ESCAPE))})
}

fn plain(text: &str, most: usize) -> Value {
    json!({"tag": "plain_text", "content": fitted(text, most, Unit::Characters, PLAIN)})
}

fn template(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "green",
        Tone::Neutral => "grey",
        Tone::Warn => "orange",
        Tone::Bad => "red",
    }
}

fn toast_type(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "success",
        Tone::Neutral => "info",
        Tone::Warn => "warning",
        Tone::Bad => "error",
    }
}
