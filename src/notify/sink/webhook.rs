//! A generic webhook: the report as it is, signed per Standard Webhooks 1.0.0.
//!
//! Source: the specification of Standard Webhooks: `id.timestamp.payload` under HMAC-SHA256 (`v1`, a `whsec_` secret) or
//! ed25519 (`v1a`, a `whsk_` key of 64 bytes, seed and public half).

use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretSlice};

/// What is signed with for one receiver.
#[derive(Debug, Clone)]
pub enum SigningKey {
    /// A secret that the receiver knows too.
    Shared(SecretSlice<u8>),
    /// Our own key, of which the receiver knows the public half.
    Own(SecretSlice<u8>),
}

impl SigningKey {
    /// Takes a key as Standard Webhooks writes it: base64 of 24 to 64 bytes, with or without `whsec_` in front, or `whsk_` and
    /// base64 of an ed25519 key.
    pub fn parse(secret: &str) -> Option<Self> {
        if let Some(key) = secret.strip_prefix("whsk_") {
            let bytes = BASE64_STANDARD.decode(key).ok()?;
            pair(&bytes)?;
            return Some(Self::Own(bytes.into()));
        }
        let bytes = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok()?;
        (24..=64).contains(&bytes.len()).then(|| Self::Shared(bytes.into()))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Shared(secret) | Self::Own(secret) => secret.expose_secret(),
        }
    }

    /// Nothing where it cannot sign, which was found out when it was parsed.
    fn signature(&self, id: &str, seconds: i64, body: &str) -> Option<String> {
        let content = format!("{id}.{seconds}.{body}");
        Some(match self {
            Self::Shared(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret());
                format!("v1,{}", BASE64_STANDARD.encode(hmac::sign(&key, content.as_bytes())))
            }
            Self::Own(key) => {
                let signed = pair(key.expose_secret())?.sign(content.as_bytes());
                format!("v1a,{}", BASE64_STANDARD.encode(signed))
            }
        })
    }
}

/// A key pair, if the one half is that of the other.
fn pair(bytes: &[u8]) -> Option<Ed25519KeyPair> {
    let (seed, public) = bytes.split_at_checked(32)?;
    Ed25519KeyPair::from_seed_and_public_key(seed, public).ok()
}

/// The three headers. The id is the report's: it stays the same over retries, so a receiver can drop repeats. While keys are
/// rotated there is a signature by each.
pub(super) fn headers(keys: &[SigningKey], id: &str, time: Timestamp, body: &str) -> HeaderMap {
    let seconds = time.as_second();
    let signatures: Vec<String> = keys.iter().filter_map(|key| key.signature(id, seconds, body)).collect();
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
    use aws_lc_rs::signature::{ED25519, KeyPair as _, UnparsedPublicKey};

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
            assert_eq!(key.signature(&vector.id, vector.timestamp, &vector.body), Some(vector.signature));
        }
    }

    #[test]
    fn a_key_of_ours_signs_what_its_public_half_verifies() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let public = pair.public_key().as_ref();
        let written = |public: &[u8]| format!("whsk_{}", BASE64_STANDARD.encode([&[7; 32], public].concat()));
        let key = SigningKey::parse(&written(public)).unwrap();
        let headers = headers(std::slice::from_ref(&key), "msg_1", Timestamp::UNIX_EPOCH, "{}");
        let signature = headers["webhook-signature"].to_str().unwrap().strip_prefix("v1a,").unwrap().to_owned();
        let signature = BASE64_STANDARD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ED25519, public).verify(b"msg_1.0.{}", &signature).unwrap();
        assert!(SigningKey::parse(&written(&[8; 32])).is_none(), "the halves are of two keys");
        assert!(SigningKey::parse(&written(&public[1..])).is_none());
        assert!(!format!("{key:?}").contains("7, 7"), "nothing shows a key");
    }

    #[test]
    fn a_secret_that_is_short_or_no_base64_is_none() {
        for secret in ["", "whsec_", "whsec_AAAA", "not base64 at all, not at all!!!"] {
            assert!(SigningKey::parse(secret).is_none(), "{secret}");
        }
    }
}
