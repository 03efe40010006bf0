//! A card as Teams shows it: an adaptive card.
//!
//! Source: Microsoft's pages on adaptive cards; 1.4 is the version of their samples, and later ones were refused (seen by
//! others). A message has at most 28 KB (documented). Texts go into rich-text blocks, in which nothing is markup; the few
//! that must be text blocks, which know a little markdown, are escaped.

use serde_json::{Value, json};

use super::fit::{Unit, fitted};
use super::markdown::WIDE;
use super::size::within;
use super::{Card, Confirm, Fact, Link, Paragraph, Span, Tone};

const MAX_BYTES: usize = 20_000;

/// The message with the card.
pub fn message(card: &Card) -> Value {
    within(MAX_BYTES, card, |card| {
        json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": null,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": body(card),
                    "actions": card.link.as_ref().map(open).into_iter().collect::<Vec<_>>(),
                },
            }],
        })
    })
}

/// Words alone.
pub fn words(sentence: &str) -> Value {
    json!({"type": "message", "text": escaped(sentence)})
}

fn open(link: &Link) -> Value {
    json!({"type": "Action.OpenUrl", "title": link.label, "url": link.url})
}

fn body(card: &Card) -> Vec<Value> {
    let title = json!({"type": "TextBlock", "weight": "bolder", "wrap": true, "text": escaped(&card.title)});
    let mut body = vec![json!({"type": "Container", "style": style(card.tone), "bleed": true, "items": [title]})];
    body.extend(card.text.0.iter().map(paragraph));
    let facts: Vec<Value> = card.facts.iter().map(fact).collect();
    body.extend((!facts.is_empty()).then(|| json!({"type": "FactSet", "facts": facts})));
    body.extend(card.next_step.as_ref().map(step));
    if let Some(confirm) = &card.confirm {
        body.extend(offer(confirm));
    }
    body.extend(card.footer.as_ref().map(
        |footer| json!({"type": "TextBlock", "size": "small", "isSubtle": true, "wrap": true, "text": escaped(footer)}),
    ));
    body
}

fn paragraph(paragraph: &Paragraph) -> Value {
    let bullet = paragraph.is_bullet.then(|| raw("• "));
    rich(bullet.into_iter().chain(paragraph.spans.iter().map(span)))
}

fn step(step: &Fact) -> Value {
    rich([bold(step.name), raw(": ")].into_iter().chain(step.value.spans().map(span)))
}

fn offer(confirm: &Confirm) -> [Value; 2] {
    [
        rich([bold(&confirm.warning), raw(" "), raw(&confirm.conditions)]),
        rich([raw(&confirm.send), raw(" "), span(&Span::Code(confirm.command()))]),
    ]
}

fn fact(fact: &Fact) -> Value {
    let value: String = fact.value.spans().map(Span::text).collect();
    json!({"title": escaped(fact.name), "value": escaped(&value)})
}

fn rich(inlines: impl IntoIterator<Item = Value>) -> Value {
    let inlines: Vec<Value> = inlines.into_iter().collect();
    json!({"type": "RichTextBlock", "inlines": inlines})
}

fn span(span: &Span) -> Value {
    match span {
        Span::Plain(text) => raw(text),
        Span::Code(text) => json!({"type": "TextRun", "text": text, "fontType": "monospace"}),
    }
}

fn raw(text: &str) -> Value {
    json!({"type": "TextRun", "text": text})
}

fn bold(text: &str) -> Value {
    json!({"type": "TextRun", "text": text, "weight": "bolder"})
}

fn escaped(text: &str) -> String {
    fitted(text, 4000, Unit::Characters, WIDE)
}

fn style(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Neutral => "emphasis",
        Tone::Warn => "warning",
        Tone::Bad => "attention",
    }
}
