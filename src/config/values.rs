//! The small values of a configuration, each with its own parser and its own sentence.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::Offset;
use rustls::RootCertStore;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::aliyun::credentials::SourceName;
use crate::aliyun::endpoint::Network;
use crate::aliyun::secrets::SecretName;
use crate::aliyun::sign::SignatureVersion;
use crate::app::Role;
use crate::ingress::chat::ChatName;
use crate::outbound;
use crate::outcome::Outcome;
use crate::request::command::CommandName;
use crate::request::ids::{AccountId, RegionId};
use crate::request::tag::TagRule;
use crate::request::{Door, Mode};
use crate::words::Language;

pub(super) const A_ROLE: &str = "all, events, door or worker";
pub(super) const A_FUNCTION: &str = "the name of a function: letters, digits, hyphens and underscores";
pub(super) const A_MODE: &str = "plan or enforce";
pub(super) const A_SIGNATURE: &str = "v3 or v1";
pub(super) const A_NETWORK: &str = "public or vpc";
pub(super) const A_DURATION: &str = "a time of 3s to 24h, like 55s";
pub(super) const A_LEVEL: &str = "off, error, warn, info or debug";

/// The longest name of a secret of KMS (documented).
const MAX_SECRET_NAME: usize = 192;

/// Less leaves no time for a call once a slice is kept for notification.
const MIN_TIMEOUT: Duration = Duration::from_secs(3);

pub(super) fn duration(text: &str) -> Option<Duration> {
    let span = Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok()?;
    (MIN_TIMEOUT..=Duration::from_hours(24)).contains(&span).then_some(span)
}

pub(super) fn signature_version(text: &str) -> Option<SignatureVersion> {
    match text {
        "v1" => Some(SignatureVersion::V1),
        "v3" => Some(SignatureVersion::V3),
        _ => None,
    }
}

pub(super) fn network(text: &str) -> Option<Network> {
    match text {
        "public" => Some(Network::Public),
        "vpc" => Some(Network::Vpc),
        _ => None,
    }
}

pub(super) fn read_roots(path: &Path) -> Result<RootCertStore, String> {
    let shown = path.display();
    let pem = std::fs::read(path).map_err(|error| format!("names {shown}, which cannot be read: {error}"))?;
    outbound::parse_roots(&pem).map_err(|unusable| format!("names {shown}, which {unusable}"))
}

/// A function's name (documented): at most 64 letters, digits, hyphens and underscores, of which the first is a letter or an
/// underscore.
pub(super) fn function(text: &str) -> Option<String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    (is_plain && begins && text.len() <= 64).then(|| text.to_owned())
}

/// A newtype over what a text means, with the one sentence that says what the text must be.
macro_rules! from_text {
    ($(#[$doc:meta])* $name:ident($inner:ty), $parse:expr, $sentence:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $name(pub(super) $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let parse = |text: &str| $parse(text).map($name);
                deserializer.deserialize_str(TextVisitor { parse, sentence: $sentence })
            }
        }
    };
}

struct TextVisitor<F> {
    parse: F,
    sentence: &'static str,
}

impl<T, F: Fn(&str) -> Option<T>> Visitor<'_> for TextVisitor<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).ok_or_else(|| E::custom(format_args!("must be {}", self.sentence)))
    }
}

