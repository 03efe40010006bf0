//! Query strings: taken apart as a server does it, put together as a signer must.
//!
//! Clients differ on the wire: the Python SDK writes a space as `+`, the Node SDK leaves `*` bare (*read in code*). Both
//! sign the strict form. So everything is decoded first and encoded anew.

use std::fmt::Write as _;

/// A decoded parameter: name and value.
pub(super) type Pair = (String, String);

/// Takes a query string or a form body apart. A name without `=` has an empty value.
pub(super) fn decode(text: &[u8]) -> Vec<Pair> {
    text.split(|&byte| byte == b'&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// Encodes by RFC 3986: only letters, digits and `-_.~` stay as they are (*documented*).
pub(super) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a string takes everything");
        }
        out
    })
}

/// The canonical query: sorted by name, both sides encoded, an empty value kept as `name=` (*documented*).
pub(super) fn canonical<'a>(pairs: impl Iterator<Item = &'a Pair>) -> String {
    let mut pairs: Vec<&Pair> = pairs.collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a string takes everything");
        out
    })
}

fn pair(part: &[u8]) -> Pair {
    let mut sides = part.splitn(2, |&byte| byte == b'=');
    let mut side = || unescape(sides.next().unwrap_or_default());
    (side(), side())
}

/// `+` is a space. A `%` that begins no escape stands for itself.
fn unescape(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let escaped = if *first == b'%' { tail.first_chunk().and_then(|digits| byte(*digits)) } else { None };
        out.push(escaped.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn byte(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

#[cfg(test)]
mod tests {
    use super::{canonical, decode, encode};

    #[test]
    fn different_spellings_of_a_query_have_one_canonical_form() {
        for wire in ["b=x+y%2Az&a=%C3%A9", "a=é&b=x%20y*z", "&b=x%20y%2az&&a=%c3%a9"] {
            assert_eq!(canonical(decode(wire.as_bytes()).iter()), "a=%C3%A9&b=x%20y%2Az", "{wire}");
        }
    }

    #[test]
    fn odd_queries_are_read_without_a_fuss() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(decode(b""), []);
        assert_eq!(decode(b"a&b=&=c&d=e=f"), [pair("a", ""), pair("b", ""), pair("", "c"), pair("d", "e=f")]);
        assert_eq!(decode(b"a=100%&b=%zz&c=%4"), [pair("a", "100%"), pair("b", "%zz"), pair("c", "%4")]);
    }

    #[test]
    fn only_unreserved_characters_stay_bare() {
        assert_eq!(encode("aZ9-_.~ +/*=é"), "aZ9-_.~%20%2B%2F%2A%3D%C3%A9");
    }
}
