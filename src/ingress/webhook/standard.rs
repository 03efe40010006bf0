//! Standard Webhooks 1.0.0: `id.timestamp.body`, signed by HMAC-SHA256 (`v1`) or ed25519 (`v1a`).
//!
//! Documented by the specification: the three headers, the signed content, several signatures in one header for rotation,
//! unknown versions to be ignored. Read in the reference libraries: five minutes in both directions. None of them has
//! `v1a`.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::Unauthorised;
use super::header::{digits, id, one, required};
use super::secret::{Key, SigningSecret};

pub(super) const SIGNATURE: &str = "webhook-signature";
pub(super) const ID: &str = "webhook-id";
pub(super) const TIMESTAMP: &str = "webhook-timestamp";

/// How far the sender's clock may be off, in seconds.
const WINDOW: u64 = 300;

/// The most signatures in one header that are looked at: more is no rotation.
const MAX_SIGNATURES: usize = 16;

/// And of those by a public key, each of which costs many times an HMAC to refuse. The rest is not looked at.
const MAX_PUBLIC_KEY_SIGNATURES: usize = 2;

/// A body as it was signed, and the signatures it came with.
pub(super) struct Signed {
    content: Vec<u8>,
    signatures: Vec<Signature>,
}

enum Signature {
    Hmac([u8; 32]),
    Ed25519([u8; 64]),
}

impl Signed {
    /// Absent where the request carries no such signature.
    pub(super) fn read(headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<Option<Self>, Unauthorised> {
        let Some(signatures) = one(headers, SIGNATURE)? else { return Ok(None) };
        let id = id(headers, ID)?.ok_or(Unauthorised)?;
        let timestamp = required(headers, TIMESTAMP)?;
        if digits(timestamp)?.abs_diff(now.as_second()) > WINDOW {
            return Err(Unauthorised);
        }
        let content = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
        Ok(Some(Self { content, signatures: parse(signatures)? }))
    }

    /// Whether there is a signature of a version that we know.
    pub(super) fn has_a_signature(&self) -> bool {
        !self.signatures.is_empty()
    }

    /// Whether one of the signatures is by one of these. All are tried.
    pub(super) fn is_by(&self, secrets: &[SigningSecret]) -> bool {
        secrets.iter().fold(false, |found, secret| found | self.is_by_one(&secret.0))
    }

    fn is_by_one(&self, key: &Key) -> bool {
        match key {
            Key::Shared(secret) => {
                let ours = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret()), &self.content);
                self.any(|signature| match signature {
                    Signature::Hmac(tag) => verify_slices_are_equal(ours.as_ref(), tag).is_ok(),
                    Signature::Ed25519(_) => false,
                })
            }
            Key::Public(key) => {
                let key = UnparsedPublicKey::new(&ED25519, key);
                self.any(|signature| match signature {
                    Signature::Ed25519(signature) => key.verify(&self.content, signature).is_ok(),
                    Signature::Hmac(_) => false,
                })
            }
        }
    }

    fn any(&self, is_good: impl Fn(&Signature) -> bool) -> bool {
        self.signatures.iter().fold(false, |found, signature| found | is_good(signature))
    }
}

/// `v1,base64 v1a,base64 …`. A version that we know has to be well formed.
fn parse(text: &str) -> Result<Vec<Signature>, Unauthorised> {
    let (mut signatures, mut by_key) = (Vec::new(), Vec::new());
    for (index, word) in text.split(' ').enumerate() {
        let (version, value) = word.split_once(',').filter(|_| index < MAX_SIGNATURES).ok_or(Unauthorised)?;
        match version {
            "v1" => signatures.push(Signature::Hmac(bytes(value)?)),
            "v1a" => by_key.push(Signature::Ed25519(bytes(value)?)),
            _ => {}
        }
    }
    signatures.extend(by_key.into_iter().take(MAX_PUBLIC_KEY_SIGNATURES));
    Ok(signatures)
}

fn bytes<const N: usize>(value: &str) -> Result<[u8; N], Unauthorised> {
    BASE64_STANDARD.decode(value).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Unauthorised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_well_formed_or_of_another_version() {
        let good = BASE64_STANDARD.encode([7; 32]);
        let count = |text: &str| parse(text).map(|signatures| signatures.len());
        assert_eq!(count(&format!("v1,{good}")), Ok(1));
        assert_eq!(count(&format!("v2,what v1,{good} v1,{good}")), Ok(2));
        assert_eq!(count("v2,what"), Ok(0));
        let by_key = format!("v1a,{}", BASE64_STANDARD.encode([7; 64]));
        assert_eq!(count(&format!("{by_key} v1,{good} {by_key}")), Ok(3));
        assert_eq!(count(&format!("{by_key} {by_key} {by_key} v1,{good}")), Ok(3), "the third is not looked at");
        let short = BASE64_STANDARD.encode([7; 31]);
        let unpadded = good.trim_end_matches('=');
        for text in [
            String::new(),
            good.clone(),
            format!("v1={good}"),
            format!("v1,{short}"),
            format!("v1,{unpadded}"),
            format!("v1,{good}="),
            format!("v1,{good},"),
            format!("v1,{good} "),
            format!("v1a,{good}"),
            format!("v1,-{}", &good[1..]),
            vec![format!("v1,{good}"); MAX_SIGNATURES + 1].join(" "),
        ] {
            assert_eq!(count(&text), Err(Unauthorised), "{text}");
        }
    }
}
