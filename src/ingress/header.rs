//! One header, one word: whatever proves something must not say two things.

use axum::http::HeaderMap;

/// A header that is there more than once, too long, or no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HeaderError;

/// The value of a header, if it is there. A doubled one is refused: what stands in front of us might have read the other.
/// `longest` is in bytes.
pub(super) fn once<'h>(headers: &'h HeaderMap, name: &str, longest: usize) -> Result<Option<&'h str>, HeaderError> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) if value.len() <= longest => value.to_str().map(Some).map_err(|_| HeaderError),
        (Some(_), _) => Err(HeaderError),
    }
}
