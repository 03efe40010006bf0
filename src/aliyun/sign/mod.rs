//! The vendor's two signature versions, as pure functions: clock and nonce are inputs, and every stage is in the result,
//! so that a vector that fails says which stage is wrong.

pub mod v1;
pub mod v3;

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Which version signs our calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignatureVersion {
    /// HMAC-SHA1 over the query: discontinued by the vendor in words, still sent by its own tools.
    V1,
    /// ACS3-HMAC-SHA256 over the request.
    #[default]
    V3,
}

/// RFC 3986: all but the unreserved characters are escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Name and value pairs, sorted by name, as the query both versions sign and the wire carries.
fn canonical_query(pairs: &[(&str, &str)]) -> String {
    let mut sorted: Vec<&(&str, &str)> = pairs.iter().collect();
    sorted.sort_unstable();
    let mut query = String::with_capacity(pairs.iter().map(|(name, value)| name.len() + value.len() + 8).sum());
    for (name, value) in sorted {
        let separator = if query.is_empty() { "" } else { "&" };
        write!(query, "{separator}{}={}", escape(name), escape(value)).expect("a string takes any text");
    }
    query
}

fn escape(text: &str) -> percent_encoding::PercentEncode<'_> {
    utf8_percent_encode(text, ESCAPED)
}
