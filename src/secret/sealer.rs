//! What a task carries and nobody but this program may read: sealed, so that it can neither be read nor changed, nor moved
//! to another place.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::Secret;

/// Keys of AES-256-GCM: the first seals, all open.
#[derive(Clone)]
pub struct Sealer(Vec<Arc<LessSafeKey>>);

impl Secret {
    /// The keys that seal for one purpose.
    pub fn sealer(&self, purpose: &str) -> Sealer {
        let keys: Vec<UnboundKey> = self.derived(purpose, &AES_256_GCM);
        Sealer(keys.into_iter().map(|key| Arc::new(LessSafeKey::new(key))).collect())
    }
}

impl Sealer {
    /// Opens what another one sealed, too.
    #[must_use]
    pub fn also(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// A random nonce, the cipher text and its tag, as letters that need no escape. It opens with the same context alone,
    /// which it does not carry. Random nonces are enough for 2^32 texts of one key (NIST SP 800-38D).
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> String {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).expect("the operating system has randomness once it runs processes");
        self.seal_under(nonce, context, plain)
    }

    fn seal_under(&self, nonce: [u8; NONCE_LEN], context: &[u8], plain: &[u8]) -> String {
        let mut text = plain.to_vec();
        self.0[0]
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut text)
            .expect("a text is far shorter than the cipher allows");
        BASE64_URL_SAFE_NO_PAD.encode([&nonce[..], &text].concat())
    }

    /// What was sealed, if one of the keys sealed it in this context.
    pub fn open(&self, context: &[u8], text: &str) -> Option<Vec<u8>> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        self.0.iter().find_map(|key| {
            let mut text = sealed.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let length = key.open_in_place(nonce, Aad::from(context), &mut text).ok()?.len();
            text.truncate(length);
            Some(text)
        })
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an-old-secret-of-32-bytes-or-more";
    const NEW: &str = "a-new-secret-of-32-bytes-or-more!";

    fn sealer(texts: &[&str], purpose: &str) -> Sealer {
        Secret::new(texts.iter().map(|text| (*text).into()).collect()).unwrap().sealer(purpose)
    }

    #[test]
    fn what_is_sealed_is_opened_in_its_context_and_looks_different_every_time() {
        let sealer = sealer(&[OLD], "late/1");
        for plain in [&b""[..], b"x", "张三".as_bytes(), &[0xff; 5000]] {
            let text = sealer.seal(b"a task", plain);
            assert_eq!(sealer.open(b"a task", &text).unwrap(), plain);
            assert_ne!(text, sealer.seal(b"a task", plain));
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
        }
    }

    #[test]
    fn another_purpose_context_or_secret_opens_nothing() {
        let text = sealer(&[OLD], "late/1").seal(b"a task", b"an address");
        assert!(sealer(&[OLD], "late/1").open(b"a task", &text).is_some());
        assert!(sealer(&[OLD], "late/2").open(b"a task", &text).is_none());
        assert!(sealer(&[NEW], "late/1").open(b"a task", &text).is_none());
        for context in [&b"another task"[..], b"a task ", b""] {
            assert!(sealer(&[OLD], "late/1").open(context, &text).is_none());
        }
    }

    #[test]
    fn while_a_secret_is_rotated_the_first_seals_and_all_open() {
        let (before, after) = (sealer(&[OLD], "p"), sealer(&[NEW], "p"));
        let rotating = sealer(&[NEW, OLD], "p");
        let opens = |one: &Sealer, of: &Sealer| one.open(b"c", &of.seal(b"c", b"m")).is_some();
        assert!(opens(&rotating, &before) && opens(&rotating, &after) && opens(&after, &rotating));
        assert!(!opens(&before, &rotating) && !opens(&after, &before));
    }

    #[test]
    fn one_that_was_given_the_keys_of_another_opens_its_texts_and_seals_with_its_own() {
        let (own, other) = (sealer(&[NEW], "p"), sealer(&[OLD], "p"));
        let both = own.clone().also(other.clone());
        let opens = |one: &Sealer, of: &Sealer| one.open(b"c", &of.seal(b"c", b"m")).is_some();
        assert!(opens(&both, &own) && opens(&both, &other) && opens(&own, &both) && !opens(&other, &both));
    }

    #[test]
    fn what_was_changed_cut_short_or_never_sealed_is_not_opened() {
        let sealer = sealer(&[OLD], "late/1");
        let text = sealer.seal(b"c", b"an address");
        for at in 0..text.len() {
            let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
            let mut changed = text.clone();
            changed.replace_range(at..=at, other);
            assert_eq!(sealer.open(b"c", &changed), None, "{at}");
            assert_eq!(sealer.open(b"c", &text[..at]), None, "{at}");
        }
        for garbage in
            ["", "!", "AAAA", &"A".repeat(37), &"A".repeat(1000), &format!("{text}="), &format!("{text}AAAA")]
        {
            assert_eq!(sealer.open(b"c", garbage), None, "{garbage}");
        }
    }

    #[test]
    fn another_program_seals_and_opens_the_same() {
        // Worked out with Python's `cryptography`: HKDF (SHA-256, salt `rds-seal`, info `late/1`), then AESGCM, with the
        // nonce in front, in `urlsafe_b64encode` without its padding.
        let text = "AAECAwQFBgcICQoLmVnHNQudiPYGORDgI4thK_BzRkLMDWrIwdk";
        let sealer = sealer(&[OLD], "late/1");
        assert_eq!(sealer.open(b"a task", text).unwrap(), b"an address");
        assert_eq!(
            sealer.seal_under(std::array::from_fn(|at| u8::try_from(at).unwrap()), b"a task", b"an address"),
            text
        );
    }

    #[test]
    fn nothing_shows_a_key() {
        assert_eq!(format!("{:?}", sealer(&[OLD], "p")), "Sealer");
    }
}
