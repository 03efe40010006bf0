//! `seal.toml`, as it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::Offset;
use serde::Deserialize;
use toml::Spanned;

use super::chats::{Chat, Confirm, DingTalk, Feishu, GrantEntry, Slack, Teams, WeCom};
use super::doors::{EventBridge, Webhook, check_shared};
use super::limits::{Accounts, Credentials, ExternalId, Policy};
use super::lookup::{Flaw, Lookup, Purpose, sort};
use super::part::Part;
use super::secrets::{Secrets, deployment};
use super::sinks::{SinkEntry, check_sinks};
use super::values::{
    FunctionText, KeyPlace, LanguageText, Level, ModeText, NetworkText, OffsetText, RoleText, Secret, Signature, Time,
    read_roots,
};
use super::{Config, ConfigError, Location, complaint};
use crate::aliyun::Settings as Cloud;
use crate::aliyun::endpoint::Network;
use crate::aliyun::secrets::Wanted;
use crate::aliyun::sign::SignatureVersion;
use crate::app::{OpenChat, Role};
use crate::card::Locale;
use crate::env::Env;
use crate::ingress::event::EventDoor;
use crate::ingress::webhook::{EventBridgeDoor, WebhookCredential};
use crate::notify::sink::Sink;
use crate::outbound::parse_origin;
use crate::policy::confirm::MAX_VALIDITY;
use crate::policy::grants::Grant;
use crate::policy::{KeyRules, Pattern};
use crate::request::ids::KeyId;
use crate::words::Language;

/// A file longer than this is not a configuration.
const MAX_FILE: u64 = 1024 * 1024;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(55);

/// A file with its place, so that an error can name the line.
pub(super) struct File {
    path: PathBuf,
    text: String,
    content: Content,
    /// The variables it names, whoever reads them.
    pub(super) variables: BTreeSet<String>,
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct Content {
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    mode: Option<ModeText>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    timeout: Option<Time>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    log: Option<Level>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    signature: Option<Signature>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    network: Option<NetworkText>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    endpoint: Option<Spanned<String>>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    ca_file: Option<Spanned<PathBuf>>,
    /// Whether RDS's service-linked role may be created.
    authorize: bool,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    language: Option<LanguageText>,
    /// How cards show times.
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    utc_offset: Option<OffsetText>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<bool>"))]
    relay: Option<bool>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    secret: Option<Spanned<Secrets>>,
    /// What tells this deployment from others that have the same secret.
    deployment: Option<String>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    role: Option<RoleText>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    door_secret: Option<Spanned<Secrets>>,
    /// The function that a door hands its work to.
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    worker: Option<FunctionText>,
    key: Key,
    #[cfg_attr(feature = "dev", schemars(with = "Policy"))]
    policy: Option<Spanned<Policy>>,
    #[cfg_attr(feature = "dev", schemars(with = "Accounts"))]
    accounts: Option<Spanned<Accounts>>,
    credentials: Credentials,
    #[cfg_attr(feature = "dev", schemars(with = "Confirm"))]
    confirm: Option<Spanned<Confirm>>,
    #[cfg_attr(feature = "dev", schemars(with = "Vec<GrantEntry>"))]
    grants: Vec<Spanned<GrantEntry>>,
    doors: Doors,
    #[cfg_attr(feature = "dev", schemars(with = "Vec<SinkEntry>"))]
    sinks: Vec<Spanned<SinkEntry>>,
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "a table, [key]")]
struct Key {
    required: bool,
    allowed: Vec<String>,
    #[cfg_attr(feature = "dev", schemars(with = "BTreeMap<String, String>"))]
    default: BTreeMap<KeyPlace, KeyId>,
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "a table, [doors.event]")]
struct Doors {
    event: Event,
    #[cfg_attr(feature = "dev", schemars(with = "Vec<Webhook>"))]
    webhook: Vec<Spanned<Webhook>>,
    #[cfg_attr(feature = "dev", schemars(with = "EventBridge"))]
    eventbridge: Option<Spanned<EventBridge>>,
    #[cfg_attr(feature = "dev", schemars(with = "Slack"))]
    slack: Option<Spanned<Slack>>,
    #[cfg_attr(feature = "dev", schemars(with = "DingTalk"))]
    dingtalk: Option<Spanned<DingTalk>>,
    #[cfg_attr(feature = "dev", schemars(with = "Feishu"))]
    feishu: Option<Spanned<Feishu>>,
    #[cfg_attr(feature = "dev", schemars(with = "WeCom"))]
    wecom: Option<Spanned<WeCom>>,
    #[cfg_attr(feature = "dev", schemars(with = "Teams"))]
    teams: Option<Spanned<Teams>>,
}

