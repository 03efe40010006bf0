//! An answer as Slack shows it: a coloured attachment of blocks.
//!
//! Source: Slack's pages on blocks and `response_url`; limits as its reference has them (documented). Only `& < >` are
//! escaped.

use serde_json::{Value, json};

use crate::ingress::chat::card::{Audience, Card, Escape, PLAIN, Tone, Unit, fitted};
use crate::ingress::chat::reply::{Accepted, HttpAnswer, Outgoing, ReplyUrl};

/// The action of our button.
pub(super) const CONFIRM: &str = "rds-seal.confirm";
const OPEN: &str = "rds-seal.open";

const ESCAPE: Escape = |character| match character {
    '&' => Some("&amp;"),
    '<' => Some("&lt;"),
    '>' => Some("&gt;"),
    _ => None,
};

pub(super) fn words(sentence: &str) -> HttpAnswer {
    HttpAnswer::json(&json!({"response_type": "ephemeral", "text": mrkdwn(sentence, 3000)}))
}

/// What a button led to, or a late answer. The card that had the button stays: it says what was planned.
pub(super) fn to_url(url: &ReplyUrl, card: &Card) -> Outgoing {
    let mut message = message(card);
    message["replace_original"] = false.into();
    Outgoing::to(url, &message, Accepted::Ok)
}

pub(super) fn message(card: &Card) -> Value {
    json!({
        "response_type": match card.audience {
            Audience::Asker => "ephemeral",
            Audience::Everyone => "in_channel",
        },
        "text": mrkdwn(&card.title, 3000),
        "attachments": [{"color": colour(card.tone), "blocks": blocks(card)}],
    })
}

fn blocks(card: &Card) -> Vec<Value> {
    let mut blocks = vec![json!({"type": "header", "text": plain(&card.title, 150)})];
    if !card.text.is_empty() {
        blocks.push(section(&mrkdwn(&card.text, 3000)));
    }
    let fields: Vec<Value> = card.facts().map(|(name, value)| field(name, value)).collect();
    if !fields.is_empty() {
        blocks.push(json!({"type": "section", "fields": fields}));
    }
    if let Some(step) = &card.next_step {
        blocks.push(section(&format!("*Next step*\n{}", mrkdwn(step, 2900))));
    }
    if let Some(words) = card.confirm_words() {
        blocks.push(section(&format!(
            "To go ahead, press the button or give the command with `{}`",
            mrkdwn(&words, 2900)
        )));
    }
    let buttons: Vec<Value> = confirm_button(card).into_iter().chain(link_button(card)).collect();
    if !buttons.is_empty() {
        blocks.push(json!({"type": "actions", "elements": buttons}));
    }
    if let Some(footer) = &card.footer {
        blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn(footer, 2000)}]}));
    }
    blocks
}

fn confirm_button(card: &Card) -> Option<Value> {
    let confirm = card.confirm.as_ref().filter(|confirm| confirm.token.len() <= 2000)?;
    Some(json!({
        "type": "button",
        "style": "danger",
        "action_id": CONFIRM,
        "value": confirm.token,
        "text": plain(&confirm.label, 75),
        "confirm": {
            "title": plain(&confirm.label, 100),
            "text": plain(&confirm.question, 300),
            "confirm": plain(&confirm.label, 30),
            "deny": plain("Cancel", 30),
            "style": "danger",
        },
    }))
}

fn link_button(card: &Card) -> Option<Value> {
    let link = card.link.as_ref().filter(|link| link.url.len() <= 3000)?;
    Some(json!({"type": "button", "action_id": OPEN, "url": link.url, "text": plain(&link.label, 75)}))
}

fn section(mrkdwn: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn}})
}

fn field(name: &str, value: &str) -> Value {
    json!({"type": "mrkdwn", "text": format!("*{}*\n{}", mrkdwn(name, 100), mrkdwn(value, 1800))})
}

fn mrkdwn(text: &str, most: usize) -> String {
    fitted(text, most, Unit::Characters, ESCAPE)
}

fn plain(text: &str, most: usize) -> Value {
    json!({"type": "plain_text", "text": fitted(text, most, Unit::Characters, PLAIN)})
}

fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "#2eb67d",
        Tone::Neutral => "#9aa0a6",
        Tone::Warn => "#ecb22e",
        Tone::Bad => "#e01e5a",
    }
}
