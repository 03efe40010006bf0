mod admitted;
mod read;

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use jiff::Timestamp;

use super::*;
use crate::request::Mode;
use crate::request::pattern::Pattern;
use crate::request::scope::Scope;

const BEARER: &str = "a-bearer-token-of-the-nightly-cron-0001";

#[derive(serde::Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Clone, serde::Deserialize)]
struct Vector {
    name: String,
    secret: String,
    now_unix: i64,
    headers: BTreeMap<String, String>,
    body: String,
    accept: bool,
}

fn vectors() -> Vec<Vector> {
    let text = include_str!("../../../../tests/fixtures/webhook/vectors.json");
    serde_json::from_str::<Vectors>(text).unwrap().vectors
}

impl Vector {
    fn named(name: &str) -> Self {
        vectors().into_iter().find(|vector| vector.name == name).unwrap()
    }

    fn credential(&self) -> WebhookCredential {
        if self.name.starts_with("github") { github(&self.secret) } else { signing("ci", &[&self.secret]) }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.now_unix).unwrap()
    }

    fn admit(&self, credentials: &[WebhookCredential]) -> Result<DeliveryId, Unauthorised> {
        let body = Bytes::copy_from_slice(self.body.as_bytes());
        let Admitted { body: verified, credential: owner, delivery, .. } =
            admit(credentials, &headers(&self.headers), body, self.now())?;
        assert_eq!(verified.as_bytes(), self.body.as_bytes());
        assert!(credentials.iter().any(|credential| credential.name == owner.name));
        Ok(delivery)
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }
}

fn headers(pairs: &BTreeMap<String, String>) -> HeaderMap {
    let header = |(name, value): (&String, &String)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    pairs.iter().map(header).collect()
}

fn credential(name: &str, proof: Proof) -> WebhookCredential {
    let scope = Scope { accounts: vec![Pattern::new("*")], regions: vec![Pattern::new("*")], mode: Mode::Enforce };
    WebhookCredential { name: name.to_owned(), proof, scope, accept_replay: false, variables: Vec::new() }
}

fn signing(name: &str, secrets: &[&str]) -> WebhookCredential {
    let secrets = secrets.iter().map(|secret| SigningSecret::parse(secret).unwrap()).collect();
    credential(name, Proof::StandardWebhooks { secrets })
}

fn github(secret: &str) -> WebhookCredential {
    credential("hub", Proof::GitHub { secrets: vec![SharedSecret::parse(secret).unwrap()] })
}

fn bearer() -> WebhookCredential {
    credential("cron", Proof::Bearer { tokens: vec![Token::bearer(BEARER).unwrap()] })
}

/// A request that carries nothing but a bearer token.
fn by_bearer(value: &str) -> Vector {
    let headers = BTreeMap::from([("authorization".to_owned(), value.to_owned())]);
    Vector {
        name: "bearer".to_owned(),
        secret: String::new(),
        now_unix: 1_767_225_600,
        headers,
        body: "{}".to_owned(),
        accept: true,
    }
}
