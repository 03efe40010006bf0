//! `POST /v1/eventbridge`: what the platform's event bus pushes over HTTP, signature version 2.
//!
//! Documented: RSA over SHA-256, the headers, the 60 seconds, the host of the certificate. The string that is signed was
//! read in three independent public verifiers, which agree. Inferred: a certificate's path is plain and has no query.
//!
//! The signature is per region, not per customer: any customer of the region can have the bus sign a push to this address.
//! So the token is what tells ours, and it is compared before anything is fetched.

mod certificate;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::header::{digits, required};
use super::{Token, Unauthorised, Verified};
use crate::request::ids::RegionId;
use certificate::Certificate;

const SIGNATURE: &str = "x-eventbridge-signature-v2";
const TIMESTAMP: &str = "x-eventbridge-signature-timestamp";
const HASH_METHOD: &str = "x-eventbridge-hash-method";
const VERSION: &str = "x-eventbridge-signature-version";
const URL: &str = "x-eventbridge-signature-url";
const TOKEN: &str = "x-eventbridge-signature-token";

/// How far the bus's clock may be off, in milliseconds.
const WINDOW: u64 = 60_000;

/// The longest path of a certificate, in bytes.
const MAX_PATH: usize = 256;

/// `[doors.eventbridge]`.
#[derive(Debug, Clone)]
pub struct EventBridgeDoor {
    /// The target's address as it is configured there, query and all: it is part of what is signed.
    url: String,
    region: RegionId,
    tokens: Vec<Token>,
    certificate: Option<Certificate>,
}

/// A push whose headers are in order and whose token is ours. Nothing is known of its body yet.
#[derive(Debug)]
pub struct Pushed {
    certificate_url: Option<String>,
    /// The lines of the headers, as they are signed. The token is among them.
    lines: SecretString,
    signature: Vec<u8>,
    arrived: Timestamp,
}

impl Pushed {
    /// Where its certificate is: at the vendor's, in the configured region. Absent where one is pinned: then nothing is to
    /// be fetched.
    pub fn certificate_url(&self) -> Option<&str> {
        self.certificate_url.as_deref()
    }
}

impl EventBridgeDoor {
    /// `pinned` is the PEM of the certificate to trust instead of what a push names.
    pub fn new(url: &str, region: RegionId, tokens: Vec<Token>, pinned: Option<&[u8]>) -> Result<Self, &'static str> {
        let rest = url.strip_prefix("https://").ok_or("url must be the https address that the target has")?;
        if rest.is_empty() || url.len() > 2048 || !rest.bytes().all(|b| b.is_ascii_graphic() && b != b'#') {
            return Err("url must be the address as the target has it, in ASCII and without a fragment");
        }
        let certificate = pinned
            .map(|pem| Certificate::read(pem).ok_or("certificate must name a PEM file with an X.509 certificate"));
        Ok(Self { url: url.to_owned(), region, tokens, certificate: certificate.transpose()? })
    }

    /// The first step, on headers alone. It costs next to nothing and reaches nowhere.
    pub fn check_headers(&self, headers: &HeaderMap, now: Timestamp) -> Result<Pushed, Unauthorised> {
        let signature = required(headers, SIGNATURE)?;
        let timestamp = required(headers, TIMESTAMP)?;
        let hash_method = required(headers, HASH_METHOD)?;
        let version = required(headers, VERSION)?;
        let certificate_url = required(headers, URL)?;
        let token = required(headers, TOKEN)?;

        let is_ours = self.tokens.iter().fold(false, |found, own| found | own.is(token));
        let is_recent = digits(timestamp)?.abs_diff(now.as_millisecond()) <= WINDOW;
        let is_known = hash_method == "SHA256" && version == "1.0";
        let is_pinned = self.certificate.is_some();
        if !(is_ours && is_recent && is_known && (is_pinned || self.is_vendors(certificate_url))) {
            return Err(Unauthorised);
        }
        let lines = format!(
            "{TIMESTAMP}: {timestamp}\n{HASH_METHOD}: {hash_method}\n{VERSION}: {version}\n{URL}: {certificate_url}\n\
             {TOKEN}: {token}"
        );
        let signature = BASE64_STANDARD.decode(signature).map_err(|_| Unauthorised)?;
        let certificate_url = (!is_pinned).then(|| certificate_url.to_owned());
        Ok(Pushed { certificate_url, lines: lines.into(), signature, arrived: now })
    }

    /// The second step: the signature, by the pinned certificate or else by this PEM, which was fetched from where the push
    /// said. No newline follows the body.
    pub fn verify(&self, pushed: &Pushed, fetched: &[u8], body: Bytes) -> Result<Verified, Unauthorised> {
        let pinned = self.certificate.clone();
        let certificate = pinned.or_else(|| Certificate::read(fetched)).ok_or(Unauthorised)?;
        if !certificate.is_valid_at(pushed.arrived) {
            return Err(Unauthorised);
        }
        let lines = pushed.lines.expose_secret();
        let signed = [self.url.as_bytes(), b"\n", lines.as_bytes(), b"\n", &body].concat();
        // Keys of less than 2048 bit and keys of another kind are refused by this algorithm.
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, certificate.key());
        key.verify(&signed, &pushed.signature).map_err(|_| Unauthorised)?;
        Ok(Verified::by_proof(body))
    }

    /// Compared as text, from its first character to the slash after the host, so that no parser can read another host.
    fn is_vendors(&self, url: &str) -> bool {
        let origin = format!("https://{}-eventbridge.oss-accelerate.aliyuncs.com/", self.region);
        let is_plain = |path: &str| {
            (1..=MAX_PATH).contains(&path.len())
                && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
                && !path.contains("..")
        };
        url.strip_prefix(&origin).is_some_and(is_plain)
    }
}

#[cfg(test)]
mod tests;
