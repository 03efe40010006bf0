//! `[doors]`: who may send, as it is written.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use super::lookup::{Flaw, Lookup, Purpose};
use super::values::{ModeText, Secret, secrets};
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
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = (&Secret, Purpose)> {
        let all = [&self.secrets, &self.bearer_tokens, &self.github_secrets];
        all.into_iter().flatten().map(|secret| (secret, Purpose::Verifying))
    }

    /// A sender, and how it proves itself; where nobody is let in here, as far as its requests are judged.
    pub(super) fn credential(&self, lookup: Option<Lookup<'_>>) -> Result<WebhookCredential, Flaw> {
        let (name, of) = (&self.name, format!("webhook {}", self.name));
        if !self.secrets.is_empty() && self.accept_replay {
            return Err(format!("{of} signs the time, so accept_replay means nothing: leave it out").into());
        }
        if self.accounts.is_empty() || self.regions.is_empty() {
            return Err(format!("{of} reaches nothing: name accounts and regions, \"*\" for every one").into());
        }
        let ways = (self.secrets.is_empty(), self.bearer_tokens.is_empty(), self.github_secrets.is_empty());
        let proof = match ways {
            (false, true, true) => {
                Proof::StandardWebhooks { secrets: all(lookup, &of, &self.secrets, SigningSecret::parse)? }
            }
            (true, false, true) => Proof::Bearer { tokens: all(lookup, &of, &self.bearer_tokens, Token::bearer)? },
            (true, true, false) => {
                Proof::GitHub { secrets: all(lookup, &of, &self.github_secrets, SharedSecret::parse)? }
            }
            _ => {
                return Err(
                    format!("{of} needs one way to prove itself: secrets, bearer_tokens or github_secrets").into()
                );
            }
        };
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
            variables: self.secrets().filter_map(|(secret, _)| secret.variable()).map(str::to_owned).collect(),
        })
    }
}

impl EventBridge {
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&Secret, Purpose)> {
        self.tokens.iter().map(|secret| (secret, Purpose::Verifying))
    }

    /// The door; where nothing is let in here, that there is one.
    pub(super) fn door(&self, lookup: Option<Lookup<'_>>) -> Result<EventBridgeDoor, Flaw> {
        let of = "doors.eventbridge";
        let tokens = all(lookup, of, &self.tokens, Token::eventbridge)?;
        if self.tokens.is_empty() {
            return Err(format!(
                "{of} needs tokens: the signature is the region's, and only the token tells whose event it is"
            )
            .into());
        }
        let pinned = self.certificate.as_ref().filter(|_| lookup.is_some()).map(|path| {
            let shown = path.display();
            let is_sane = std::fs::metadata(path).is_ok_and(|file| file.len() <= MAX_CERTIFICATE);
            let pem = if is_sane { std::fs::read(path).ok() } else { None };
            pem.ok_or_else(|| format!("{of}.certificate names {shown}, which cannot be read or is larger than 64 KiB"))
        });
        let pinned = pinned.transpose()?;
        EventBridgeDoor::new(&self.url, self.region.clone(), tokens, pinned.as_deref())
            .map_err(|why| format!("{of}.{why}").into())
    }
}

/// What some secrets accept: nothing where nobody is let in, and they are not looked up.
fn all<T, E: fmt::Display>(
    lookup: Option<Lookup<'_>>,
    of: &str,
    secrets: &[Secret],
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, Flaw> {
    lookup.map_or_else(|| Ok(Vec::new()), |lookup| lookup.all(of, secrets, parse))
}

/// No two entries may prove one thing.
pub(super) fn check_shared(credentials: &[WebhookCredential]) -> Result<(), String> {
    match sharing_a_secret(credentials) {
        Some((one, other)) => Err(format!("webhooks {one} and {other} share a secret: give each its own")),
        None => Ok(()),
    }
}
