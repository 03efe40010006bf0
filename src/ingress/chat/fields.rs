//! Reading what was verified: forms, queries, JSON and ids, strictly, and without repeating the input in an error.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::RawRequest;
use crate::ingress::json_error;
use crate::request::ids::printable;
use crate::request::rejection::{JsonProblem, Rejection, RejectionReason};

/// More fields than any chat sends.
const MAX_FIELDS: usize = 100;

/// The longest token that is taken from a button.
const MAX_TOKEN: usize = 2000;

/// `application/x-www-form-urlencoded`, each name at most once.
pub(super) fn form(body: &[u8]) -> Result<BTreeMap<String, String>, Rejection> {
    let text = std::str::from_utf8(body).map_err(|_| Rejection::new("body", RejectionReason::NotUtf8))?;
    pairs(&text.replace('+', " "))
}

/// The query, each name at most once. A plus sign stays one: base64 has them, and blanks it has not.
pub(super) fn query(request: &RawRequest) -> Result<BTreeMap<String, String>, Rejection> {
    pairs(request.query)
}

fn pairs(text: &str) -> Result<BTreeMap<String, String>, Rejection> {
    let mut fields = BTreeMap::new();
    for (count, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        if count == MAX_FIELDS {
            return Err(Rejection::new("body", RejectionReason::TooManyFields { limit: MAX_FIELDS }));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if fields.insert(decoded(name)?, decoded(value)?).is_some() {
            return Err(Rejection::new("body", RejectionReason::DoubledName));
        }
    }
    Ok(fields)
}

fn decoded(text: &str) -> Result<String, Rejection> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| Rejection::new("body", RejectionReason::NotUtf8))?;
    Ok(text.into_owned())
}

/// JSON of a shape that says which fields are read. One of those named twice is refused.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Rejection> {
    serde_json::from_slice(body).map_err(|error| {
        let words = error.to_string();
        // The parser quotes names of our own only in these two sentences.
        let ours = ["missing field `", "duplicate field `"].iter().find_map(|start| words.strip_prefix(start));
        let field = ours.and_then(|rest| rest.split('`').next());
        match field {
            Some(field) if words.starts_with("missing") => Rejection::missing(field.to_owned()),
            Some(field) => Rejection::new(field.to_owned(), RejectionReason::GivenTwice),
            None => Rejection::new("body", json_error::reason(&error, JsonProblem::WrongType)),
        }
    })
}

/// An id of the chat's: there, short, and fit to be shown as it is.
pub(super) fn id(field: &'static str, text: Option<&str>) -> Result<String, Rejection> {
    let text = text.filter(|text| !text.is_empty()).ok_or(Rejection::missing(field))?;
    if printable(text) == text { Ok(text.to_owned()) } else { Err(Rejection::new(field, RejectionReason::UnfitId)) }
}

/// The name that a chat shows, if there is one.
pub(super) fn shown(text: Option<&str>) -> Option<String> {
    text.map(printable).filter(|name| !name.is_empty())
}

/// What a pressed button says. Its value went out with our own card, and still it is taken as a token alone: nothing in
/// it becomes another word of a command.
pub(super) fn confirmation(field: &'static str, token: Option<&str>) -> Result<String, Rejection> {
    let token = token.filter(|token| is_token(token)).ok_or(Rejection::new(field, RejectionReason::NotOurButton))?;
    Ok(format!("confirm {token}"))
}

pub(super) fn is_token(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'~' | b'=');
    (1..=MAX_TOKEN).contains(&text.len()) && text.bytes().all(allowed)
}

/// The media type alone, without its parameters.
pub(super) fn media_type(request: &RawRequest) -> String {
    let value = request.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// As much of what was said as a person types: more is no command, and is not searched for mentions either.
pub(super) fn sayable(text: &str) -> &str {
    const MAX_CHARS: usize = 4_000;
    text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::rejection::JsonError;

    #[test]
    fn a_form_is_decoded_once() {
        let form = form(b"text=rm-1+a%2Bb%2525&empty=&bare").unwrap();
        assert_eq!((form["text"].as_str(), form["empty"].as_str(), form["bare"].as_str()), ("rm-1 a+b%25", "", ""));
    }

    #[test]
    fn a_form_of_a_thousand_fields_a_doubled_field_and_foreign_bytes_are_refused() {
        let thousand: Vec<_> = (0..1000).map(|n| format!("f{n}=1")).collect();
        assert!(form(thousand.join("&").as_bytes()).is_err());
        assert!(form(b"user_id=U1&user_id=U2").is_err() && form(b"a=1&%61=2").is_err());
        assert!(form(b"a=%ff").is_err() && form(b"a=\xff").is_err());
    }

    #[test]
    fn an_error_names_a_field_of_ours_and_repeats_nothing() {
        #[derive(Debug, serde::Deserialize)]
        struct Shape {
            #[expect(dead_code, reason = "read by the parser")]
            user: String,
        }
        let of = |text: &str| json::<Shape>(text.as_bytes()).unwrap_err();
        assert_eq!(of("{}"), Rejection::missing("user"));
        assert_eq!(of(r#"{"user":"a","user":"b"}"#), Rejection::new("user", RejectionReason::GivenTwice));
        let wrong_type = JsonError { problem: JsonProblem::WrongType, line: 1, column: 8, is_in_base64: false };
        assert_eq!(of(r#"{"user":{"se":"cret"}}"#), Rejection::new("body", RejectionReason::Json(wrong_type)));
        assert_eq!(of("nonsense").reason.code(), "invalid_json");
    }

    #[test]
    fn a_button_says_a_token_and_nothing_else() {
        assert_eq!(confirmation("value", Some("v1.a-b_c")).unwrap(), "confirm v1.a-b_c");
        for forged in [None, Some(""), Some("a b"), Some("a\nseal rm-1"), Some("ａ"), Some(&*"a".repeat(2001))] {
            assert!(confirmation("value", forged).is_err());
        }
    }
}
