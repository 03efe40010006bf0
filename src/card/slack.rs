//! A card as Slack shows it: a coloured attachment of blocks.
//!
//! Source: Slack's pages on blocks and attachments; limits as its reference has them (documented). Texts go into rich-text
//! blocks, in which nothing is markup and no mention is made. About 13 000 characters are the most (seen by others).

use serde_json::{Value, json};

use super::fit::{PLAIN, Unit, fitted};
use super::size::within;
use super::{Card, Confirm, Fact, Link, Paragraph, Span, Text, Tone};

/// The action of our button.
pub const CONFIRM: &str = "rds-seal.confirm";
const OPEN: &str = "rds-seal.open";

const MAX_BYTES: usize = 12_000;

/// The message, for a webhook, an answer or a channel.
pub fn message(card: &Card) -> Value {
    within(MAX_BYTES, card, |card| {
        json!({
            "text": escaped(&summary(card)),
            "attachments": [{"color": colour(card.tone), "blocks": blocks(card)}],
        })
    })
}

/// Words alone.
pub fn words(sentence: &str) -> Value {
    json!({"response_type": "ephemeral", "text": escaped(sentence)})
}

/// The line above the attachment, which is all that a notification shows: what it is about, too; of several, how many ended
/// how, and the first by name.
fn summary(card: &Card) -> String {
    let mut parts = vec![format!("*{}*", card.title)];
    let mut named = card.facts.iter().flat_map(|fact| fact.value.spans());
    let mut subject = named.find_map(code);
    if card.facts.is_empty() {
        let bullets = card.text.0.iter().filter(|paragraph| paragraph.is_bullet);
        parts.extend(bullets.map(|bullet| bullet.spans.iter().map(Span::text).collect()));
        subject = card.text.spans().find_map(code).filter(|_| parts.len() > 1);
    }
    parts.extend(subject.map(str::to_owned));
    parts.join(" · ")
}

fn code(span: &Span) -> Option<&str> {
    match span {
        Span::Code(text) => Some(text),
        Span::Plain(_) => None,
    }
}

fn blocks(card: &Card) -> Vec<Value> {
    let mut blocks: Vec<Value> = (!card.text.is_empty()).then(|| rich_text(&card.text)).into_iter().collect();
    blocks.extend((!card.facts.is_empty()).then(|| facts(&card.facts)));
    blocks.extend(card.next_step.as_ref().map(|step| facts(std::slice::from_ref(step))));
    if let Some(confirm) = &card.confirm {
        blocks.push(offer(confirm));
    }
    let buttons: Vec<Value> = card.confirm.iter().map(button).chain(card.link.as_ref().map(open)).collect();
    blocks.extend((!buttons.is_empty()).then(|| json!({"type": "actions", "elements": buttons})));
    blocks.extend(card.footer.as_ref().map(|footer| json!({"type": "context", "elements": [plain(footer, 2000)]})));
    blocks
}

/// Paragraphs, and lists of what follows one another.
fn rich_text(text: &Text) -> Value {
    let mut elements: Vec<Value> = Vec::new();
    for (at, paragraph) in text.0.iter().enumerate() {
        let continues = at > 0 && paragraph.is_bullet && text.0[at - 1].is_bullet;
        match elements.last_mut().and_then(|last| last["elements"].as_array_mut()).filter(|_| continues) {
            Some(items) => items.push(section(paragraph)),
            None if paragraph.is_bullet => {
                let items = [section(paragraph)];
                elements.push(json!({"type": "rich_text_list", "style": "bullet", "elements": items}));
            }
            None => elements.push(section(paragraph)),
        }
    }
    json!({"type": "rich_text", "elements": elements})
}

fn section(paragraph: &Paragraph) -> Value {
    json!({"type": "rich_text_section", "elements": paragraph.spans.iter().map(span).collect::<Vec<_>>()})
}

/// One line for each.
fn facts(facts: &[Fact]) -> Value {
    let line = |fact: &Fact| {
        let name = [bold(fact.name), raw(": ")];
        let elements: Vec<Value> = name.into_iter().chain(fact.value.spans().map(span)).collect();
        json!({"type": "rich_text_section", "elements": elements})
    };
    json!({"type": "rich_text", "elements": facts.iter().map(line).collect::<Vec<_>>()})
}

fn offer(confirm: &Confirm) -> Value {
    let warning = [bold(&confirm.warning), raw(" "), raw(&confirm.conditions)];
    let how = [raw(&confirm.press_or_send), raw(" "), span(&Span::Code(confirm.command()))];
    let section = |elements: &[Value]| json!({"type": "rich_text_section", "elements": elements});
    json!({"type": "rich_text", "elements": [section(&warning), section(&how)]})
}

fn span(span: &Span) -> Value {
    match span {
        Span::Plain(text) => raw(text),
        Span::Code(text) => json!({"type": "text", "text": text, "style": {"code": true}}),
    }
}

fn raw(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn bold(text: &str) -> Value {
    json!({"type": "text", "text": text, "style": {"bold": true}})
}

fn button(confirm: &Confirm) -> Value {
    json!({
        "type": "button",
        "style": "danger",
        "action_id": CONFIRM,
        "value": confirm.token,
        "text": plain(&confirm.label, 75),
        "confirm": {
            "title": plain(&confirm.label, 100),
            "text": plain(&confirm.warning, 300),
            "confirm": plain(&confirm.label, 30),
            "deny": plain(&confirm.cancel, 30),
            "style": "danger",
        },
    })
}

fn open(link: &Link) -> Value {
    json!({"type": "button", "action_id": OPEN, "url": link.url, "text": plain(&link.label, 75)})
}

fn plain(text: &str, most: usize) -> Value {
    json!({"type": "plain_text", "emoji": false, "text": fitted(text, most, Unit::Characters, PLAIN)})
}

/// For a message's own text, which notifications show. It is a string where blocks have text objects, so it cannot be declared
/// plain: Slack reads it as mrkdwn, and the title is bold in it. Of mrkdwn only `& < >` are escaped (documented), so that no
/// mention or link is made; stars in what strangers write change no more than letters.
fn escaped(text: &str) -> String {
    fitted(text, 3000, Unit::Characters, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        _ => None,
    })
}

fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "#2eb67d",
        Tone::Neutral => "#9aa0a6",
        Tone::Warn => "#ecb22e",
        Tone::Bad => "#e01e5a",
    }
}
