//! Reading fields of a JSON object so that an error can say which one.

use jiff::Timestamp;
use serde_json::Value;

use crate::request::ids::{AccountId, Invalid};
use crate::request::rejection::{Rejection, RejectionReason};

/// The value at a dotted path; null counts as absent.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| value.get(name)).filter(|value| !value.is_null())
}

/// The text at a dotted path, if there is one.
pub(super) fn text<'v>(value: &'v Value, path: &'static str) -> Result<Option<&'v str>, Rejection> {
    match at(value, path) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Rejection::new(path, RejectionReason::NotAString)),
    }
}

/// The same, where the sender may leave a field empty to say nothing.
pub(super) fn filled<'v>(value: &'v Value, path: &'static str) -> Result<Option<&'v str>, Rejection> {
    Ok(text(value, path)?.filter(|text| !text.is_empty()))
}

/// The text at a dotted path, which must be there.
pub(super) fn required<'v>(value: &'v Value, path: &'static str) -> Result<&'v str, Rejection> {
    filled(value, path)?.ok_or_else(|| Rejection::missing(path))
}

/// A text that was found at a path, parsed.
pub(super) fn parsed<T>(
    path: &'static str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Result<T, Invalid>,
) -> Result<Option<T>, Rejection> {
    text.map(|text| parse(text).map_err(|invalid| wrong(path, invalid))).transpose()
}

/// The account at a dotted path, which some senders write as a number.
pub(super) fn account(value: &Value, path: &'static str) -> Result<Option<AccountId>, Rejection> {
    if let Some(Value::Number(number)) = at(value, path) {
        return parsed(path, Some(&number.to_string()), AccountId::parse);
    }
    parsed(path, filled(value, path)?, AccountId::parse)
}

/// The moment at a dotted path, in RFC 3339 or as milliseconds. It only tells a young instance from an old one, so one that
/// cannot be read is none.
pub(super) fn moment(value: &Value, path: &str) -> Option<Timestamp> {
    match at(value, path)? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => Timestamp::from_millisecond(number.as_i64()?).ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn wrong(path: &'static str, invalid: Invalid) -> Rejection {
    Rejection::new(path, RejectionReason::NotAnId(invalid))
}