impl Content {
    /// Leaves out what a role does not serve: it is then not read, whatever it says.
    fn leave_out(&mut self, role: Role) {
        let ours = std::mem::take(self);
        *self = match role {
            Role::All => Self { door_secret: None, worker: None, ..ours },
            Role::Events => Self {
                door_secret: None,
                worker: None,
                confirm: None,
                grants: Vec::new(),
                doors: Doors { event: ours.doors.event, ..Doors::default() },
                ..ours
            },
            Role::Door => Self { secret: None, sinks: Vec::new(), accounts: ours.accounts.and_then(of_door), ..ours },
            Role::Worker => Self { worker: None, confirm: None, ..ours },
        };
    }

    /// Every secret, and what it is for. A worker hears nobody.
    fn secrets(&self, role: Role) -> impl Iterator<Item = (&Secret, Purpose)> {
        let hears = role != Role::Worker;
        let of_sinks = self.sinks.iter().flat_map(|sink| sink.get_ref().secrets());
        let of_accounts = self.accounts.iter().flat_map(|accounts| accounts.get_ref().secrets());
        let of_webhooks = self.doors.webhook.iter().flat_map(|webhook| webhook.get_ref().secrets());
        let of_eventbridge = self.doors.eventbridge.iter().flat_map(|door| door.get_ref().secrets());
        let of_senders = of_webhooks.chain(of_eventbridge).filter(move |_| hears);
        let of_chats = self.doors.chats().into_iter();
        let of_chats =
            of_chats.flat_map(move |(_, chat)| if hears { chat.secrets() } else { chat.answering_secrets() });
        let own = self.secret.iter().chain(&self.door_secret);
        let of_deployment = own.flat_map(|secrets| secrets.get_ref().secrets());
        of_sinks.chain(of_accounts).chain(of_senders).chain(of_chats).chain(of_deployment)
    }
}

impl Doors {
    /// The tables of chats that are there, each with where it begins.
    fn chats(&self) -> Vec<(usize, &dyn Chat)> {
        fn one<T: Chat>(table: Option<&Spanned<T>>) -> Option<(usize, &dyn Chat)> {
            table.map(|table| (table.span().start, table.get_ref() as &dyn Chat))
        }
        let all = [
            one(self.slack.as_ref()),
            one(self.dingtalk.as_ref()),
            one(self.feishu.as_ref()),
            one(self.wecom.as_ref()),
            one(self.teams.as_ref()),
        ];
        all.into_iter().flatten().collect()
    }
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "a table, [doors.event]")]
struct Event {
    #[cfg_attr(feature = "dev", schemars(with = "Option<BTreeSet<String>>"))]
    creating_calls: Option<Spanned<BTreeSet<String>>>,
    config_rules: Option<Vec<String>>,
}

impl File {
    /// The file that `SEAL_CONFIG` names, else the one in its usual place, else an empty one.
    pub(super) fn find(env: &Env, beside: Option<&Path>) -> Result<Self, ConfigError> {
        let empty =
            Self { path: PathBuf::new(), text: String::new(), content: Content::default(), variables: BTreeSet::new() };
        let (path, must_exist) = match (env.get("SEAL_CONFIG"), beside) {
            (Some(path), _) => (PathBuf::from(path), true),
            (None, Some(path)) => (path.to_owned(), false),
            (None, None) => return Ok(empty),
        };
        match std::fs::metadata(&path) {
            Ok(file) if file.is_file() && file.len() > MAX_FILE => {
                return Err(ConfigError::file(&path, "is larger than 1 MiB"));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => return Ok(empty),
            _ => {}
        }
        let named = if must_exist { " (SEAL_CONFIG names it)" } else { "" };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| ConfigError::file(&path, format!("cannot be read{named}: {error}")))?;
        Self::parse(path, text)
    }

