//! Where an answer goes, and what goes there.

use std::fmt;

use jiff::Timestamp;

use super::ReplyUrl;

/// How and where the answer to something said goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Slack, a slash command: in the response. Late, to the address, five times within 30 minutes (documented).
    SlackResponse { url: Option<ReplyUrl> },
    /// Slack, a button: the response can only acknowledge.
    SlackUrl(ReplyUrl),
    /// `DingTalk`: to the session's address, sent and checked before the 200. It lives for 90 minutes (seen in samples), or
    /// as long as the message says.
    DingTalkSession { url: ReplyUrl, ends_at: Option<Timestamp> },
    /// Feishu, a message: by the reply API, with a tenant token, before the 200.
    FeishuMessage { message_id: String, event_id: String },
    /// Feishu, a card's button: in the response, which becomes the card.
    FeishuCard { message_id: String, event_id: String },
    /// `WeCom`, an application: one text in the response.
    WeComApplication { user: String, corp: String },
    /// `WeCom`, a smart robot that was written to: in the response. Late, to the address, once within an hour (documented).
    WeComRobot { url: Option<ReplyUrl> },
    /// `WeCom`, a button of a smart robot: to the address, once within an hour. The response can replace the card that has
    /// this id.
    WeComUrl { url: ReplyUrl, task_id: Option<String> },
    /// Teams: in the response and nowhere else.
    Teams,
}

impl Reply {
    /// Whether the answer has to be sent, and taken, before the response goes out.
    pub fn is_sent(&self) -> bool {
        match self {
            Self::SlackUrl(_) | Self::DingTalkSession { .. } | Self::FeishuMessage { .. } | Self::WeComUrl { .. } => {
                true
            }
            Self::SlackResponse { .. }
            | Self::FeishuCard { .. }
            | Self::WeComApplication { .. }
            | Self::WeComRobot { .. }
            | Self::Teams => false,
        }
    }
}

/// A whole HTTP response.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
}

/// Without the body, which may hold a plan token.
impl fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl HttpAnswer {
    /// 200 without a word.
    pub fn empty() -> Self {
        Self::plain("")
    }

    pub(super) fn plain(body: impl Into<String>) -> Self {
        Self { status: 200, content_type: "text/plain; charset=utf-8", body: body.into() }
    }

    pub(super) fn json(value: &serde_json::Value) -> Self {
        Self { status: 200, content_type: "application/json", body: value.to_string() }
    }

    pub(super) fn xml(body: String) -> Self {
        Self { status: 200, content_type: "application/xml", body }
    }
}

/// What the response is, and what has to be sent and accepted before it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub response: HttpAnswer,
    pub send: Option<Outgoing>,
}

impl Answer {
    pub(super) fn in_response(response: HttpAnswer) -> Self {
        Self { response, send: None }
    }

    pub(super) fn sent(send: Outgoing, response: HttpAnswer) -> Self {
        Self { response, send: Some(send) }
    }
}

/// A POST of JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// A secret, where it came with the request.
    pub url: String,
    pub authorization: Authorization,
    pub body: String,
    pub accepted: Accepted,
}

impl Outgoing {
    /// A message to an address that is leave enough to write to.
    pub(super) fn to(url: &ReplyUrl, message: &serde_json::Value, accepted: Accepted) -> Self {
        Self { url: url.expose().to_owned(), authorization: Authorization::None, body: message.to_string(), accepted }
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("authorization", &self.authorization)
            .field("accepted", &self.accepted)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorization {
    /// The address itself is the permission.
    None,
    /// `Authorization: Bearer` with Feishu's tenant token.
    TenantToken,
}

/// How success looks. A status of 200 alone is not it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// The body is `ok`, or JSON whose `ok` is true.
    Ok,
    /// The body is JSON whose `errcode` is 0.
    ErrCode,
    /// The body is JSON whose `code` is 0.
    Code,
}

impl Accepted {
    pub fn by(self, status: u16, body: &[u8]) -> bool {
        let field = |name: &str| serde_json::from_slice::<serde_json::Value>(body).ok()?.get(name).cloned();
        status == 200
            && match self {
                Self::Ok => body.trim_ascii() == b"ok" || field("ok") == Some(true.into()),
                Self::ErrCode => field("errcode") == Some(0.into()),
                Self::Code => field("code") == Some(0.into()),
            }
    }
}

/// Seconds since the epoch, as chats write them.
pub(super) fn seconds(now: Timestamp) -> String {
    now.as_second().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_in_the_body() {
        assert!(Accepted::Ok.by(200, b"ok") && Accepted::Ok.by(200, br#"{"ok":true}"#));
        assert!(Accepted::ErrCode.by(200, br#"{"errcode":0,"errmsg":"ok"}"#));
        assert!(Accepted::Code.by(200, br#"{"code":0,"data":{}}"#));
        for refused in
            [&br#"{"errcode":300001}"#[..], b"", b"{}", br#"{"ok":false}"#, br#"{"code":"0"}"#, b"no_service"]
        {
            for accepted in [Accepted::Ok, Accepted::ErrCode, Accepted::Code] {
                assert!(!accepted.by(200, refused));
            }
        }
        assert!(!Accepted::ErrCode.by(500, br#"{"errcode":0}"#));
    }

    #[test]
    fn nothing_shows_an_address() {
        let reply = Reply::SlackUrl(ReplyUrl::slack("https://hooks.slack.com/commands/secret").unwrap());
        let send = Outgoing {
            url: "https://hooks.slack.com/commands/secret".to_owned(),
            authorization: Authorization::None,
            body: String::new(),
            accepted: Accepted::Ok,
        };
        assert!(!format!("{reply:?} {send:?}").contains("secret"));
    }
}
