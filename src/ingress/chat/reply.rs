//! Where an answer goes, and what goes there.

use std::fmt;

use jiff::Timestamp;

/// How and where the answer to something said goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Slack, a slash command: in the response.
    SlackResponse,
    /// Slack, a button: the response can only acknowledge.
    SlackUrl(ReplyUrl),
    /// `DingTalk`: to the session's address, sent and checked before the 200. The address lives for 90 minutes.
    DingTalkSession { url: ReplyUrl },
    /// Feishu, a message: by the reply API, with a tenant token, before the 200.
    FeishuMessage { message_id: String, event_id: String },
    /// Feishu, a card's button: in the response, which becomes the card.
    FeishuCard { message_id: String, event_id: String },
    /// `WeCom`, an application: one text in the response.
    WeComApplication { user: String, corp: String },
    /// `WeCom`, a smart robot that was written to: in the response.
    WeComRobot,
    /// `WeCom`, a button of a smart robot: to the address, once.
    WeComUrl(ReplyUrl),
    /// Teams: in the response and nowhere else.
    Teams,
}

impl Reply {
    /// Whether the answer has to be sent, and taken, before the response goes out.
    pub fn is_sent(&self) -> bool {
        match self {
            Self::SlackUrl(_) | Self::DingTalkSession { .. } | Self::FeishuMessage { .. } | Self::WeComUrl(_) => true,
            Self::SlackResponse
            | Self::FeishuCard { .. }
            | Self::WeComApplication { .. }
            | Self::WeComRobot
            | Self::Teams => false,
        }
    }
}

/// An address from a payload, at one of the vendor's own hosts and of the path that is for answers: at other paths of the
/// same host, anybody's own robot can be written to. Whoever has it may write to the chat: it is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ReplyUrl(String);

/// Of a button, or of a command (documented).
const SLACK: Place = Place { hosts: &["hooks.slack.com"], paths: &["/actions/", "/commands/"] };
/// Documented for the one host; the other one is the vendor's newer one (inferred).
const DINGTALK: Place = Place { hosts: &["oapi.dingtalk.com", "api.dingtalk.com"], paths: &["/robot/sendBySession"] };
/// Documented.
const WECOM: Place = Place { hosts: &["qyapi.weixin.qq.com"], paths: &["/cgi-bin/aibot/response"] };

/// Where a chat takes answers. A path that ends in a stroke is the beginning of one.
struct Place {
    hosts: &'static [&'static str],
    paths: &'static [&'static str],
}

impl Place {
    fn has(&self, host: &str, path: &str) -> bool {
        let is_path = |known: &&str| if known.ends_with('/') { path.starts_with(known) } else { path == *known };
        self.hosts.contains(&host) && self.paths.iter().any(is_path)
    }
}

impl ReplyUrl {
    pub(super) fn slack(text: &str) -> Option<Self> {
        Self::at(&SLACK, text)
    }

    pub(super) fn dingtalk(text: &str) -> Option<Self> {
        Self::at(&DINGTALK, text)
    }

    pub(super) fn wecom(text: &str) -> Option<Self> {
        Self::at(&WECOM, text)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    fn at(place: &Place, text: &str) -> Option<Self> {
        let url = crate::outbound::parse_url(text).ok()?;
        let plain = url.scheme() == "https"
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && text.len() <= 2048;
        let host = url.host_str()?;
        // As the parser understood it: what is sent to is what was judged.
        (plain && place.has(host, url.path())).then(|| Self(url.to_string()))
    }
}

impl fmt::Debug for ReplyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyUrl")
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
    fn an_address_is_the_vendors_own_over_https() {
        assert!(ReplyUrl::slack("https://hooks.slack.com/commands/T1/1/a").is_some());
        assert!(ReplyUrl::dingtalk("https://oapi.dingtalk.com/robot/sendBySession?session=x").is_some());
        assert!(ReplyUrl::slack("https://hooks.slack.com/actions/T1/1/a").is_some());
        assert!(ReplyUrl::wecom("https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=R").is_some());
        for bad in [
            "http://hooks.slack.com/actions/x",
            "https://hooks.slack.com:8443/x",
            "https://hooks.slack.com.example.com/x",
            "https://hooks.slack.com@example.com/x",
            "https://user@hooks.slack.com/x",
            "https://example.com/hooks.slack.com",
            "https://example.com\\@hooks.slack.com/",
            "https://oapi.dingtalk.com/x",
            "https://127.0.0.1/x",
            "http://127.0.0.1:9/x",
            "//hooks.slack.com/x",
            "",
        ] {
            assert!(ReplyUrl::slack(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_address_at_which_anybody_s_own_robot_is_written_to_is_none_for_answers() {
        for path in [
            "/robot/send?access_token=ATTACKER",
            "/robot/sendBySession/../send?access_token=ATTACKER",
            "/robot/sendBySession/x?session=x",
            "/robot//sendBySession?session=x",
            "/v1.0/robot/groupMessages/send",
            "/",
        ] {
            for host in ["oapi.dingtalk.com", "api.dingtalk.com"] {
                assert!(ReplyUrl::dingtalk(&format!("https://{host}{path}")).is_none(), "{path}");
            }
        }
        for path in ["/services/T1/B1/x", "/workflows/T1/x", "/triggers/T1/x", "/actions/../services/T1/B1/x"] {
            assert!(ReplyUrl::slack(&format!("https://hooks.slack.com{path}")).is_none(), "{path}");
        }
        let robot = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=ATTACKER";
        assert!(ReplyUrl::wecom(robot).is_none());
    }

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
