//! Sessions of roles: key pairs that work for a while, and only with the token they were issued with.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{encoding, policy::Policy};

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) key_id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) expires: Timestamp,
    pub(crate) account: String,
    pub(crate) role: String,
    pub(crate) name: String,
    pub(crate) policy: Option<Policy>,
}

/// What a session is to be.
pub(crate) struct Terms<'a> {
    pub(crate) account: &'a str,
    pub(crate) role: &'a str,
    pub(crate) name: &'a str,
    pub(crate) seconds: u32,
    pub(crate) policy: Option<Policy>,
}

/// Every session since the start, by its key id. None is forgotten, so that an old one is expired and not unknown.
#[derive(Debug, Default)]
pub(crate) struct Sessions(HashMap<String, Session>);

impl Sessions {
    pub(crate) fn issue(&mut self, terms: Terms<'_>, now: Timestamp) -> Session {
        let expires = now.checked_add(SignedDuration::from_secs(terms.seconds.into())).unwrap_or(Timestamp::MAX);
        let session = Session {
            key_id: format!("STS.{}", encoding::hex(&random::<12>())),
            secret: encoding::hex(&random::<22>()),
            token: format!("CAIS{}", BASE64.encode(random::<220>())),
            expires,
            account: terms.account.to_owned(),
            role: terms.role.to_owned(),
            name: terms.name.to_owned(),
            policy: terms.policy,
        };
        self.0.insert(session.key_id.clone(), session.clone());
        session
    }

    pub(crate) fn find(&self, key_id: &str) -> Option<&Session> {
        self.0.get(key_id)
    }
}

impl Session {
    /// As STS, ECS and a credentials URI all write it (*documented*).
    pub(crate) fn credentials(&self) -> Value {
        json!({
            "AccessKeyId": self.key_id,
            "AccessKeySecret": self.secret,
            "SecurityToken": self.token,
            "Expiration": self.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        })
    }
}

/// Something nobody can guess, in visible letters.
pub(crate) fn random_text() -> String {
    BASE64.encode(random::<42>())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the machine has random numbers");
    bytes
}
