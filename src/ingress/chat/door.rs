//! Any of the five doors, for those who carry what was said and do not care by which chat.

use jiff::Timestamp;
use serde_json::json;

use super::{
    Answer, ChatError, ChatInbound, ChatName, DingTalkDoor, FeishuDoor, HttpAnswer, LateReply, Outgoing, RawRequest,
    Reply, SlackDoor, TeamsDoor, Unauthorised, WeComDoor,
};
use crate::card::{self, Card, Tone};

#[derive(Debug, Clone)]
pub enum ChatDoor {
    Slack(SlackDoor),
    DingTalk(DingTalkDoor),
    Feishu(FeishuDoor),
    WeCom(WeComDoor),
    Teams(TeamsDoor),
}

/// A sentence for a chat whose secrets are not there, in the form that this chat shows. The others show nothing that is not
/// encrypted, signed or sent for itself.
pub fn without_secrets(chat: ChatName, sentence: &str) -> Option<HttpAnswer> {
    match chat {
        ChatName::Slack => Some(HttpAnswer::json(&card::slack::words(sentence))),
        ChatName::Teams => Some(HttpAnswer::json(&card::teams::words(sentence))),
        ChatName::DingTalk | ChatName::Feishu | ChatName::WeCom => None,
    }
}

impl ChatDoor {
    pub fn chat(&self) -> ChatName {
        match self {
            Self::Slack(_) => ChatName::Slack,
            Self::DingTalk(_) => ChatName::DingTalk,
            Self::Feishu(_) => ChatName::Feishu,
            Self::WeCom(_) => ChatName::WeCom,
            Self::Teams(_) => ChatName::Teams,
        }
    }

    /// How many bytes may be read of a request's body, by what stands beside it: there must be all that a proof needs, well
    /// formed and made now. The body of the request given here is not looked at.
    pub fn may_read(&self, request: &RawRequest, now: Timestamp) -> Result<usize, Unauthorised> {
        match self {
            Self::Slack(_) => SlackDoor::may_read(request, now),
            Self::DingTalk(door) => door.may_read(request, now),
            Self::Feishu(door) => door.may_read(request, now),
            Self::WeCom(_) => WeComDoor::may_read(request, now),
            Self::Teams(_) => TeamsDoor::may_read(request),
        }
    }

    pub fn hear(&self, request: &RawRequest, now: Timestamp) -> Result<ChatInbound, ChatError> {
        match self {
            Self::Slack(door) => door.hear(request, now),
            Self::DingTalk(door) => door.hear(request, now),
            Self::Feishu(door) => door.hear(request, now),
            Self::WeCom(door) => door.hear(request, now),
            Self::Teams(door) => door.hear(request, now),
        }
    }

    /// A sentence for whoever sent what cannot be read. Some chats show none, and are told that it was taken.
    pub fn words(&self, sentence: &str, now: Timestamp) -> HttpAnswer {
        match self {
            Self::Slack(_) => HttpAnswer::json(&card::slack::words(sentence)),
            Self::DingTalk(door) => door.taken("success", now),
            Self::Feishu(_) => HttpAnswer::json(&json!({"toast": card::feishu::toast(Tone::Bad, sentence)})),
            Self::WeCom(_) => HttpAnswer::empty(),
            Self::Teams(_) => HttpAnswer::json(&card::teams::words(sentence)),
        }
    }

    pub fn answer(&self, reply: &Reply, card: &Card, now: Timestamp) -> Answer {
        match self {
            Self::Slack(door) => door.answer(reply, card),
            Self::DingTalk(door) => door.answer(reply, card, now),
            Self::Feishu(door) => door.answer(reply, card),
            Self::WeCom(door) => door.answer(reply, card, now),
            Self::Teams(door) => door.answer(card),
        }
    }

    /// What is said at once where the answer comes late: as an answer, but for an address that takes one alone.
    pub fn acknowledge(&self, reply: &Reply, card: &Card, now: Timestamp) -> Answer {
        match (self, reply) {
            (Self::WeCom(door), Reply::WeComUrl { task_id, .. }) => door.replace(task_id.as_deref(), card, now),
            _ => self.answer(reply, card, now),
        }
    }

    /// The answer that comes late, or nothing where it cannot be sent: to another chat's message, or to an address that has
    /// ended. The report's id tells a repetition, where the chat can. It takes no secret that verifies: none at all, but for
    /// what asks for Feishu's tenant token.
    pub fn late(&self, late: &LateReply, card: &Card, report_id: &str, now: Timestamp) -> Option<Outgoing> {
        if late.has_ended(now) {
            return None;
        }
        match (self, late) {
            (Self::Slack(_), LateReply::Slack { url, replaces, .. }) => Some(SlackDoor::late(url, *replaces, card)),
            (Self::DingTalk(_), LateReply::DingTalk { url, .. }) => Some(DingTalkDoor::late(url, card)),
            (Self::Feishu(door), LateReply::Feishu { message_id }) => Some(door.late(message_id, report_id, card)),
            (Self::WeCom(_), LateReply::WeCom { url, .. }) => Some(WeComDoor::late(url, card)),
            _ => None,
        }
    }

    #[cfg(feature = "dev")]
    pub fn rehearsal_secrets(&self) -> super::DoorSecrets {
        match self {
            Self::Slack(door) => door.rehearsal_secrets(),
            Self::DingTalk(door) => door.rehearsal_secrets(),
            Self::Feishu(door) => door.rehearsal_secrets(),
            Self::WeCom(door) => door.rehearsal_secrets(),
            Self::Teams(door) => door.rehearsal_secrets(),
        }
    }
}
