//! What a deployment says: `seal.toml` for structure, the environment for scalars, which beats the file. Read once and
//! strictly: what is not understood stops the start, with the place and what to write instead.

mod chats;
mod complaint;
mod doors;
mod file;
mod limits;
mod lookup;
mod part;
mod roles;
mod secrets;
mod sinks;
mod unread;
mod values;

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::RootCertStore;
use tracing::level_filters::LevelFilter;

use crate::aliyun::Settings as Cloud;
use crate::aliyun::credentials::SourceName;
use crate::aliyun::secrets::Values;
use crate::app::{Doors, OpenChat, Role};
use crate::card::Locale;
use crate::env::Env;
use crate::ingress::event::EventDoor;
use crate::ingress::webhook::{EventBridgeDoor, WebhookCredential};
use crate::notify::sink::{Route, Sink, SinkKind};
use crate::outbound::{parse_origin, parse_url};
use crate::policy::grants::Grant;
use crate::policy::{KeyRules, Pattern, Rules};
use crate::request::Mode;
use crate::request::ids::RegionId;
use crate::secret::Secret;
use crate::telemetry;

use file::File;
pub use limits::{AccountRole, ExternalId};
use lookup::Lookup;
pub use part::Part;
use sinks::{is_taken, signing_key};
pub use unread::Unread;
use values::{duration, signature_version};

/// A configuration, understood.
#[derive(Debug)]
pub struct Config {
    /// Absent where nobody said: the real cloud is then only planned with.
    pub mode: Option<Mode>,
    /// How long a delivery may take where the host gives no deadline.
    pub timeout: Duration,
    pub log: LevelFilter,
    /// The host that was forced by hand.
    pub host: Option<HostName>,
    /// Where to listen, by hand.
    pub listen: Option<SocketAddr>,
    pub cloud: Cloud,
    /// Roots to trust besides the compiled-in ones.
    pub extra_roots: Option<RootCertStore>,
    pub keys: KeyRules,
    pub rules: Rules,
    /// The role to take on in other accounts.
    pub account_role: Option<AccountRole>,
    /// The one source of credentials to ask.
    pub credential_source: Option<SourceName>,
    /// Whether the metadata service may be asked without a token.
    pub allow_metadata_v1: bool,
    /// Whether RDS's service-linked role may be created.
    pub authorize: bool,
    /// What this function serves of its deployment.
    pub role: Role,
    /// The one secret of this deployment, from which keys are derived.
    pub secret: Option<Secret>,
    /// That of its door, where the work is split: the door's plan tokens and tasks are signed by it.
    pub door_secret: Option<Secret>,
    /// The function that a door hands its work to.
    pub worker: Option<String>,
    /// The sinks that tell how a change ended, by name.
    pub tellers: Vec<String>,
    /// What tells this deployment from others that have the same secret: empty where neither a function nor the file names
    /// it.
    pub deployment: String,
    /// Whether what cannot be done yet may wait in the platform's queue.
    pub relay: bool,
    pub event_door: EventDoor,
    pub webhooks: Vec<WebhookCredential>,
    pub eventbridge: Option<EventBridgeDoor>,
    pub chats: Vec<OpenChat>,
    /// How long a plan token holds.
    pub confirmed_within: Duration,
    pub grants: Vec<Grant>,
    pub sinks: Vec<Sink>,
    /// In which language and by which clock people are told, unless a sink or a chat says otherwise.
    pub locale: Locale,
    /// The secrets that are in KMS, where there are any. What waits for them is left out above.
    pub unread: Option<Unread>,
}

impl Config {
    /// Whether such a part is left out until the secrets of KMS have been read.
    pub fn has(&self, is: impl Fn(&Part) -> bool) -> bool {
        self.unread.iter().flat_map(|unread| &unread.left_out).any(is)
    }

    /// Whether this function has a secret to sign with, read or not: its deployment's, or its door's.
    pub fn has_secret(&self) -> bool {
        match self.role {
            Role::All | Role::Events | Role::Worker => self.secret.is_some() || self.has(|part| *part == Part::Secret),
            Role::Door => self.has_door_secret(),
        }
    }

    fn has_door_secret(&self) -> bool {
        self.door_secret.is_some() || self.has(|part| *part == Part::DoorSecret)
    }

    /// The doors besides the platform's own.
    pub fn doors(&self) -> Doors {
        let unread = self.unread.iter().flat_map(|unread| &unread.left_out);
        let unread_chats = unread.filter_map(|part| match part {
            Part::Chat(name, locale) => Some((*name, *locale)),
            Part::Webhook(_)
            | Part::EventBridge
            | Part::Secret
            | Part::DoorSecret
            | Part::ExternalId
            | Part::Sink(_) => None,
        });
        if !self.role.has_doors() {
            return Doors::default();
        }
        Doors {
            webhooks: !self.webhooks.is_empty() || self.has(|part| matches!(part, Part::Webhook(_))),
            eventbridge: self.eventbridge.is_some() || self.has(|part| *part == Part::EventBridge),
            chats: self.chats.iter().map(|open| (open.door.chat(), open.locale)).chain(unread_chats).collect(),
        }
    }