    pub(super) fn parse(path: PathBuf, text: String) -> Result<Self, ConfigError> {
        let content: Content = toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            ConfigError {
                place: Location::Line(path.clone(), line(&text, at)),
                sentence: complaint::sentence(&text, &error),
            }
        })?;
        let variables = sort(content.secrets(Role::All), &mut Wanted::default());
        Ok(Self { path, text, content, variables })
    }

    /// The role that it names.
    pub(super) fn role(&self) -> Option<Role> {
        self.content.role.as_ref().map(|role| role.0)
    }

    /// The sinks that tell how a change ended, by name. A door has the names alone.
    pub(super) fn tellers(&self) -> Vec<String> {
        let tellers = self.content.sinks.iter().map(Spanned::get_ref).filter(|sink| sink.tells_of_changes());
        tellers.map(|sink| sink.name().to_owned()).collect()
    }

    /// Leaves out what a role does not serve. Returns the secrets of KMS that the rest names.
    pub(super) fn leave_out(&mut self, role: Role) -> Wanted {
        self.content.leave_out(role);
        let mut wanted = Wanted::default();
        sort(self.content.secrets(role), &mut wanted);
        wanted
    }

    /// What it was read from: its place, and its text.
    pub(super) fn source(&self) -> (PathBuf, String) {
        (self.path.clone(), self.text.clone())
    }

    fn error<T>(&self, at: &Spanned<T>, sentence: impl Into<String>) -> ConfigError {
        ConfigError { place: self.place(at.span().start), sentence: sentence.into() }
    }

    fn place(&self, at: usize) -> Location {
        Location::Line(self.path.clone(), line(&self.text, at))
    }

    /// What it says. Parts whose secrets have not been read are left out, and are named in `left_out`.
    pub(super) fn into_config(
        mut self,
        role: Role,
        lookup: Lookup<'_>,
        left_out: &mut Vec<Part>,
    ) -> Result<Config, ConfigError> {
        let endpoint = self.content.endpoint.as_ref().map(|text| {
            parse_origin(text.get_ref()).map_err(|unusable| self.error(text, format!("endpoint {unusable}")))
        });
        let extra_roots =
            self.content.ca_file.as_ref().map(|path| {
                read_roots(path.get_ref()).map_err(|sentence| self.error(path, format!("ca_file {sentence}")))
            });
        if let Some(calls) = self.content.doors.event.creating_calls.as_ref().filter(|calls| calls.get_ref().is_empty())
        {
            return Err(
                self.error(calls, "creating_calls is empty, and no event would be followed: leave it out instead")
            );
        }
        let default_locale = Locale {
            language: self.content.language.as_ref().map_or_else(Language::default, |language| language.0),
            utc_offset: self.content.utc_offset.as_ref().map_or(Offset::UTC, |offset| offset.0),
        };
        let sinks = self.sinks(lookup, default_locale, left_out)?;
        let rules = match self.content.policy.take() {
            Some(policy) => {
                let place = self.place(policy.span().start);
                policy.into_inner().rules().map_err(|sentence| ConfigError { place, sentence })?
            }
            None => Policy::default().rules().map_err(|sentence| ConfigError::file(&self.path, sentence))?,
        };
        let account_role = match self.content.accounts.take() {
            Some(accounts) => {
                let place = self.place(accounts.span().start);
                let role = accounts.into_inner().role(lookup, rules.accounts.as_ref());
                role.map_err(|sentence| ConfigError { place, sentence })?
            }
            None => None,
        };
        if account_role.as_ref().is_some_and(|role| matches!(role.external_id, ExternalId::Unread)) {
            left_out.push(Part::ExternalId);
        }
        let hears = role != Role::Worker;
        let senders = if hears { Some(lookup) } else { None };
        let webhooks = self.webhooks(senders, lookup, left_out)?;
        let eventbridge = self.eventbridge(senders, lookup, left_out)?;
        let (chats, grants) = (self.chats(hears, lookup, default_locale, left_out)?, self.grants()?);
        let secret = self.secret("secret", self.content.secret.as_ref(), Part::Secret, lookup, left_out)?;
        let door_secret =
            self.secret("door_secret", self.content.door_secret.as_ref(), Part::DoorSecret, lookup, left_out)?;
        let confirmed_within = self.confirmed_within()?;
        let own_name = self.content.deployment.as_deref().filter(|name| !name.is_empty());
        let deployment = deployment(lookup.env, own_name, role);
        let (endpoint, extra_roots) = (endpoint.transpose()?, extra_roots.transpose()?);
        let Content {
            mode, timeout, log, signature, network, authorize, relay, key, credentials, doors, worker, ..
        } = self.content;
        let event_door = EventDoor::default();
        Ok(Config {
            mode: mode.map(|mode| mode.0),
            timeout: timeout.map_or(DEFAULT_TIMEOUT, |time| time.0),
            log: log.map_or(tracing::level_filters::LevelFilter::INFO, |level| level.0),
            host: None,
            listen: None,
            cloud: Cloud {
                signature: signature.map_or_else(SignatureVersion::default, |version| version.0),
                network: network.map_or_else(Network::default, |network| network.0),
                endpoint,
                ..Cloud::default()
            },
            extra_roots,
            keys: KeyRules {
                required: key.required,
                allowed: key.allowed.iter().map(|text| Pattern::new(text)).collect(),
                defaults: key.default.into_iter().map(|(place, key)| (place.0, key)).collect(),
            },
            rules,
            account_role,
            credential_source: credentials.source.map(|source| source.0),
            allow_metadata_v1: credentials.allow_metadata_v1,
            authorize,
            role,
            secret,
            door_secret,
            worker: worker.map(|function| function.0),
            tellers: Vec::new(),
            deployment,
            relay: relay.unwrap_or(true),
            event_door: EventDoor {
                creating_calls: doors.event.creating_calls.map_or(event_door.creating_calls, Spanned::into_inner),
                config_rules: doors
                    .event
                    .config_rules
                    .map(|rules| rules.iter().map(|text| Pattern::new(text)).collect()),
            },
            webhooks,
            eventbridge,
            chats,
            confirmed_within,
            grants,
            sinks,
            locale: default_locale,
            unread: None,
        })
    }

    /// A part of the file at some place, or nothing where its secrets have not been read. The variables that it needs besides
    /// are there all the same.
    fn part<'s, T>(
        &self,
        at: usize,
        part: Result<T, Flaw>,
        secrets: impl IntoIterator<Item = (&'s Secret, Purpose)>,
        lookup: Lookup<'_>,
        name: impl FnOnce() -> Part,
        left_out: &mut Vec<Part>,
    ) -> Result<Option<T>, ConfigError> {
        let wrong = |sentence| ConfigError { place: self.place(at), sentence };
        match part {
            Ok(part) => Ok(Some(part)),
            Err(Flaw::Wrong(sentence)) => Err(wrong(sentence)),
            Err(Flaw::Unread) => {
                let name = name();
                let variables = secrets.into_iter().filter(|(secret, _)| secret.variable().is_some());
                for (variable, _) in variables {
                    if let Err(Flaw::Wrong(sentence)) = lookup.one(&name.to_string(), variable) {
                        return Err(wrong(sentence));
                    }
                }
                left_out.push(name);
                Ok(None)
            }
        }
    }

    fn webhooks(
        &self,
        senders: Option<Lookup<'_>>,
        lookup: Lookup<'_>,
        left_out: &mut Vec<Part>,
    ) -> Result<Vec<WebhookCredential>, ConfigError> {
        let mut webhooks = Vec::new();
        for (at, entry) in self.content.doors.webhook.iter().enumerate() {
            let (start, webhook) = (entry.span().start, entry.get_ref());
            let others = &self.content.doors.webhook[..at];
            if others.iter().any(|other| other.get_ref().name() == webhook.name()) {
                return Err(
                    self.error(entry, format!("two webhooks are named {}: give each its own name", webhook.name()))
                );
            }
            let name = || Part::Webhook(webhook.name().to_owned());
            webhooks.extend(self.part(
                start,
                webhook.credential(senders),
                webhook.secrets(),
                lookup,
                name,
                left_out,
            )?);
            check_shared(&webhooks).map_err(|sentence| self.error(entry, sentence))?;
        }
        Ok(webhooks)
    }

    fn chats(
        &self,
        hears: bool,
        lookup: Lookup<'_>,
        default_locale: Locale,
        left_out: &mut Vec<Part>,
    ) -> Result<Vec<OpenChat>, ConfigError> {
        let mut chats = Vec::new();
        for (at, chat) in self.content.doors.chats() {
            let locale = chat.locale(default_locale);
            let name = || Part::Chat(chat.name(), locale);
            let (door, secrets) = if hears {
                (chat.door(lookup), chat.secrets())
            } else {
                (chat.answering(lookup), chat.answering_secrets())
            };
            let door = self.part(at, door, secrets, lookup, name, left_out)?;
            chats.extend(door.map(|door| OpenChat { door, locale }));
        }
        Ok(chats)
    }

    fn secret(
        &self,
        key: &str,
        entry: Option<&Spanned<Secrets>>,
        part: Part,
        lookup: Lookup<'_>,
        left_out: &mut Vec<Part>,
    ) -> Result<Option<crate::secret::Secret>, ConfigError> {
        let Some(entry) = entry else { return Ok(None) };
        let (at, secrets) = (entry.span().start, entry.get_ref());
        self.part(at, secrets.secret(key, lookup), secrets.secrets(), lookup, || part, left_out)
    }

    fn confirmed_within(&self) -> Result<Duration, ConfigError> {
        match &self.content.confirm {
            Some(entry) => entry.get_ref().valid_for().map_err(|sentence| self.error(entry, sentence)),
            None => Ok(MAX_VALIDITY),
        }
    }

    fn grants(&self) -> Result<Vec<Grant>, ConfigError> {
        let grant =
            |entry: &Spanned<GrantEntry>| entry.get_ref().grant().map_err(|sentence| self.error(entry, sentence));
        self.content.grants.iter().map(grant).collect()
    }

    fn eventbridge(
        &self,
        senders: Option<Lookup<'_>>,
        lookup: Lookup<'_>,
        left_out: &mut Vec<Part>,
    ) -> Result<Option<EventBridgeDoor>, ConfigError> {
        let Some(entry) = &self.content.doors.eventbridge else { return Ok(None) };
        let (at, door) = (entry.span().start, entry.get_ref());
        self.part(at, door.door(senders), door.secrets(), lookup, || Part::EventBridge, left_out)
    }

    fn sinks(
        &self,
        lookup: Lookup<'_>,
        default_locale: Locale,
        left_out: &mut Vec<Part>,
    ) -> Result<Vec<Sink>, ConfigError> {
        let mut sinks = Vec::new();
        for (at, entry) in self.content.sinks.iter().enumerate() {
            let (start, sink) = (entry.span().start, entry.get_ref());
            if self.content.sinks[..at].iter().any(|other| other.get_ref().name() == sink.name()) {
                return Err(self.error(entry, format!("two sinks are named {}: give each its own name", sink.name())));
            }
            let name = || Part::Sink(sink.name().to_owned());
            sinks.extend(self.part(
                start,
                sink.sink(lookup, default_locale),
                sink.secrets(),
                lookup,
                name,
                left_out,
            )?);
            check_sinks(&sinks).map_err(|sentence| self.error(entry, sentence))?;
        }
        Ok(sinks)
    }
}

fn of_door(accounts: Spanned<Accounts>) -> Option<Spanned<Accounts>> {
    let span = accounts.span();
    accounts.into_inner().for_door().map(|accounts| Spanned::new(span, accounts))
}

fn line(text: &str, at: usize) -> usize {
    1 + text.get(..at).unwrap_or(text).matches('\n').count()
}

/// The schema of the file, from the types that read it.
#[cfg(feature = "dev")]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Content)
}
