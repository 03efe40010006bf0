//! Short texts in few bytes: a length, then six bits a character where all of them are letters, digits, `-` and `_`.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// The length's bit that says that the bytes are the text's own.
const RAW: u8 = 0x80;

/// Stands where the length takes two bytes of its own, which follow; the bytes are then the text's own.
const LONG: u8 = 0xff;

/// Appends a text of at most 65 535 bytes, which ids are far below; more is cut off.
pub(super) fn put(bytes: &mut Vec<u8>, text: &str) {
    let short = u8::try_from(text.len()).ok().filter(|length| *length < LONG - RAW);
    match (short, pack(text)) {
        (Some(length), Some(packed)) => {
            bytes.push(length);
            bytes.extend_from_slice(&packed);
        }
        (Some(length), None) => {
            bytes.push(length | RAW);
            bytes.extend_from_slice(text.as_bytes());
        }
        (None, _) => {
            let text = &text.as_bytes()[..text.len().min(usize::from(u16::MAX))];
            bytes.push(LONG);
            bytes.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
            bytes.extend_from_slice(text);
        }
    }
}

/// Takes the next text off the front.
pub(super) fn take(bytes: &mut &[u8]) -> Option<String> {
    let (&head, rest) = bytes.split_first()?;
    let (length, rest) = match head {
        LONG => rest.split_first_chunk().map(|(length, rest)| (usize::from(u16::from_be_bytes(*length)), rest))?,
        head => (usize::from(head & !RAW), rest),
    };
    let size = if head & RAW == 0 { (length * 6).div_ceil(8) } else { length };
    let (text, rest) = rest.split_at_checked(size)?;
    *bytes = rest;
    if head & RAW == 0 {
        let mut unpacked = BASE64_URL_SAFE_NO_PAD.encode(text);
        unpacked.truncate(length);
        return Some(unpacked);
    }
    String::from_utf8(text.to_vec()).ok()
}

/// The text as if it were base64, filled up with zero bits to whole bytes.
fn pack(text: &str) -> Option<Vec<u8>> {
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return None;
    }
    let filled = format!("{text}{}", "A".repeat((4 - text.len() % 4) % 4));
    let mut packed = BASE64_URL_SAFE_NO_PAD.decode(filled).ok()?;
    packed.truncate((text.len() * 6).div_ceil(8));
    Some(packed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(text: &str) -> Option<String> {
        let mut bytes = Vec::new();
        put(&mut bytes, text);
        let mut rest = bytes.as_slice();
        take(&mut rest).filter(|_| rest.is_empty())
    }

    proptest! {
        #[test]
        fn a_text_comes_back_as_it_was(text in ".{0,200}", id in "[A-Za-z0-9_-]{0,300}") {
            prop_assert_eq!(round_trip(&text), Some(text));
            prop_assert_eq!(round_trip(&id), Some(id));
        }

        #[test]
        fn no_bytes_bring_it_down(bytes: Vec<u8>) {
            let _ = take(&mut bytes.as_slice());
        }
    }
}
