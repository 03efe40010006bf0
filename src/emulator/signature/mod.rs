//! Is the request signed by somebody we know, and recently?
//!
//! Both versions come down to a [`Claim`]: what the request says about itself, beside what had to be signed. `v1` and
//! `v3` make the claim, this file judges it.
//!
//! Order of the checks (*inferred*): completeness, key id, date, security token, signature.

mod v1;
mod v3;

use axum::http::header;
use jiff::{SignedDuration, Timestamp};

use super::{
    arrival::Arrival,
    encoding,
    identities::{Caller, Identities},
    refusal::Refusal,
};

/// How far a date may be off, either way (*documented*).
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// The signature versions by their names on the wire. The vendor's pages call them V2 and V3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V3,
}

impl Version {
    /// What the request is signed with, rightly or wrongly. None if it is not signed at all.
    pub(super) fn of(arrival: &Arrival) -> Option<Self> {
        let named = |name| arrival.parameter(name).is_some();
        if arrival.headers.contains_key(header::AUTHORIZATION) {
            Some(Self::V3)
        } else if named("Signature") || named("SignatureVersion") || named("AccessKeyId") {
            Some(Self::V1)
        } else {
            None
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V3 => "v3",
        }
    }
}

/// A request whose signature is right. Its nonce is still to be spent; V3 may go without one (*documented*).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) nonce: Option<String>,
    pub(super) caller: Caller,
}

/// The key a request says it is signed with, rightly or wrongly.
pub(super) fn key_id(arrival: &Arrival) -> Option<String> {
    match Version::of(arrival)? {
        Version::V1 => arrival.parameter("AccessKeyId").map(str::to_owned),
        Version::V3 => v3::key_id(arrival),
    }
}

/// Checks a request at this moment. It remembers nothing: nonces are the caller's business.
pub(super) fn verify(arrival: &Arrival, identities: &Identities, now: Timestamp) -> Result<Verified, Refusal> {
    let claim = match Version::of(arrival) {
        Some(Version::V1) => v1::claim(arrival)?,
        Some(Version::V3) => v3::claim(arrival)?,
        None => return Err(Refusal::lacking("AccessKeyId")),
    };
    let caller = claim.check(identities, now)?;
    Ok(Verified { nonce: claim.nonce, caller })
}

struct Claim {
    key_id: String,
    date: String,
    nonce: Option<String>,
    security_token: Option<String>,
    signature: String,
    string_to_sign: String,
    /// Signs a text with a secret.
    sign: fn(&str, &str) -> String,
}

impl Claim {
    /// Who made it, if it is true.
    fn check(&self, identities: &Identities, now: Timestamp) -> Result<Caller, Refusal> {
        let signer = identities.signer(&self.key_id).ok_or_else(|| Refusal::named("InvalidAccessKeyId.NotFound"))?;
        let date = parse_date(&self.date).ok_or_else(|| Refusal::named("InvalidTimeStamp.Format"))?;
        if now.duration_since(date).abs() > WINDOW {
            return Err(Refusal::named("InvalidTimeStamp.Expired"));
        }
        signer.check_token(self.security_token.as_deref(), now)?;
        if self.signature != (self.sign)(&self.string_to_sign, &signer.secret) {
            return Err(Refusal::mismatch(&self.string_to_sign));
        }
        Ok(signer.caller)
    }
}

/// Exactly `yyyy-MM-ddTHH:mm:ssZ` (*documented*).
fn parse_date(text: &str) -> Option<Timestamp> {
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    if shape.eq(*b"0000-00-00T00:00:00Z") { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
