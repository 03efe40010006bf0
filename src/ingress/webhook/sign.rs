//! The sender's half, for `rds-seal sign`: a deployment itself only verifies.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::admit::HUB_SIGNATURE;
use super::secret::{Key, SigningSecret};
use super::standard::{ID, SIGNATURE, TIMESTAMP};
use super::{Proof, WebhookCredential};

/// What a sender puts with a body.
#[derive(Debug, PartialEq, Eq)]
pub enum Headers {
    /// These. None of them is a secret.
    Signed(Vec<(&'static str, String)>),
    /// A secret as it is, which the caller knows a way to name.
    Bearer,
}

/// Signs a body as a credential's sender would, by the first of its secrets that can. Nothing where it holds none: a public
/// key verifies and does not sign.
pub fn sign(credential: &WebhookCredential, id: &str, now: Timestamp, body: &[u8]) -> Option<Headers> {
    match &credential.proof {
        Proof::StandardWebhooks { secrets } => {
            let shared = secrets.iter().find_map(|SigningSecret(key)| match key {
                Key::Shared(secret) => Some(secret.expose_secret()),
                Key::Public(_) => None,
            })?;
            let seconds = now.as_second().to_string();
            let tag = mac(shared, &[id.as_bytes(), b".", seconds.as_bytes(), b".", body].concat());
            let signature = format!("v1,{}", BASE64_STANDARD.encode(tag));
            Some(Headers::Signed(vec![(ID, id.to_owned()), (TIMESTAMP, seconds), (SIGNATURE, signature)]))
        }
        Proof::GitHub { secrets } => {
            let tag = mac(secrets.first()?.as_bytes(), body);
            let signature = format!("sha256={}", base16ct::lower::encode_string(tag.as_ref()));
            Some(Headers::Signed(vec![(HUB_SIGNATURE, signature)]))
        }
        Proof::Bearer { .. } => Some(Headers::Bearer),
    }
}

fn mac(key: &[u8], content: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), content)
}
