//! Feishu, and Lark by its other name: encrypted events and the buttons of cards.
//!
//! Source: Feishu's pages on sending notifications and on the encrypt key, and its SDKs (documented; the official vector
//! of the cipher is a fixture). The signature is a plain SHA-256 over time, nonce, key and body.

mod keys;
mod parse;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::reply::{Accepted, Authorization, Outgoing};
use super::verify::{filled, has_header, header, moment, near};
use super::{Answer, ChatError, ChatInbound, HttpAnswer, InvalidSetting, RawRequest, Reply, Unauthorised, fields};
use crate::card::{Card, feishu};
use crate::ingress::BODY_LIMIT;

use keys::{Claim, Keys};

const SIGNATURE: &str = "x-lark-signature";

/// The most that is read of a body that has no signature beside it, in bytes: a check of the address has a few hundred.
const UNSIGNED_LIMIT: usize = 4 * 1024;

/// Redeliveries come after 15 s, 5 min, 1 h and 6 h (documented), and whether they are signed anew is not. This takes the
/// first two either way; what somebody said an hour ago is better said again.
const DEFAULT_WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// Which of the two clouds the application lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cloud {
    #[default]
    Feishu,
    Lark,
}

impl Cloud {
    fn origin(self) -> &'static str {
        match self {
            Self::Feishu => "https://open.feishu.cn",
            Self::Lark => "https://open.larksuite.com",
        }
    }
}

/// What the console of an application shows.
#[derive(Debug, Clone)]
pub struct FeishuSecrets {
    pub encrypt_key: SecretString,
    pub verification_token: SecretString,
    pub app_id: String,
    pub app_secret: SecretString,
}

/// `[doors.feishu]`.
#[derive(Debug, Clone)]
pub struct FeishuDoor {
    app_id: String,
    app_secret: SecretString,
    /// Absent where it only answers late.
    keys: Option<Keys>,
    cloud: Cloud,
    window: SignedDuration,
}

/// A tenant's token, and how long it lives.
#[derive(Debug, Clone)]
pub struct TenantToken {
    pub token: SecretString,
    pub lives: SignedDuration,
}

impl FeishuDoor {
    /// Without an encrypt key nothing would sign the events, so there is none without.
    pub fn new(secrets: FeishuSecrets, cloud: Cloud, window: Option<SignedDuration>) -> Result<Self, InvalidSetting> {
        let FeishuSecrets { encrypt_key, verification_token, app_id, app_secret } = secrets;
        let keys = Keys::new(encrypt_key, verification_token)?;
        let window = window.unwrap_or(DEFAULT_WINDOW);
        if window <= SignedDuration::ZERO || window > SignedDuration::from_hours(8) {
            return Err(InvalidSetting {
                field: "window",
                reason: "must be more than nothing and at most 8h, the last redelivery",
            });
        }
        Ok(Self { keys: Some(keys), window, ..Self::answering(app_id, app_secret, cloud)? })
    }

    /// One that answers late and hears nothing.
    pub fn answering(app_id: String, app_secret: SecretString, cloud: Cloud) -> Result<Self, InvalidSetting> {
        filled("app_secret", std::slice::from_ref(&app_secret))?;
        if app_id.trim().is_empty() {
            return Err(InvalidSetting { field: "app_id", reason: "is empty: it begins with cli_" });
        }
        Ok(Self { app_id, app_secret, keys: None, cloud, window: DEFAULT_WINDOW })
    }

    #[cfg(feature = "dev")]
    pub(super) fn rehearsal_secrets(&self) -> super::DoorSecrets {
        super::DoorSecrets {
            app_id: self.app_id.clone(),
            ..self.keys.as_ref().map(Keys::rehearsal_secrets).unwrap_or_default()
        }
    }

    /// A check of the address has no signature.
    pub(super) fn may_read(&self, request: &RawRequest, now: Timestamp) -> Result<usize, Unauthorised> {
        if has_header(request, SIGNATURE) { self.claimed(request, now).map(|_| BODY_LIMIT) } else { Ok(UNSIGNED_LIMIT) }
    }

