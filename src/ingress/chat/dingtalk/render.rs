//! An answer as `DingTalk` shows it: a markdown message, sent to the session's address.
//!
//! Source: `DingTalk`'s pages on robot replies (documented: `errcode` 0 is success). Colour and buttons that call back do
//! not exist there. 20 000 bytes are said to be the most; ours stay far below.

use serde_json::json;

use crate::ingress::chat::card::{Card, MARKDOWN, Markup, Unit, fitted};
use crate::ingress::chat::reply::{Accepted, Outgoing, ReplyUrl};

const MARKUP: Markup = Markup::markdown(8000);

pub(super) fn to_session(url: &ReplyUrl, card: &Card) -> Outgoing {
    let title = fitted(&card.title, 200, Unit::Bytes, MARKDOWN);
    let message = json!({"msgtype": "markdown", "markdown": {"title": title, "text": MARKUP.write(card)}});
    Outgoing::to(url, &message, Accepted::ErrCode)
}
