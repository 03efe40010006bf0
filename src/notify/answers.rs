//! What each kind of sink answers, and what follows: a table in a data file, of which the first row that fits counts.
//!
//! Nothing else decides: an answer that no row has is a refusal.

use std::time::Duration;

use crate::outbound::Answer;

const TABLE: &str = include_str!("answers.tsv");

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
    /// Another attempt may succeed, no earlier than after this.
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
pub fn verdict(kind: &str, answer: &Answer, code: &str) -> Verdict {
    let body = answer.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default().to_ascii_lowercase();
    rows()
        .find(|row| row.kind == kind && row.fits(answer.status, code, &body))
        .map_or(Verdict::Refused, |row| row.verdict())
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
    fn fits(&self, status: u16, code: &str, body: &str) -> bool {
        let status_fits = match self.status.strip_suffix("xx") {
            Some(hundreds) => hundreds == (status / 100).to_string(),
            None => self.status == status.to_string(),
        };
        status_fits
            && (self.code == "*" || self.code == code)
            && (self.says == "*" || self.says.split('|').any(|words| body.contains(words)))
    }

    fn verdict(&self) -> Verdict {
        match self.verdict {
            "delivered" => Verdict::Delivered,
            "gone" => Verdict::Gone,
            "again" => Verdict::Again,
            "wait" => Verdict::Wait(Duration::from_secs(self.wait.parse().unwrap_or(60))),
            _ => Verdict::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How the kinds say in their bodies how it went.
    fn body_code(kind: &str) -> BodyCode {
        match kind {
            "slack" => BodyCode::Text,
            "slack-bot" => BodyCode::OkOrError,
            "dingtalk" | "wecom" => BodyCode::Field("errcode"),
            "feishu" => BodyCode::Field("code"),
            _ => BodyCode::None,
        }
    }

    /// A body that has this code and says this.
    fn body(kind: &str, code: &str, says: &str) -> String {
        let code = if code == "*" { "7" } else { code };
        match body_code(kind) {
            BodyCode::Text => code.to_owned(),
            BodyCode::OkOrError if code == "ok" => r#"{"ok":true}"#.to_owned(),
            BodyCode::OkOrError => format!(r#"{{"ok":false,"error":"{code}"}}"#),
            BodyCode::Field(name) => format!(r#"{{"{name}":{code},"msg":"{}"}}"#, says.to_uppercase()),
            BodyCode::None => String::new(),
        }
    }

    #[test]
    fn every_row_is_met_by_the_answer_that_it_describes() {
        let mut count = 0;
        for row in rows() {
            let status = row.status.replace("xx", "00").parse().unwrap();
            for says in row.says.split('|') {
                let body = body(row.kind, row.code, says).into_bytes();
                let code = body_code(row.kind).read(&body);
                let answer = Answer { status, retry_after: None, body: Some(body) };
                let told = verdict(row.kind, &answer, &code);
                assert_eq!(told, row.verdict(), "{} {} {} {says}", row.kind, row.status, row.code);
            }
            let words = ["delivered", "refused", "gone", "again", "wait"];
            assert!(words.contains(&row.verdict) && (row.verdict == "wait") == (row.wait != "-"), "{}", row.code);
            count += 1;
        }
        assert!(count > 80, "{count} rows");
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
            ("unheard-of", 200, ""),
        ] {
            let answer = Answer { status, retry_after: None, body: Some(body.into()) };
            let code = body_code(kind).read(body.as_bytes());
            assert_eq!(verdict(kind, &answer, &code), Verdict::Refused, "{kind} {status} {body}");
        }
    }
}
