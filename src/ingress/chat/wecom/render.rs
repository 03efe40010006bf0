//! An answer as `WeCom` shows it: one text for an application, markdown and a card with a button for a smart robot.
//!
//! Source: pages 96469 (a text has at most 2048 bytes), 101031 (a stream that is finished at once, with a card), 101138
//! (`response_url`, `errcode` 0) and 101032 (cards: a key of at most 1024 bytes), documented. The card's button goes with
//! the words beside it: some clients do not show it (seen by others).

use serde_json::{Value, json};

use crate::ingress::chat::card::{Card, Markup, PLAIN, Unit, fitted};
use crate::ingress::chat::reply::{Accepted, Outgoing, ReplyUrl};

use super::xml;

const TEXT: Markup = Markup {
    title: |title, tone| format!("{} {title}", tone.sign()),
    fact: |name, value| format!("{name}: {value}"),
    link: |label, url| format!("{label}: {url}"),
    escape: PLAIN,
    gap: "\n",
    most_bytes: 2048,
};

const RICH: Markup = Markup::markdown(4096);

pub(super) fn application(user: &str, corp: &str, timestamp: &str, card: &Card) -> String {
    xml::document(&[
        ("ToUserName", user),
        ("FromUserName", corp),
        ("CreateTime", timestamp),
        ("MsgType", "text"),
        ("Content", &TEXT.write(card)),
    ])
}

pub(super) fn robot(id: &str, card: &Card) -> Value {
    let stream = json!({"id": id, "finish": true, "content": RICH.write(card)});
    match confirm_card(id, card) {
        Some(card) => json!({"msgtype": "stream_with_template_card", "stream": stream, "template_card": card}),
        None => json!({"msgtype": "stream", "stream": stream}),
    }
}

pub(super) fn to_url(url: &ReplyUrl, card: &Card) -> Outgoing {
    let message = json!({"msgtype": "markdown", "markdown": {"content": RICH.write(card)}});
    Outgoing::to(url, &message, Accepted::ErrCode)
}

fn confirm_card(id: &str, card: &Card) -> Option<Value> {
    let confirm = card.confirm.as_ref().filter(|confirm| confirm.token.len() <= 1024)?;
    Some(json!({
        "card_type": "button_interaction",
        "main_title": {"title": plain(&card.title, 36)},
        "sub_title_text": plain(&confirm.question, 112),
        "button_list": [{"text": plain(&confirm.label, 30), "style": 2, "key": confirm.token}],
        "task_id": id,
    }))
}

fn plain(text: &str, most: usize) -> String {
    fitted(text, most, Unit::Characters, PLAIN)
}
