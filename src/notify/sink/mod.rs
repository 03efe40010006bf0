//! The places reports go: one file for each kind, which knows its address, its form and its signature.

mod cloud_events;
mod dingtalk;
mod event_bridge;
mod feishu;
mod message;
mod pager_duty;
mod slack;
mod webhook;

use std::collections::BTreeSet;

use jiff::Timestamp;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use super::answers::BodyCode;
use crate::card::{self, Card, Locale, digest, from_report};
use crate::outcome::{Outcome, Recorded, Report};
use crate::request::Door;
use crate::request::pattern::Pattern;
use crate::request::tag::TagRule;
use message::{bearer, json_headers};

pub use event_bridge::{CloudAccess, EventBridge};
pub use message::{Message, Payload};
pub use webhook::SigningKey;

/// A place reports go.
#[derive(Debug, Clone)]
pub struct Sink {
    pub name: String,
    pub kind: SinkKind,
    /// A report it did not take is delivered again.
    pub required: bool,
    /// It also hears of dry runs whose senders could send them again unnoticed.
    pub replayable: bool,
    pub route: Route,
    pub locale: Locale,
}

/// Which reports a sink is told of. What is absent restricts nothing.
#[derive(Debug, Clone, Default)]
pub struct Route {
    pub on: Option<BTreeSet<Outcome>>,
    pub accounts: Option<Vec<Pattern>>,
    pub regions: Option<Vec<Pattern>>,
    pub doors: Option<BTreeSet<Door>>,
    /// One of these the instance has to bear, as far as its tags are known.
    pub tags: Option<Vec<TagRule>>,
}

/// A closed set, so an enum: adding a sink lists every place to touch. Addresses of chats are secrets.
#[derive(Debug, Clone)]
pub enum SinkKind {
    /// An incoming webhook.
    Slack {
        url: SecretString,
    },
    /// `chat.postMessage`.
    SlackBot {
        token: SecretString,
        channel: String,
    },
    DingTalk {
        url: SecretString,
        secret: Option<SecretString>,
    },
    Feishu {
        url: SecretString,
        secret: Option<SecretString>,
    },
    WeCom {
        url: SecretString,
    },
    Teams {
        url: SecretString,
    },
    /// Several keys while they are rotated: the receiver takes any.
    Webhook {
        url: SecretString,
        keys: Vec<SigningKey>,
    },
    CloudEvents {
        url: SecretString,
        token: Option<SecretString>,
    },
    EventBridge(EventBridge),
    PagerDuty {
        url: SecretString,
        routing_key: SecretString,
    },
}

/// What is to be told.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    Report(&'a Recorded),
    /// Several of one delivery, for people.
    Digest(&'a [&'a Report]),
}