from_text!(SinkName(String), sink_name, "a name of 1 to 64 letters, digits, dots, hyphens and underscores");
from_text!(
    SinkKindText(SinkKindName),
    SinkKindName::parse,
    "slack, dingtalk, feishu, lark, wecom, teams, webhook, cloudevents, eventbridge or pagerduty"
);
from_text!(LanguageText(Language), Language::parse, "en, zh or ja");
from_text!(OffsetText(Offset), offset, "an offset from UTC, like +08:00");
from_text!(
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
    DoorText(Door),
    door,
    "event, webhook or chat"
);
from_text!(
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
    OutcomeText(Outcome),
    outcome,
    "an outcome: enabled, already_enabled, planned, refused, waiting, failed or unknown"
);
from_text!(ModeText(Mode), Mode::parse, A_MODE);
from_text!(RoleText(Role), Role::parse, A_ROLE);
from_text!(FunctionText(String), function, A_FUNCTION);
from_text!(Time(Duration), duration, A_DURATION);
from_text!(Signature(SignatureVersion), signature_version, A_SIGNATURE);
from_text!(NetworkText(Network), network, A_NETWORK);
from_text!(Level(tracing::level_filters::LevelFilter), crate::telemetry::level, A_LEVEL);
from_text!(
    /// Where a default key applies: `"cn-hangzhou"` or `"1234567890123456/cn-hangzhou"`.
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    KeyPlace((Option<AccountId>, RegionId)),
    key_place,
    "a region like cn-hangzhou, or an account and a region like 1234567890123456/cn-hangzhou"
);

from_text!(
    #[derive(Clone)]
    AccountText(AccountId),
    account,
    "an account id: its digits, like 1234567890123456"
);
from_text!(SourceText(SourceName), SourceName::parse, "a source: environment, oidc, profile, file, uri or metadata");
from_text!(ChatText(ChatName), ChatName::parse, "slack, dingtalk, feishu, wecom or teams");
from_text!(CommandText(CommandName), CommandName::parse, "plan, status or seal");
from_text!(TagText(TagRule), TagRule::parse, "a tag: its key, or key=value");
from_text!(Age(SignedDuration), age, "a time of 1m to 8784h, like 2h");

/// The kinds of sink that a file can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SinkKindName {
    Slack,
    DingTalk,
    Feishu,
    WeCom,
    Teams,
    Webhook,
    CloudEvents,
    EventBridge,
    PagerDuty,
}

impl SinkKindName {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "slack" => Self::Slack,
            "dingtalk" => Self::DingTalk,
            "feishu" | "lark" => Self::Feishu,
            "wecom" => Self::WeCom,
            "teams" => Self::Teams,
            "webhook" => Self::Webhook,
            "cloudevents" => Self::CloudEvents,
            "eventbridge" => Self::EventBridge,
            "pagerduty" => Self::PagerDuty,
            _ => return None,
        })
    }
}

/// `+08:00`, with a sign, two digits each.
fn offset(text: &str) -> Option<Offset> {
    let (hours, minutes) = text.get(1..)?.split_once(':').filter(|_| text.len() == 6)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i32>().ok())?;
    let seconds = digits(hours)? * 3600 + digits(minutes).filter(|minutes| *minutes < 60)? * 60;
    let signed = match text.chars().next()? {
        '+' => seconds,
        '-' => -seconds,
        _ => return None,
    };
    Offset::from_seconds(signed).ok().filter(|_| seconds <= 14 * 3600)
}

fn door(text: &str) -> Option<Door> {
    [Door::Event, Door::Webhook, Door::Chat].into_iter().find(|door| door.as_str() == text)
}

fn sink_name(text: &str) -> Option<String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    ((1..=64).contains(&text.len()) && text.bytes().all(fits)).then(|| text.to_owned())
}

fn outcome(text: &str) -> Option<Outcome> {
    Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == text)
}

/// How long an event may be on its way: a minute to a year.
fn age(text: &str) -> Option<SignedDuration> {
    let age: SignedDuration = text.parse().ok()?;
    (SignedDuration::from_mins(1)..=SignedDuration::from_hours(24 * 366)).contains(&age).then_some(age)
}

fn account(text: &str) -> Option<AccountId> {
    AccountId::parse(text).ok()
}

fn key_place(text: &str) -> Option<(Option<AccountId>, RegionId)> {
    match text.split_once('/') {
        Some((account, region)) => Some((Some(AccountId::parse(account).ok()?), RegionId::parse(region).ok()?)),
        None => Some((None, RegionId::parse(text).ok()?)),
    }
}

/// A value, or where it is held. A secret is never a literal.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Literal(String),
    Held(Secret),
}

