//! From a decrypted body of Feishu's to what was said.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::ingress::chat::verify::is_near;
use crate::ingress::chat::{ChatInbound, ChatMessage, ChatName, HttpAnswer, Reply, fields};
use crate::request::rejection::Rejection;

/// Schema 2.0, or the question whether we are there (documented).
#[derive(Deserialize)]
pub(super) struct Envelope {
    #[serde(rename = "type")]
    kind: Option<String>,
    token: Option<String>,
    challenge: Option<String>,
    header: Option<Header>,
    event: Option<Event>,
}

#[derive(Deserialize)]
struct Header {
    event_id: Option<String>,
    event_type: Option<String>,
    create_time: Option<String>,
    token: Option<String>,
    app_id: Option<String>,
    tenant_key: Option<String>,
}

#[derive(Deserialize)]
struct Event {
    sender: Option<Sender>,
    message: Option<Message>,
    operator: Option<Operator>,
    action: Option<Action>,
    context: Option<Context>,
}

#[derive(Deserialize)]
struct Sender {
    #[serde(rename = "sender_id")]
    person: Option<Person>,
    #[serde(rename = "sender_type")]
    kind: Option<String>,
    tenant_key: Option<String>,
}

#[derive(Deserialize)]
struct Person {
    open_id: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "message_id")]
    id: Option<String>,
    chat_id: Option<String>,
    #[serde(rename = "message_type")]
    kind: Option<String>,
    content: Option<String>,
    mentions: Option<Vec<Mention>>,
}

#[derive(Deserialize)]
struct Mention {
    key: String,
}

#[derive(Deserialize)]
struct Operator {
    open_id: Option<String>,
    tenant_key: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    value: Option<Pressed>,
}

#[derive(Deserialize)]
struct Pressed {
    confirm: Option<String>,
}

#[derive(Deserialize)]
struct Context {
    open_message_id: Option<String>,
    open_chat_id: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    text: String,
}

impl Envelope {
    pub(super) fn token(&self) -> Option<&str> {
        self.header.as_ref().map_or(self.token.as_deref(), |header| header.token.as_deref())
    }

    /// A word to be given back. Nothing but the cipher vouches for it, and one can bend what a cipher says: no more than
    /// a short word is repeated.
    pub(super) fn challenge(&self) -> Option<&str> {
        let is_word = |word: &&str| word.len() <= 128 && word.bytes().all(|b| b.is_ascii_graphic());
        self.challenge.as_deref().filter(|_| self.kind.as_deref() == Some("url_verification")).filter(is_word)
    }

    pub(super) fn app_id(&self) -> Option<&str> {
        self.header.as_ref()?.app_id.as_deref()
    }
}

pub(super) fn event(envelope: Envelope, now: Timestamp, window: SignedDuration) -> Result<ChatInbound, Rejection> {
    let (header, event) = envelope.header.zip(envelope.event).ok_or(Rejection::missing("event"))?;
    let said_at = header.create_time.as_deref().and_then(created);
    // A time that cannot be read says nothing; the signature's own was near.
    if said_at.is_some_and(|said_at| !is_near(said_at, now, window)) {
        return Ok(nothing("an event whose own time is too far from now"));
    }
    let message = match header.event_type.as_deref() {
        Some("im.message.receive_v1") => message(&header, event)?,
        Some("card.action.trigger") => button(&header, event)?,
        _ => return Ok(nothing("an event that is neither a message nor a button")),
    };
    Ok(message.map_or_else(
        || nothing("a message that is no text of a person"),
        |message| ChatInbound::ChatMessage(Box::new(ChatMessage { said_at, ..message })),
    ))
}

fn nothing(reason: &'static str) -> ChatInbound {
    ChatInbound::Nothing { reason, response: HttpAnswer::json(&serde_json::json!({})) }
}

/// Milliseconds for events (documented), microseconds for cards (from memory of the page's sample).
fn created(digits: &str) -> Option<Timestamp> {
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        13 => Timestamp::from_millisecond(number).ok(),
        16 => Timestamp::from_microsecond(number).ok(),
        _ => None,
    }
}

fn message(header: &Header, event: Event) -> Result<Option<ChatMessage>, Rejection> {
    let (sender, message) = event.sender.zip(event.message).ok_or(Rejection::missing("event.message"))?;
    if sender.kind.as_deref() != Some("user") || message.kind.as_deref() != Some("text") {
        return Ok(None);
    }
    let content = message.content.as_deref().ok_or(Rejection::missing("content"))?;
    let content: Content = fields::json(content.as_bytes())?;
    let event_id = fields::id("event_id", header.event_id.as_deref())?;
    let message_id = fields::id("message_id", message.id.as_deref())?;
    let person = sender.person.as_ref();
    Ok(Some(ChatMessage {
        chat: ChatName::Feishu,
        tenant: fields::id("tenant_key", sender.tenant_key.as_deref().or(header.tenant_key.as_deref()))?,
        channel: fields::id("chat_id", message.chat_id.as_deref())?,
        user: fields::id("open_id", person.and_then(|person| person.open_id.as_deref()))?,
        shown: None,
        text: without_mentions(fields::sayable(&content.text).to_owned(), message.mentions.unwrap_or_default()),
        delivery_id: event_id.clone(),
        said_at: None,
        body_is_trusted: true,
        reply: Reply::FeishuMessage { message_id, event_id },
    }))
}

/// The longest key first: `@_user_1` is the beginning of `@_user_10`.
fn without_mentions(text: String, mut mentions: Vec<Mention>) -> String {
    mentions.retain(|mention| mention.key.starts_with("@_"));
    mentions.sort_by_key(|mention| std::cmp::Reverse(mention.key.len()));
    let text = mentions.iter().fold(text, |text, mention| text.replace(&mention.key, " "));
    text.trim().to_owned()
}

fn button(header: &Header, event: Event) -> Result<Option<ChatMessage>, Rejection> {
    let operator = event.operator.ok_or(Rejection::missing("operator"))?;
    let context = event.context.ok_or(Rejection::missing("context"))?;
    let value = event.action.and_then(|action| action.value).and_then(|value| value.confirm);
    let event_id = fields::id("event_id", header.event_id.as_deref())?;
    Ok(Some(ChatMessage {
        chat: ChatName::Feishu,
        tenant: fields::id("tenant_key", operator.tenant_key.as_deref().or(header.tenant_key.as_deref()))?,
        channel: fields::id("open_chat_id", context.open_chat_id.as_deref())?,
        user: fields::id("open_id", operator.open_id.as_deref())?,
        shown: None,
        text: fields::confirmation("action.value", value.as_deref())?,
        delivery_id: event_id.clone(),
        said_at: None,
        body_is_trusted: true,
        reply: Reply::FeishuCard {
            message_id: fields::id("open_message_id", context.open_message_id.as_deref())?,
            event_id,
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mention_is_taken_out_whole() {
        let mentions = ["@_user_1", "@_user_10"].map(|key| Mention { key: key.to_owned() }).into();
        assert_eq!(without_mentions("@_user_10 plan @_user_1".to_owned(), mentions), "plan");
    }

    #[test]
    fn a_time_of_creation_is_in_milliseconds_or_microseconds() {
        assert_eq!(created("1767225600000"), created("1767225600000000"));
        assert!(created("1767225600000").is_some() && created("17672256").is_none() && created("x").is_none());
    }
}
