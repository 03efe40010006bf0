//! Plan tokens: what was planned, by whom and where, sealed with a MAC, so that a later confirmation needs no memory.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;

use super::grants::Person;
use crate::request::facts::Evidence;
use crate::request::ids::{AccountId, InstanceId, KeyId, RegionId};

const VERSION: &str = "1";
const OPERATION: &str = "EnableBackupEncryption";

/// The longest that a plan may wait for its confirmation.
pub const MAX_VALIDITY: Duration = Duration::from_mins(10);

/// The shortest key, in bytes.
const MIN_KEY: usize = 32;

/// No token of ours is longer.
const MAX_TOKEN: usize = 1200;

/// What makes and reads tokens. Its key is never shown.
#[derive(Clone)]
pub struct Confirmations {
    key: hmac::Key,
    pub valid_for: Duration,
    /// Tells this deployment's tokens from those of another that has the same key. Empty where nothing names it.
    pub deployment: String,
}

/// What was planned for one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub requester: String,
    pub instance: InstanceId,
    pub account: Option<AccountId>,
    pub region: RegionId,
    /// Absent is RDS's automatic key.
    pub key: Option<KeyId>,
    /// [`state`] of the instance and the key when the plan was made.
    pub state: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("This token is not one of this chat.")]
    NotOurs,
    #[error("This plan has expired.")]
    Expired,
}

impl Confirmations {
    /// Nothing where the key is too short to be one.
    pub fn new(key: &[u8], valid_for: Duration, deployment: String) -> Option<Self> {
        let is_sane = key.len() >= MIN_KEY && valid_for <= MAX_VALIDITY && !valid_for.is_zero();
        is_sane.then(|| Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), valid_for, deployment })
    }

    /// A token for a plan that somebody asked for in some chat.
    pub fn token(&self, plan: &Plan, place: &Person, now: Timestamp) -> String {
        let until = now.as_second().saturating_add(i64::try_from(self.valid_for.as_secs()).unwrap_or(0));
        let payload = [
            VERSION,
            OPERATION,
            &plan.requester,
            plan.instance.as_str(),
            plan.account.as_ref().map_or("", AccountId::as_str),
            plan.region.as_str(),
            plan.key.as_ref().map_or("", KeyId::as_str),
            &plan.state,
            &until.to_string(),
        ]
        .map(|part| part.replace('\n', " "))
        .join("\n");
        let mac = hmac::sign(&self.key, &self.sealed(&payload, place));
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        format!("{}.{}", encode(payload.as_bytes()), encode(mac.as_ref()))
    }

    /// The plan behind a token, if it was made for this place and still holds. The MAC is compared before anything is read.
    pub fn read(&self, token: &str, place: &Person, now: Timestamp) -> Result<Plan, Invalid> {
        let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Invalid::NotOurs);
        if token.len() > MAX_TOKEN {
            return Err(Invalid::NotOurs);
        }
        let (payload, mac) = token.split_once('.').ok_or(Invalid::NotOurs)?;
        let payload = String::from_utf8(decode(payload)?).map_err(|_| Invalid::NotOurs)?;
        hmac::verify(&self.key, &self.sealed(&payload, place), &decode(mac)?).map_err(|_| Invalid::NotOurs)?;
        let parts: Vec<&str> = payload.split('\n').collect();
        let [VERSION, OPERATION, requester, instance, account, region, key, state, until] = parts[..] else {
            return Err(Invalid::NotOurs);
        };
        if until.parse::<i64>().map_err(|_| Invalid::NotOurs)? <= now.as_second() {
            return Err(Invalid::Expired);
        }
        let filled = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Plan {
            requester: requester.to_owned(),
            instance: InstanceId::parse(instance).map_err(|_| Invalid::NotOurs)?,
            account: filled(account).map(|it| AccountId::parse(&it)).transpose().map_err(|_| Invalid::NotOurs)?,
            region: RegionId::parse(region).map_err(|_| Invalid::NotOurs)?,
            key: filled(key).map(|it| KeyId::parse(&it)).transpose().map_err(|_| Invalid::NotOurs)?,
            state: state.to_owned(),
        })
    }

    /// What the MAC covers: the place too, which the token itself does not carry. Lengths keep the parts apart.
    fn sealed(&self, payload: &str, place: &Person) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(payload.len() + 128);
        for part in [&self.deployment, place.chat, &place.tenant, &place.channel, payload] {
            sealed.extend_from_slice(part.len().to_string().as_bytes());
            sealed.push(b':');
            sealed.extend_from_slice(part.as_bytes());
        }
        sealed
    }
}

impl std::fmt::Debug for Confirmations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Confirmations").field("valid_for", &self.valid_for).finish_non_exhaustive()
    }
}

