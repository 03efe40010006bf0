//! What Feishu encrypts and signs its events with.

use aws_lc_rs::digest::{Context, SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::ingress::chat::crypt::{BLOCK, decrypt};
use crate::ingress::chat::verify::{Authentic, equal, filled};
use crate::ingress::chat::{InvalidSetting, RawRequest, Unauthorised, fields};

#[derive(Debug, Clone)]
pub(super) struct Keys {
    encrypt_key: SecretString,
    verification_token: SecretString,
}

/// How a request says it was signed, and when.
pub(super) struct Claim<'a> {
    pub(super) sent: &'a str,
    pub(super) nonce: &'a str,
    pub(super) signature: Vec<u8>,
}

impl Keys {
    pub(super) fn new(encrypt_key: SecretString, verification_token: SecretString) -> Result<Self, InvalidSetting> {
        filled("encrypt_key", std::slice::from_ref(&encrypt_key))?;
        filled("verification_token", std::slice::from_ref(&verification_token))?;
        Ok(Self { encrypt_key, verification_token })
    }

    #[cfg(feature = "dev")]
    pub(super) fn rehearsal_secrets(&self) -> crate::ingress::chat::DoorSecrets {
        crate::ingress::chat::DoorSecrets {
            secret: Some(self.encrypt_key.clone()),
            token: Some(self.verification_token.clone()),
            ..Default::default()
        }
    }

    pub(super) fn verify(&self, request: &RawRequest, claim: &Claim) -> Result<(), Unauthorised> {
        let mut hash = Context::new(&SHA256);
        let key = self.encrypt_key.expose_secret();
        for part in [claim.sent.as_bytes(), claim.nonce.as_bytes(), key.as_bytes(), request.body] {
            hash.update(part);
        }
        equal(hash.finish().as_ref(), &claim.signature)
    }

    /// The token that stands inside what was encrypted.
    pub(super) fn recognise(&self, token: &str) -> Result<(), Unauthorised> {
        equal(token.as_bytes(), self.verification_token.expose_secret().as_bytes())
    }

    pub(super) fn open(&self, request: &RawRequest) -> Result<Authentic<'static>, Unauthorised> {
        #[derive(Deserialize)]
        struct Encrypted {
            encrypt: String,
        }
        let body: Encrypted = fields::json(request.body).map_err(|_| Unauthorised)?;
        self.decrypt(&body.encrypt).map(Authentic::vouched)
    }

    fn decrypt(&self, encrypt: &str) -> Result<Vec<u8>, Unauthorised> {
        let mut blob = BASE64_STANDARD.decode(encrypt).map_err(|_| Unauthorised)?;
        let iv: [u8; BLOCK] = *blob.first_chunk().ok_or(Unauthorised)?;
        let rest = blob.split_off(BLOCK);
        let key = digest(&SHA256, self.encrypt_key.expose_secret().as_bytes());
        decrypt(key.as_ref(), iv, rest, BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_cipher_text_says_hello_world() {
        let keys = Keys::new("test key".into(), "t".into()).unwrap();
        assert_eq!(keys.decrypt("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=").unwrap(), b"hello world");
    }
}
