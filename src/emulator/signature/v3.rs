//! ACS3-HMAC-SHA256 over method, path, query, chosen headers and body (*documented*).
//!
//! SDKs choose different headers (*read in code*: Python signs all it sends, Node a few), so the list in the
//! `Authorization` header decides. It must hold `host`, `content-type` and every `x-acs-` header that was sent.

use std::collections::BTreeSet;

use aws_lc_rs::{digest, hmac};

use super::{Arrival, Claim, Refusal, encoding};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

pub(super) fn claim(arrival: &Arrival) -> Result<Claim, Refusal> {
    let required = |name: &str| arrival.header(name).map(str::to_owned).ok_or_else(|| Refusal::lacking(name));
    let authorization = Authorization::parse(arrival.header("authorization").unwrap_or_default())?;
    require_signed(arrival, &authorization.signed)?;

    let body_hash = sha256(&arrival.body);
    let canonical = canonical_request(arrival, &authorization.signed, &body_hash)?;
    let string_to_sign = format!("{ALGORITHM}\n{}", sha256(canonical.as_bytes()));
    if required("x-acs-content-sha256")? != body_hash {
        return Err(Refusal::mismatch(&string_to_sign));
    }
    Ok(Claim {
        key_id: authorization.key_id,
        date: required("x-acs-date")?,
        nonce: arrival.header("x-acs-signature-nonce").map(str::to_owned),
        security_token: arrival.header("x-acs-security-token").map(str::to_owned),
        signature: authorization.signature,
        string_to_sign,
        sign,
    })
}

pub(super) fn key_id(arrival: &Arrival) -> Option<String> {
    Authorization::parse(arrival.header("authorization")?).ok().map(|authorization| authorization.key_id)
}

/// `ACS3-HMAC-SHA256 Credential=<key id>,SignedHeaders=<a;b;c>,Signature=<hex>`.
struct Authorization {
    key_id: String,
    signed: BTreeSet<String>,
    signature: String,
}

impl Authorization {
    fn parse(header: &str) -> Result<Self, Refusal> {
        let fields = header.strip_prefix(ALGORITHM).and_then(|rest| rest.strip_prefix(' '));
        let fields = fields.ok_or_else(|| incomplete(&format!("Authorization must begin with {ALGORITHM}.")))?;
        let field = |name: &str| {
            let mut pairs = fields.split(',').filter_map(|field| field.trim().split_once('='));
            let value = pairs.find(|(key, _)| *key == name).map(|(_, value)| value);
            value.ok_or_else(|| incomplete(&format!("Authorization has no {name}.")))
        };
        Ok(Self {
            key_id: field("Credential")?.to_owned(),
            signed: field("SignedHeaders")?.split(';').map(str::to_ascii_lowercase).collect(),
            signature: field("Signature")?.to_owned(),
        })
    }
}

/// A header that is sent but not signed could be changed on the way.
fn require_signed(arrival: &Arrival, signed: &BTreeSet<String>) -> Result<(), Refusal> {
    let must_be_signed = |name: &&str| ["host", "content-type"].contains(name) || name.starts_with("x-acs-");
    let mut names = arrival.headers.keys().map(axum::http::HeaderName::as_str).filter(must_be_signed);
    match names.find(|name| !signed.contains(*name)) {
        Some(name) => Err(incomplete(&format!("The header {name} is not signed."))),
        None => Ok(()),
    }
}

fn canonical_request(arrival: &Arrival, signed: &BTreeSet<String>, body_hash: &str) -> Result<String, Refusal> {
    let query = encoding::canonical(arrival.query.iter());
    let headers: String = signed.iter().map(|name| canonical_header(arrival, name)).collect::<Result<_, _>>()?;
    let names = signed.iter().map(String::as_str).collect::<Vec<_>>().join(";");
    Ok(format!("{}\n{}\n{query}\n{headers}\n{names}\n{body_hash}", arrival.method, arrival.path))
}

/// Name and trimmed value. A header that came several times is joined with commas (*inferred*).
fn canonical_header(arrival: &Arrival, name: &str) -> Result<String, Refusal> {
    let values = arrival.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let values: Vec<String> = values.map(|value| value.trim().to_owned()).collect();
    if values.is_empty() {
        return Err(incomplete(&format!("The signed header {name} was not sent.")));
    }
    Ok(format!("{name}:{}\n", values.join(",")))
}

fn sign(text: &str, secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    encoding::hex(hmac::sign(&key, text.as_bytes()).as_ref())
}

fn sha256(bytes: &[u8]) -> String {
    encoding::hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn incomplete(detail: &str) -> Refusal {
    Refusal::named("IncompleteSignature").because(detail)
}
