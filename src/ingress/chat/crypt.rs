//! AES-256-CBC as the chats use it, and the envelope that `WeCom` and `DingTalk` share: a SHA-1 signature over the sorted
//! parts, and 16 random bytes, a length, the message and the receiver's id under one key.
//!
//! Source: `WeCom`'s page 91144 and open-dingtalk's `DingTalk-Callback-Crypto`, whose official vectors are fixtures here.

use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use super::verify::{Authentic, equal, filled};
use super::{InvalidSetting, Unauthorised};

pub(super) const BLOCK: usize = 16;

/// The envelope is padded to twice the cipher's block.
const PADDED_TO: usize = 32;

/// Random bytes, then the length of the message.
const HEAD: usize = 16 + 4;

/// An `EncodingAESKey` is base64 without its padding, and real ones have trailing bits set: the official vectors of both
/// vendors do.
const KEYS: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone),
);

/// One end of the envelope.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    token: SecretString,
    key: SecretSlice<u8>,
    receiver: String,
}

/// What was put into an envelope, and its signature.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) encrypt: String,
    pub(super) signature: String,
}

/// How a request says its envelope was signed, and when.
pub(super) struct Claim<'q> {
    pub(super) signature: &'q str,
    pub(super) timestamp: &'q str,
    pub(super) nonce: &'q str,
}

impl<'q> Claim<'q> {
    /// A signature is the hex of a SHA-1.
    pub(super) fn new(signature: &'q str, timestamp: &'q str, nonce: &'q str) -> Result<Self, Unauthorised> {
        let is_hex = signature.len() == 40 && signature.bytes().all(|b| b.is_ascii_hexdigit());
        if is_hex { Ok(Self { signature, timestamp, nonce }) } else { Err(Unauthorised) }
    }
}

impl Envelope {
    pub(super) fn new(token: SecretString, key: &SecretString, receiver: String) -> Result<Self, InvalidSetting> {
        filled("token", std::slice::from_ref(&token))?;
        let unfit = InvalidSetting {
            field: "encoding_aes_key",
            reason: "must be the 43 letters and digits that the console shows",
        };
        let text = key.expose_secret();
        let key = KEYS.decode(text).ok().filter(|key| text.len() == 43 && key.len() == 32).ok_or(unfit)?;
        Ok(Self { token, key: key.into(), receiver })
    }

    #[cfg(feature = "dev")]
    pub(super) fn rehearsal_secrets(&self) -> super::DoorSecrets {
        super::DoorSecrets {
            token: Some(self.token.clone()),
            aes_key: Some(base64::prelude::BASE64_STANDARD_NO_PAD.encode(self.key.expose_secret()).into()),
            receiver: self.receiver.clone(),
            ..super::DoorSecrets::default()
        }
    }

    /// The message, if the signature, the cipher text and the receiver are right.
    pub(super) fn open(
        &self,
        signature: &str,
        timestamp: &str,
        nonce: &str,
        encrypt: &str,
    ) -> Result<Authentic<'static>, Unauthorised> {
        equal(self.signature(timestamp, nonce, encrypt).as_bytes(), signature.as_bytes())?;
        let blob = BASE64_STANDARD.decode(encrypt).map_err(|_| Unauthorised)?;
        let key = self.key.expose_secret();
        let plain = decrypt(key, iv_of(key)?, blob, PADDED_TO)?;
        let (head, rest) = plain.split_at_checked(HEAD).ok_or(Unauthorised)?;
        let length = head.last_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes)).ok_or(Unauthorised)?;
        let length = usize::try_from(length).map_err(|_| Unauthorised)?;
        let (message, receiver) = rest.split_at_checked(length).ok_or(Unauthorised)?;
        equal(receiver, self.receiver.as_bytes())?;
        Ok(Authentic::vouched(message.to_vec()))
    }

    pub(super) fn seal(&self, message: &str, timestamp: &str, nonce: &str, random: [u8; 16]) -> Sealed {
        let length = u32::try_from(message.len()).expect("an answer is a few kilobytes");
        let mut plain = [&random[..], &length.to_be_bytes(), message.as_bytes(), self.receiver.as_bytes()].concat();
        let padding = PADDED_TO - plain.len() % PADDED_TO;
        plain.resize(plain.len() + padding, u8::try_from(padding).expect("at most 32"));
        let key = self.key.expose_secret();
        encrypt(key, iv_of(key).expect("the key has 32 bytes"), &mut plain);
        let encrypt = BASE64_STANDARD.encode(plain);
        Sealed { signature: self.signature(timestamp, nonce, &encrypt), encrypt }
    }

    fn signature(&self, timestamp: &str, nonce: &str, encrypt: &str) -> String {
        let mut parts = [self.token.expose_secret(), timestamp, nonce, encrypt];
        parts.sort_unstable();
        base16ct::lower::encode_string(digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes()).as_ref())
    }
}

