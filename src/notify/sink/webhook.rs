//! A generic webhook: the report as it is, signed per Standard Webhooks 1.0.0.
//!
//! Source: the specification of Standard Webhooks (`id.timestamp.payload` under HMAC-SHA256, `whsec_` secrets).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretSlice};

/// The secret of one receiver.
#[derive(Debug, Clone)]
pub struct SigningKey(SecretSlice<u8>);

impl SigningKey {
    /// Takes a secret as Standard Webhooks writes it: base64 of 24 to 64 bytes, with or without `whsec_` in front.
    pub fn parse(secret: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok()?;
        (24..=64).contains(&bytes.len()).then(|| Self(bytes.into()))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    fn signature(&self, id: &str, seconds: i64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret());
        let signed = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(signed))
    }
}

/// The three headers. The id is the report's: it stays the same over retries, so a receiver can drop repeats. While keys are
/// rotated there is a signature by each.
pub(super) fn headers(keys: &[SigningKey], id: &str, time: Timestamp, body: &str) -> HeaderMap {
    let seconds = time.as_second();
    let signatures: Vec<String> = keys.iter().map(|key| key.signature(id, seconds, body)).collect();
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ];
    let value = |text: String| HeaderValue::try_from(text).expect("an id, digits and base64 are plain text");
    headers.into_iter().map(|(name, text)| (HeaderName::from_static(name), value(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Vector {
        secret: String,
        id: String,
        timestamp: i64,
        body: String,
        signature: String,
    }

    #[test]
    fn the_published_vectors_come_out_the_same() {
        let vectors = include_str!("../../../tests/fixtures/standard-webhooks/vectors.json");
        let vectors: Vec<Vector> = serde_json::from_str(vectors).unwrap();
        assert!(vectors.len() >= 2);
        for vector in vectors {
            let key = SigningKey::parse(&vector.secret).unwrap();
            assert_eq!(key.signature(&vector.id, vector.timestamp, &vector.body), vector.signature);
        }
    }

    #[test]
    fn a_secret_that_is_short_or_no_base64_is_none() {
        for secret in ["", "whsec_", "whsec_AAAA", "not base64 at all, not at all!!!"] {
            assert!(SigningKey::parse(secret).is_none(), "{secret}");
        }
    }
}
