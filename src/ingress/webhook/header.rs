//! Reading headers that prove something: each once, short, and in its alphabet.

use axum::http::HeaderMap;

use super::Unauthorised;
use crate::ingress::header::once;

/// The longest value of a header that proves something, in bytes.
const MAX_VALUE: usize = 4096;

/// The longest id, in bytes.
const MAX_ID: usize = 256;

/// The value of a header, if it is there.
pub(super) fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Unauthorised> {
    once(headers, name, MAX_VALUE).map_err(|_| Unauthorised)
}

/// The value of a header that has to be there.
pub(super) fn required<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h str, Unauthorised> {
    one(headers, name)?.ok_or(Unauthorised)
}

/// An id, if it is there. A dot would let it run over into what is signed after it.
pub(super) fn id<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Unauthorised> {
    let Some(id) = one(headers, name)? else { return Ok(None) };
    let is_id = (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic() && b != b'.');
    if is_id { Ok(Some(id)) } else { Err(Unauthorised) }
}

/// A moment as digits, so many at most that it cannot overflow.
pub(super) fn digits(text: &str) -> Result<i64, Unauthorised> {
    if !(1..=15).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Unauthorised);
    }
    text.parse().map_err(|_| Unauthorised)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(value: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", HeaderValue::from_bytes(value).unwrap());
        headers
    }

    #[test]
    fn a_header_is_there_once_or_not_at_all() {
        let mut headers = with(b"msg_1");
        assert_eq!(id(&headers, "webhook-id"), Ok(Some("msg_1")));
        assert_eq!(id(&headers, "webhook-timestamp"), Ok(None));
        headers.append("webhook-id", HeaderValue::from_static("msg_1"));
        assert_eq!(one(&headers, "webhook-id"), Err(Unauthorised));
    }

    #[test]
    fn a_long_one_and_one_of_another_alphabet_are_refused() {
        for value in [&b""[..], b"msg.1", b"msg 1", b"msg\t1", "msg_é".as_bytes(), &[b'a'; MAX_ID + 1]] {
            assert_eq!(id(&with(value), "webhook-id"), Err(Unauthorised), "{value:?}");
        }
        assert_eq!(one(&with(&[b'a'; 8 * 1024]), "webhook-id"), Err(Unauthorised));
    }

    #[test]
    fn a_moment_is_nothing_but_digits() {
        assert_eq!(digits("1767225600"), Ok(1_767_225_600));
        for text in ["", "-1", "+1", "1.5", " 1", "1e9", "\u{661}", "9999999999999999", "18446744073709551615"] {
            assert_eq!(digits(text), Err(Unauthorised), "{text}");
        }
    }
}
