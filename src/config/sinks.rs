//! `[[sinks]]`, as they are written, and those of the environment.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use serde::Deserialize;

use super::values::{
    DoorText, LanguageText, OffsetText, OutcomeText, Secret, SinkKindName, SinkKindText, SinkName, TagText, Value,
    secrets,
};
use crate::card::Locale;
use crate::env::Env;
use crate::notify::sink::{EventBridge, Route, SigningKey, Sink, SinkKind};
use crate::outbound::parse_url;
use crate::policy::Pattern;
use crate::request::ids::RegionId;

/// Where `PagerDuty` takes events, unless a file says otherwise: its European service has another host.
const PAGER_DUTY: &str = "https://events.pagerduty.com/v2/enqueue";

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a table, [[sinks]]")]
pub(super) struct SinkEntry {
    #[cfg_attr(feature = "dev", schemars(with = "String"))]
    name: SinkName,
    #[cfg_attr(feature = "dev", schemars(with = "String"))]
    kind: SinkKindText,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    url: Option<Value>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    secret: Option<Secret>,
    /// Several while they are rotated; Standard Webhooks only.
    #[serde(default, deserialize_with = "secrets")]
    #[cfg_attr(feature = "dev", schemars(with = "Vec<String>"))]
    secrets: Vec<Secret>,
    /// Of a Slack bot, or a bearer's.
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    token: Option<Secret>,
    channel: Option<String>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    routing_key: Option<Secret>,
    bus: Option<String>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    region: Option<RegionId>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    replayable: bool,
    #[cfg_attr(feature = "dev", schemars(with = "Option<Vec<String>>"))]
    on: Option<BTreeSet<OutcomeText>>,
    accounts: Option<Vec<String>>,
    regions: Option<Vec<String>>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<Vec<String>>"))]
    doors: Option<BTreeSet<DoorText>>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<Vec<String>>"))]
    tags: Option<Vec<TagText>>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    language: Option<LanguageText>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    utc_offset: Option<OffsetText>,
}

impl SinkEntry {
    /// The variables that hold its secrets.
    pub(super) fn variables(&self) -> Vec<String> {
        let url = match &self.url {
            Some(Value::Env(name)) => Some(name.clone()),
            Some(Value::Literal(_)) | None => None,
        };
        let secrets = self.secret.iter().chain(&self.secrets).chain(&self.token).chain(&self.routing_key);
        url.into_iter().chain(secrets.map(|secret| secret.0.clone())).collect()
    }

    pub(super) fn sink(&self, env: &Env, default_locale: Locale) -> Result<Sink, String> {
        let name = &self.name.0;
        for (key, is_empty) in [
            ("on", self.on.as_ref().is_some_and(BTreeSet::is_empty)),
            ("accounts", self.accounts.as_ref().is_some_and(Vec::is_empty)),
            ("regions", self.regions.as_ref().is_some_and(Vec::is_empty)),
            ("doors", self.doors.as_ref().is_some_and(BTreeSet::is_empty)),
            ("tags", self.tags.as_ref().is_some_and(Vec::is_empty)),
        ] {
            if is_empty {
                return Err(format!("sink {name} has an empty `{key}`: leave `{key}` out to send everything"));
            }
        }
        self.deny_unknown_keys()?;
        let patterns = |texts: &Vec<String>| texts.iter().map(|text| Pattern::new(text)).collect();
        Ok(Sink {
            name: name.clone(),
            kind: self.kind(env)?,
            required: self.required,
            replayable: self.replayable,
            route: Route {
                on: self.on.as_ref().map(|on| on.iter().map(|outcome| outcome.0).collect()),
                accounts: self.accounts.as_ref().map(patterns),
                regions: self.regions.as_ref().map(patterns),
                doors: self.doors.as_ref().map(|doors| doors.iter().map(|door| door.0).collect()),
                tags: self.tags.as_ref().map(|tags| tags.iter().map(|tag| tag.0.clone()).collect()),
            },
            locale: Locale {
                language: self.language.as_ref().map_or(default_locale.language, |language| language.0),
                utc_offset: self.utc_offset.as_ref().map_or(default_locale.utc_offset, |offset| offset.0),
            },
        })
    }

    fn kind(&self, env: &Env) -> Result<SinkKind, String> {
        let secret = || self.secret.as_ref().map(|secret| self.held(env, secret)).transpose();
        Ok(match self.kind.0 {
            SinkKindName::Slack => match (&self.token, &self.channel) {
                (Some(token), Some(channel)) if self.url.is_none() => {
                    SinkKind::SlackBot { token: self.held(env, token)?, channel: channel.clone() }
                }
                (None, None) => SinkKind::Slack { url: self.url(env)? },
                _ => return Err(self.wrong("takes either `url`, or `token` and `channel` together")),
            },
            SinkKindName::DingTalk => SinkKind::DingTalk { url: self.url(env)?, secret: secret()? },
            SinkKindName::Feishu => SinkKind::Feishu { url: self.url(env)?, secret: secret()? },
            SinkKindName::WeCom => SinkKind::WeCom { url: self.url(env)? },
            SinkKindName::Teams => SinkKind::Teams { url: self.url(env)? },
            SinkKindName::Webhook => SinkKind::Webhook { url: self.url(env)?, keys: self.signing_keys(env)? },
            SinkKindName::CloudEvents => {
                let token = self.token.as_ref().map(|token| self.held(env, token)).transpose()?;
                SinkKind::CloudEvents { url: self.url(env)?, token }
            }
            SinkKindName::EventBridge => match (&self.bus, &self.region) {
                (Some(bus), _) if bus == "default" => {
                    return Err(
                        self.wrong("goes to the default bus, which takes only the vendor's events: name a custom one")
                    );
                }
                (Some(bus), Some(region)) => {
                    SinkKind::EventBridge(EventBridge { bus: bus.clone(), region: region.clone() })
                }
                _ => return Err(self.wrong("needs `bus`, a custom bus, and the `region` it is in")),
            },
            SinkKindName::PagerDuty => {
                let Some(key) = &self.routing_key else {
                    return Err(self.wrong("needs a `routing_key`: write routing_key = { env = \"NAME\" }"));
                };
                let url = if self.url.is_some() { self.url(env)? } else { PAGER_DUTY.into() };
                SinkKind::PagerDuty { url, routing_key: self.held(env, key)? }
            }
        })
    }