impl SinkKind {
    /// Its name, in configuration, tables and rehearsals.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Slack { .. } => "slack",
            Self::SlackBot { .. } => "slack-bot",
            Self::DingTalk { .. } => "dingtalk",
            Self::Feishu { .. } => "feishu",
            Self::WeCom { .. } => "wecom",
            Self::Teams { .. } => "teams",
            Self::Webhook { .. } => "webhook",
            Self::CloudEvents { .. } => "cloudevents",
            Self::EventBridge(_) => "eventbridge",
            Self::PagerDuty { .. } => "pagerduty",
        }
    }

    /// Where it is, so that two can be compared: never shown.
    pub fn place(&self) -> String {
        match self {
            Self::Slack { url }
            | Self::DingTalk { url, .. }
            | Self::Feishu { url, .. }
            | Self::WeCom { url }
            | Self::Teams { url }
            | Self::Webhook { url, .. }
            | Self::CloudEvents { url, .. } => without_fragment(url.expose_secret()),
            Self::SlackBot { token, channel } => format!("{} {channel}", token.expose_secret()),
            Self::PagerDuty { routing_key, .. } => routing_key.expose_secret().to_owned(),
            Self::EventBridge(bus) => format!("{} {}", bus.region, bus.bus),
        }
    }

    /// What it signs with, so that two can be compared: never shown.
    pub fn signing_secrets(&self) -> Vec<&[u8]> {
        match self {
            Self::DingTalk { secret, .. } | Self::Feishu { secret, .. } => {
                secret.iter().map(|secret| secret.expose_secret().as_bytes()).collect()
            }
            Self::Webhook { keys, .. } => keys.iter().map(SigningKey::as_bytes).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether people read it.
    pub fn is_chat(&self) -> bool {
        match self {
            Self::Slack { .. }
            | Self::SlackBot { .. }
            | Self::DingTalk { .. }
            | Self::Feishu { .. }
            | Self::WeCom { .. }
            | Self::Teams { .. } => true,
            Self::Webhook { .. } | Self::CloudEvents { .. } | Self::EventBridge(_) | Self::PagerDuty { .. } => false,
        }
    }

    /// Whether its receiver drops what it has seen: else a message whose answer is missing may be shown twice.
    pub fn is_idempotent(&self) -> bool {
        !self.is_chat()
    }

    /// The largest body it takes, in bytes (the sources are those of each kind's file).
    pub fn max_bytes(&self) -> usize {
        match self {
            Self::Slack { .. } | Self::SlackBot { .. } => 40_000,
            Self::DingTalk { .. } | Self::Feishu { .. } => 20_000,
            Self::WeCom { .. } => 10_000,
            Self::Teams { .. } => 28_000,
            Self::Webhook { .. } | Self::CloudEvents { .. } | Self::EventBridge(_) => 64_000,
            Self::PagerDuty { .. } => 500_000,
        }
    }

    /// How it says in the body of an answer how it went.
    pub fn body_code(&self) -> BodyCode {
        match self {
            Self::Slack { .. } => BodyCode::Text,
            Self::SlackBot { .. } => BodyCode::OkOrError,
            Self::DingTalk { .. } | Self::WeCom { .. } => BodyCode::Field("errcode"),
            Self::Feishu { .. } => BodyCode::Field("code"),
            Self::Teams { .. }
            | Self::Webhook { .. }
            | Self::CloudEvents { .. }
            | Self::EventBridge(_)
            | Self::PagerDuty { .. } => BodyCode::None,
        }
    }

    /// Whether it is told of an outcome, where its route says `on` or says nothing. Who hears of `enabled` or `unknown` also
    /// hears that it was on already: it may be the end of a doubt.
    fn hears(&self, on: Option<&BTreeSet<Outcome>>, outcome: Outcome) -> bool {
        match (self, on) {
            (Self::PagerDuty { .. }, on) => pager_duty::hears(on, outcome),
            (_, None) => true,
            (_, Some(on)) => {
                on.contains(&outcome)
                    || (outcome == Outcome::AlreadyEnabled
                        && (on.contains(&Outcome::Enabled) || on.contains(&Outcome::Unknown)))
            }
        }
    }
}

/// An address as it is asked: what follows `#` is never sent.
fn without_fragment(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return url.to_owned() };
    url.set_fragment(None);
    url.into()
}

impl Sink {
    /// Whether it is to hear of a report, of one whose sender could send it again unnoticed too.
    pub fn wants(&self, report: &Report, is_replayable: bool) -> bool {
        let matches = |patterns: &Option<Vec<Pattern>>, text: &str| {
            patterns.as_ref().is_none_or(|patterns| Pattern::any(patterns, text))
        };
        let tags = report.evidence.as_ref().and_then(|evidence| evidence.tags.as_ref());
        self.wants_outcome(report.outcome)
            && (self.replayable || !is_replayable || report.outcome != Outcome::Planned)
            // Told once too often is better than lost: so it is of accounts and tags that are not known.
            && report.account.as_ref().is_none_or(|account| matches(&self.route.accounts, account.as_str()))
            && matches(&self.route.regions, report.region.as_str())
            && self.route.doors.as_ref().is_none_or(|doors| doors.contains(&report.origin.door))
            && match (&self.route.tags, tags) {
                (Some(rules), Some(tags)) => rules.iter().any(|rule| rule.is_borne(tags)),
                (None, _) | (Some(_), None) => true,
            }
    }

    pub fn wants_outcome(&self, outcome: Outcome) -> bool {
        self.kind.hears(self.route.on.as_ref(), outcome)
    }

