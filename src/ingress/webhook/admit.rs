//! Whose request is this? Nobody's, or exactly one credential's.
//!
//! GitHub's style is documented on its page on validating deliveries: `X-Hub-Signature-256: sha256=` and the lower-case
//! hex of HMAC-SHA256 over the body; `X-GitHub-Delivery` is not signed, so it names nothing here: whoever captured a request
//! could give it another name each time.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use bytes::Bytes;
use jiff::Timestamp;

use super::header::{id, one};
use super::secret::SharedSecret;
use super::standard::{ID, Signed, TIMESTAMP};
use super::{Proof, Unauthorised, Verified, WebhookCredential};

pub(super) const HUB_SIGNATURE: &str = "x-hub-signature-256";

/// What a sender calls this delivery, else a digest of it: to find it again in logs and reports. Where only the body is
/// signed, it is the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryId(String);

/// What is let in.
#[derive(Debug)]
pub struct Admitted<'d> {
    pub body: Verified,
    /// Who sent it.
    pub credential: &'d WebhookCredential,
    pub delivery: DeliveryId,
    /// When, where that is signed.
    pub signed_at: Option<Timestamp>,
}

impl DeliveryId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(presented: &Presented<'_>, headers: &HeaderMap, body: &[u8]) -> Result<Self, Unauthorised> {
        let own = match presented {
            Presented::Signed(_) | Presented::Bearer(_) => id(headers, ID)?,
            Presented::Hub(_) => None,
        };
        let digest = || base16ct::lower::encode_string(digest(&SHA256, body).as_ref());
        Ok(Self(own.map_or_else(digest, str::to_owned)))
    }
}

/// Finds the credential a request was sent under. Every configured one of the presented kind is tried, in constant time,
/// and there is one answer for every failure. A proof that would have two owners has none.
pub fn admit<'d>(
    credentials: &'d [WebhookCredential],
    headers: &HeaderMap,
    body: Bytes,
    now: Timestamp,
) -> Result<Admitted<'d>, Unauthorised> {
    let presented = Presented::read(headers, &body, now)?;
    let delivery = DeliveryId::of(&presented, headers, &body)?;
    let signed_at = presented.signed_at();
    let mut owners = credentials.iter().filter(|credential| presented.is_by(&credential.proof, &body));
    match (owners.next(), owners.next()) {
        (Some(credential), None) => Ok(Admitted { body: Verified::by_proof(body), credential, delivery, signed_at }),
        (None, _) | (Some(_), Some(_)) => Err(Unauthorised),
    }
}

/// Whether the headers may prove that a request is from one of these, before anything is read of its body: one proof, well
/// formed, made now, and of a kind that somebody here proves himself by. A token proves all by itself.
pub fn may_be_admitted(credentials: &[WebhookCredential], headers: &HeaderMap, now: Timestamp) -> bool {
    let Ok(presented) = Presented::read(headers, b"", now) else { return false };
    credentials.iter().any(|credential| presented.may_be_by(&credential.proof))
}

/// The one proof that a request carries.
enum Presented<'h> {
    Signed(Signed),
    Hub([u8; 32]),
    Bearer(&'h str),
}

impl<'h> Presented<'h> {
    fn read(headers: &'h HeaderMap, body: &[u8], now: Timestamp) -> Result<Self, Unauthorised> {
        // Doubled, it would say two things, whether it counts here or not.
        one(headers, TIMESTAMP)?;
        let signed = Signed::read(headers, body, now)?;
        let hub = one(headers, HUB_SIGNATURE)?.map(hub_signature).transpose()?;
        let bearer = one(headers, AUTHORIZATION.as_str())?.and_then(bearer_token);
        match (signed, hub, bearer) {
            (Some(signed), None, None) => Ok(Self::Signed(signed)),
            (None, Some(signature), None) => Ok(Self::Hub(signature)),
            (None, None, Some(token)) => Ok(Self::Bearer(token)),
            _ => Err(Unauthorised),
        }
    }

    fn may_be_by(&self, proof: &Proof) -> bool {
        match (self, proof) {
            (Self::Signed(signed), Proof::StandardWebhooks { .. }) => signed.has_a_signature(),
            (Self::Hub(_), Proof::GitHub { .. }) => true,
            (Self::Bearer(_), Proof::Bearer { .. }) => self.is_by(proof, b""),
            _ => false,
        }
    }

    fn signed_at(&self) -> Option<Timestamp> {
        match self {
            Self::Signed(signed) => Some(signed.at),
            Self::Hub(_) | Self::Bearer(_) => None,
        }
    }

    fn is_by(&self, proof: &Proof, body: &[u8]) -> bool {
        match (self, proof) {
            (Self::Signed(signed), Proof::StandardWebhooks { secrets }) => signed.is_by(secrets),
            (Self::Hub(tag), Proof::GitHub { secrets }) => is_by_hub(tag, secrets, body),
            (Self::Bearer(token), Proof::Bearer { tokens }) => {
                tokens.iter().fold(false, |found, own| found | own.is(token))
            }
            _ => false,
        }
    }
}

fn hub_signature(text: &str) -> Result<[u8; 32], Unauthorised> {
    let mut tag = [0; 32];
    let hex = text.strip_prefix("sha256=").filter(|hex| hex.len() == 64).ok_or(Unauthorised)?;
    base16ct::lower::decode(hex, &mut tag).map_err(|_| Unauthorised)?;
    Ok(tag)
}

fn is_by_hub(tag: &[u8; 32], secrets: &[SharedSecret], body: &[u8]) -> bool {
    secrets.iter().fold(false, |found, secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        found | hmac::verify(&key, body, tag).is_ok() // constant time
    })
}

/// The token of a bearer, empty where none follows the word. Other schemes are not for us: a gateway may use them.
fn bearer_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
