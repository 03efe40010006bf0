//! Text that is JSON, or base64 of it. The official sample for messages of Cloud Config decodes base64 (read in code); the
//! pages on triggers show plain text (documented). So plain JSON comes first.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use crate::request::rejection::{JsonError, Rejection, RejectionReason};

use super::json;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Reads JSON, else base64 of JSON, once: base64 inside base64 is neither.
pub(super) fn read(text: &[u8]) -> Result<Value, Rejection> {
    json::read(text).or_else(|as_it_is| match decoded(text) {
        Some(inner) => json::read(&inner).map_err(in_base64),
        None if is_form(text) => Err(Rejection::new("body", RejectionReason::NotJsonButAForm)),
        None => Err(as_it_is),
    })
}

fn in_base64(inner: Rejection) -> Rejection {
    let reason = match inner.reason {
        RejectionReason::Json(error) => RejectionReason::Json(JsonError { is_in_base64: true, ..error }),
        reason => reason,
    };
    Rejection { reason, ..inner }
}

/// What base64 stands for, where that begins as an object or an array does.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let compact = if text.iter().any(u8::is_ascii_whitespace) {
        Cow::Owned(text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect())
    } else {
        Cow::Borrowed(text)
    };
    let inner = LENIENT.decode(compact.as_ref()).ok()?;
    matches!(inner.trim_ascii_start().first(), Some(b'{' | b'[')).then_some(inner)
}

/// `name=value&name=value`.
fn is_form(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text.split(|byte| *byte == b'&').filter(|pair| pair.contains(&b'=')).nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::rejection::JsonProblem;
    use base64::prelude::BASE64_STANDARD;

    #[test]
    fn json_comes_first_and_base64_second() {
        for text in [r#"{"a":1}"#, "eyJhIjoxfQ==", "eyJhIjoxfQ", " eyJh\nIjoxfQ==\n"] {
            assert_eq!(read(text.as_bytes()), Ok(serde_json::json!({"a": 1})), "{text}");
        }
        assert_eq!(read(b"1234"), Ok(1234.into()), "a number, though its digits could be base64");
    }

    #[test]
    fn what_is_neither_is_told_by_its_place_in_the_json() {
        let reason = |text: &[u8]| read(text).unwrap_err().reason;
        let stopped =
            |problem, column, is_in_base64| RejectionReason::Json(JsonError { problem, line: 1, column, is_in_base64 });
        for text in ["TEST", "hello topic", "eyJ!"] {
            assert_eq!(reason(text.as_bytes()), stopped(JsonProblem::Invalid, column(text), false));
        }
        let cut = BASE64_STANDARD.encode(r#"{"a":"#);
        assert_eq!(reason(cut.as_bytes()), stopped(JsonProblem::EndsEarly, 5, true));
        let twice = BASE64_STANDARD.encode(BASE64_STANDARD.encode(r#"{"a":1}"#));
        assert_eq!(reason(twice.as_bytes()).code(), "invalid_json");
        assert_eq!(reason(b"a=1&b=2"), RejectionReason::NotJsonButAForm);
        assert_eq!(reason(b"a=1").code(), "invalid_json");
    }

    /// Where the parser stops.
    fn column(text: &str) -> usize {
        serde_json::from_str::<Value>(text).unwrap_err().column()
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(text: Vec<u8>) {
            let _ = read(&text);
            let _ = read(BASE64_STANDARD.encode(&text).as_bytes());
        }
    }
}
