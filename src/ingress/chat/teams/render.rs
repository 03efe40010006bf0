//! An answer as Teams shows it: an adaptive card in the response, or plain words.
//!
//! Source: Microsoft's pages on outgoing webhooks and adaptive cards; 1.4 is the version of their samples. A message may
//! have about 28 KB (documented for connectors).

use serde_json::{Value, json};

use crate::ingress::chat::HttpAnswer;
use crate::ingress::chat::card::{Card, MARKDOWN, Tone, Unit, fitted};

pub(super) fn words(sentence: &str) -> HttpAnswer {
    HttpAnswer::json(&json!({"type": "message", "text": text(sentence)}))
}

pub(super) fn message(card: &Card) -> HttpAnswer {
    HttpAnswer::json(&json!({
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
    }))
}

fn open(link: &crate::ingress::chat::Link) -> Value {
    json!({"type": "Action.OpenUrl", "title": fitted(&link.label, 80, Unit::Characters, |_| None), "url": link.url})
}

fn body(card: &Card) -> Vec<Value> {
    let title = json!({"type": "TextBlock", "weight": "bolder", "wrap": true, "text": text(&card.title)});
    let mut body = vec![json!({"type": "Container", "style": style(card.tone), "bleed": true, "items": [title]})];
    body.extend((!card.text.is_empty()).then(|| paragraph(&text(&card.text))));
    let facts: Vec<Value> =
        card.facts().map(|(name, value)| json!({"title": text(name), "value": text(value)})).collect();
    body.extend((!facts.is_empty()).then(|| json!({"type": "FactSet", "facts": facts})));
    body.extend(card.next_step.as_ref().map(|step| paragraph(&format!("**Next step**: {}", text(step)))));
    body.extend(card.confirm_words().map(|words| paragraph(&format!("To go ahead, mention me and say: {words}"))));
    body.extend(card.footer.as_ref().map(
        |footer| json!({"type": "TextBlock", "size": "small", "isSubtle": true, "wrap": true, "text": text(footer)}),
    ));
    body
}

fn paragraph(text: &str) -> Value {
    json!({"type": "TextBlock", "wrap": true, "text": text})
}

fn text(text: &str) -> String {
    fitted(text, 4000, Unit::Characters, MARKDOWN)
}

fn style(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Neutral => "emphasis",
        Tone::Warn => "warning",
        Tone::Bad => "attention",
    }
}
