//! A card as Feishu shows it, and Lark.
//!
//! Source: Feishu's pages on cards (documented: at most 30 KB from an application and 20 KB from a robot; what is markup in
//! `lark_md` is written as an entity). Texts are plain, where nothing is markup and everything can be copied.

use serde_json::{Value, json};

use super::fit::{Escape, PLAIN, Unit, fitted};
use super::size::within;
use super::{Card, Confirm, Fact, Link, Span, Text, Tone};

const MAX_BYTES: usize = 18_000;

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

/// The card, for a message or in place of another.
pub fn card(card: &Card) -> Value {
    within(MAX_BYTES, card, |card| {
        json!({
            "config": {"wide_screen_mode": true, "update_multi": true},
            "header": {"template": template(card.tone), "title": plain(&card.title)},
            "elements": elements(card),
        })
    })
}

/// Words over the chat where a button was pressed.
pub fn toast(tone: Tone, sentence: &str) -> Value {
    let kind = match tone {
        Tone::Good => "success",
        Tone::Neutral => "info",
        Tone::Warn => "warning",
        Tone::Bad => "error",
    };
    json!({"type": kind, "content": fitted(sentence, 200, Unit::Characters, PLAIN)})
}

fn elements(card: &Card) -> Vec<Value> {
    let mut elements: Vec<Value> = card
        .text
        .0
        .iter()
        .map(|paragraph| {
            let bullet = if paragraph.is_bullet { "• " } else { "" };
            div(&plain(&(bullet.to_owned() + &joined(&paragraph.spans))))
        })
        .collect();
    let fields: Vec<Value> = card.facts.iter().map(field).collect();
    elements.extend((!fields.is_empty()).then(|| json!({"tag": "div", "fields": fields})));
    if let Some(Fact { name, value }) = &card.next_step {
        elements.push(div(&markdown(&format!("**{}**", escaped(name)))));
        elements.push(div(&plain(&flat(value))));
    }
    if let Some(confirm) = &card.confirm {
        elements.push(div(&markdown(&format!("**{}** {}", escaped(&confirm.warning), escaped(&confirm.conditions)))));
        elements.push(div(&plain(&format!("{} {}", confirm.press_or_send, confirm.command()))));
    }
    let actions: Vec<Value> = card.confirm.iter().map(button).chain(card.link.as_ref().map(open)).collect();
    elements.extend((!actions.is_empty()).then(|| json!({"tag": "action", "actions": actions})));
    elements.extend(card.footer.as_ref().map(|footer| json!({"tag": "note", "elements": [plain(footer)]})));
    elements
}

fn button(confirm: &Confirm) -> Value {
    json!({
        "tag": "button",
        "type": "danger",
        "text": plain(&confirm.label),
        "value": {"confirm": confirm.token},
        "confirm": {"title": plain(&confirm.label), "text": plain(&confirm.warning)},
    })
}

fn open(link: &Link) -> Value {
    json!({"tag": "button", "type": "default", "text": plain(&link.label), "url": link.url})
}

fn div(text: &Value) -> Value {
    json!({"tag": "div", "text": text})
}

fn field(fact: &Fact) -> Value {
    let text = format!("**{}**\n{}", escaped(fact.name), escaped(&flat(&fact.value)));
    json!({"is_short": true, "text": markdown(&text)})
}

fn markdown(text: &str) -> Value {
    json!({"tag": "lark_md", "content": text})
}

fn plain(text: &str) -> Value {
    json!({"tag": "plain_text", "content": text})
}

fn flat(text: &Text) -> String {
    text.spans().map(Span::text).collect()
}

fn joined(spans: &[Span]) -> String {
    spans.iter().map(Span::text).collect()
}

/// Clients make a link of an address by themselves, unless its colon is a wide one.
fn escaped(text: &str) -> String {
    fitted(text, usize::MAX, Unit::Characters, ESCAPE).replace("://", "：//")
}

fn template(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "green",
        Tone::Neutral => "grey",
        Tone::Warn => "orange",
        Tone::Bad => "red",
    }
}
