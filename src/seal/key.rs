//! What is wrong with a key. That it has to be enabled, symmetric and of the instance's region is inferred from what the
//! role of RDS may do with it.

use crate::aliyun::error::Failure;
use crate::aliyun::kms::Key;
use crate::kind::Kind;
use crate::request::facts::KeyFacts;
use crate::request::ids::{KeyId, RegionId, printable};

/// Something that stands in the way, as the rest of a sentence that begins with "the".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    pub what: String,
    pub next_step: &'static str,
}

/// What is kept of a key's description.
pub fn key_facts(key: Key) -> KeyFacts {
    let metadata = key.key_metadata;
    let region = metadata.arn.as_deref().and_then(|arn| arn.split(':').nth(2)).map(str::to_owned);
    KeyFacts { state: metadata.key_state, usage: metadata.key_usage, spec: metadata.key_spec, region }
}

/// Why a key cannot be used in a region, if what was read of it says so.
pub fn key_blocker(key: &KeyId, region: &RegionId, read: &Result<KeyFacts, Failure>) -> Option<Blocker> {
    let trouble = |what: String, next_step| Some(Blocker { what: format!("key {key} {what}"), next_step });
    match read {
        Ok(facts) if facts.state != "Enabled" => {
            trouble(format!("is in state {}", printable(&facts.state)), "Enable the key, or choose another.")
        }
        Ok(facts) if facts.usage.as_deref().is_some_and(|usage| usage != "ENCRYPT/DECRYPT") => trouble(
            format!("is for {}", printable(facts.usage.as_deref().unwrap_or_default())),
            "Choose a symmetric key for ENCRYPT/DECRYPT.",
        ),
        Ok(facts) if facts.region.as_deref().is_some_and(|of_key| of_key != region.as_str()) => trouble(
            format!("is in {}, not in {}", printable(facts.region.as_deref().unwrap_or_default()), region),
            "Choose a key of the instance's region.",
        ),
        Err(failure) if failure.kind == Kind::NotFound || failure.is("Forbidden.KeyNotFound") => trouble(
            format!("does not exist in {region} for this account"),
            "Check the key's id, its region and its account.",
        ),
        Ok(_) | Err(_) => None,
    }
}