/// `{ env = "NAME" }`, or `{ secret = "name" }` of KMS, of which a `field` may be meant.
#[derive(Debug, Clone)]
pub(super) enum Secret {
    Env(String),
    Kms(SecretName),
}

impl Secret {
    /// The variable that holds it, if one does.
    pub(super) fn variable(&self) -> Option<&str> {
        match self {
            Self::Env(variable) => Some(variable),
            Self::Kms(_) => None,
        }
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(variable) => write!(f, "the variable {variable}"),
            Self::Kms(name) => name.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

/// Several secrets, each by where it is held.
pub(super) fn secrets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Secret>, D::Error> {
    struct SecretsVisitor;

    impl<'de> Visitor<'de> for SecretsVisitor {
        type Value = Vec<Secret>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array, [{ env = \"NAME\" }]")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Vec<Secret>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(items))
        }
    }

    deserializer.deserialize_seq(SecretsVisitor)
}

/// What a value may be.
struct ValueVisitor;

/// What a secret may be: a literal is read, to say what to write instead.
struct SecretVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, { env = \"NAME\" } or { secret = \"name\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Literal(text.to_owned()))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Value, M::Error> {
        held(map).map(Value::Held)
    }
}

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ env = \"NAME\" } or { secret = \"name\" }")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Secret, E> {
        Err(E::custom(
            "a secret is not written into the file: write { env = \"NAME\" } and set that variable, or { secret = \"name\" } \
             of KMS",
        ))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Secret, M::Error> {
        held(map)
    }
}

/// What `{ env = "NAME" }` or `{ secret = "name", field = "name" }` names, and nothing else beside it.
fn held<'de, M: MapAccess<'de>>(mut map: M) -> Result<Secret, M::Error> {
    let wrong = || de::Error::custom("write { env = \"NAME\" } or { secret = \"name\" }");
    let (mut variable, mut name, mut field) = (None, None, None);
    while let Some((key, text)) = map.next_entry::<String, String>()? {
        match key.as_str() {
            "env" => variable = Some(text),
            "secret" => name = Some(text),
            "field" => field = Some(text),
            _ => return Err(wrong()),
        }
    }
    match (variable, name, field) {
        (Some(variable), None, None) if is_variable_name(&variable) => Ok(Secret::Env(variable)),
        (Some(_), None, None) => {
            Err(de::Error::custom("env must be the name of a variable, in capitals like SLACK_URL"))
        }
        (None, Some(name), field) => match field {
            _ if !is_secret_name(&name) => {
                Err(de::Error::custom("secret must be the name of a secret in KMS, or its ARN"))
            }
            Some(field) if !is_field_name(&field) => {
                Err(de::Error::custom("field must be the name of a field of the secret"))
            }
            field => Ok(Secret::Kms(SecretName { name, field })),
        },
        _ => Err(wrong()),
    }
}

/// Whether a text is a secret's name, or its ARN. What looks like a secret itself is none, and is not repeated.
fn is_secret_name(text: &str) -> bool {
    let letters = |b: u8| b.is_ascii_alphanumeric() || b"_/+=.@-".contains(&b);
    let name = match text.strip_prefix("acs:kms:") {
        Some(rest) => match rest.split(':').collect::<Vec<_>>()[..] {
            [region, account, name] if !region.is_empty() && account.bytes().all(|b| b.is_ascii_digit()) => {
                name.strip_prefix("secret/").unwrap_or_default()
            }
            _ => return false,
        },
        None => text,
    };
    let is_a_secret = ["whsec_", "whpk_", "xoxb-"].iter().any(|start| name.starts_with(start));
    (1..=MAX_SECRET_NAME).contains(&name.len()) && name.bytes().all(letters) && !is_a_secret
}

/// Whether a text may be a field's name.
fn is_field_name(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// Whether a text is a variable's name. One that is not may be the secret itself, and is not repeated.
fn is_variable_name(text: &str) -> bool {
    let letters = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') && text.bytes().all(letters)
}
