//! Slack's `chat.postMessage`, with a bot token and a channel.
//!
//! Source: Slack's page on the method (documented: `ok` in the body, 429 with `Retry-After`, a message a second and
//! channel).

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use secrecy::SecretString;

use super::message::{Message, bearer};
use crate::card::{self, Card};

const URL: &str = "https://slack.com/api/chat.postMessage";

pub(super) fn message<'a>(token: &SecretString, channel: &str, card: &Card) -> Message<'a> {
    let mut message = card::slack::message(card);
    message["channel"] = channel.into();
    let mut headers = bearer(Some(token));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    Message { url: URL.into(), headers, body: message.to_string() }
}