    /// A key that belongs to another kind is a misunderstanding.
    fn deny_unknown_keys(&self) -> Result<(), String> {
        use SinkKindName::{CloudEvents, DingTalk, EventBridge, Feishu, PagerDuty, Slack, Webhook};
        let kind = self.kind.0;
        if kind == EventBridge && self.url.is_some() {
            return Err(self.wrong("is of a kind that takes no `url`: leave it out"));
        }
        let keys: [(&str, bool, &[SinkKindName]); 7] = [
            ("secret", self.secret.is_some(), &[Webhook, DingTalk, Feishu]),
            ("secrets", !self.secrets.is_empty(), &[Webhook]),
            ("token", self.token.is_some(), &[Slack, CloudEvents]),
            ("channel", self.channel.is_some(), &[Slack]),
            ("routing_key", self.routing_key.is_some(), &[PagerDuty]),
            ("bus", self.bus.is_some(), &[EventBridge]),
            ("region", self.region.is_some(), &[EventBridge]),
        ];
        match keys.into_iter().find(|(_, is_set, kinds)| *is_set && !kinds.contains(&kind)) {
            Some((key, _, _)) => Err(self.wrong(&format!("is of a kind that takes no `{key}`: leave it out"))),
            None => Ok(()),
        }
    }

    fn url(&self, env: &Env) -> Result<SecretString, String> {
        let name = &self.name.0;
        let (url, what) = match &self.url {
            Some(Value::Literal(url)) => (url.clone(), "the url".to_owned()),
            Some(Value::Env(variable)) => {
                let url = env.get(variable);
                let url = url.ok_or_else(|| format!("sink {name} needs the variable {variable}, which is not set"))?;
                (url, format!("the variable {variable}"))
            }
            None => return Err(self.wrong("needs a `url`: write url = { env = \"NAME\" }")),
        };
        let parsed = parse_url(&url).map_err(|unusable| format!("{what} of sink {name} {unusable}"))?;
        let is_retired = parsed.host_str().is_some_and(|host| host.ends_with("webhook.office.com"));
        if is_retired && self.kind.0 == SinkKindName::Teams {
            return Err(format!(
                "the url of sink {name} is a connector's, which Teams has retired: make a workflow and use its address"
            ));
        }
        Ok(url.into())
    }

    fn signing_keys(&self, env: &Env) -> Result<Vec<SigningKey>, String> {
        let name = &self.name.0;
        let secrets: Vec<&Secret> = self.secret.iter().chain(&self.secrets).collect();
        if secrets.is_empty() {
            return Err(self.wrong("needs a `secret` to sign with: write secret = { env = \"NAME\" }"));
        }
        let key = |secret: &&Secret| {
            let variable = &secret.0;
            let value = env
                .get(variable)
                .ok_or_else(|| format!("sink {name} needs the variable {variable}, which is not set"))?;
            signing_key(&value).map_err(|sentence| format!("the variable {variable} of sink {name} {sentence}"))
        };
        secrets.iter().map(key).collect()
    }

    fn held(&self, env: &Env, secret: &Secret) -> Result<SecretString, String> {
        let (name, variable) = (&self.name.0, &secret.0);
        let value =
            env.get(variable).ok_or_else(|| format!("sink {name} needs the variable {variable}, which is not set"))?;
        Ok(value.into())
    }

    fn wrong(&self, why: &str) -> String {
        format!("sink {} {why}", self.name.0)
    }
}

pub(super) fn signing_key(secret: &str) -> Result<SigningKey, &'static str> {
    SigningKey::parse(secret)
        .ok_or("must be whsec_ and base64 of 24 to 64 random bytes, or whsk_ and base64 of an ed25519 key of 64 bytes")
}

/// No two sinks may have one name, or go to one place: that would be a copy-and-paste mistake, and everything told twice.
pub(super) fn check_sinks(sinks: &[Sink]) -> Result<(), String> {
    let mut places: BTreeMap<String, &str> = BTreeMap::new();
    let mut secrets: BTreeMap<&[u8], &str> = BTreeMap::new();
    for (at, sink) in sinks.iter().enumerate() {
        if is_taken(&sink.name, &sinks[..at]) {
            return Err(format!("two sinks are named {}: give each its own name", sink.name));
        }
        if let Some(other) = places.insert(sink.kind.place(), &sink.name) {
            return Err(format!("sinks {other} and {} have one address: give each its own", sink.name));
        }
        for secret in sink.kind.signing_secrets() {
            match secrets.insert(secret, &sink.name) {
                Some(other) if other == sink.name => {
                    return Err(format!("sink {other} has one secret twice: name each once"));
                }
                Some(other) => {
                    return Err(format!("sinks {other} and {} have one secret: give each its own", sink.name));
                }
                None => {}
            }
        }
    }
    Ok(())
}

/// Whether a sink has this name already.
pub(super) fn is_taken(name: &str, sinks: &[Sink]) -> bool {
    sinks.iter().any(|sink| sink.name == name)
}
