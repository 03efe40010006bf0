//! `WeCom`: an application's callback, encrypted XML, or a smart robot's, encrypted JSON.
//!
//! Source: `WeCom`'s pages 91144 (cipher), 96469 (passive answers), 100719, 101027, 101031 and 101138 (smart robot), all
//! documented; the official vectors are fixtures. The window is ours: `WeCom` states none and repeats within seconds.

mod parse;
mod xml;

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::crypt::{Claim, Envelope, random};
use super::reply::{Accepted, Outgoing, seconds};
use super::verify::{Authentic, WINDOW, moment, near};
use super::{
    Answer, ChatError, ChatInbound, HttpAnswer, InvalidSetting, RawRequest, Reply, ReplyUrl, Unauthorised, fields,
};
use crate::card::{Card, wecom};
use crate::ingress::BODY_LIMIT;

/// What calls back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeComKind {
    /// An application of the corporation: XML.
    Application,
    /// A smart robot: JSON.
    SmartRobot,
}

/// `[doors.wecom]`.
#[derive(Debug, Clone)]
pub struct WeComDoor {
    /// Absent where it only answers late: such an answer is not encrypted.
    envelope: Option<Envelope>,
    kind: WeComKind,
}

impl WeComDoor {
    /// The receiver's id is the corporation's for an application, and empty for a smart robot (documented).
    pub fn new(
        token: SecretString,
        encoding_aes_key: &SecretString,
        receive_id: String,
        kind: WeComKind,
    ) -> Result<Self, InvalidSetting> {
        let reason = match kind {
            WeComKind::Application if receive_id.is_empty() => {
                "is missing: the id of the corporation, like ww1234567890"
            }
            WeComKind::SmartRobot if !receive_id.is_empty() => "must be left out for a smart robot",
            _ => return Ok(Self { envelope: Some(Envelope::new(token, encoding_aes_key, receive_id)?), kind }),
        };
        Err(InvalidSetting { field: "receive_id", reason })
    }

    /// One that answers late and hears nothing.
    pub fn answering(kind: WeComKind) -> Self {
        Self { envelope: None, kind }
    }

    pub fn kind(&self) -> WeComKind {
        self.kind
    }

    #[cfg(feature = "dev")]
    pub(super) fn rehearsal_secrets(&self) -> super::DoorSecrets {
        self.envelope.as_ref().map(Envelope::rehearsal_secrets).unwrap_or_default()
    }

    pub(super) fn may_read(request: &RawRequest, now: Timestamp) -> Result<usize, Unauthorised> {
        claimed(&fields::query(request).map_err(|_| Unauthorised)?, now).map(|_| BODY_LIMIT)
    }

    pub fn hear(&self, request: &RawRequest, now: Timestamp) -> Result<ChatInbound, ChatError> {
        if request.method == axum::http::Method::GET {
            let echo = self.open(request, now, |query, _| query.get("echostr").cloned())?;
            return Ok(ChatInbound::Handshake(HttpAnswer::plain(echoed(echo.as_bytes())?)));
        }
        let body = self.open(request, now, |_, body| self.cipher_text(body))?;
        let inbound = match self.kind {
            WeComKind::Application => parse::application(&body, now)?,
            WeComKind::SmartRobot => parse::robot(&body),
        };
        inbound.map_err(ChatError::Unreadable)
    }

    pub fn answer(&self, reply: &Reply, card: &Card, now: Timestamp) -> Answer {
        match reply {
            Reply::WeComApplication { user, corp } => {
                let text = passive_answer(user, corp, &seconds(now), card);
                Answer::in_response(self.sealed(&text, now))
            }
            Reply::WeComRobot { .. } => {
                let id = base16ct::lower::encode_string(&random());
                Answer::in_response(self.sealed(&wecom::stream(&id, card).to_string(), now))
            }
            Reply::WeComUrl { url, .. } => Answer::sent(Self::late(url, card), HttpAnswer::empty()),
            _ => Answer::in_response(HttpAnswer::empty()),
        }
    }

