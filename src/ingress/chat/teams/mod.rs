//! Teams: an outgoing webhook, signed with HMAC-SHA256 over the body. Its signature says no time, so the activity's own,
//! which is in the signed body, must be near ours.
//!
//! Source: Microsoft's page on outgoing webhooks (documented: the header, the key in base64, five seconds, the answer in
//! the response, links as the only actions).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;

use super::verify::{Authentic, WINDOW, filled, header, near, signed};
use super::{
    Answer, ChatError, ChatInbound, ChatMessage, ChatName, HttpAnswer, InvalidSetting, RawRequest, Reply, Unauthorised,
    fields,
};
use crate::card::{Card, teams};
use crate::ingress::BODY_LIMIT;
use crate::request::rejection::Rejection;

/// How long a signature is, in bytes.
const TAG: usize = 32;

/// `[doors.teams]`.
#[derive(Debug, Clone)]
pub struct TeamsDoor {
    keys: Vec<SecretSlice<u8>>,
}

impl TeamsDoor {
    /// Any of the tokens may have signed; none of them verifies nothing.
    pub fn new(security_tokens: &[SecretString]) -> Result<Self, InvalidSetting> {
        const FIELD: &str = "security_tokens";
        filled(FIELD, security_tokens)?;
        let unfit = InvalidSetting {
            field: FIELD,
            reason: "must be the base64 that Teams showed when the webhook was created",
        };
        let key = |token: &SecretString| {
            BASE64_STANDARD.decode(token.expose_secret()).ok().filter(|key| key.len() >= 16).map(Into::into)
        };
        let keys = security_tokens.iter().map(key).collect::<Option<_>>().ok_or(unfit)?;
        Ok(Self { keys })
    }

    /// One that hears nothing. There is no late answer in this chat.
    pub fn answering() -> Self {
        Self { keys: Vec::new() }
    }

    #[cfg(feature = "dev")]
    pub(super) fn rehearsal_secrets(&self) -> super::DoorSecrets {
        let secret = self.keys.first().map(|key| BASE64_STANDARD.encode(key.expose_secret()).into());
        super::DoorSecrets { secret, ..super::DoorSecrets::default() }
    }

    pub(super) fn may_read(request: &RawRequest) -> Result<usize, Unauthorised> {
        claimed(request).map(|_| BODY_LIMIT)
    }

    pub fn hear(&self, request: &RawRequest, now: Timestamp) -> Result<ChatInbound, ChatError> {
        let body = self.verify(request)?;
        let activity: Activity = fields::json(body.as_bytes()).map_err(ChatError::Unreadable)?;
        let said_at = activity.timestamp.as_deref().and_then(|time| time.parse().ok()).ok_or(Unauthorised)?;
        near(said_at, now, WINDOW)?;
        read(&activity, said_at).map_err(ChatError::Unreadable)
    }

    pub fn answer(&self, card: &Card) -> Answer {
        Answer::in_response(HttpAnswer::json(&teams::message(card)))
    }

    fn verify<'a>(&self, request: &RawRequest<'a>) -> Result<Authentic<'a>, Unauthorised> {
        let signature = claimed(request)?;
        signed(self.keys.iter().map(ExposeSecret::expose_secret), &[request.body], &signature)?;
        Ok(Authentic::vouched(request.body))
    }
}

/// By what signature a request says it was sent.
fn claimed(request: &RawRequest) -> Result<Vec<u8>, Unauthorised> {
    let signature = header(request, "authorization")?.strip_prefix("HMAC ").ok_or(Unauthorised)?;
    BASE64_STANDARD.decode(signature).ok().filter(|signature| signature.len() == TAG).ok_or(Unauthorised)
}

fn read(activity: &Activity, said_at: Timestamp) -> Result<ChatInbound, Rejection> {
    if activity.kind.as_deref() != Some("message") {
        return Ok(ChatInbound::Nothing { reason: "an activity that is no message", response: HttpAnswer::empty() });
    }
    let data = activity.channel_data.as_ref();
    let tenant = data.and_then(|data| data.tenant.as_ref()).and_then(|tenant| tenant.id.as_deref());
    let channel = data.and_then(|data| data.channel.as_ref()).and_then(|channel| channel.id.as_deref());
    // A reply in a thread names the thread behind a semicolon.
    let conversation = activity.conversation.as_ref().and_then(|conversation| conversation.id.as_deref());
    let conversation = conversation.and_then(|id| id.split(';').next());
    let from = activity.from.as_ref();
    Ok(ChatInbound::ChatMessage(Box::new(ChatMessage {
        chat: ChatName::Teams,
        tenant: fields::id("channelData.tenant.id", tenant)?,
        channel: fields::id("channelData.channel.id", channel.or(conversation))?,
        user: fields::id("from.aadObjectId", from.and_then(|from| from.aad_object_id.as_deref()))?,
        shown: fields::shown(from.and_then(|from| from.name.as_deref())),
        text: words_of(activity.text.as_deref().ok_or(Rejection::missing("text"))?),
        delivery_id: fields::id("id", activity.id.as_deref())?,
        said_at: Some(said_at),
        body_is_trusted: true,
        reply: Reply::Teams,
    })))
}

/// The words of a text that is HTML: `<at>…</at>` and other marks out, entities read once.
fn words_of(html: &str) -> String {
    let (mut words, mut rest) = (String::with_capacity(html.len()), html);
    while let Some((before, mark)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        rest = mark.split_once('>').map_or("", |(_, after)| after);
        if mark.starts_with("at>") || mark.starts_with("at ") {
            rest = rest.split_once("</at>").map_or("", |(_, after)| after);
        }
    }
    words.push_str(rest);
    let entities = [("&nbsp;", " "), ("&#160;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    let words = entities.iter().fold(words, |words, (entity, character)| words.replace(entity, character));
    words.trim().to_owned()
}

/// A Bot Framework activity (documented).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Activity {
    #[serde(rename = "type")]
    kind: Option<String>,
    id: Option<String>,
    timestamp: Option<String>,
    text: Option<String>,
    from: Option<Sender>,
    conversation: Option<Named>,
    channel_data: Option<ChannelData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sender {
    name: Option<String>,
    aad_object_id: Option<String>,
}

#[derive(Deserialize)]
struct ChannelData {
    tenant: Option<Named>,
    channel: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_text_are_without_mentions_and_marks() {
        assert_eq!(words_of("<at>rds-seal</at>&nbsp;plan rm-1\n"), "plan rm-1");
        assert_eq!(words_of("<p><at id=\"0\">rds</at> a &amp;lt; b</p>"), "a &lt; b");
        for odd in ["<", "<at>", "a<at", "<at>x</at"] {
            let _ = words_of(odd);
        }
    }
}
