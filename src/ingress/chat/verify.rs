//! What every verification shares: one header, one moment, one comparison.

use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};

use super::{InvalidSetting, RawRequest, Unauthorised};
use crate::ingress::header::once;

/// How far the time of a request may be from ours, before or after.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// No header that is verified comes near this.
const MAX_HEADER: usize = 1024;

/// Bytes whose sender is known. What reads a message takes these.
pub(super) struct Authentic<'a>(Cow<'a, [u8]>);

impl<'a> Authentic<'a> {
    /// To be called where a signature or a cipher was just found to be right.
    pub(super) fn vouched(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self(bytes.into())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Authentic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authentic")
    }
}

/// The one value of a header that has to be there.
pub(super) fn header<'a>(request: &RawRequest<'a>, name: &str) -> Result<&'a str, Unauthorised> {
    once(request.headers, name, MAX_HEADER).ok().flatten().ok_or(Unauthorised)
}

pub(super) fn has_header(request: &RawRequest, name: &str) -> bool {
    request.headers.contains_key(name)
}

/// A moment in whole seconds, or in milliseconds where there are three digits more. Exactly so many digits, so that none
/// can be moved between neighbours that are signed without a separator.
pub(super) fn moment(digits: &str) -> Result<Timestamp, Unauthorised> {
    let number = || digits.parse().map_err(|_| Unauthorised);
    let moment = match digits.len() {
        _ if !digits.bytes().all(|b| b.is_ascii_digit()) => return Err(Unauthorised),
        10 => Timestamp::from_second(number()?),
        13 => Timestamp::from_millisecond(number()?),
        _ => return Err(Unauthorised),
    };
    moment.map_err(|_| Unauthorised)
}

pub(super) fn is_near(moment: Timestamp, now: Timestamp, window: SignedDuration) -> bool {
    moment.duration_since(now).abs() <= window
}

pub(super) fn near(moment: Timestamp, now: Timestamp, window: SignedDuration) -> Result<(), Unauthorised> {
    if is_near(moment, now, window) { Ok(()) } else { Err(Unauthorised) }
}

/// In constant time.
pub(super) fn equal(one: &[u8], other: &[u8]) -> Result<(), Unauthorised> {
    verify_slices_are_equal(one, other).map_err(|_| Unauthorised)
}

/// HMAC-SHA256 over the parts in a row, under one of the keys. Every key is tried; no key matches nothing.
pub(super) fn signed<'k>(
    keys: impl IntoIterator<Item = &'k [u8]>,
    parts: &[&[u8]],
    signature: &[u8],
) -> Result<(), Unauthorised> {
    let matching = keys.into_iter().fold(false, |found, key| {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
        for part in parts {
            context.update(part);
        }
        equal(context.sign().as_ref(), signature).is_ok() || found
    });
    if matching { Ok(()) } else { Err(Unauthorised) }
}

/// Secrets as they are in configuration: none of them may be empty, for an empty key is one that anybody has.
pub(super) fn filled(field: &'static str, secrets: &[SecretString]) -> Result<(), InvalidSetting> {
    let empty = secrets.iter().any(|secret| secret.expose_secret().trim().is_empty());
    if empty {
        Err(InvalidSetting { field, reason: "is empty: name a variable that holds the secret" })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_ten_or_thirteen_digits() {
        assert_eq!(moment("1767225600").unwrap(), moment("1767225600000").unwrap());
        for bad in ["", "0", "176722560", "17672256001", "+176722560", "-176722560", "1767225600 ", "99999999999999999"]
        {
            assert!(moment(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_window_is_open_to_both_sides_and_includes_its_edge() {
        let now = moment("1767225600").unwrap();
        for (moment_of, fine) in
            [("1767225300", true), ("1767225900", true), ("1767225299", false), ("1767225901", false)]
        {
            assert_eq!(is_near(moment(moment_of).unwrap(), now, WINDOW), fine, "{moment_of}");
        }
        assert!(!is_near(Timestamp::MIN, Timestamp::MAX, WINDOW));
    }

    #[test]
    fn no_key_verifies_nothing_and_any_of_several_does() {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"new"), b"ab");
        assert!(signed([], &[b"a", b"b"], tag.as_ref()).is_err());
        assert!(signed([&b"new"[..], b"old"], &[b"a", b"b"], tag.as_ref()).is_ok());
        assert!(signed([&b"old"[..], b"new"], &[b"ab"], tag.as_ref()).is_ok());
        assert!(signed([&b"old"[..]], &[b"ab"], tag.as_ref()).is_err());
        assert!(signed([&b"new"[..]], &[b"ab"], &tag.as_ref()[..31]).is_err());
    }
}
