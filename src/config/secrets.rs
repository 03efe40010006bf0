//! `secret`, as it is written: one, or several while it is rotated; and the name of what has it.

use std::collections::BTreeSet;
use std::fmt;

use secrecy::SecretString;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::ConfigError;
use super::lookup::{Flaw, Lookup, Purpose};
use super::values::Secret as Held;
use crate::app::Role;
use crate::env::Env;
use crate::secret::{MIN_SECRET, Secret};

/// The variables that hold the secret of the deployment, and that of its door, where the file does not say.
pub(super) const OWN: &str = "SEAL_SECRET";
pub(super) const OF_DOOR: &str = "SEAL_DOOR_SECRET";

/// `{ env = "NAME" }`, or an array of them.
#[derive(Debug)]
pub(super) struct Secrets(Vec<Held>);

impl Secrets {
    /// The first signs, all verify: so do their previous versions.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&Held, Purpose)> {
        self.0.iter().map(|secret| (secret, Purpose::Verifying))
    }

    pub(super) fn secret(&self, of: &str, lookup: Lookup<'_>) -> Result<Secret, Flaw> {
        let long_enough =
            |text: &str| if text.len() < MIN_SECRET { Err(too_short()) } else { Ok(SecretString::from(text)) };
        let texts = lookup.all(of, &self.0, long_enough)?;
        Secret::new(texts).map_err(|_| format!("{of} is an empty array: leave it out, or name a variable").into())
    }
}

/// A secret that the environment sets by itself. A variable that the file names is the file's.
pub(super) fn of_environment(
    variable: &str,
    env: &Env,
    named_in_file: &BTreeSet<String>,
) -> Result<Option<Secret>, ConfigError> {
    let text = env.get(variable).filter(|_| !named_in_file.contains(variable));
    let secret = text.map(|text| Secret::new(vec![text.into()]));
    secret.transpose().map_err(|_| ConfigError::variable(variable, too_short()))
}

/// What tells this deployment from others: nothing where neither a function nor the file names it. Where the work is split
/// its functions have one name for it, in one account and region.
pub(super) fn deployment(env: &Env, own: Option<&str>, role: Role) -> String {
    let function = env.get("FC_FUNCTION_NAME").filter(|_| role == Role::All);
    if own.is_none() && function.is_none() {
        return String::new();
    }
    let [account, region] = ["FC_ACCOUNT_ID", "FC_REGION"].map(|name| env.get(name).unwrap_or_default());
    format!("{account}/{region}/{}/{}", function.unwrap_or_default(), own.unwrap_or_default())
}

fn too_short() -> String {
    format!("must have at least {MIN_SECRET} bytes: `openssl rand -base64 32` makes one")
}

impl<'de> Deserialize<'de> for Secrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretsVisitor)
    }
}

struct SecretsVisitor;

impl<'de> Visitor<'de> for SecretsVisitor {
    type Value = Secrets;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ env = \"NAME\" }, { secret = \"name\" } or an array of them")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secrets, E> {
        Held::deserialize(de::value::StrDeserializer::new(text)).map(|one| Secrets(vec![one]))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Secrets, M::Error> {
        Held::deserialize(MapAccessDeserializer::new(map)).map(|one| Secrets(vec![one]))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, seq: S) -> Result<Secrets, S::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Secrets)
    }
}
