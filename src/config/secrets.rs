//! `secret`, as it is written: one, or several while it is rotated; and the name of what has it.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::ConfigError;
use super::values::Secret as Variable;
use crate::env::Env;
use crate::secret::{MIN_SECRET, Secret};

const VARIABLE: &str = "SEAL_SECRET";

/// `{ env = "NAME" }`, or an array of them.
#[derive(Debug)]
pub(super) struct Secrets(Vec<Variable>);

impl Secrets {
    pub(super) fn variables(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|variable| variable.0.clone())
    }

    pub(super) fn secret(&self, env: &Env) -> Result<Secret, String> {
        let held = |Variable(name): &Variable| {
            let text = env.get(name).ok_or_else(|| format!("secret needs the variable {name}, which is not set"))?;
            if text.len() < MIN_SECRET {
                return Err(format!("the variable {name} of secret {}", too_short()));
            }
            Ok(text.into())
        };
        let texts = self.0.iter().map(held).collect::<Result<_, _>>()?;
        Secret::new(texts).map_err(|_| "secret is an empty array: leave it out, or name a variable".to_owned())
    }
}

/// The secret that the environment sets by itself. A variable that the file names is the file's.
pub(super) fn of_environment(env: &Env, named_in_file: &BTreeSet<String>) -> Result<Option<Secret>, ConfigError> {
    let text = env.get(VARIABLE).filter(|_| !named_in_file.contains(VARIABLE));
    let secret = text.map(|text| Secret::new(vec![text.into()]));
    secret.transpose().map_err(|_| ConfigError::variable(VARIABLE, too_short()))
}

/// What tells this deployment from others: nothing where neither a function nor the file names it.
pub(super) fn deployment(env: &Env, own: Option<&str>) -> String {
    if own.is_none() && env.get("FC_FUNCTION_NAME").is_none() {
        return String::new();
    }
    let function = ["FC_ACCOUNT_ID", "FC_REGION", "FC_FUNCTION_NAME"].map(|name| env.get(name).unwrap_or_default());
    format!("{}/{}", function.join("/"), own.unwrap_or_default())
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
        f.write_str("{ env = \"NAME\" } or an array of them")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secrets, E> {
        Variable::deserialize(de::value::StrDeserializer::new(text)).map(|one| Secrets(vec![one]))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Secrets, M::Error> {
        Variable::deserialize(MapAccessDeserializer::new(map)).map(|one| Secrets(vec![one]))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Secrets, S::Error> {
        let mut all = Vec::new();
        while let Some(one) = seq.next_element()? {
            all.push(one);
        }
        Ok(Secrets(all))
    }
}
