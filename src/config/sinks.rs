//! `[[sinks]]`, as they are written, and those of the environment.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::lookup::{Flaw, Lookup, Purpose, both};
use super::values::{
    DoorText, LanguageText, OffsetText, OutcomeText, Secret, SinkKindName, SinkKindText, SinkName, TagText, Value,
    secrets,
};
use crate::card::Locale;
use crate::notify::sink::{EventBridge, Route, SigningKey, Sink, SinkKind};
use crate::outbound::parse_url;
use crate::outcome::Outcome;
use crate::policy::Pattern;
use crate::request::Door;
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
    pub(super) fn name(&self) -> &str {
        &self.name.0
    }

    /// Whether whoever reads it hears how a change ended, wherever it was.
    pub(super) fn tells_of_changes(&self) -> bool {
        let route = &self.route();
        let is_for_all = route.accounts.is_none() && route.regions.is_none() && route.tags.is_none();
        let is_for_chats = route.doors.as_ref().is_none_or(|doors| doors.contains(&Door::Chat));
        let on = |outcome| route.on.as_ref().is_none_or(|on| on.contains(&outcome));
        is_for_all && is_for_chats && [Outcome::Enabled, Outcome::Failed, Outcome::Refused].into_iter().all(on)
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = (&Secret, Purpose)> {
        let url = match &self.url {
            Some(Value::Held(secret)) => Some(secret),
            Some(Value::Literal(_)) | None => None,
        };
        let secrets = self.secret.iter().chain(&self.secrets).chain(&self.token).chain(&self.routing_key);
        url.into_iter().chain(secrets).map(|secret| (secret, Purpose::Using))
    }

    pub(super) fn sink(&self, lookup: Lookup<'_>, default_locale: Locale) -> Result<Sink, Flaw> {
        let name = &self.name.0;
        for (key, is_empty) in [
            ("on", self.on.as_ref().is_some_and(BTreeSet::is_empty)),
            ("accounts", self.accounts.as_ref().is_some_and(Vec::is_empty)),
            ("regions", self.regions.as_ref().is_some_and(Vec::is_empty)),
            ("doors", self.doors.as_ref().is_some_and(BTreeSet::is_empty)),
            ("tags", self.tags.as_ref().is_some_and(Vec::is_empty)),
        ] {
            if is_empty {
                return Err(format!("sink {name} has an empty `{key}`: leave `{key}` out to send everything").into());
            }
        }
        self.deny_unknown_keys()?;
        Ok(Sink {
            name: name.clone(),
            kind: self.kind(lookup)?,
            required: self.required,
            replayable: self.replayable,
            route: self.route(),
            locale: Locale {
                language: self.language.as_ref().map_or(default_locale.language, |language| language.0),
                utc_offset: self.utc_offset.as_ref().map_or(default_locale.utc_offset, |offset| offset.0),
            },
        })
    }

    fn route(&self) -> Route {
        let patterns = |texts: &Vec<String>| texts.iter().map(|text| Pattern::new(text)).collect();
        Route {
            on: self.on.as_ref().map(|on| on.iter().map(|outcome| outcome.0).collect()),
            accounts: self.accounts.as_ref().map(patterns),
            regions: self.regions.as_ref().map(patterns),
            doors: self.doors.as_ref().map(|doors| doors.iter().map(|door| door.0).collect()),
            tags: self.tags.as_ref().map(|tags| tags.iter().map(|tag| tag.0.clone()).collect()),
        }
    }

    fn kind(&self, lookup: Lookup<'_>) -> Result<SinkKind, Flaw> {
        let secret = || self.secret.as_ref().map(|secret| self.held(lookup, secret)).transpose();
        Ok(match self.kind.0 {
            SinkKindName::Slack => match (&self.token, &self.channel) {
                (Some(token), Some(channel)) if self.url.is_none() => {
                    SinkKind::SlackBot { token: self.held(lookup, token)?, channel: channel.clone() }
                }
                (None, None) => SinkKind::Slack { url: self.url(lookup)? },
                _ => return Err(self.wrong("takes either `url`, or `token` and `channel` together").into()),
            },
            SinkKindName::DingTalk => {
                let (url, secret) = both(self.url(lookup), secret())?;
                SinkKind::DingTalk { url, secret }
            }
            SinkKindName::Feishu => {
                let (url, secret) = both(self.url(lookup), secret())?;
                SinkKind::Feishu { url, secret }
            }
            SinkKindName::WeCom => SinkKind::WeCom { url: self.url(lookup)? },
            SinkKindName::Teams => SinkKind::Teams { url: self.url(lookup)? },
            SinkKindName::Webhook => {
                let (url, keys) = both(self.url(lookup), self.signing_keys(lookup))?;
                SinkKind::Webhook { url, keys }
            }
            SinkKindName::CloudEvents => {
                let token = self.token.as_ref().map(|token| self.held(lookup, token)).transpose();
                let (url, token) = both(self.url(lookup), token)?;
                SinkKind::CloudEvents { url, token }
            }
            SinkKindName::EventBridge => match (&self.bus, &self.region) {
                (Some(bus), _) if bus == "default" => {
                    let why = "goes to the default bus, which takes only the vendor's events: name a custom one";
                    return Err(self.wrong(why).into());
                }
                (Some(bus), Some(region)) => {
                    SinkKind::EventBridge(EventBridge { bus: bus.clone(), region: region.clone() })
                }
                _ => return Err(self.wrong("needs `bus`, a custom bus, and the `region` it is in").into()),
            },
            SinkKindName::PagerDuty => {
                let Some(key) = &self.routing_key else {
                    return Err(self.wrong("needs a `routing_key`: write routing_key = { env = \"NAME\" }").into());
                };
                let url = if self.url.is_some() { self.url(lookup) } else { Ok(PAGER_DUTY.into()) };
                let (url, routing_key) = both(url, self.held(lookup, key))?;
                SinkKind::PagerDuty { url, routing_key }
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

    fn url(&self, lookup: Lookup<'_>) -> Result<SecretString, Flaw> {
        let name = &self.name.0;
        let (url, what) = match &self.url {
            Some(Value::Literal(url)) => (url.as_str().into(), "the url".to_owned()),
            Some(Value::Held(secret)) => (self.held(lookup, secret)?, secret.to_string()),
            None => return Err(self.wrong("needs a `url`: write url = { env = \"NAME\" }").into()),
        };
        let parsed = parse_url(url.expose_secret()).map_err(|unusable| format!("{what} of sink {name} {unusable}"))?;
        let is_retired = parsed.host_str().is_some_and(|host| host.ends_with("webhook.office.com"));
        if is_retired && self.kind.0 == SinkKindName::Teams {
            return Err(format!(
                "the url of sink {name} is a connector's, which Teams has retired: make a workflow and use its address"
            )
            .into());
        }
        Ok(url)
    }

    fn signing_keys(&self, lookup: Lookup<'_>) -> Result<Vec<SigningKey>, Flaw> {
        let secrets: Vec<&Secret> = self.secret.iter().chain(&self.secrets).collect();
        if secrets.is_empty() {
            return Err(self.wrong("needs a `secret` to sign with: write secret = { env = \"NAME\" }").into());
        }
        let of = format!("sink {}", self.name.0);
        secrets.into_iter().map(|secret| lookup.parsed(&of, secret, signing_key)).collect()
    }

    fn held(&self, lookup: Lookup<'_>, secret: &Secret) -> Result<SecretString, Flaw> {
        lookup.one(&format!("sink {}", self.name.0), secret)
    }

    fn wrong(&self, why: &str) -> String {
        format!("sink {} {why}", self.name.0)
    }
}

pub(super) fn signing_key(secret: &str) -> Result<SigningKey, &'static str> {
    SigningKey::parse(secret)
        .ok_or("must be whsec_ and base64 of 24 to 64 random bytes, or whsk_ and base64 of an ed25519 key of 64 bytes")
}

/// No two sinks may go to one place, or sign with one secret: that would be a copy-and-paste mistake, and everything told twice.
pub(super) fn check_sinks(sinks: &[Sink]) -> Result<(), String> {
    let mut places: BTreeMap<String, &str> = BTreeMap::new();
    let mut secrets: BTreeMap<&[u8], &str> = BTreeMap::new();
    for sink in sinks {
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
