//! Plan tokens: what was planned, by whom and where, sealed with a MAC, so that a later confirmation needs no memory.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;

use super::grants::Person;
use super::packed;
use crate::request::facts::Evidence;
use crate::request::ids::{AccountId, InstanceId, KeyId, RegionId};
use crate::secret::{Keys, Secret};

/// Of the token's form.
const VERSION: u8 = 2;
const OPERATION: &str = "EnableBackupEncryption";

/// The longest that a plan may wait for its confirmation.
pub const MAX_VALIDITY: Duration = Duration::from_mins(10);

/// What the key of tokens is derived for.
const PURPOSE: &str = "confirm/1";

/// No token of ours is longer, in characters.
const MAX_TOKEN: usize = 1200;

/// Bytes of the MAC that a token carries: 128 bits.
const MAC: usize = 16;

/// Bytes of a fingerprint of what was seen.
const STATE: usize = 6;

/// What makes and reads tokens.
#[derive(Debug, Clone)]
pub struct Confirmations {
    keys: Keys,
    valid_for: Duration,
    /// Tells this deployment's tokens from those of another that has the same secret.
    deployment: String,
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
    pub state: State,
}

/// A fingerprint of an instance and its key.
pub type State = [u8; STATE];

/// Why a token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalid {
    /// It was changed, cut short, or made somewhere else.
    NotOurs,
    Expired,
}

impl Confirmations {
    pub fn new(secret: &Secret, valid_for: Duration, deployment: String) -> Self {
        Self { keys: secret.keys(PURPOSE), valid_for: valid_for.min(MAX_VALIDITY), deployment }
    }

    /// A token for a plan that somebody asked for in some chat, and until when it holds.
    pub fn token(&self, plan: &Plan, place: &Person, now: Timestamp) -> (String, Timestamp) {
        let valid_for = i64::try_from(self.valid_for.as_secs()).unwrap_or(0);
        let until = now.as_second().saturating_add(valid_for);
        let mut payload = vec![VERSION];
        payload.extend_from_slice(&u32::try_from(until).unwrap_or(u32::MAX).to_be_bytes());
        payload.extend_from_slice(&plan.state);
        for text in [
            plan.instance.as_str(),
            plan.account.as_ref().map_or("", AccountId::as_str),
            plan.region.as_str(),
            plan.key.as_ref().map_or("", KeyId::as_str),
            &plan.requester,
        ] {
            packed::put(&mut payload, text);
        }
        let mac = self.keys.sign::<MAC>(&self.covered(&payload, place));
        payload.extend_from_slice(&mac);
        (BASE64_URL_SAFE_NO_PAD.encode(payload), Timestamp::from_second(until).unwrap_or(now))
    }

    /// The plan behind a token, if it was made for this place and still holds. The MAC is compared before anything is read.
    pub fn read(&self, token: &str, place: &Person, now: Timestamp) -> Result<Plan, Invalid> {
        if token.len() > MAX_TOKEN {
            return Err(Invalid::NotOurs);
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| Invalid::NotOurs)?;
        let (payload, mac) = bytes.split_last_chunk::<MAC>().ok_or(Invalid::NotOurs)?;
        if !self.keys.verify(&self.covered(payload, place), mac) {
            return Err(Invalid::NotOurs);
        }
        let (until, plan) = parse(payload).ok_or(Invalid::NotOurs)?;
        if until <= now.as_second() { Err(Invalid::Expired) } else { Ok(plan) }
    }

    /// What the MAC covers: the operation and the place too, which the token itself does not carry.
    fn covered<'a>(&'a self, payload: &'a [u8], place: &'a Person) -> [&'a [u8]; 6] {
        let Person { chat, tenant, channel, .. } = place;
        let texts = [OPERATION, &self.deployment, chat, tenant, channel].map(str::as_bytes);
        [texts[0], texts[1], texts[2], texts[3], texts[4], payload]
    }
}

