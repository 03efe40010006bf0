//! A card as `DingTalk` shows it: a markdown message.
//!
//! Source: `DingTalk`'s pages on robot messages. Colour and buttons that call back do not exist there; 20 000 bytes are the
//! most (read in its own refusals), and phones show far less.

use serde_json::{Value, json};

use super::Card;
use super::fit::{Unit, fitted};
use super::markdown::{MARKDOWN, WIDE};

const MAX_BYTES: usize = 8000;

pub fn message(card: &Card) -> Value {
    let title = fitted(&card.title, 200, Unit::Bytes, WIDE);
    json!({"msgtype": "markdown", "markdown": {"title": title, "text": MARKDOWN.write(card, MAX_BYTES)}})
}
