//! One page of a long list.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use super::{Arrival, Refusal};

/// A page, and the token that leads to the next one.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

/// A number between two others, or the default.
pub(super) fn number(
    arrival: &Arrival,
    parameter: &str,
    default: usize,
    allowed: impl Fn(usize) -> bool,
) -> Result<usize, Refusal> {
    let Some(text) = arrival.parameter(parameter) else { return Ok(default) };
    let number = text.parse().ok().filter(|number| allowed(*number));
    number.ok_or_else(|| Refusal::invalid(parameter))
}

/// Page `number` of `size` each, counted from 1.
pub(super) fn numbered<T>(items: Vec<T>, number: usize, size: usize) -> Vec<T> {
    items.into_iter().skip(number.saturating_sub(1).saturating_mul(size)).take(size).collect()
}

/// The page that `NextToken` asks for, else the first.
pub(super) fn by_token<T>(arrival: &Arrival, items: Vec<T>, size: usize) -> Result<Page<T>, Refusal> {
    let start = match arrival.parameter("NextToken") {
        Some(token) => {
            offset(token).filter(|start| *start < items.len()).ok_or_else(|| Refusal::invalid("NextToken"))?
        }
        None => 0,
    };
    let next = (start + size < items.len()).then(|| BASE64.encode(format!("from {}", start + size)));
    Ok(Page { items: items.into_iter().skip(start).take(size).collect(), next })
}

fn offset(token: &str) -> Option<usize> {
    let text = String::from_utf8(BASE64.decode(token).ok()?).ok()?;
    text.strip_prefix("from ")?.parse().ok()
}