fn parse(payload: &[u8]) -> Option<(i64, Plan)> {
    let (&version, rest) = payload.split_first()?;
    let (until, rest) = rest.split_first_chunk::<4>()?;
    let (state, mut rest) = rest.split_first_chunk::<STATE>().filter(|_| version == VERSION)?;
    let mut next = || packed::take(&mut rest);
    let (instance, account, region, key, requester) = (next()?, next()?, next()?, next()?, next()?);
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let plan = Plan {
        requester,
        instance: InstanceId::parse(&instance).ok()?,
        account: filled(account).map(|text| AccountId::parse(&text).ok()).map_or(Some(None), |it| it.map(Some))?,
        region: RegionId::parse(&region).ok()?,
        key: filled(key).map(|text| KeyId::parse(&text).ok()).map_or(Some(None), |it| it.map(Some))?,
        state: *state,
    };
    Some((u32::from_be_bytes(*until).into(), plan))
}

/// A fingerprint of what was seen: a confirmation counts only for what the plan was made of.
pub fn state(evidence: &Evidence) -> State {
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
    let digest = digest(&SHA256, parts.join("\n").as_bytes());
    digest.as_ref().first_chunk().copied().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::request::facts::{InstanceFacts, KeyFacts};

    fn secret(letter: char) -> Secret {
        Secret::new(vec![letter.to_string().repeat(32).into()]).unwrap()
    }

    fn confirmations() -> Confirmations {
        Confirmations::new(&secret('7'), MAX_VALIDITY, "a-function".to_owned())
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
            state: [1, 2, 3, 4, 5, 6],
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
        let token = confirmations().token(&plan(), &place(), now()).0;
        assert_eq!(confirmations().read(&token, &place(), later(599)), Ok(plan()));
        let keyed = Plan { key: Some(KeyId::parse("key-1").unwrap()), account: None, ..plan() };
        let token = confirmations().token(&keyed, &place(), now()).0;
        assert_eq!(confirmations().read(&token, &place(), now()), Ok(keyed));
        let somebody_else = Person { user: "U2".to_owned(), ..place() };
        assert!(confirmations().read(&token, &somebody_else, now()).is_ok(), "who confirms is the grant's business");
    }

    #[test]
    fn a_token_holds_for_its_time_its_place_and_its_deployment() {
        let token = confirmations().token(&plan(), &place(), now()).0;
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
        let other = Confirmations::new(&secret('8'), MAX_VALIDITY, "a-function".to_owned());
        assert_eq!(other.read(&token, &place(), now()), Err(Invalid::NotOurs));
    }

    #[test]
    fn a_token_that_was_touched_is_none() {
        let token = confirmations().token(&plan(), &place(), now()).0;
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let touched = String::from_utf8(bytes).unwrap();
            assert!(touched == token || confirmations().read(&touched, &place(), now()).is_err(), "{at}");
        }
        for cut in ["", ".", "AAAA", &token[..token.len() - 1], &token[..20]] {
            assert_eq!(confirmations().read(cut, &place(), now()), Err(Invalid::NotOurs));
        }
    }

    #[test]
    fn a_token_is_short_enough_to_be_typed_over() {
        let typical = Plan { instance: InstanceId::parse("rm-bp1q2w3e4r5t6y7u8").unwrap(), ..plan() };
        let typical = Plan { requester: "U2CERLKJA12".to_owned(), ..typical };
        let length = |plan: &Plan| confirmations().token(plan, &place(), now()).0.len();
        assert!(length(&typical) < 110, "{}", length(&typical));
        let keyed = Plan { key: Some(KeyId::parse("key-hzz62bb4a8d3j4qp9jo7g").unwrap()), ..typical };
        assert!(length(&keyed) <= 128, "{}", length(&keyed));
    }

    #[test]
    fn no_token_holds_longer_than_the_longest() {
        let patient = Confirmations::new(&secret('7'), MAX_VALIDITY * 2, String::new());
        assert_eq!(patient.token(&plan(), &place(), now()).1, later(600));
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
        let all: BTreeSet<State> = (0..=7).map(seen).collect();
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
