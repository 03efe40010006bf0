//! Every way in which a sink can fail, as each kind of sink does it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::sinks::self_signed;
use crate::world::Setup;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Failure {
    Busy,
    Refusal,
    LongPause,
    TooMany,
    Unavailable,
    Silence,
    Reset,
    ErrorInSuccess,
    Garbage,
    Certificate,
    Name,
}

impl Failure {
    pub(super) const ALL: [Self; 11] = [
        Self::Busy,
        Self::Refusal,
        Self::LongPause,
        Self::TooMany,
        Self::Unavailable,
        Self::Silence,
        Self::Reset,
        Self::ErrorInSuccess,
        Self::Garbage,
        Self::Certificate,
        Self::Name,
    ];

    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Busy => "503, then success",
            Self::Refusal => "refused for good",
            Self::LongPause => "429, `Retry-After: 3600`",
            Self::TooMany => "429 without `Retry-After`",
            Self::Unavailable => "503 every time",
            Self::Silence => "no answer in time",
            Self::Reset => "connection reset",
            Self::ErrorInSuccess => "200 with an error in the body",
            Self::Garbage => "200 with a web page",
            Self::Certificate => "untrusted certificate",
            Self::Name => "host name does not resolve",
        }
    }

    /// It strikes once for each report, and the next attempt succeeds.
    pub(super) fn passes_at_once(self) -> bool {
        self == Self::Busy
    }

    /// What lasts is met once: another attempt would only meet it again.
    pub(super) fn setup(self, mut setup: Setup) -> Setup {
        let retries = u32::from(self.passes_at_once());
        setup.retry.attempts = 1 + retries;
        setup.backoff.retries = retries;
        setup.backoff.attempt = Duration::from_secs(10);
        match self {
            Self::Silence => {
                setup.retry.attempt = Duration::from_secs(1);
                setup.backoff.attempt = Duration::from_secs(3);
            }
            Self::Certificate => setup.sinks_at = Some(format!("https://{}", self_signed())),
            // No label is longer than 63 characters: no resolver has to be asked.
            Self::Name => setup.sinks_at = Some(format!("https://{}.invalid", "x".repeat(64))),
            _ => {}
        }
        setup
    }

    /// What the cloud is told so that this sink fails so.
    pub(super) fn script(self, sink: &str) -> Option<Value> {
        let mut fault = match (self, sink) {
            (Self::Certificate | Self::Name, _) => return None,
            (Self::Silence, _) => json!({"fault": "slow", "ms": 60_000, "before": true}),
            (Self::Reset, _) => json!({"fault": "drop", "before": true}),
            (_, "eventbridge") => self.of_the_bus(),
            _ => {
                let (status, body) = self.answer(sink);
                json!({"fault": "status", "status": status, "body": body})
            }
        };
        if self == Self::LongPause && sink != "eventbridge" {
            fault["retry_after"] = json!("3600");
        }
        fault["operation"] = json!(if sink == "eventbridge" { "PutEvents" } else { sink });
        fault["times"] = json!(if self.passes_at_once() { 1 } else { 1_000_000 });
        Some(fault)
    }

    /// The event bus answers as the rest of the cloud does.
    fn of_the_bus(self) -> Value {
        match self {
            Self::Refusal => json!({"fault": "code", "code": "NoPermission", "status": 403}),
            Self::LongPause => json!({"fault": "throttle", "retry_after_ms": 3_600_000}),
            Self::TooMany => json!({"fault": "throttle"}),
            Self::Busy | Self::Unavailable => json!({"fault": "code", "code": "ServiceUnavailable", "status": 503}),
            Self::ErrorInSuccess => {
                let entry = json!({"ErrorCode": "InvalidArgument", "ErrorMessage": "no"});
                let body = json!({"Data": {"FailedEntryCount": 1, "EntryList": [entry]}}).to_string();
                json!({"fault": "raw", "status": 200, "body": body, "before": true})
            }
            _ => json!({"fault": "garbage", "before": true}),
        }
    }

    fn answer(self, sink: &str) -> (u16, &'static str) {
        match self {
            Self::Busy | Self::Unavailable => (503, "later"),
            Self::LongPause | Self::TooMany => (429, "later"),
            Self::Refusal => refusal(sink),
            Self::ErrorInSuccess => (200, error(sink)),
            _ => (200, "<!DOCTYPE html><html><body>Welcome</body></html>"),
        }
    }
}

/// What each kind says when it never takes a report, by its own table of answers.
fn refusal(sink: &str) -> (u16, &'static str) {
    match sink {
        "slack" => (404, "no_service"),
        "slack-bot" => (200, r#"{"ok":false,"error":"channel_not_found"}"#),
        "dingtalk" => (200, r#"{"errcode":300001,"errmsg":"token is not exist"}"#),
        "feishu" => (200, r#"{"code":19001,"msg":"incoming webhook access token invalid"}"#),
        "wecom" => (200, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#),
        "webhook" | "cloudevents" => (410, "gone"),
        _ => (400, "malformed"),
    }
}

/// A passing error of each kind that says so in the body, and an error that no table has of the others.
fn error(sink: &str) -> &'static str {
    match sink {
        "slack" => "rollup_error",
        "slack-bot" => r#"{"ok":false,"error":"internal_error"}"#,
        "dingtalk" => r#"{"errcode":-1,"errmsg":"system busy"}"#,
        "feishu" => r#"{"code":11232,"msg":"create webhook message trigger frequency limit"}"#,
        "wecom" => r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#,
        _ => r#"{"error":"it was not stored"}"#,
    }
}
