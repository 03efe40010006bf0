//! The secret of a deployment, and the keys that are derived from it: one for each purpose, so that what is signed or sealed
//! for one counts for no other.

mod sealer;

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Okm, Salt};
use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};

pub use sealer::Sealer;

/// The shortest secret, in bytes of its text: those of the key that it makes.
pub const MIN_SECRET: usize = 32;

/// Keeps our keys apart from those that another program derives from the same secret.
const SALT: &[u8] = b"rds-seal";

/// One secret, or several while it is rotated: the first signs, all verify. It is never shown.
#[derive(Debug, Clone)]
pub struct Secret(Vec<SecretString>);

/// A secret is too short to be one, or there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooShort;

impl Secret {
    pub fn new(texts: Vec<SecretString>) -> Result<Self, TooShort> {
        let is_sane = |text: &SecretString| text.expose_secret().len() >= MIN_SECRET;
        if !texts.is_empty() && texts.iter().all(is_sane) { Ok(Self(texts)) } else { Err(TooShort) }
    }

    /// Whether both hold one text.
    pub fn shares_with(&self, other: &Self) -> bool {
        let mut texts = self.0.iter().map(ExposeSecret::expose_secret);
        texts.any(|text| other.0.iter().any(|theirs| theirs.expose_secret() == text))
    }

    /// The keys that sign for one purpose.
    pub fn keys(&self, purpose: &str) -> Keys {
        Keys(self.derived(purpose, hmac::HMAC_SHA256))
    }

    /// A key of 32 bytes of each secret (HKDF-SHA256, RFC 5869). One purpose has one kind of key.
    fn derived<K, L>(&self, purpose: &str, kind: L) -> Vec<K>
    where
        K: for<'k> From<Okm<'k, L>>,
        L: KeyType + Copy,
    {
        let key = |text: &SecretString| {
            let secret = Salt::new(HKDF_SHA256, SALT).extract(text.expose_secret().as_bytes());
            let info = [purpose.as_bytes()];
            K::from(secret.expand(&info, kind).expect("a key of 32 bytes is not too long to derive"))
        };
        self.0.iter().map(key).collect()
    }
}

/// Keys of HMAC-SHA256, the newest first.
#[derive(Clone)]
pub struct Keys(Vec<hmac::Key>);

impl Keys {
    /// The first `N` bytes of the MAC over the parts of a message, by the newest key.
    pub fn sign<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        mac(&self.0[0], parts)
    }

    /// Whether one of the keys made this MAC, in constant time.
    pub fn verify<const N: usize>(&self, parts: &[&[u8]], given: &[u8; N]) -> bool {
        self.0.iter().any(|key| verify_slices_are_equal(&mac::<N>(key, parts), given).is_ok())
    }
}

/// Lengths keep the parts apart.
fn mac<const N: usize>(key: &hmac::Key, parts: &[&[u8]]) -> [u8; N] {
    const { assert!(N >= 16 && N <= 32, "a MAC has 128 to 256 bits") };
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    *context.sign().as_ref().first_chunk().expect("HMAC-SHA256 has 32 bytes")
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(texts: &[&str]) -> Secret {
        Secret::new(texts.iter().map(|text| (*text).into()).collect()).unwrap()
    }

    const OLD: &str = "an-old-secret-of-32-bytes-or-more";
    const NEW: &str = "a-new-secret-of-32-bytes-or-more!";

    #[test]
    fn a_key_is_that_of_its_purpose_and_its_secret() {
        let sign = |texts: &[&str], purpose| secret(texts).keys(purpose).sign::<32>(&[b"a message"]);
        assert_eq!(sign(&[OLD], "relay/1"), sign(&[OLD], "relay/1"));
        assert_ne!(sign(&[OLD], "relay/1"), sign(&[OLD], "confirm/1"));
        assert_ne!(sign(&[OLD], "relay/1"), sign(&[NEW], "relay/1"));
    }

    #[test]
    fn a_key_is_the_one_that_any_other_hkdf_derives() {
        // Worked out with Python's `hmac`, by the two steps of RFC 5869.
        let mac = secret(&[OLD]).keys("relay/1").sign::<32>(&[b"a", b"message"]);
        assert_eq!(
            base16ct::lower::encode_string(&mac),
            "2059cc6018fa1ad51a121a4bceafa4915637b5dab48c6a83eaae29b1bc82074c"
        );
    }

    #[test]
    fn while_it_is_rotated_the_first_signs_and_all_verify() {
        let (before, after) = (secret(&[OLD]).keys("p"), secret(&[NEW]).keys("p"));
        let rotating = secret(&[NEW, OLD]).keys("p");
        let verifies = |keys: &Keys, by: &Keys| keys.verify(&[b"m"], &by.sign::<16>(&[b"m"]));
        assert!(verifies(&rotating, &before) && verifies(&rotating, &after) && verifies(&after, &rotating));
        assert!(!verifies(&before, &rotating) && !verifies(&after, &before));
        assert!(!rotating.verify(&[b"m", b""], &after.sign::<32>(&[b"m"])), "in other parts");
        assert!(!rotating.verify(&[b"n"], &after.sign::<32>(&[b"m"])), "another message");
    }

    #[test]
    fn a_short_secret_is_none_and_none_is_none_either() {
        let held = |texts: &[&str]| Secret::new(texts.iter().map(|text| (*text).into()).collect());
        assert!(held(&["0123456789012345678901234567890"]).is_err(), "31 bytes");
        assert!(held(&["01234567890123456789012345678901"]).is_ok(), "32 bytes");
        assert!(held(&[OLD, "short"]).is_err() && held(&[]).is_err());
        assert_eq!(format!("{:?}", secret(&[OLD]).keys("p")), "Keys");
    }
}
