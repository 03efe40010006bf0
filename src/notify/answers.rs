//! What each kind of sink answers, and what follows: a table in a data file, of which the first row that fits counts.
//!
//! Nothing else decides: an answer that no row has is a refusal.

use std::time::Duration;

const TABLE: &str = include_str!("answers.tsv");

/// How many messages each kind takes in how many seconds. Nothing is counted here, for a function keeps nothing between two
/// reports: after an answer that speaks of the rate, the shortest of these spans is waited for.
const LIMITS: &str = include_str!("limits.tsv");

/// What a sink answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// As [`BodyCode`] reads it.
    pub code: String,
    /// The whole body, in lower case.
    pub text: String,
    pub retry_after: Option<Duration>,
}

/// What an answer means for the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    /// It will never take this one.
    Refused,
    /// It takes none any more, and is not to be asked again.
    Gone,
    /// Another attempt may succeed, after a pause of our own or as long as the sink asks for.
    Again,
    /// Another attempt may succeed after this, or as long as the sink asks for.
    Wait(Duration),
}

/// How a kind of sink says in its body how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyCode {
    /// It does not.
    None,
    /// The whole body is the code.
    Text,
    /// A field of JSON.
    Field(&'static str),
    /// `ok` of JSON, else its `error`.
    OkOrError,
}

impl BodyCode {
    /// The code in a body; empty where there is none.
    pub fn read(self, body: &[u8]) -> String {
        let json = || serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
        match self {
            Self::None => String::new(),
            Self::Text => String::from_utf8_lossy(body).trim().to_owned(),
            Self::Field(name) => json()[name].as_i64().map(|code| code.to_string()).unwrap_or_default(),
            Self::OkOrError => {
                let json = json();
                if json["ok"] == true { "ok".to_owned() } else { json["error"].as_str().unwrap_or_default().to_owned() }
            }
        }
    }
}

/// What an answer of this kind of sink means.
pub fn verdict(kind: &str, reply: &Reply) -> Verdict {
    rows().find(|row| row.kind == kind && row.fits(reply)).map_or(Verdict::Refused, |row| row.verdict())
}

struct Row {
    kind: &'static str,
    status: &'static str,
    code: &'static str,
    says: &'static str,
    verdict: &'static str,
    wait: &'static str,
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().skip(1).filter_map(|line| {
        let mut cells = line.split('\t');
        let mut next = || cells.next();
        Some(Row { kind: next()?, status: next()?, code: next()?, says: next()?, verdict: next()?, wait: next()? })
    })
}

impl Row {
    fn fits(&self, reply: &Reply) -> bool {
        let status_fits = match self.status.strip_suffix("xx") {
            Some(hundreds) => hundreds == (reply.status / 100).to_string(),
            None => self.status == "*" || self.status == reply.status.to_string(),
        };
        let code_fits = match self.code.strip_suffix('*') {
            Some(beginning) => reply.code.starts_with(beginning),
            None => self.code == reply.code,
        };
        status_fits && code_fits && (self.says == "*" || self.says.split('|').any(|words| reply.text.contains(words)))
    }

    fn verdict(&self) -> Verdict {
        match self.verdict {
            "delivered" => Verdict::Delivered,
            "gone" => Verdict::Gone,
            "again" => Verdict::Again,
            "limit" => shortest_limit(self.kind).map_or(Verdict::Again, Verdict::Wait),
            "wait" => Verdict::Wait(Duration::from_secs(self.wait.parse().unwrap_or(60))),
            _ => Verdict::Refused,
        }
    }
}

