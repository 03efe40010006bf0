//! The envelope that `WeCom` and `DingTalk` share: 16 random bytes, a length, the message and the receiver under
//! AES-256-CBC, and a SHA-1 over the sorted parts (*documented*).

use aws_lc_rs::{
    cipher::{AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey},
    digest::{SHA1_FOR_LEGACY_USE_ONLY, digest},
    iv::FixedLength,
};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};
use serde_json::Value;

use super::{Order, encoding::hex};

pub(super) struct Envelope {
    token: String,
    key: Vec<u8>,
    receiver: String,
}

impl Envelope {
    pub(super) fn of(order: &Order) -> Result<Self, String> {
        let config = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireNone);
        let key = GeneralPurpose::new(&alphabet::STANDARD, config).decode(&order.aes_key);
        let key = key.ok().filter(|key| key.len() == 32).ok_or("`aes_key` must be 43 letters and digits")?;
        Ok(Self { token: order.token.clone(), key, receiver: order.receiver.clone() })
    }

    pub(super) fn seal(&self, message: &str) -> String {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
        let mut plain = [&random()[..], &length, message.as_bytes(), self.receiver.as_bytes()].concat();
        pad(&mut plain, 32);
        encrypt(&self.key, self.iv(), &mut plain);
        BASE64_STANDARD.encode(plain)
    }

    pub(super) fn signature(&self, timestamp: &str, nonce: &str, encrypt: &str) -> String {
        let mut parts = [self.token.as_str(), timestamp, nonce, encrypt];
        parts.sort_unstable();
        hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes()).as_ref())
    }

    /// What is inside an answer, in JSON or XML, if its signature and receiver are right.
    pub(super) fn open_answer(&self, body: &str) -> Option<String> {
        let json: Option<Value> = serde_json::from_str(body).ok();
        let field = |names: [&str; 3]| match &json {
            Some(json) => names.iter().find_map(|name| json.get(name)).map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            }),
            None => names.iter().find_map(|name| element(body, name)),
        };
        let encrypt = field(["encrypt", "Encrypt", ""])?;
        let signature = field(["msg_signature", "msgsignature", "MsgSignature"])?;
        let timestamp = field(["timeStamp", "timestamp", "TimeStamp"])?;
        let nonce = field(["nonce", "Nonce", ""])?;
        (self.signature(&timestamp, &nonce, &encrypt) == signature).then_some(())?;
        self.open(&encrypt)
    }

    fn open(&self, encrypt: &str) -> Option<String> {
        let mut plain = BASE64_STANDARD.decode(encrypt).ok()?;
        let key = UnboundCipherKey::new(&AES_256, &self.key).and_then(DecryptingKey::cbc).ok()?;
        key.decrypt(&mut plain, DecryptionContext::Iv128(FixedLength::from(self.iv()))).ok()?;
        let padding = usize::from(*plain.last()?);
        plain.truncate(plain.len().checked_sub(padding)?);
        let length = u32::from_be_bytes(plain.get(16..20)?.try_into().ok()?);
        let (message, receiver) = plain.get(20..)?.split_at_checked(usize::try_from(length).ok()?)?;
        (receiver == self.receiver.as_bytes()).then(|| String::from_utf8_lossy(message).into_owned())
    }

    fn iv(&self) -> [u8; 16] {
        *self.key.first_chunk().expect("the key has 32 bytes")
    }
}

/// The text of one element, which has no marks inside.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim_start_matches("<![CDATA[").trim_end_matches("]]>").to_owned())
}

/// PKCS#7.
pub(super) fn pad(plain: &mut Vec<u8>, to: usize) {
    let padding = to - plain.len() % to;
    plain.resize(plain.len() + padding, u8::try_from(padding).expect("a block is short"));
}

pub(super) fn encrypt(key: &[u8], iv: [u8; 16], plain: &mut [u8]) {
    let key = UnboundCipherKey::new(&AES_256, key).and_then(EncryptingKey::cbc).expect("the key has 32 bytes");
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    key.less_safe_encrypt(plain, context).expect("the text is padded");
}

pub(super) fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the machine has random numbers");
    bytes
}
