//! Addresses that come with a message, for what is said back.

use std::fmt;

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
}
