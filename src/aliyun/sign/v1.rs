//! HMAC-SHA1 over the query (`SignatureVersion=1.0`), for RPC operations.
//!
//! Source: the vendor's page "Request syntax and signature method V2 for RPC APIs", which names it V2; the wire says 1.0.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use super::{canonical_query, escape};

/// The stages of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Goes on the wire as it is, with `Signature` behind it.
    pub canonical_query: String,
    pub string_to_sign: String,
    /// Base64, not yet escaped for a query.
    pub value: String,
}

/// Signs all parameters of a request: the query's, the form's, and the common ones (`AccessKeyId`, `Timestamp`,
/// `SignatureNonce`, …) but `Signature` itself.
pub fn sign(method: &str, parameters: &[(&str, &str)], secret: &str) -> Signature {
    let canonical_query = canonical_query(parameters);
    let string_to_sign = format!("{method}&%2F&{}", escape(&canonical_query));
    let key = format!("{secret}&");
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    let value = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    Signature { canonical_query, string_to_sign, value }
}

/// The query with its signature.
pub fn signed_query(signature: &Signature) -> String {
    format!("{}&Signature={}", signature.canonical_query, escape(&signature.value))
}