    /// What it is sent, signed now where its kind signs. Nothing where it takes no such content.
    pub fn payload<'s>(&'s self, content: Content<'_>, now: Timestamp) -> Option<Payload<'s>> {
        let card = || self.card(content);
        let plain = |url: &'s str, body| Message { url: url.into(), headers: json_headers(), body };
        let message = match (&self.kind, content) {
            (SinkKind::Slack { url }, _) => plain(url.expose_secret(), card::slack::message(&card()).to_string()),
            (SinkKind::SlackBot { token, channel }, _) => slack::message(token, channel, &card()),
            (SinkKind::DingTalk { url, secret }, _) => {
                let body = card::dingtalk::message(&card()).to_string();
                dingtalk::message(url, secret.as_ref(), now, body)
            }
            (SinkKind::Feishu { url, secret }, _) => {
                plain(url.expose_secret(), feishu::body(secret.as_ref(), now, &card()))
            }
            (SinkKind::WeCom { url }, _) => plain(url.expose_secret(), card::wecom::message(&card()).to_string()),
            (SinkKind::Teams { url }, _) => plain(url.expose_secret(), card::teams::message(&card()).to_string()),
            (SinkKind::Webhook { url, keys }, Content::Report(recorded)) => {
                let mut message = plain(url.expose_secret(), recorded.json().to_owned());
                message.headers.extend(webhook::headers(keys, &recorded.report.id, now, recorded.json()));
                message
            }
            (SinkKind::CloudEvents { url, token }, Content::Report(recorded)) => {
                let mut message = plain(url.expose_secret(), cloud_events::body(recorded));
                message.headers = cloud_events::headers();
                message.headers.extend(bearer(token.as_ref()));
                message
            }
            (SinkKind::PagerDuty { url, routing_key }, Content::Report(recorded)) => {
                plain(url.expose_secret(), pager_duty::body(routing_key, recorded, self.locale))
            }
            (SinkKind::EventBridge(bus), Content::Report(recorded)) => {
                return Some(Payload::Event { bus, event: event_bridge::event(recorded) });
            }
            (
                SinkKind::EventBridge(_)
                | SinkKind::Webhook { .. }
                | SinkKind::CloudEvents { .. }
                | SinkKind::PagerDuty { .. },
                Content::Digest(_),
            ) => return None,
        };
        Some(Payload::Http(message))
    }

    fn card(&self, content: Content<'_>) -> Card {
        match content {
            Content::Report(recorded) => from_report(&recorded.report, None, self.locale),
            Content::Digest(reports) => digest(reports, self.locale),
        }
    }
}

#[cfg(test)]
pub(super) mod samples {
    //! Sinks for tests.

    use super::{EventBridge, SigningKey, SinkKind};
    use crate::request::ids::RegionId;

    /// One sink of every kind. A new kind does not compile until it is here.
    pub(in crate::notify) fn one_of_each_kind() -> Vec<SinkKind> {
        let secret = || "a-secret".into();
        let url = || "https://example.com/hook".into();
        let bus = EventBridge { bus: "platform".to_owned(), region: RegionId::parse("cn-hangzhou").unwrap() };
        let mut kinds = vec![SinkKind::Slack { url: url() }];
        while let Some(next) = match kinds.last().unwrap() {
            SinkKind::Slack { .. } => Some(SinkKind::SlackBot { token: secret(), channel: "C1".to_owned() }),
            SinkKind::SlackBot { .. } => Some(SinkKind::DingTalk { url: url(), secret: Some(secret()) }),
            SinkKind::DingTalk { .. } => Some(SinkKind::Feishu { url: url(), secret: Some(secret()) }),
            SinkKind::Feishu { .. } => Some(SinkKind::WeCom { url: url() }),
            SinkKind::WeCom { .. } => Some(SinkKind::Teams { url: url() }),
            SinkKind::Teams { .. } => Some(SinkKind::Webhook { url: url(), keys: Vec::<SigningKey>::new() }),
            SinkKind::Webhook { .. } => Some(SinkKind::CloudEvents { url: url(), token: None }),
            SinkKind::CloudEvents { .. } => Some(SinkKind::EventBridge(bus.clone())),
            SinkKind::EventBridge(_) => Some(SinkKind::PagerDuty { url: url(), routing_key: secret() }),
            SinkKind::PagerDuty { .. } => None,
        } {
            kinds.push(next);
        }
        kinds
    }
}

#[cfg(test)]
mod vectors {
    //! What others sent to chats, as it went out.

    use jiff::Timestamp;
    use secrecy::SecretString;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct File {
        vectors: Vec<serde_json::Value>,
    }

    #[derive(Deserialize)]
    pub(super) struct Vector {
        #[serde(rename = "now_unix")]
        seconds: i64,
        pub(super) path: String,
        pub(super) body: String,
        secret: std::collections::BTreeMap<String, String>,
    }

    impl Vector {
        pub(super) fn secret(&self) -> SecretString {
            self.secret.values().next().unwrap().as_str().into()
        }

        pub(super) fn time(&self) -> Timestamp {
            Timestamp::from_second(self.seconds).unwrap()
        }
    }

    pub(super) fn sent_to(channel: &str) -> Vec<Vector> {
        let file: File = serde_json::from_str(include_str!("../../../tests/fixtures/chat/vectors.json")).unwrap();
        let sent = file.vectors.into_iter().filter(|one| one["channel"] == channel && one["direction"] == "out");
        sent.map(|one| serde_json::from_value(one).unwrap()).collect()
    }
}