    /// A response in place of the card whose button was pressed, which leaves the address unused (page 101031). Without what
    /// such a card needs it says nothing, and the card stays.
    pub(super) fn replace(&self, task_id: Option<&str>, card: &Card, now: Timestamp) -> Answer {
        let replacement = task_id.and_then(|task_id| wecom::replacement(task_id, card));
        let response = replacement.map_or_else(HttpAnswer::empty, |card| self.sealed(&card.to_string(), now));
        Answer::in_response(response)
    }

    /// A message to the address of a smart robot, which takes one.
    pub(super) fn late(url: &ReplyUrl, card: &Card) -> Outgoing {
        Outgoing::to(url, &wecom::message(card), Accepted::ErrCode)
    }

    fn open(
        &self,
        request: &RawRequest,
        now: Timestamp,
        cipher_text: impl Fn(&BTreeMap<String, String>, &[u8]) -> Option<String>,
    ) -> Result<Authentic<'static>, Unauthorised> {
        let query = fields::query(request).map_err(|_| Unauthorised)?;
        let Claim { signature, timestamp, nonce } = claimed(&query, now)?;
        let encrypt = cipher_text(&query, request.body).ok_or(Unauthorised)?;
        self.envelope.as_ref().ok_or(Unauthorised)?.open(signature, timestamp, nonce, &encrypt)
    }

    /// What is signed and encrypted stands inside an envelope that is neither, so that much is read before.
    fn cipher_text(&self, body: &[u8]) -> Option<String> {
        #[derive(Deserialize)]
        struct Encrypted {
            encrypt: String,
        }
        match self.kind {
            WeComKind::Application => xml::children(body).ok()?.remove("Encrypt"),
            WeComKind::SmartRobot => fields::json::<Encrypted>(body).ok().map(|body| body.encrypt),
        }
    }

    fn sealed(&self, message: &str, now: Timestamp) -> HttpAnswer {
        let Some(envelope) = &self.envelope else { return HttpAnswer::empty() };
        let (timestamp, nonce) = (seconds(now), base16ct::lower::encode_string(&random()[..8]));
        let sealed = envelope.seal(message, &timestamp, &nonce, random());
        match self.kind {
            WeComKind::Application => HttpAnswer::xml(xml::document(&[
                ("Encrypt", &sealed.encrypt),
                ("MsgSignature", &sealed.signature),
                ("TimeStamp", &timestamp),
                ("Nonce", &nonce),
            ])),
            WeComKind::SmartRobot => HttpAnswer::json(&json!({
                "encrypt": sealed.encrypt,
                "msgsignature": sealed.signature,
                "timestamp": now.as_second(),
                "nonce": nonce,
            })),
        }
    }
}

/// How a request says it was signed, and when.
fn claimed(query: &BTreeMap<String, String>, now: Timestamp) -> Result<Claim<'_>, Unauthorised> {
    let of = |name: &str| query.get(name).ok_or(Unauthorised);
    let (signature, timestamp, nonce) = (of("msg_signature")?, of("timestamp")?, of("nonce")?);
    near(moment(timestamp)?, now, WINDOW)?;
    Claim::new(signature, timestamp, nonce)
}

/// What an address is checked with: a number (documented by example; letters do no harm). A message of this chat is XML
/// or JSON, and its cipher text must not be read out by this door to whoever has captured it.
fn echoed(plain: &[u8]) -> Result<&str, Unauthorised> {
    let is_one = (1..=64).contains(&plain.len()) && plain.iter().all(u8::is_ascii_alphanumeric);
    std::str::from_utf8(plain).ok().filter(|_| is_one).ok_or(Unauthorised)
}

/// The one text that answers an application's callback (page 96469).
fn passive_answer(user: &str, corp: &str, timestamp: &str, card: &Card) -> String {
    xml::document(&[
        ("ToUserName", user),
        ("FromUserName", corp),
        ("CreateTime", timestamp),
        ("MsgType", "text"),
        ("Content", &wecom::text(card)),
    ])
}
