//! Slack: slash commands and buttons, signed with HMAC-SHA256 over the version, the time and the body.
//!
//! Source: Slack's pages on verifying requests, slash commands and `block_actions` (documented). The signature and its
//! window of 300 s to both sides are its own SDK's for Python.

mod parse;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::reply::{Accepted, Outgoing};
use super::verify::{Authentic, WINDOW, filled, header, moment, near, signed};
use super::{
    Answer, ChatError, ChatInbound, HttpAnswer, InvalidSetting, RawRequest, Reply, ReplyUrl, Unauthorised, fields,
};
use crate::card::{self, Audience, Card};
use crate::ingress::BODY_LIMIT;
use crate::request::rejection::{Rejection, RejectionReason};

/// `[doors.slack]`.
#[derive(Debug, Clone)]
pub struct SlackDoor {
    signing_secrets: Vec<SecretString>,
}

impl SlackDoor {
    /// Any of the secrets may have signed; none of them verifies nothing.
    pub fn new(signing_secrets: Vec<SecretString>) -> Result<Self, InvalidSetting> {
        filled("signing_secrets", &signing_secrets)?;
        Ok(Self { signing_secrets })
    }

    /// One that answers and hears nothing.
    pub fn answering() -> Self {
        Self { signing_secrets: Vec::new() }
    }

    #[cfg(feature = "dev")]
    pub(super) fn rehearsal_secrets(&self) -> super::DoorSecrets {
        super::DoorSecrets { secret: self.signing_secrets.first().cloned(), ..super::DoorSecrets::default() }
    }

    pub(super) fn may_read(request: &RawRequest, now: Timestamp) -> Result<usize, Unauthorised> {
        claimed(request, now).map(|_| BODY_LIMIT)
    }

    pub fn hear(&self, request: &RawRequest, now: Timestamp) -> Result<ChatInbound, ChatError> {
        let (body, signed_at) = self.verify(request, now)?;
        let inbound = match fields::media_type(request).as_str() {
            "application/x-www-form-urlencoded" => parse::form(&body),
            "application/json" => parse::event(&body),
            _ => Err(Rejection::new("content-type", RejectionReason::NeitherFormNorJson)),
        };
        let mut inbound = inbound.map_err(ChatError::Unreadable)?;
        if let ChatInbound::ChatMessage(message) = &mut inbound {
            message.said_at = Some(signed_at);
        }
        Ok(inbound)
    }

    pub fn answer(&self, reply: &Reply, card: &Card) -> Answer {
        match reply {
            // What a button led to. The card that had the button stays: it says what was planned.
            Reply::SlackUrl(url) => Answer::sent(Self::late(url, false, card), HttpAnswer::empty()),
            _ => Answer::in_response(HttpAnswer::json(&message(card))),
        }
    }

    /// A message to the address of a command or a button; in place of the button's own message, if so said.
    pub(super) fn late(url: &ReplyUrl, replaces: bool, card: &Card) -> Outgoing {
        let mut message = message(card);
        message["replace_original"] = replaces.into();
        Outgoing::to(url, &message, Accepted::Ok)
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, now: Timestamp) -> Result<(Authentic<'a>, Timestamp), Unauthorised> {
        let (sent, signature) = claimed(request, now)?;
        let signed_at = moment(sent)?;
        let keys = self.signing_secrets.iter().map(|secret| secret.expose_secret().as_bytes());
        signed(keys, &[b"v0:", sent.as_bytes(), b":", request.body], &signature)?;
        Ok((Authentic::vouched(request.body), signed_at))
    }
}

/// When a request says it was sent, and by what signature.
fn claimed<'a>(request: &RawRequest<'a>, now: Timestamp) -> Result<(&'a str, Vec<u8>), Unauthorised> {
    let sent = header(request, "x-slack-request-timestamp")?;
    let signature = header(request, "x-slack-signature")?.strip_prefix("v0=").ok_or(Unauthorised)?;
    let signature = base16ct::lower::decode_vec(signature).map_err(|_| Unauthorised)?;
    near(moment(sent)?, now, WINDOW)?;
    Ok((sent, signature))
}

fn message(card: &Card) -> Value {
    let mut message = card::slack::message(card);
    message["response_type"] = match card.audience {
        Audience::Asker => "ephemeral",
        Audience::Everyone => "in_channel",
    }
    .into();
    message
}