/// The envelope's initialisation vector is the beginning of its key (documented).
fn iv_of(key: &[u8]) -> Result<[u8; BLOCK], Unauthorised> {
    key.first_chunk().copied().ok_or(Unauthorised)
}

/// Sixteen random bytes.
pub(super) fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness once it runs processes");
    bytes
}

/// Decrypts and takes the padding off. Whatever is wrong looks the same, and a padding is read to its end either way.
pub(super) fn decrypt(key: &[u8], iv: [u8; BLOCK], blob: Vec<u8>, padded_to: usize) -> Result<Vec<u8>, Unauthorised> {
    let mut plain = blob;
    let cipher = UnboundCipherKey::new(&AES_256, key).and_then(DecryptingKey::cbc).map_err(|_| Unauthorised)?;
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    cipher.decrypt(&mut plain, context).map_err(|_| Unauthorised)?;
    let padding = usize::from(*plain.last().ok_or(Unauthorised)?);
    let rest = plain.len().checked_sub(padding).ok_or(Unauthorised)?;
    let odd = plain[rest..].iter().fold(0, |odd, byte| odd | usize::from(*byte) ^ padding);
    if odd != 0 || !(1..=padded_to).contains(&padding) {
        return Err(Unauthorised);
    }
    plain.truncate(rest);
    Ok(plain)
}

fn encrypt(key: &[u8], iv: [u8; BLOCK], plain: &mut [u8]) {
    let cipher = UnboundCipherKey::new(&AES_256, key).and_then(EncryptingKey::cbc).expect("the key has 32 bytes");
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    cipher.less_safe_encrypt(plain, context).expect("the text is padded to whole blocks");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the published example of `WeCom`.
    const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

    fn envelope() -> Envelope {
        Envelope::new("QDG6eK".into(), &KEY.into(), "wx5823bf96d3bd56c7".to_owned()).unwrap()
    }

    /// A signature that is right over a cipher text that need not be.
    fn opened(encrypt: &str) -> Result<Authentic<'static>, Unauthorised> {
        let envelope = envelope();
        envelope.open(&envelope.signature("1", "2", encrypt), "1", "2", encrypt)
    }

    fn encrypted(mut plain: Vec<u8>) -> String {
        let envelope = envelope();
        let key = envelope.key.expose_secret();
        encrypt(key, iv_of(key).unwrap(), &mut plain);
        BASE64_STANDARD.encode(plain)
    }

    #[test]
    fn what_is_sealed_can_be_opened() {
        for message in ["", "success", "张三说 <xml>", &"x".repeat(5000)] {
            let sealed = envelope().seal(message, "1767225600", "n", [7; 16]);
            let opened = envelope().open(&sealed.signature, "1767225600", "n", &sealed.encrypt).unwrap();
            assert_eq!(opened.as_bytes(), message.as_bytes());
        }
    }

    #[test]
    fn whatever_is_wrong_with_a_cipher_text_is_the_same_refusal() {
        let mut overlong = [0; 64];
        overlong[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
        overlong[32..].fill(32);
        let mut foreign = [0; 32];
        foreign[20..].fill(12);
        for encrypt in [
            String::new(),
            "AAA".to_owned(),
            "!".repeat(64),
            BASE64_STANDARD.encode([0; 31]),
            BASE64_STANDARD.encode([0; 16]),
            encrypted(vec![0; 32]),
            encrypted(vec![33; 64]),
            encrypted(vec![16; 16]),
            encrypted(vec![32; 32]),
            encrypted(overlong.to_vec()),
            encrypted(foreign.to_vec()),
        ] {
            assert_eq!(opened(&encrypt).unwrap_err(), Unauthorised, "{encrypt}");
        }
    }

    #[test]
    fn a_key_is_43_letters_and_digits() {
        let of = |key: &str| Envelope::new("t".into(), &key.into(), String::new());
        assert!(of(KEY).is_ok() && of("4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij").is_ok());
        for bad in ["", "short", &KEY[1..], &format!("{KEY}="), &KEY.replace('j', "!"), &format!("{KEY}AAAA")] {
            assert_eq!(of(bad).unwrap_err().field, "encoding_aes_key", "{bad}");
        }
        assert_eq!(Envelope::new("".into(), &KEY.into(), String::new()).unwrap_err().field, "token");
    }

    #[test]
    fn nothing_shows_the_key() {
        let shown = format!("{:?}", envelope());
        assert!(!shown.contains("QDG6eK") && !shown.contains("141") && !shown.contains(KEY), "{shown}");
    }
}
