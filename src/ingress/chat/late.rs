//! Where an answer goes that comes after the response: what is kept of a message for it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Reply, ReplyUrl, fields};

/// Where an answer goes that comes late. Whoever has an address may write to the chat: what is written of this is a secret.
/// Read again, an address has to be one for answers as much as in the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "chat", rename_all = "lowercase")]
pub enum LateReply {
    /// Five times within 30 minutes (documented). Where a button was pressed, in place of the message that had it.
    Slack {
        #[serde(serialize_with = "exposed", deserialize_with = "of_slack")]
        url: ReplyUrl,
        replaces: bool,
        ends_at: Timestamp,
    },
    DingTalk {
        #[serde(serialize_with = "exposed", deserialize_with = "of_dingtalk")]
        url: ReplyUrl,
        ends_at: Option<Timestamp>,
    },
    /// With a tenant's token: the id alone is no permission.
    Feishu {
        #[serde(deserialize_with = "message_id")]
        message_id: String,
    },
    /// Once within an hour (documented).
    WeCom {
        #[serde(serialize_with = "exposed", deserialize_with = "of_wecom")]
        url: ReplyUrl,
        ends_at: Timestamp,
    },
}

/// How long an address takes answers, where the message does not say it.
const SLACK: SignedDuration = SignedDuration::from_mins(30);
const WECOM: SignedDuration = SignedDuration::from_hours(1);

impl LateReply {
    /// Whether it takes one answer and no other: the last.
    pub fn takes_one_answer(&self) -> bool {
        match self {
            Self::WeCom { .. } => true,
            Self::Slack { .. } | Self::DingTalk { .. } | Self::Feishu { .. } => false,
        }
    }

    /// When it takes no answer any more, where that is known.
    pub fn ends_at(&self) -> Option<Timestamp> {
        match self {
            Self::Slack { ends_at, .. } | Self::WeCom { ends_at, .. } => Some(*ends_at),
            Self::DingTalk { ends_at, .. } => *ends_at,
            Self::Feishu { .. } => None,
        }
    }

    /// Whether it takes no answer any more.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.ends_at().is_some_and(|ends_at| ends_at <= now)
    }
}

impl Reply {
    /// Where an answer to the same goes that comes late, if the chat has a way for it: to a message that arrives now.
    pub fn late(&self, now: Timestamp) -> Option<LateReply> {
        let after = |time| now.checked_add(time).unwrap_or(now);
        match self {
            Self::SlackResponse { url } => {
                url.clone().map(|url| LateReply::Slack { url, replaces: false, ends_at: after(SLACK) })
            }
            Self::SlackUrl(url) => Some(LateReply::Slack { url: url.clone(), replaces: true, ends_at: after(SLACK) }),
            Self::DingTalkSession { url, ends_at } => Some(LateReply::DingTalk { url: url.clone(), ends_at: *ends_at }),
            Self::FeishuMessage { message_id, .. } | Self::FeishuCard { message_id, .. } => {
                Some(LateReply::Feishu { message_id: message_id.clone() })
            }
            Self::WeComRobot { url } => url.clone().map(|url| LateReply::WeCom { url, ends_at: after(WECOM) }),
            Self::WeComUrl { url, .. } => Some(LateReply::WeCom { url: url.clone(), ends_at: after(WECOM) }),
            // An application is written to with a secret of its own, which no door has.
            Self::WeComApplication { .. } | Self::Teams => None,
        }
    }
}

fn exposed<S: Serializer>(url: &ReplyUrl, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.expose())
}

fn of_slack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ReplyUrl, D::Error> {
    address(deserializer, ReplyUrl::slack)
}

fn of_dingtalk<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ReplyUrl, D::Error> {
    address(deserializer, ReplyUrl::dingtalk)
}

fn of_wecom<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ReplyUrl, D::Error> {
    address(deserializer, ReplyUrl::wecom)
}

/// The error does not repeat it.
fn address<'de, D: Deserializer<'de>>(
    deserializer: D,
    judge: impl Fn(&str) -> Option<ReplyUrl>,
) -> Result<ReplyUrl, D::Error> {
    let text = String::deserialize(deserializer)?;
    judge(&text).ok_or_else(|| serde::de::Error::custom("the address is none for answers of this chat"))
}

fn message_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    fields::id("message_id", Some(&text)).map_err(|_| serde::de::Error::custom("the id is none of a message"))
}
