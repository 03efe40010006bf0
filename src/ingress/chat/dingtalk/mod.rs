//! `DingTalk`: what is said to an application's robot, in HTTP mode.
//!
//! Without body encryption a request carries a signature of its time alone (documented): whoever saw one may send any
//! body for as long as it is taken, here five minutes of the hour that `DingTalk` allows. With body encryption the
//! signature covers the body, in the envelope of `DingTalk-Callback-Crypto` (documented for events; that the robot's
//! messages come the same way is inferred).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::crypt::{Claim, Envelope, random};
use super::reply::{Accepted, Outgoing};
use super::verify::{Authentic, WINDOW, filled, header, is_near, moment, near, signed};
use super::{
    Answer, ChatError, ChatInbound, ChatMessage, ChatName, HttpAnswer, InvalidSetting, RawRequest, Reply, ReplyUrl,
    Unauthorised, fields,
};
use crate::card::{Card, dingtalk};
use crate::ingress::BODY_LIMIT;
use crate::request::rejection::{Rejection, RejectionReason};

/// How far the time of a message may be from ours: it is older than the signature by however long the delivery took.
const MAX_AGE: SignedDuration = SignedDuration::from_mins(10);

/// `[doors.dingtalk]`.
#[derive(Debug, Clone)]
pub struct DingTalkDoor {
    app_secrets: Vec<SecretString>,
    envelope: Option<Envelope>,
    trust_unsigned_body: bool,
}

/// The three settings of body encryption, which come together.
#[derive(Debug, Clone)]
pub struct BodyEncryption {
    pub token: SecretString,
    pub encoding_aes_key: SecretString,
    pub owner_key: String,
}

impl DingTalkDoor {
    /// With body encryption a request without it is refused, and the application's secrets verify nothing.
    pub fn new(
        app_secrets: Vec<SecretString>,
        encryption: Option<BodyEncryption>,
        trust_unsigned_body: bool,
    ) -> Result<Self, InvalidSetting> {
        filled("app_secrets", &app_secrets)?;
        let envelope = encryption.map(|e| Envelope::new(e.token, &e.encoding_aes_key, e.owner_key)).transpose()?;
        Ok(Self { app_secrets, envelope, trust_unsigned_body })
    }

    /// One that answers and hears nothing.
    pub fn answering() -> Self {
        Self { app_secrets: Vec::new(), envelope: None, trust_unsigned_body: false }
    }

    /// Whether it takes encrypted messages, and no others.
    pub fn is_encrypted(&self) -> bool {
        self.envelope.is_some()
    }

    /// Whether what is said counts as said by whom it names.
    pub fn trusts_its_messages(&self) -> bool {
        self.is_encrypted() || self.trust_unsigned_body
    }

    #[cfg(feature = "dev")]
    pub(super) fn rehearsal_secrets(&self) -> super::DoorSecrets {
        let secret = self.app_secrets.first().cloned();
        super::DoorSecrets { secret, ..self.envelope.as_ref().map(Envelope::rehearsal_secrets).unwrap_or_default() }
    }

    /// Without body encryption the signature covers no body, so it is checked before there is one.
    pub(super) fn may_read(&self, request: &RawRequest, now: Timestamp) -> Result<usize, Unauthorised> {
        match &self.envelope {
            Some(_) => claimed(&fields::query(request).map_err(|_| Unauthorised)?, now).map(|_| BODY_LIMIT),
            None => self.verify(request, now).map(|_| BODY_LIMIT),
        }
    }

    pub fn hear(&self, request: &RawRequest, now: Timestamp) -> Result<ChatInbound, ChatError> {
        let body = match &self.envelope {
            Some(envelope) => open(envelope, request, now)?,
            None => self.verify(request, now)?,
        };
        self.read(&body, now).map_err(ChatError::Unreadable)
    }

    pub fn answer(&self, reply: &Reply, card: &Card, now: Timestamp) -> Answer {
        let response = self.taken("success", now);
        match reply {
            Reply::DingTalkSession { url, .. } => Answer::sent(Self::late(url, card), response),
            _ => Answer::in_response(response),
        }
    }