/// A fingerprint of what was seen: a confirmation counts only for what the plan was made of.
pub fn state(evidence: &Evidence) -> String {
    let facts = evidence.instance.as_ref();
    let of = |word: Option<&str>| word.unwrap_or_default().to_owned();
    let parts = [
        of(facts.map(|facts| facts.status.as_str())),
        of(facts.and_then(|facts| facts.engine.as_deref())),
        of(facts.and_then(|facts| facts.engine_version.as_deref())),
        of(facts.and_then(|facts| facts.category.as_deref())),
        of(facts.and_then(|facts| facts.storage.as_deref())),
        of(facts.and_then(|facts| facts.lock_mode.as_deref())),
        of(evidence.key.as_ref().map(|key| key.state.as_str())),
    ];
    base16ct::lower::encode_string(&digest(&SHA256, parts.join("\n").as_bytes()).as_ref()[..8])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::request::facts::{InstanceFacts, KeyFacts};

    fn confirmations() -> Confirmations {
        Confirmations::new(&[7; 32], MAX_VALIDITY, "a-function".to_owned()).unwrap()
    }

    fn place() -> Person {
        Person { chat: "slack", tenant: "T1".to_owned(), channel: "C1".to_owned(), user: "U1".to_owned() }
    }

    fn plan() -> Plan {
        Plan {
            requester: "U1".to_owned(),
            instance: InstanceId::parse("rm-1").unwrap(),
            account: Some(AccountId::parse("1234567890123456").unwrap()),
            region: RegionId::parse("cn-hangzhou").unwrap(),
            key: None,
            state: "0011223344556677".to_owned(),
        }
    }

    fn now() -> Timestamp {
        "2026-11-24T06:00:00Z".parse().unwrap()
    }

    fn later(seconds: i64) -> Timestamp {
        now().checked_add(SignedDuration::from_secs(seconds)).unwrap()
    }

    #[test]
    fn a_token_gives_back_the_plan_it_was_made_of() {
        let token = confirmations().token(&plan(), &place(), now());
        assert_eq!(confirmations().read(&token, &place(), later(599)), Ok(plan()));
        let keyed = Plan { key: Some(KeyId::parse("key-1").unwrap()), account: None, ..plan() };
        let token = confirmations().token(&keyed, &place(), now());
        assert_eq!(confirmations().read(&token, &place(), now()), Ok(keyed));
        let somebody_else = Person { user: "U2".to_owned(), ..place() };
        assert!(confirmations().read(&token, &somebody_else, now()).is_ok(), "who confirms is the grant's business");
    }

    #[test]
    fn a_token_holds_for_its_time_its_place_and_its_deployment() {
        let token = confirmations().token(&plan(), &place(), now());
        assert_eq!(confirmations().read(&token, &place(), later(600)), Err(Invalid::Expired));
        for elsewhere in [
            Person { chat: "teams", ..place() },
            Person { tenant: "T2".to_owned(), ..place() },
            Person { channel: "C2".to_owned(), ..place() },
            Person { tenant: "T".to_owned(), channel: "1C1".to_owned(), ..place() },
        ] {
            assert_eq!(confirmations().read(&token, &elsewhere, now()), Err(Invalid::NotOurs), "{elsewhere:?}");
        }
        let other = Confirmations { deployment: "another".to_owned(), ..confirmations() };
        assert_eq!(other.read(&token, &place(), now()), Err(Invalid::NotOurs));
        let other = Confirmations::new(&[8; 32], MAX_VALIDITY, "a-function".to_owned()).unwrap();
        assert_eq!(other.read(&token, &place(), now()), Err(Invalid::NotOurs));
    }

    #[test]
    fn a_token_that_was_touched_is_none() {
        let token = confirmations().token(&plan(), &place(), now());
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let touched = String::from_utf8(bytes).unwrap();
            assert!(touched == token || confirmations().read(&touched, &place(), now()).is_err(), "{at}");
        }
        for cut in ["", ".", &token[..token.len() - 1], &token[..20]] {
            assert_eq!(confirmations().read(cut, &place(), now()), Err(Invalid::NotOurs));
        }
    }

    #[test]
    fn a_short_key_or_a_long_life_makes_no_tokens() {
        assert!(Confirmations::new(&[7; 31], MAX_VALIDITY, String::new()).is_none());
        assert!(Confirmations::new(&[7; 32], MAX_VALIDITY + Duration::from_secs(1), String::new()).is_none());
        assert!(Confirmations::new(&[7; 32], Duration::ZERO, String::new()).is_none());
    }

    #[test]
    fn another_state_has_another_fingerprint() {
        let seen = |at: usize| {
            let word = |number: usize| if number == at { "other".to_owned() } else { "same".to_owned() };
            let instance = InstanceFacts {
                status: word(0),
                engine: Some(word(1)),
                engine_version: Some(word(2)),
                category: Some(word(3)),
                storage: Some(word(4)),
                lock_mode: Some(word(5)),
                ..InstanceFacts::default()
            };
            let key = KeyFacts { state: word(6), usage: None, spec: None, region: None };
            state(&Evidence { instance: Some(instance), key: Some(key), ..Evidence::default() })
        };
        let all: BTreeSet<String> = (0..=7).map(seen).collect();
        assert_eq!(all.len(), 8, "each fact counts, and 7 changes none");
        assert_eq!(seen(7), seen(8));
    }

    proptest! {
        #[test]
        fn no_text_brings_it_down(token in ".{0,400}") {
            let _ = confirmations().read(&token, &place(), now());
        }
    }
}