    /// The regions it names, sorted: those with a key of their own, and those that the policy spells out.
    pub fn regions(&self) -> Vec<RegionId> {
        let of_keys = self.keys.defaults.keys().map(|(_, region)| region.clone());
        let of_policy = self.rules.regions.iter().flatten().filter_map(Pattern::literal);
        let regions: BTreeSet<_> = of_keys.chain(of_policy.filter_map(|text| RegionId::parse(text).ok())).collect();
        regions.into_iter().collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostName {
    Fc,
    Http,
}

impl HostName {
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Fc => "a function of Function Compute",
            Self::Http => "a plain HTTP server",
        }
    }
}

/// Scalars that the environment may set, each with the key of the file it beats; `-` where there is none.
pub const VARIABLES: [(&str, &str); 18] = [
    ("SEAL_CONFIG", "-"),
    ("SEAL_MODE", "mode"),
    ("SEAL_SIGNATURE", "signature"),
    ("SEAL_NETWORK", "network"),
    ("SEAL_TIMEOUT", "timeout"),
    ("SEAL_ENDPOINT", "endpoint"),
    ("SEAL_HOST", "-"),
    ("SEAL_LISTEN", "-"),
    ("SEAL_LOG", "log"),
    ("SEAL_CA_FILE", "ca_file"),
    ("SEAL_SLACK_URL", "-"),
    ("SEAL_WEBHOOK_URL", "-"),
    ("SEAL_WEBHOOK_SINK_SECRET", "-"),
    ("SEAL_SINKS_REQUIRED", "-"),
    ("SEAL_SECRET", "secret"),
    ("SEAL_ROLE", "role"),
    ("SEAL_DOOR_SECRET", "door_secret"),
    ("SEAL_WORKER", "worker"),
];

/// Where and why the configuration is not understood, in one sentence with its remedy. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    place: Location,
    sentence: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Location {
    Line(PathBuf, usize),
    File(PathBuf),
    Variable(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Location::Line(path, line) => write!(f, "{}:{line}: {}", path.display(), self.sentence),
            Location::File(path) => write!(f, "{}: {}", path.display(), self.sentence),
            Location::Variable(name) => write!(f, "{name} {}", self.sentence),
        }
    }
}

impl ConfigError {
    fn variable(name: &str, sentence: impl Into<String>) -> Self {
        Self { place: Location::Variable(name.to_owned()), sentence: sentence.into() }
    }

    fn file(path: &Path, sentence: impl Into<String>) -> Self {
        Self { place: Location::File(path.to_owned()), sentence: sentence.into() }
    }
}

/// Reads the file and the environment. `beside` is where the file is looked for if `SEAL_CONFIG` does not say; there, its
/// absence is fine.
pub fn load(env: &Env, beside: Option<&Path>) -> Result<Config, ConfigError> {
    understood(File::find(env, beside)?, env, None)
}

/// What a file and the environment say to a role, with what KMS holds where that has been read.
fn understood(mut file: File, env: &Env, kms: Option<&Values>) -> Result<Config, ConfigError> {
    refuse_unknown_variables(env, &file.variables)?;
    let named_in_file = file.variables.clone();
    let role = roles::role(env, file.role())?;
    let tellers = file.tellers();
    let wanted = file.leave_out(role);
    let unread = if kms.is_none() && !wanted.is_empty() { Some((wanted, file.source())) } else { None };
    let mut left_out = Vec::new();
    let mut config = file.into_config(role, Lookup { env, kms }, &mut left_out)?;
    config.tellers = tellers;
    config.unread =
        unread.map(|(wanted, (path, text))| Unread { wanted, left_out, then: |_| (), path, text, env: env.clone() });
    overlay(&mut config, env)?;
    roles::overlay(&mut config, env, &named_in_file)?;
    roles::check(&config)?;
    if role == Role::Door {
        return Ok(config);
    }
    for sink in sinks_of_environment(env, &named_in_file, config.locale)? {
        if is_taken(&sink.name, &config.sinks) || config.has(|part| *part == Part::Sink(sink.name.clone())) {
            let variable = format!("SEAL_{}_URL", sink.name.to_ascii_uppercase());
            let sentence =
                format!("makes a sink named {0}, and the file has one: give that one another name", sink.name);
            return Err(ConfigError::variable(&variable, sentence));
        }
        config.tellers.push(sink.name.clone());
        config.sinks.push(sink);
    }
    Ok(config)
}

