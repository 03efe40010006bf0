//! The chat doors: what five chats send is verified, read as somebody saying something, and answered in the form that
//! chat shows. Pure: the clock is an argument, and what has to be sent is described, not sent.
//!
//! Each door bounds and verifies the raw bytes before it reads them. Whatever is wrong with a signature, a time or a
//! cipher text is one and the same [`Unauthorised`].

mod crypt;
mod dingtalk;
mod door;
mod feishu;
mod fields;
mod late;
#[cfg(feature = "dev")]
mod rehearsal;
mod reply;
mod reply_url;
mod slack;
mod teams;
mod verify;
mod wecom;

use std::fmt;
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use jiff::Timestamp;

use crate::request::rejection::Rejection;

pub use dingtalk::{BodyEncryption, DingTalkDoor};
pub use door::{ChatDoor, without_secrets};
pub use feishu::{Cloud, FeishuDoor, FeishuSecrets, TenantToken};
pub use late::LateReply;
#[cfg(feature = "dev")]
pub use rehearsal::DoorSecrets;
pub use reply::{Accepted, Answer, Authorization, HttpAnswer, Outgoing, Reply};
pub use reply_url::ReplyUrl;
pub use slack::SlackDoor;
pub use teams::TeamsDoor;
pub use wecom::{WeComDoor, WeComKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChatName {
    Slack,
    DingTalk,
    Feishu,
    WeCom,
    Teams,
}

impl ChatName {
    pub const ALL: [Self; 5] = [Self::Slack, Self::DingTalk, Self::Feishu, Self::WeCom, Self::Teams];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::DingTalk => "dingtalk",
            Self::Feishu => "feishu",
            Self::WeCom => "wecom",
            Self::Teams => "teams",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chat| chat.as_str() == text)
    }

    /// Within which time the answer must be out: what the chat allows (documented), less half a second. `DingTalk` states
    /// none.
    pub fn answers_within(self) -> Option<Duration> {
        match self {
            Self::Slack | Self::Feishu => Some(Duration::from_millis(2500)),
            Self::WeCom | Self::Teams => Some(Duration::from_millis(4500)),
            Self::DingTalk => None,
        }
    }
}

/// Who said what, where. Identity is ids, never names.
#[derive(Clone, PartialEq, Eq)]
pub struct ChatMessage {
    pub chat: ChatName,
    pub tenant: String,
    pub channel: String,
    pub user: String,
    /// The name that chat shows, for people to read.
    pub shown: Option<String>,
    /// The words, without the mention that addressed us. A pressed button says `confirm <token>`.
    pub text: String,
    pub delivery_id: String,
    /// By the message's own word, or as it was signed; absent where neither says it.
    pub said_at: Option<Timestamp>,
    /// The body is signed, or the door was told to trust one that is not. Where this is false everything here may be
    /// forged by whoever saw one signature: no plan token may be given out.
    pub body_is_trusted: bool,
    pub reply: Reply,
}

/// Without the words: they may hold a plan token.
impl fmt::Debug for ChatMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said")
            .field("chat", &self.chat)
            .field("tenant", &self.tenant)
            .field("channel", &self.channel)
            .field("user", &self.user)
            .field("delivery_id", &self.delivery_id)
            .field("body_is_trusted", &self.body_is_trusted)
            .finish_non_exhaustive()
    }
}

/// What a verified request turned out to be.
#[derive(Debug)]
pub enum ChatInbound {
    ChatMessage(Box<ChatMessage>),
    /// The chat asks whether we are there: this is the whole answer.
    Handshake(HttpAnswer),
    /// Genuine and not for us, with the reason for the log and the answer that keeps the chat from repeating it.
    Nothing {
        reason: &'static str,
        response: HttpAnswer,
    },
}

/// Why a request was not heard.
#[derive(Debug)]
pub enum ChatError {
    Unauthorised,
    /// Authentic, and it cannot be read. [`ChatDoor::words`] has the form in which that chat shows a sentence about it.
    Unreadable(Rejection),
}

/// The signature or the time is not valid. Says nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature or the time of this request is not valid")]
pub struct Unauthorised;

impl From<Unauthorised> for ChatError {
    fn from(_: Unauthorised) -> Self {
        Self::Unauthorised
    }
}

/// A request as it came off the wire. The body is private on purpose: only what verifies looks at it.
#[derive(Clone, Copy)]
pub struct RawRequest<'a> {
    method: &'a Method,
    query: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl<'a> RawRequest<'a> {
    /// `query` is what stands behind the question mark, as it was sent.
    pub fn new(method: &'a Method, query: Option<&'a str>, headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        Self { method, query: query.unwrap_or_default(), headers, body }
    }
}

/// Nothing of it: neither a body nor a signature is for a log.
impl fmt::Debug for RawRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest").finish_non_exhaustive()
    }
}

/// A setting of a door that cannot be used. Never repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct InvalidSetting {
    pub field: &'static str,
    pub reason: &'static str,
}

#[cfg(test)]
mod tests;
