//! `[doors]`: who may send, as it is written.

use std::path::PathBuf;

use serde::Deserialize;

use super::values::{ModeText, Secret, secrets};
use crate::env::Env;
use crate::ingress::webhook::{
    EventBridgeDoor, Proof, SharedSecret, SigningSecret, Token, WebhookCredential, sharing_a_secret,
};
use crate::policy::Pattern;
use crate::request::Mode;
use crate::request::ids::RegionId;
use crate::request::scope::Scope;

/// A certificate is a few kilobytes.
const MAX_CERTIFICATE: u64 = 64 * 1024;

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a table, [[doors.webhook]]")]
pub(super) struct Webhook {
    name: String,
    /// Standard Webhooks.
    #[serde(default, deserialize_with = "secrets")]
    #[cfg_attr(feature = "dev", schemars(with = "Vec<String>"))]
    secrets: Vec<Secret>,
    #[serde(default, deserialize_with = "secrets")]
    #[cfg_attr(feature = "dev", schemars(with = "Vec<String>"))]
    bearer_tokens: Vec<Secret>,
    #[serde(default, deserialize_with = "secrets")]
    #[cfg_attr(feature = "dev", schemars(with = "Vec<String>"))]
    github_secrets: Vec<Secret>,
    accounts: Vec<String>,
    regions: Vec<String>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    mode: Option<ModeText>,
    #[serde(default)]
    accept_replay: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a table, [doors.eventbridge]")]
pub(super) struct EventBridge {
    url: String,
    #[cfg_attr(feature = "dev", schemars(with = "String"))]
    region: RegionId,
    #[cfg_attr(feature = "dev", schemars(with = "Vec<String>"))]
    #[serde(deserialize_with = "secrets")]
    tokens: Vec<Secret>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    certificate: Option<PathBuf>,
}

impl Webhook {
    pub(super) fn variables(&self) -> impl Iterator<Item = String> {
        [&self.secrets, &self.bearer_tokens, &self.github_secrets].into_iter().flatten().map(|secret| secret.0.clone())
    }

    pub(super) fn credential(&self, env: &Env) -> Result<WebhookCredential, String> {
        let (name, of) = (&self.name, format!("webhook {}", self.name));
        let ways = (self.secrets.is_empty(), self.bearer_tokens.is_empty(), self.github_secrets.is_empty());
        let proof = match ways {
            (false, true, true) => {
                Proof::StandardWebhooks { secrets: held(env, &self.secrets, &of, SigningSecret::parse)? }
            }
            (true, false, true) => Proof::Bearer { tokens: held(env, &self.bearer_tokens, &of, Token::bearer)? },
            (true, true, false) => {
                Proof::GitHub { secrets: held(env, &self.github_secrets, &of, SharedSecret::parse)? }
            }
            _ => {
                return Err(format!("{of} needs one way to prove itself: secrets, bearer_tokens or github_secrets"));
            }
        };
        if matches!(proof, Proof::StandardWebhooks { .. }) && self.accept_replay {
            return Err(format!("{of} signs the time, so accept_replay means nothing: leave it out"));
        }
        if self.accounts.is_empty() || self.regions.is_empty() {
            return Err(format!("{of} reaches nothing: name accounts and regions, \"*\" for every one"));
        }
        let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::new(text)).collect();
        Ok(WebhookCredential {
            name: name.clone(),
            proof,
            scope: Scope {
                accounts: patterns(&self.accounts),
                regions: patterns(&self.regions),
                mode: self.mode.as_ref().map_or(Mode::Plan, |mode| mode.0),
            },
            accept_replay: self.accept_replay,
            variables: self.variables().collect(),
        })
    }
}

impl EventBridge {
    pub(super) fn variables(&self) -> impl Iterator<Item = String> {
        self.tokens.iter().map(|secret| secret.0.clone())
    }

    pub(super) fn door(&self, env: &Env) -> Result<EventBridgeDoor, String> {
        let of = "doors.eventbridge";
        let tokens = held(env, &self.tokens, of, Token::eventbridge)?;
        if tokens.is_empty() {
            return Err(format!(
                "{of} needs tokens: the signature is the region's, and only the token tells whose event it is"
            ));
        }
        let pinned = self.certificate.as_ref().map(|path| {
            let shown = path.display();
            let is_sane = std::fs::metadata(path).is_ok_and(|file| file.len() <= MAX_CERTIFICATE);
            let pem = if is_sane { std::fs::read(path).ok() } else { None };
            pem.ok_or_else(|| format!("{of}.certificate names {shown}, which cannot be read or is larger than 64 KiB"))
        });
        let pinned = pinned.transpose()?;
        EventBridgeDoor::new(&self.url, self.region.clone(), tokens, pinned.as_deref())
            .map_err(|why| format!("{of}.{why}"))
    }
}

/// No two entries may have one name, or prove one thing.
pub(super) fn check_names(credentials: &[WebhookCredential]) -> Result<(), String> {
    for (at, credential) in credentials.iter().enumerate() {
        if credentials[..at].iter().any(|other| other.name == credential.name) {
            return Err(format!("two webhooks are named {}: give each its own name", credential.name));
        }
    }
    match sharing_a_secret(credentials) {
        Some((one, other)) => Err(format!("webhooks {one} and {other} share a secret: give each its own")),
        None => Ok(()),
    }
}

/// The secrets that some variables hold, parsed. A sentence names the variable and never the value.
fn held<T>(
    env: &Env,
    secrets: &[Secret],
    of: &str,
    parse: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Vec<T>, String> {
    let one = |Secret(variable): &Secret| {
        let value = env.get(variable).ok_or_else(|| format!("{of} needs the variable {variable}, which is not set"))?;
        parse(&value).map_err(|why| format!("the variable {variable} of {of} {why}"))
    };
    secrets.iter().map(one).collect()
}
