//! What a sender and we both know, checked once, when the configuration is read.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

/// A key of Standard Webhooks, as that specification writes it.
#[derive(Debug, Clone)]
pub struct SigningSecret(pub(super) Key);

#[derive(Debug, Clone)]
pub(super) enum Key {
    /// `whsec_`, shared: HMAC-SHA256.
    Shared(SecretSlice<u8>),
    /// `whpk_`, the sender's public half: ed25519.
    Public([u8; 32]),
}

impl SigningSecret {
    /// The prefix is required: a public key taken for a shared secret would let anybody sign.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(secret) = text.strip_prefix("whsec_") {
            let bytes = BASE64_STANDARD.decode(secret).ok().filter(|bytes| (24..=64).contains(&bytes.len()));
            let bytes = bytes.ok_or("must be whsec_ and base64 of 24 to 64 random bytes")?;
            return Ok(Self(Key::Shared(bytes.into())));
        }
        if let Some(key) = text.strip_prefix("whpk_") {
            let bytes = BASE64_STANDARD.decode(key).ok().and_then(|bytes| bytes.try_into().ok());
            return Ok(Self(Key::Public(bytes.ok_or("must be whpk_ and base64 of the 32 bytes of an ed25519 key")?)));
        }
        if text.starts_with("whsk_") {
            return Err("is the sender's private key: take its public half, which begins with whpk_");
        }
        Err("must begin with whsec_ (a shared secret) or whpk_ (a public key)")
    }
}

/// A secret of a GitHub-style signature.
#[derive(Debug, Clone)]
pub struct SharedSecret(SecretString);

impl SharedSecret {
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() < 16 { Err("must have at least 16 bytes") } else { Ok(Self(text.into())) }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// A secret that is sent as it is.
#[derive(Debug, Clone)]
pub struct Token(SecretString);

impl Token {
    /// The token of `Authorization: Bearer`.
    pub fn bearer(text: &str) -> Result<Self, &'static str> {
        if !(32..=1024).contains(&text.len()) || !is_plain(text) {
            return Err("must have 32 to 1024 characters: letters, digits and signs, no blanks");
        }
        Ok(Self(text.into()))
    }

    /// The token of an `EventBridge` target. It alone tells our events from those of any other customer of the region.
    pub fn eventbridge(text: &str) -> Result<Self, &'static str> {
        if !(16..=1024).contains(&text.len()) || !is_plain(text) {
            return Err("must have 16 to 1024 characters: letters, digits and signs, no blanks");
        }
        Ok(Self(text.into()))
    }

    /// Compares in a time that depends on the presented text alone.
    pub(super) fn is(&self, presented: &str) -> bool {
        let digest = |text: &str| digest(&SHA256, text.as_bytes());
        verify_slices_are_equal(digest(self.0.expose_secret()).as_ref(), digest(presented).as_ref()).is_ok()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_secret_says_which_it_is() {
        let shared = |bytes: usize| SigningSecret::parse(&format!("whsec_{}", BASE64_STANDARD.encode(vec![7; bytes])));
        assert!(shared(24).is_ok() && shared(64).is_ok() && shared(23).is_err() && shared(65).is_err());
        let public = |bytes: usize| SigningSecret::parse(&format!("whpk_{}", BASE64_STANDARD.encode(vec![7; bytes])));
        assert!(public(32).is_ok() && public(31).is_err() && public(33).is_err());
        let bare = BASE64_STANDARD.encode([7; 32]);
        for text in ["", &bare, "whsec_", "whsec_=", &format!("whsk_{bare}"), &format!("whsec_{bare}=")] {
            assert!(SigningSecret::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_short_secret_is_none() {
        assert!(SharedSecret::parse("fifteen bytes..").is_err() && SharedSecret::parse("sixteen bytes...").is_ok());
        assert!(Token::bearer(&"a".repeat(31)).is_err() && Token::bearer(&"a".repeat(32)).is_ok());
        assert!(Token::bearer(&"a b".repeat(20)).is_err() && Token::bearer(&"é".repeat(40)).is_err());
        assert!(Token::eventbridge(&"a".repeat(15)).is_err() && Token::eventbridge(&"a".repeat(16)).is_ok());
    }

    #[test]
    fn nothing_shows_a_secret() {
        let text = "a-secret-that-nobody-may-ever-see-0001";
        let key = SigningSecret::parse(&format!("whsec_{}", BASE64_STANDARD.encode(text))).unwrap();
        let shown = format!("{key:?} {:?} {:?}", SharedSecret::parse(text), Token::bearer(text));
        assert!(!shown.contains("never") && !shown.contains("97, 45"), "{shown}");
    }
}
