//! Standard Webhooks 1.0.0: `id.timestamp.body`, signed by HMAC-SHA256 (`v1`) or ed25519 (`v1a`).
//!
//! Documented by the specification: the three headers, the signed content, several signatures in one header for rotation,
//! unknown versions to be ignored. Read in the reference libraries: five minutes in both directions, and a signature that
//! cannot be read matches nothing and refuses no other. None of them has `v1a`.

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

/// The most signatures by a public key that are looked at: each costs many times an HMAC to refuse.
const MAX_PUBLIC_KEY_SIGNATURES: usize = 2;

/// A body as it was signed, and the signatures it came with.
pub(super) struct Signed {
    content: Vec<u8>,
    signatures: Vec<Signature>,
    pub(super) at: Timestamp,
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
        let seconds = digits(timestamp)?;
        if seconds.abs_diff(now.as_second()) > WINDOW {
            return Err(Unauthorised);
        }
        let at = Timestamp::from_second(seconds).map_err(|_| Unauthorised)?;
        let content = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
        Ok(Some(Self { content, signatures: parse(signatures), at }))
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

/// `v1,base64 v1a,base64 …`. What is of another version, or is no signature, is passed over.
fn parse(text: &str) -> Vec<Signature> {
    let (mut signatures, mut by_key) = (Vec::new(), Vec::new());
    for (version, value) in text.split(' ').filter_map(|word| word.split_once(',')) {
        match version {
            "v1" => signatures.extend(bytes(value).map(Signature::Hmac)),
            "v1a" => by_key.extend(bytes(value).map(Signature::Ed25519)),
            _ => {}
        }
    }
    signatures.extend(by_key.into_iter().take(MAX_PUBLIC_KEY_SIGNATURES));
    signatures
}

fn bytes<const N: usize>(value: &str) -> Option<[u8; N]> {
    BASE64_STANDARD.decode(value).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        parse(text).len()
    }

    #[test]
    fn several_signatures_may_come_in_one_header() {
        let good = BASE64_STANDARD.encode([7; 32]);
        assert_eq!(count(&format!("v1,{good}")), 1);
        assert_eq!(count(&format!("v1,{good} v1,{good}")), 2);
        let by_key = format!("v1a,{}", BASE64_STANDARD.encode([7; 64]));
        assert_eq!(count(&format!("{by_key} v1,{good} {by_key}")), 3);
        assert_eq!(count(&format!("{by_key} {by_key} {by_key} v1,{good}")), 3, "the third is not looked at");
    }

    #[test]
    fn a_signature_that_cannot_be_read_matches_nothing_and_refuses_no_other() {
        let good = BASE64_STANDARD.encode([7; 32]);
        let short = BASE64_STANDARD.encode([7; 31]);
        let unpadded = good.trim_end_matches('=');
        for text in [
            String::new(),
            good.clone(),
            "v2,what".to_owned(),
            "v1,".to_owned(),
            format!("v1={good}"),
            format!("v1,{short}"),
            format!("v1,{unpadded}"),
            format!("v1,{good}="),
            format!("v1,{good},"),
            format!("v1a,{good}"),
            format!("v1,-{}", &good[1..]),
        ] {
            assert_eq!(count(&text), 0, "{text}");
            assert_eq!(count(&format!("{text} v1,{good}")), 1, "{text}, before a good one");
            assert_eq!(count(&format!("v1,{good} {text}")), 1, "{text}, after a good one");
        }
    }
}