/// A misspelt variable would silently be a default.
fn refuse_unknown_variables(env: &Env, named_in_file: &BTreeSet<String>) -> Result<(), ConfigError> {
    for name in env.names_with("SEAL_") {
        if VARIABLES.iter().any(|(known, _)| *known == name) || named_in_file.contains(&name) {
            continue;
        }
        let nearness = |known: &str| strsim::jaro_winkler(known, &name);
        let nearest = VARIABLES.iter().map(|(known, _)| *known).max_by(|a, b| nearness(a).total_cmp(&nearness(b)));
        // All of them begin alike, so only what is very near is worth a hint.
        let hint = nearest.filter(|known| nearness(known) > 0.9).map(|known| format!(": did you mean {known}?"));
        let hint = hint.unwrap_or_default();
        return Err(ConfigError::variable(&name, format!("is not a variable of this program{hint}")));
    }
    Ok(())
}

/// The environment's scalars, over those of the file.
fn overlay(config: &mut Config, env: &Env) -> Result<(), ConfigError> {
    let set = |name: &str, expected: &str, apply: &mut dyn FnMut(&str) -> Option<()>| match env.get(name) {
        Some(value) => apply(&value).ok_or_else(|| ConfigError::variable(name, format!("must be {expected}"))),
        None => Ok(()),
    };
    set("SEAL_MODE", values::A_MODE, &mut |text| Mode::parse(text).map(|mode| config.mode = Some(mode)))?;
    set("SEAL_SIGNATURE", values::A_SIGNATURE, &mut |text| {
        signature_version(text).map(|it| config.cloud.signature = it)
    })?;
    set("SEAL_NETWORK", values::A_NETWORK, &mut |text| values::network(text).map(|it| config.cloud.network = it))?;
    set("SEAL_TIMEOUT", values::A_DURATION, &mut |text| duration(text).map(|it| config.timeout = it))?;
    set("SEAL_HOST", "fc or http", &mut |text| host(text).map(|host| config.host = Some(host)))?;
    set("SEAL_LISTEN", "an address with a port, like 0.0.0.0:9000", &mut |text| {
        text.parse().ok().map(|address| config.listen = Some(address))
    })?;
    set("SEAL_LOG", values::A_LEVEL, &mut |text| telemetry::level(text).map(|level| config.log = level))?;
    if let Some(text) = env.get("SEAL_ENDPOINT") {
        let url =
            parse_origin(&text).map_err(|unusable| ConfigError::variable("SEAL_ENDPOINT", unusable.to_string()))?;
        config.cloud.endpoint = Some(url);
    }
    if let Some(path) = env.get("SEAL_CA_FILE") {
        config.extra_roots =
            Some(values::read_roots(Path::new(&path)).map_err(|it| ConfigError::variable("SEAL_CA_FILE", it))?);
    }
    Ok(())
}

fn host(text: &str) -> Option<HostName> {
    match text {
        "fc" => Some(HostName::Fc),
        "http" => Some(HostName::Http),
        _ => None,
    }
}

/// One Slack and one webhook sink can be had without a file. A variable that the file names belongs to the file's sink.
fn sinks_of_environment(env: &Env, named_in_file: &BTreeSet<String>, locale: Locale) -> Result<Vec<Sink>, ConfigError> {
    let free = |name: &str| env.get(name).filter(|_| !named_in_file.contains(name));
    let url = |name: &str| match free(name) {
        Some(url) => match parse_url(&url) {
            Ok(_) => Ok(Some(url.into())),
            Err(unusable) => Err(ConfigError::variable(name, unusable.to_string())),
        },
        None => Ok(None),
    };
    let required = match env.get("SEAL_SINKS_REQUIRED").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(ConfigError::variable("SEAL_SINKS_REQUIRED", "must be true or false")),
    };
    let sink = |name: &str, kind| Sink {
        name: name.to_owned(),
        kind,
        required,
        replayable: false,
        route: Route::default(),
        locale,
    };
    let mut sinks = Vec::new();
    if let Some(url) = url("SEAL_SLACK_URL")? {
        sinks.push(sink("slack", SinkKind::Slack { url }));
    }
    match (url("SEAL_WEBHOOK_URL")?, free("SEAL_WEBHOOK_SINK_SECRET")) {
        (None, None) => {}
        (Some(url), Some(secret)) => {
            let key =
                signing_key(&secret).map_err(|sentence| ConfigError::variable("SEAL_WEBHOOK_SINK_SECRET", sentence))?;
            sinks.push(sink("webhook", SinkKind::Webhook { url, keys: vec![key] }));
        }
        (Some(_), None) => {
            return Err(ConfigError::variable("SEAL_WEBHOOK_URL", "needs SEAL_WEBHOOK_SINK_SECRET beside it"));
        }
        (None, Some(_)) => {
            return Err(ConfigError::variable("SEAL_WEBHOOK_SINK_SECRET", "needs SEAL_WEBHOOK_URL beside it"));
        }
    }
    if required && sinks.is_empty() {
        let sentence = "is about sinks of the environment, and there is none: set SEAL_SLACK_URL or SEAL_WEBHOOK_URL, or \
                        write required = true at a sink of the file";
        return Err(ConfigError::variable("SEAL_SINKS_REQUIRED", sentence));
    }
    Ok(sinks)
}

#[cfg(feature = "dev")]
pub use file::schema;