    pub fn hear(&self, request: &RawRequest, now: Timestamp) -> Result<ChatInbound, ChatError> {
        let keys = self.keys.as_ref().ok_or(Unauthorised)?;
        let is_signed = has_header(request, SIGNATURE);
        if is_signed {
            keys.verify(request, &self.claimed(request, now)?)?;
        }
        let body = keys.open(request)?;
        let envelope: parse::Envelope = match fields::json(body.as_bytes()) {
            Ok(envelope) => envelope,
            // Without a signature the cipher alone vouches, and tells nobody more than that.
            Err(rejection) if is_signed => return Err(ChatError::Unreadable(rejection)),
            Err(_) => return Err(Unauthorised.into()),
        };
        keys.recognise(envelope.token().ok_or(Unauthorised)?)?;
        if let Some(challenge) = envelope.challenge() {
            return Ok(ChatInbound::Handshake(HttpAnswer::json(&json!({"challenge": challenge}))));
        }
        if !is_signed || envelope.app_id() != Some(self.app_id.as_str()) {
            return Err(Unauthorised.into());
        }
        parse::event(envelope, now, self.window).map_err(ChatError::Unreadable)
    }

    pub fn answer(&self, reply: &Reply, card: &Card) -> Answer {
        match reply {
            Reply::FeishuMessage { message_id, event_id } => {
                let content = feishu::card(card).to_string();
                // The same answer to the same event is shown once, however often the event is delivered.
                let send = self.reply(message_id, &content, &format!("{event_id}\n{content}"));
                Answer::sent(send, HttpAnswer::json(&json!({})))
            }
            // A button's answer takes the place of the card that had it.
            _ => Answer::in_response(HttpAnswer::json(&json!({
                "toast": feishu::toast(card.tone, &card.title),
                "card": {"type": "raw", "data": feishu::card(card)},
            }))),
        }
    }

    /// An answer to a message, or to a card, that tells of a report: once, however often it is sent.
    pub(super) fn late(&self, message_id: &str, report_id: &str, card: &Card) -> Outgoing {
        self.reply(message_id, &feishu::card(card).to_string(), &format!("{message_id}\n{report_id}"))
    }

    /// The reply API takes no second one of the same `uuid` within an hour (documented).
    fn reply(&self, message_id: &str, content: &str, unique: &str) -> Outgoing {
        let unique = digest(&SHA256, unique.as_bytes());
        let unique = base16ct::lower::encode_string(&unique.as_ref()[..16]);
        let id = percent_encoding::utf8_percent_encode(message_id, percent_encoding::NON_ALPHANUMERIC);
        Outgoing {
            url: format!("{}/open-apis/im/v1/messages/{id}/reply", self.cloud.origin()),
            authorization: Authorization::TenantToken,
            body: json!({"msg_type": "interactive", "content": content, "uuid": unique}).to_string(),
            accepted: Accepted::Code,
        }
    }

    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// What asks for the token that a reply needs (documented). It lives for two hours and may be kept.
    pub fn tenant_token_request(&self) -> Outgoing {
        let body = json!({"app_id": self.app_id, "app_secret": self.app_secret.expose_secret()});
        Outgoing {
            url: format!("{}/open-apis/auth/v3/tenant_access_token/internal", self.cloud.origin()),
            authorization: Authorization::None,
            body: body.to_string(),
            accepted: Accepted::Code,
        }
    }

    /// Reads what answered [`Self::tenant_token_request`].
    pub fn tenant_token(status: u16, body: &[u8]) -> Option<TenantToken> {
        #[derive(Deserialize)]
        struct Granted {
            tenant_access_token: SecretString,
            expire: u32,
        }
        let granted: Granted = serde_json::from_slice(body).ok().filter(|_| Accepted::Code.by(status, body))?;
        Some(TenantToken {
            token: granted.tenant_access_token,
            lives: SignedDuration::from_secs(granted.expire.into()),
        })
    }

    /// When a request says it was sent, with which nonce, and by what signature.
    fn claimed<'a>(&self, request: &RawRequest<'a>, now: Timestamp) -> Result<Claim<'a>, Unauthorised> {
        let sent = header(request, "x-lark-request-timestamp")?;
        let nonce = header(request, "x-lark-request-nonce")?;
        let signature = header(request, SIGNATURE)?;
        let signature = base16ct::lower::decode_vec(signature).map_err(|_| Unauthorised)?;
        near(moment(sent)?, now, self.window)?;
        Ok(Claim { sent, nonce, signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_from_success_alone() {
        let granted = br#"{"code":0,"msg":"ok","tenant_access_token":"t-1","expire":7200}"#;
        assert_eq!(FeishuDoor::tenant_token(200, granted).unwrap().lives, SignedDuration::from_hours(2));
        assert!(FeishuDoor::tenant_token(500, granted).is_none());
        assert!(FeishuDoor::tenant_token(200, br#"{"code":10003,"msg":"invalid param"}"#).is_none());
    }
}