    /// A message to the address of a session.
    pub(super) fn late(url: &ReplyUrl, card: &Card) -> Outgoing {
        Outgoing::to(url, &dingtalk::message(card), Accepted::ErrCode)
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, now: Timestamp) -> Result<Authentic<'a>, Unauthorised> {
        let sent = header(request, "timestamp")?;
        let signature = BASE64_STANDARD.decode(header(request, "sign")?).map_err(|_| Unauthorised)?;
        near(moment(sent)?, now, WINDOW)?;
        let matches = |secret: &SecretString| {
            let secret = secret.expose_secret().as_bytes();
            signed([secret], &[sent.as_bytes(), b"\n", secret], &signature).is_ok()
        };
        if self.app_secrets.iter().any(matches) { Ok(Authentic::vouched(request.body)) } else { Err(Unauthorised) }
    }

    fn read(&self, body: &Authentic, now: Timestamp) -> Result<ChatInbound, Rejection> {
        let message: Message = fields::json(body.as_bytes())?;
        if let (Some(kind), Some(_)) = (message.event_type.as_deref(), &self.envelope) {
            return Ok(self.event(kind, message.random.as_deref(), now));
        }
        if message.msgtype.as_deref() != Some("text") {
            let response = self.taken("success", now);
            return Ok(ChatInbound::Nothing { reason: "a message that is no text", response });
        }
        self.message(&message, now).map(|message| ChatInbound::ChatMessage(Box::new(message)))
    }

    /// A check of the address wants its own random word back, or `success` (documented in the vendor's samples).
    fn event(&self, kind: &str, random: Option<&str>, now: Timestamp) -> ChatInbound {
        match kind {
            "check_url" => ChatInbound::Handshake(self.taken("success", now)),
            "check_create_suite_url" | "check_update_suite_url" => {
                ChatInbound::Handshake(self.taken(random.unwrap_or("success"), now))
            }
            _ => ChatInbound::Nothing { reason: "an event that is no message", response: self.taken("success", now) },
        }
    }

    fn message(&self, message: &Message, now: Timestamp) -> Result<ChatMessage, Rejection> {
        let said_at = message.create_at.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        if said_at.is_some_and(|said_at| !is_near(said_at, now, MAX_AGE)) {
            let reason = RejectionReason::OutsideTimeWindow { minutes: MAX_AGE.as_mins() };
            return Err(Rejection::new("createAt", reason));
        }
        let url = message.session_webhook.as_deref().ok_or(Rejection::missing("sessionWebhook"))?;
        let foreign = RejectionReason::ForeignAddress { vendor: "DingTalk" };
        let url = ReplyUrl::dingtalk(url).ok_or(Rejection::new("sessionWebhook", foreign))?;
        let ends_at = message.session_webhook_expired_time.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        let text = message.text.as_ref().and_then(|text| text.content.as_deref());
        Ok(ChatMessage {
            chat: ChatName::DingTalk,
            tenant: fields::id("senderCorpId", message.sender_corp_id.as_deref())?,
            channel: fields::id("conversationId", message.conversation_id.as_deref())?,
            user: fields::id("senderStaffId", message.sender_staff_id.as_deref())?,
            shown: fields::shown(message.sender_nick.as_deref()),
            text: text.ok_or(Rejection::missing("text.content"))?.trim().to_owned(),
            delivery_id: fields::id("msgId", message.msg_id.as_deref())?,
            said_at,
            body_is_trusted: self.trusts_its_messages(),
            reply: Reply::DingTalkSession { url, ends_at },
        })
    }

    /// The answer that says the request was taken: in an envelope where requests come in one.
    pub(super) fn taken(&self, word: &str, now: Timestamp) -> HttpAnswer {
        let Some(envelope) = &self.envelope else { return HttpAnswer::empty() };
        let (timestamp, bytes) = (now.as_millisecond().to_string(), random());
        let nonce = base16ct::lower::encode_string(&bytes[..8]);
        let sealed = envelope.seal(word, &timestamp, &nonce, random());
        HttpAnswer::json(&json!({
            "msg_signature": sealed.signature,
            "timeStamp": timestamp,
            "nonce": nonce,
            "encrypt": sealed.encrypt,
        }))
    }
}

fn open(envelope: &Envelope, request: &RawRequest, now: Timestamp) -> Result<Authentic<'static>, Unauthorised> {
    let query = fields::query(request).map_err(|_| Unauthorised)?;
    let Claim { signature, timestamp, nonce } = claimed(&query, now)?;
    let body: Encrypted = fields::json(request.body).map_err(|_| Unauthorised)?;
    envelope.open(signature, timestamp, nonce, &body.encrypt)
}

/// How a request says it was signed, and when.
fn claimed(query: &BTreeMap<String, String>, now: Timestamp) -> Result<Claim<'_>, Unauthorised> {
    let signature = either(query, "msg_signature", "signature")?;
    let timestamp = either(query, "timestamp", "timeStamp")?;
    let nonce = query.get("nonce").ok_or(Unauthorised)?;
    near(moment(timestamp)?, now, WINDOW)?;
    Claim::new(signature, timestamp, nonce)
}

/// A value that goes by two names; where both are there they must say the same.
fn either<'q>(query: &'q BTreeMap<String, String>, one: &str, other: &str) -> Result<&'q str, Unauthorised> {
    match (query.get(one), query.get(other)) {
        (Some(one), Some(other)) if one != other => Err(Unauthorised),
        (Some(value), _) | (None, Some(value)) => Ok(value),
        (None, None) => Err(Unauthorised),
    }
}

#[derive(Deserialize)]
struct Encrypted {
    encrypt: String,
}

/// A robot's message, or an event of the subscription (documented).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    #[serde(rename = "EventType")]
    event_type: Option<String>,
    #[serde(rename = "Random")]
    random: Option<String>,
    msgtype: Option<String>,
    msg_id: Option<String>,
    conversation_id: Option<String>,
    sender_corp_id: Option<String>,
    /// Absent for people outside the organisation.
    sender_staff_id: Option<String>,
    sender_nick: Option<String>,
    session_webhook: Option<String>,
    session_webhook_expired_time: Option<i64>,
    create_at: Option<i64>,
    text: Option<Text>,
}

#[derive(Deserialize)]
struct Text {
    content: Option<String>,
}
