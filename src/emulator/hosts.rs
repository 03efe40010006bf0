//! The vendors' own hosts: `/_emulator/hosts/{host}/{path}`. What chats take there as answers is kept among the
//! notifications, as `slack-reply` and so on; what they refuse is not. Reports are taken there as by the sinks. What can
//! be fetched there is what `PUT /_emulator/files` put there.

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};

use super::{
    Emulator,
    line::Peer,
    sinks::{Message, Sink, receive},
};

/// The token that an application gets, and has to show.
const TENANT_TOKEN: &str = "t-stand-in";

pub(super) fn routes() -> Router<Emulator> {
    Router::new().route("/hosts/{host}/{*path}", get(give).post(take))
}

async fn give(State(emulator): State<Emulator>, Path((host, path)): Path<(String, String)>) -> Response {
    match emulator.world().files.get(&format!("{host}/{path}")) {
        Some(text) => text.clone().into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such file").into_response(),
    }
}

async fn take(
    State(emulator): State<Emulator>,
    Path((host, path)): Path<(String, String)>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(sink) = sink_at(&host, &path) else {
        return (StatusCode::NOT_FOUND, "nobody takes messages there").into_response();
    };
    let shown = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    if sink == Sink::FeishuReply && shown != Some(format!("Bearer {TENANT_TOKEN}").as_bytes()) {
        return (StatusCode::BAD_REQUEST, r#"{"code":99991663,"msg":"Invalid access token"}"#).into_response();
    }
    receive(sink, emulator, peer, Message::new(query, headers, body)).await
}

fn sink_at(host: &str, path: &str) -> Option<Sink> {
    let has_more = |path: &str, start: &str| path.strip_prefix(start).is_some_and(|rest| !rest.is_empty());
    let replied = |path: &str| path.strip_prefix("open-apis/im/v1/messages/")?.strip_suffix("/reply").map(str::len);
    match (host, path) {
        ("hooks.slack.com", _) => Some(Sink::SlackReply),
        ("slack.com", "api/chat.postMessage") => Some(Sink::SlackBot),
        ("oapi.dingtalk.com", "robot/send") => Some(Sink::Dingtalk),
        ("oapi.dingtalk.com", "robot/sendBySession") => Some(Sink::DingtalkReply),
        ("qyapi.weixin.qq.com", "cgi-bin/webhook/send") => Some(Sink::Wecom),
        ("qyapi.weixin.qq.com", "cgi-bin/aibot/response") => Some(Sink::WecomReply),
        ("events.pagerduty.com" | "events.eu.pagerduty.com", "v2/enqueue") => Some(Sink::Pagerduty),
        ("open.feishu.cn" | "open.larksuite.com", "open-apis/auth/v3/tenant_access_token/internal") => {
            Some(Sink::FeishuToken)
        }
        ("open.feishu.cn" | "open.larksuite.com", path) if has_more(path, "open-apis/bot/v2/hook/") => {
            Some(Sink::Feishu)
        }
        ("open.feishu.cn" | "open.larksuite.com", path) => {
            replied(path).filter(|id| *id > 0).map(|_| Sink::FeishuReply)
        }
        (host, _) if is_of_workflows(host) => Some(Sink::Teams),
        _ => None,
    }
}

/// Old and new hosts of Power Automate (*read in code*).
fn is_of_workflows(host: &str) -> bool {
    host.ends_with(".logic.azure.com") || host.ends_with(".environment.api.powerplatform.com")
}
