//! What is wrong with a key. That it has to be enabled, symmetric and of the instance's region is inferred from what the
//! role of RDS may do with it.

use crate::aliyun::error::Failure;
use crate::aliyun::kms::Key;
use crate::kind::Kind;
use crate::outcome::KeyProblem;
use crate::request::facts::KeyFacts;
use crate::request::ids::{RegionId, printable};

/// What is kept of a key's description.
pub fn key_facts(key: Key) -> KeyFacts {
    let metadata = key.key_metadata;
    let region = metadata.arn.as_deref().and_then(|arn| arn.split(':').nth(2)).map(str::to_owned);
    KeyFacts { state: metadata.key_state, usage: metadata.key_usage, spec: metadata.key_spec, region }
}

/// Why a key cannot be used in a region, if what was read of it says so.
pub fn key_problem(region: &RegionId, read: &Result<KeyFacts, Failure>) -> Option<KeyProblem> {
    let other = |value: &Option<String>, wanted: &str| value.as_deref().filter(|value| *value != wanted).map(printable);
    match read {
        Ok(facts) if facts.state != "Enabled" => Some(KeyProblem::State { state: printable(&facts.state) }),
        Ok(facts) => other(&facts.usage, "ENCRYPT/DECRYPT")
            .map(|usage| KeyProblem::Usage { usage })
            .or_else(|| Some(KeyProblem::OtherRegion { region: other(&facts.region, region.as_str())? })),
        Err(failure) if failure.kind == Kind::NotFound || failure.is("Forbidden.KeyNotFound") => {
            Some(KeyProblem::Missing {})
        }
        Err(_) => None,
    }
}
