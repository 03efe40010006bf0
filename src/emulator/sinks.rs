//! Places that reports go to. What a sink takes is kept for `GET /_emulator/notifications`; what it refuses is not.
//!
//! They stand for services on the internet, so other machines may reach them too.

use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use super::{
    Emulator,
    faults::{Moment, SinkFault, Taken},
    line::Peer,
};

/// The most blocks a Slack message may have (*documented*).
const SLACK_BLOCKS: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Sink {
    Slack,
    Webhook,
    /// The places where chats take answers.
    SlackReply,
    DingtalkReply,
    WecomReply,
    FeishuReply,
    /// Where an application of Feishu's gets its token.
    FeishuToken,
}

/// A message as it arrived.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Notification {
    sink: Sink,
    headers: Map<String, Value>,
    body: Value,
}

impl Notification {
    /// What a page may show of it. Its headers may be signed with real secrets, and what asks for a token holds one.
    pub(super) fn shown(&self) -> Value {
        let body = if self.sink == Sink::FeishuToken { &Value::Null } else { &self.body };
        json!({ "sink": self.sink, "body": body })
    }
}

pub(super) fn routes() -> Router<Emulator> {
    [Sink::Slack, Sink::Webhook].into_iter().fold(Router::new(), |router, sink| {
        let receive = move |State(emulator): State<Emulator>, ConnectInfo(peer): ConnectInfo<Peer>, headers, body| {
            receive(sink, emulator, peer, headers, body)
        };
        router.route(&format!("/{}", sink.name()), post(receive))
    })
}

impl Sink {
    pub(super) const ALL: [Self; 7] = [
        Self::Slack,
        Self::Webhook,
        Self::SlackReply,
        Self::DingtalkReply,
        Self::WecomReply,
        Self::FeishuReply,
        Self::FeishuToken,
    ];

    /// Its name in paths and in fault scripts.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Webhook => "webhook",
            Self::SlackReply => "slack-reply",
            Self::DingtalkReply => "dingtalk-reply",
            Self::WecomReply => "wecom-reply",
            Self::FeishuReply => "feishu-reply",
            Self::FeishuToken => "feishu-token",
        }
    }

    /// Whether it is a place where reports go, and not one where a chat takes answers.
    pub(super) fn takes_reports(self) -> bool {
        !self.name().ends_with("-reply") && self != Self::FeishuToken
    }

    /// The chats of China refuse with a 200 (*documented*).
    fn refusal_status(self) -> StatusCode {
        match self {
            Self::Slack | Self::Webhook | Self::SlackReply => StatusCode::BAD_REQUEST,
            Self::DingtalkReply | Self::WecomReply | Self::FeishuReply | Self::FeishuToken => StatusCode::OK,
        }
    }

    /// What the sink says to a message it understands, or to one it does not.
    fn judge(self, body: &Value) -> Result<Response, &'static str> {
        match self {
            Self::Slack | Self::SlackReply => slack(body).map(|()| "ok".into_response()),
            Self::Webhook => Ok(StatusCode::NO_CONTENT.into_response()),
            Self::DingtalkReply | Self::WecomReply if body["msgtype"].is_string() => Ok(json(r#"{"errcode":0}"#)),
            Self::DingtalkReply | Self::WecomReply => Err(r#"{"errcode":40035,"errmsg":"no msgtype"}"#),
            Self::FeishuReply if body["content"].is_string() => Ok(json(r#"{"code":0}"#)),
            Self::FeishuToken if body["app_secret"].is_string() => {
                Ok(json(r#"{"code":0,"tenant_access_token":"t-stand-in","expire":7200}"#))
            }
            Self::FeishuReply | Self::FeishuToken => Err(r#"{"code":9499,"msg":"bad request"}"#),
        }
    }
}

fn json(body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

pub(super) async fn receive(sink: Sink, emulator: Emulator, peer: Peer, headers: HeaderMap, body: Bytes) -> Response {
    let fault = emulator.world().faults.for_sink(sink);
    let take = || accept(sink, &emulator, &headers, &body);
    match fault {
        None => take(),
        Some(Taken { fault: SinkFault::Status { status, body, retry_after }, .. }) => refuse(status, body, retry_after),
        Some(Taken { fault: SinkFault::Drop {}, moment }) => {
            if moment == Moment::After {
                take();
            }
            peer.hang_up();
            StatusCode::OK.into_response()
        }
        Some(Taken { fault: SinkFault::Slow { ms }, moment: Moment::After }) => {
            let response = take();
            sleep(Duration::from_millis(ms)).await;
            response
        }
        Some(Taken { fault: SinkFault::Slow { ms }, moment: Moment::Before }) => {
            sleep(Duration::from_millis(ms)).await;
            take()
        }
    }
}

fn accept(sink: Sink, emulator: &Emulator, headers: &HeaderMap, body: &[u8]) -> Response {
    let body = serde_json::from_slice(body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body)));
    match sink.judge(&body) {
        Ok(response) => {
            let headers = headers.keys().map(|name| (name.to_string(), joined(headers, name.as_str()))).collect();
            emulator.world().notifications.push(Notification { sink, headers, body });
            response
        }
        Err(why) => (sink.refusal_status(), why).into_response(),
    }
}

fn joined(headers: &HeaderMap, name: &str) -> Value {
    let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    Value::from(values.collect::<Vec<_>>().join(", "))
}

/// What an incoming webhook of Slack refuses. Codes and the limit of blocks are *documented*; the order is *inferred*.
fn slack(body: &Value) -> Result<(), &'static str> {
    let message = body.as_object().ok_or("invalid_payload")?;
    let has_text = message.get("text").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let list = |name| message.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if !has_text && list("blocks").is_empty() && list("attachments").is_empty() {
        return Err("no_text");
    }
    let attached = list("attachments").iter().filter_map(|attachment| attachment.get("blocks")?.as_array());
    if list("blocks").len() > SLACK_BLOCKS || attached.into_iter().any(|blocks| blocks.len() > SLACK_BLOCKS) {
        return Err("invalid_blocks");
    }
    Ok(())
}

fn refuse(status: u16, body: String, retry_after: Option<String>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body).into_response();
    if let Some(value) = retry_after.and_then(|text| text.try_into().ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}
