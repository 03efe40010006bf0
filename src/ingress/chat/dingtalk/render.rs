//! An answer as `DingTalk` shows it: a markdown message, sent to the session's address.
//!
//! Source: `DingTalk`'s pages on robot replies (documented: `errcode` 0 is success). Colour and buttons that call back do
//! not exist there. 20 000 bytes are said to be the most; ours stay far below.

use serde_json::json;

use crate::ingress::chat::card::{Card, MARKDOWN, Markup, Tone, Unit, fitted};
use crate::ingress::chat::reply::{Accepted, Authorization, Outgoing, ReplyUrl};

const MARKUP: Markup = Markup {
    title: |title, tone| format!("### {} {title}", sign(tone)),
    fact: |name, value| format!("- **{name}**: {value}"),
    link: |label, url| format!("[{label}]({url})"),
    escape: MARKDOWN,
    gap: "\n\n",
    most_bytes: 8000,
};

pub(super) fn to_session(url: &ReplyUrl, card: &Card) -> Outgoing {
    let title = fitted(&card.title, 200, Unit::Bytes, MARKDOWN);
    let message = json!({"msgtype": "markdown", "markdown": {"title": title, "text": MARKUP.write(card)}});
    Outgoing {
        url: url.expose().to_owned(),
        authorization: Authorization::None,
        body: message.to_string(),
        accepted: Accepted::ErrCode,
    }
}

fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "✅",
        Tone::Neutral => "ℹ️",
        Tone::Warn => "🟠",
        Tone::Bad => "❌",
    }
}
