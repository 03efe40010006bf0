//! Places that reports go to. What a sink takes is kept for `GET /_emulator/notifications`; what it refuses is not. What
//! it takes and then loses is kept for `GET /_emulator/notifications/dropped`.
//!
//! They stand for services on the internet, so other machines may reach them too.
//!
//! Each has a path of its own, `/_emulator/{sink}`, and the vendor's path below `/_emulator/hosts`. Each is a file here
//! and judges as its vendor does; a mark at a check says who says so. `EventBridge` is no path but an operation of the
//! cloud, `PutEvents`, and its faults are scripted by that name.

mod cloudevents;
mod dingtalk;
mod feishu;
mod message;
mod pagerduty;
mod receive;
mod reply;
mod secrets;
mod slack;
mod teams;
mod wecom;

use axum::{
    Router,
    extract::{ConnectInfo, RawQuery, State},
    http::StatusCode,
    routing::post,
};
use jiff::Timestamp;

use super::{Emulator, answer::new_request_id, encoding, faults, line::Peer};

use reply::{Reply, Verdict};

pub(super) use message::{Dropped, Message, Notification};
pub(super) use receive::receive;
pub(super) use secrets::Secrets;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sink {
    Slack,
    SlackBot,
    Dingtalk,
    Feishu,
    Wecom,
    Teams,
    Webhook,
    Cloudevents,
    Pagerduty,
    /// The places where chats take answers.
    SlackReply,
    DingtalkReply,
    WecomReply,
    FeishuReply,
    /// Where an application of Feishu's gets its token.
    FeishuToken,
}

pub(super) fn routes() -> Router<Emulator> {
    Sink::WITH_A_PATH.into_iter().fold(Router::new(), |router, sink| {
        let receive =
            move |State(emulator): State<Emulator>,
                  ConnectInfo(peer): ConnectInfo<Peer>,
                  RawQuery(query): RawQuery,
                  headers,
                  body| receive(sink, emulator, peer, Message::new(query, headers, body));
        router.route(&format!("/{}", sink.name()), post(receive))
    })
}

impl Sink {
    pub(super) const ALL: [Self; 14] = [
        Self::Slack,
        Self::SlackBot,
        Self::Dingtalk,
        Self::Feishu,
        Self::Wecom,
        Self::Teams,
        Self::Webhook,
        Self::Cloudevents,
        Self::Pagerduty,
        Self::SlackReply,
        Self::DingtalkReply,
        Self::WecomReply,
        Self::FeishuReply,
        Self::FeishuToken,
    ];

    /// Where reports go. The others are found below the vendors' hosts only.
    pub(super) const WITH_A_PATH: [Self; 9] = [
        Self::Slack,
        Self::SlackBot,
        Self::Dingtalk,
        Self::Feishu,
        Self::Wecom,
        Self::Teams,
        Self::Webhook,
        Self::Cloudevents,
        Self::Pagerduty,
    ];

    /// Its name in paths, in fault scripts and among the notifications.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::SlackBot => "slack-bot",
            Self::Dingtalk => "dingtalk",
            Self::Feishu => "feishu",
            Self::Wecom => "wecom",
            Self::Teams => "teams",
            Self::Webhook => "webhook",
            Self::Cloudevents => "cloudevents",
            Self::Pagerduty => "pagerduty",
            Self::SlackReply => "slack-reply",
            Self::DingtalkReply => "dingtalk-reply",
            Self::WecomReply => "wecom-reply",
            Self::FeishuReply => "feishu-reply",
            Self::FeishuToken => "feishu-token",
        }
    }

    /// What the vendor does with a message.
    fn judge(self, message: &Message, secrets: &Secrets, now: Timestamp) -> Verdict {
        match self {
            Self::Teams => teams::workflow(message),
            Self::Slack | Self::SlackReply => slack::hook(message).into(),
            Self::SlackBot => slack::bot(message, now).into(),
            Self::Dingtalk => dingtalk::robot(message, secrets.dingtalk(), now).into(),
            Self::DingtalkReply => dingtalk::reply(message).into(),
            Self::Feishu => feishu::robot(message, secrets.feishu(), now).into(),
            Self::FeishuReply => feishu::reply(message).into(),
            Self::FeishuToken => feishu::token(message).into(),
            Self::Wecom => wecom::robot(message).into(),
            Self::WecomReply => wecom::reply(message).into(),
            Self::Webhook => Verdict::Kept(Reply::empty(StatusCode::NO_CONTENT)),
            Self::Cloudevents => cloudevents::structured(message).into(),
            Self::Pagerduty => pagerduty::event(message).into(),
        }
    }
}