/// The shortest span for which this kind limits the messages.
fn shortest_limit(kind: &str) -> Option<Duration> {
    let limits = LIMITS.lines().skip(1).filter_map(|line| {
        let mut cells = line.split('\t');
        let (limited, _messages, seconds) = (cells.next()?, cells.next()?, cells.next()?);
        (limited == kind).then(|| seconds.parse().ok())?
    });
    limits.min().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::sink::samples::one_of_each_kind;

    /// How the kinds say in their bodies how it went.
    fn body_code(kind: &str) -> BodyCode {
        let kinds = one_of_each_kind();
        kinds.iter().find(|one| one.as_str() == kind).unwrap_or_else(|| panic!("no kind is called {kind}")).body_code()
    }

    fn reply(kind: &str, status: u16, body: &str) -> Reply {
        let code = body_code(kind).read(body.as_bytes());
        Reply { status, code, text: body.to_ascii_lowercase(), retry_after: None }
    }

    /// An answer that has this code and says this.
    fn answer(row: &Row, says: &str) -> Reply {
        let status = row.status.replace("xx", "00").replace('*', "400").parse().unwrap();
        let code = row.code.replace('*', "7");
        let body = match body_code(row.kind) {
            BodyCode::Text => code,
            BodyCode::OkOrError if code == "ok" => r#"{"ok":true}"#.to_owned(),
            BodyCode::OkOrError => format!(r#"{{"ok":false,"error":"{code}"}}"#),
            BodyCode::Field(name) => format!(r#"{{"{name}":{code},"msg":"{}"}}"#, says.to_uppercase()),
            // The cloud's client has read it.
            BodyCode::None => return Reply { status, code, text: String::new(), retry_after: None },
        };
        reply(row.kind, status, &body)
    }

    #[test]
    fn every_row_is_met_by_the_answer_that_it_describes() {
        let mut count = 0;
        for row in rows() {
            for says in row.says.split('|') {
                let told = verdict(row.kind, &answer(&row, says));
                assert_eq!(told, row.verdict(), "{} {} {} {says}", row.kind, row.status, row.code);
            }
            let words = ["delivered", "refused", "gone", "again", "limit", "wait"];
            assert!(words.contains(&row.verdict) && (row.verdict == "wait") == (row.wait != "-"), "{}", row.code);
            count += 1;
        }
        assert!(count > 90, "{count} rows");
    }

    #[test]
    fn every_kind_has_an_answer_that_is_success() {
        for kind in one_of_each_kind() {
            let rows = || rows().filter(|row| row.kind == kind.as_str());
            assert!(rows().any(|row| row.verdict() == Verdict::Delivered), "{}", kind.as_str());
        }
    }

    #[test]
    fn the_documented_limit_says_how_long_to_wait_after_an_answer_about_the_rate() {
        for row in rows().filter(|row| row.verdict == "limit") {
            assert!(shortest_limit(row.kind).is_some(), "{} has no limit in the table", row.kind);
        }
        for (kind, status, body, seconds) in [
            ("slack", 429, "", 1),
            ("slack-bot", 200, r#"{"ok":false,"error":"ratelimited"}"#, 1),
            ("dingtalk", 200, r#"{"errcode":130101}"#, 60),
            ("feishu", 200, r#"{"code":11232}"#, 1),
            ("wecom", 200, r#"{"errcode":45009}"#, 60),
            ("pagerduty", 429, "", 60),
        ] {
            let told = verdict(kind, &reply(kind, status, body));
            assert_eq!(told, Verdict::Wait(Duration::from_secs(seconds)), "{kind}");
        }
    }

    #[test]
    fn the_cloud_is_asked_again_where_that_may_help() {
        let told = |status, code: &str| {
            let reply = Reply { status, code: code.to_owned(), text: String::new(), retry_after: None };
            verdict("eventbridge", &reply)
        };
        assert_eq!(told(200, "ok"), Verdict::Delivered);
        for (status, code) in [(400, "Throttling.User"), (503, "Throttling"), (429, "")] {
            assert_eq!(told(status, code), Verdict::Wait(Duration::from_secs(1)), "{status} {code}");
        }
        for (status, code) in [(503, "ServiceUnavailable"), (200, "InternalError"), (502, "")] {
            assert_eq!(told(status, code), Verdict::Again, "{status} {code}");
        }
        for (status, code) in [(403, "Forbidden.RAM"), (400, "InvalidParameter"), (200, "InvalidArgument"), (404, "")] {
            assert_eq!(told(status, code), Verdict::Refused, "{status} {code}");
        }
    }

    #[test]
    fn what_no_row_has_is_a_refusal() {
        for (kind, status, body) in [
            ("slack", 200, "yes"),
            ("slack-bot", 200, "{}"),
            ("dingtalk", 200, r#"{"errcode":"0"}"#),
            ("feishu", 200, "<html>"),
            ("wecom", 302, r#"{"errcode":0}"#),
            ("webhook", 302, ""),
            ("pagerduty", 200, ""),
        ] {
            assert_eq!(verdict(kind, &reply(kind, status, body)), Verdict::Refused, "{kind} {status} {body}");
        }
        let reply = Reply { status: 200, code: String::new(), text: String::new(), retry_after: None };
        assert_eq!(verdict("unheard-of", &reply), Verdict::Refused);
    }
}
