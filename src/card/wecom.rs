//! A card as `WeCom` shows it: one text for an application, markdown for a robot, and a card with a button for a smart one.
//!
//! Source: pages 96469 (a text has at most 2048 bytes), 91770 (markdown has 4096), 101031 (a stream that is finished at once,
//! with a card; a card in place of one whose button was pressed) and 101032 (cards: a key of at most 1024 bytes), documented.
//! The button goes with the words beside it: some
//! clients do not show it (seen by others).

use serde_json::{Value, json};

use super::fit::fitted_chars;
use super::markdown::{MARKDOWN, Markup, TEXT};
use super::{Card, Confirm, Paragraph, Span};

/// Without the headings of other chats: theirs are large.
const RICH: Markup = Markup { fact: |name, value| format!("> {name}: {value}"), ..MARKDOWN };

pub fn text(card: &Card) -> String {
    TEXT.write(card, 2048)
}

pub fn markdown(card: &Card) -> String {
    RICH.write(card, 4096)
}

/// The message of a group's robot.
pub fn message(card: &Card) -> Value {
    json!({"msgtype": "markdown", "markdown": {"content": markdown(card)}})
}

/// The answer of a smart robot.
pub fn stream(id: &str, card: &Card) -> Value {
    let stream = json!({"id": id, "finish": true, "content": markdown(card)});
    match card.confirm.as_ref().map(|confirm| button(id, card, confirm)) {
        Some(button) => json!({"msgtype": "stream_with_template_card", "stream": stream, "template_card": button}),
        None => json!({"msgtype": "stream", "stream": stream}),
    }
}

/// The response that takes the place of the card whose button was pressed. A card without a button has to lead somewhere
/// (documented): there is none without a link.
pub fn replacement(task_id: &str, card: &Card) -> Option<Value> {
    let link = card.link.as_ref()?;
    let paragraph = |paragraph: &Paragraph| paragraph.spans.iter().map(Span::text).collect::<String>();
    let text: Vec<String> = card.text.0.iter().map(paragraph).collect();
    Some(json!({
        "response_type": "update_template_card",
        "template_card": {
            "card_type": "text_notice",
            "main_title": {"title": fitted_chars(&card.title, 36)},
            "sub_title_text": fitted_chars(&text.join(" "), 112),
            "card_action": {"type": 1, "url": link.url},
            "task_id": task_id,
        },
    }))
}

fn button(id: &str, card: &Card, confirm: &Confirm) -> Value {
    json!({
        "card_type": "button_interaction",
        "main_title": {"title": fitted_chars(&card.title, 36)},
        "sub_title_text": fitted_chars(&confirm.short_warning, 112),
        "button_list": [{"text": fitted_chars(&confirm.label, 30), "style": 2, "key": confirm.token}],
        "task_id": id,
    })
}
