//! ACS3-HMAC-SHA256, which signs the whole request. The key is the raw secret: no derived key, no scope.
//!
//! Source: the vendor's page "V3 request structure and signature" (2026-08-28).

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;

use super::canonical_query;

pub const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// Everything a signature depends on.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a [(&'a str, &'a str)],
    /// Headers to sign, names in lower case, sorted by name. `x-acs-content-sha256` is among them, with
    /// [`body_hash`] of the body for its value.
    pub headers: &'a [(&'a str, &'a str)],
    /// [`body_hash`] of the body.
    pub body_hash: &'a str,
    pub key_id: &'a str,
    pub secret: &'a str,
}

/// The stages of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Goes on the wire as it is.
    pub canonical_query: String,
    pub canonical_request: String,
    pub string_to_sign: String,
    pub value: String,
    /// The value of the `Authorization` header.
    pub authorization: String,
}

/// SHA-256 of a body in hex, as the request carries and signs it.
pub fn body_hash(body: &[u8]) -> String {
    base16ct::lower::encode_string(digest(&SHA256, body).as_ref())
}

/// [`body_hash`] of no body at all.
pub const EMPTY_BODY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub fn sign(input: Input<'_>) -> Signature {
    let canonical_query = canonical_query(input.query);
    let signed_headers = input.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");

    let mut canonical_request = String::with_capacity(1024);
    write!(canonical_request, "{}\n{}\n{canonical_query}\n", input.method, input.path).expect(ANY_TEXT);
    for (name, value) in input.headers {
        writeln!(canonical_request, "{name}:{}", value.trim()).expect(ANY_TEXT);
    }
    write!(canonical_request, "\n{signed_headers}\n{}", input.body_hash).expect(ANY_TEXT);

    let string_to_sign = format!(
        "{ALGORITHM}\n{}",
        base16ct::lower::encode_string(digest(&SHA256, canonical_request.as_bytes()).as_ref())
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, input.secret.as_bytes());
    let value = base16ct::lower::encode_string(hmac::sign(&key, string_to_sign.as_bytes()).as_ref());
    let authorization =
        format!("{ALGORITHM} Credential={},SignedHeaders={signed_headers},Signature={value}", input.key_id);
    Signature { canonical_query, canonical_request, string_to_sign, value, authorization }
}

const ANY_TEXT: &str = "a string takes any text";
