//! From a decrypted callback of `WeCom`'s to what was said.

use jiff::Timestamp;
use serde::Deserialize;

use crate::ingress::chat::verify::{Authentic, WINDOW, moment, near};
use crate::ingress::chat::{ChatInbound, ChatMessage, ChatName, HttpAnswer, Reply, ReplyUrl, Unauthorised, fields};
use crate::request::rejection::{Rejection, RejectionReason};

use super::xml;

/// The callback's own time is inside what is encrypted, and checked like the one outside: the signature joins time and
/// nonce without a separator, in sorted order, so that the two could change places.
pub(super) fn application(body: &Authentic, now: Timestamp) -> Result<Result<ChatInbound, Rejection>, Unauthorised> {
    let fields = match xml::children(body.as_bytes()) {
        Ok(fields) => fields,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let field = |name: &str| fields.get(name).map(String::as_str);
    let said_at = moment(field("CreateTime").ok_or(Unauthorised)?)?;
    near(said_at, now, WINDOW)?;
    if field("MsgType") != Some("text") {
        return Ok(Ok(nothing("a message that is no text")));
    }
    Ok(message(&field, said_at).map(|message| ChatInbound::ChatMessage(Box::new(message))))
}

fn message<'f>(field: &impl Fn(&'static str) -> Option<&'f str>, said_at: Timestamp) -> Result<ChatMessage, Rejection> {
    let id = |name| fields::id(name, field(name));
    let (corp, user) = (id("ToUserName")?, id("FromUserName")?);
    Ok(ChatMessage {
        chat: ChatName::WeCom,
        tenant: corp.clone(),
        // Whoever writes to an application writes to it alone: the application is the place.
        channel: id("AgentID")?,
        user: user.clone(),
        shown: None,
        text: field("Content").ok_or(Rejection::missing("Content"))?.trim().to_owned(),
        delivery_id: id("MsgId")?,
        said_at: Some(said_at),
        body_is_trusted: true,
        reply: Reply::WeComApplication { user, corp },
    })
}

/// A smart robot's callback (documented). The corporation's id is there only for people of another one, and the robot
/// belongs to one: its own id stands in.
#[derive(Deserialize)]
struct Callback {
    msgid: Option<String>,
    aibotid: Option<String>,
    chatid: Option<String>,
    chattype: Option<String>,
    from: Option<Sender>,
    response_url: Option<String>,
    msgtype: Option<String>,
    text: Option<Text>,
    event: Option<Event>,
}

#[derive(Deserialize)]
struct Sender {
    corpid: Option<String>,
    userid: Option<String>,
}

#[derive(Deserialize)]
struct Text {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Event {
    template_card_event: Option<Pressed>,
}

#[derive(Deserialize)]
struct Pressed {
    event_key: Option<String>,
    task_id: Option<String>,
}

pub(super) fn robot(body: &Authentic) -> Result<ChatInbound, Rejection> {
    let callback: Callback = fields::json(body.as_bytes())?;
    let url = callback.response_url.as_deref().filter(|url| !url.is_empty());
    let foreign = RejectionReason::ForeignAddress { vendor: "WeCom" };
    let url = url.map(|url| ReplyUrl::wecom(url).ok_or(Rejection::new("response_url", foreign)));
    let url = url.transpose()?;
    let pressed = callback.event.as_ref().and_then(|event| event.template_card_event.as_ref());
    let (text, reply) = match (callback.msgtype.as_deref(), pressed) {
        (Some("text"), _) => {
            let text = callback.text.as_ref().and_then(|text| text.content.as_deref());
            let text = without_mention(text.ok_or(Rejection::missing("text.content"))?);
            (text.to_owned(), Reply::WeComRobot { url })
        }
        (Some("event"), Some(pressed)) => {
            let text = fields::confirmation("event_key", pressed.event_key.as_deref())?;
            let task_id = pressed.task_id.clone().filter(|id| is_task_id(id));
            (text, Reply::WeComUrl { url: url.ok_or(Rejection::missing("response_url"))?, task_id })
        }
        _ => return Ok(nothing("a callback that is neither a text nor a button")),
    };
    let from = callback.from.as_ref();
    let corp = from.and_then(|from| from.corpid.as_deref()).filter(|corp| !corp.is_empty());
    let channel = match callback.chattype.as_deref() {
        Some("single") => "single".to_owned(),
        _ => fields::id("chatid", callback.chatid.as_deref())?,
    };
    Ok(ChatInbound::ChatMessage(Box::new(ChatMessage {
        chat: ChatName::WeCom,
        tenant: fields::id("aibotid", corp.or(callback.aibotid.as_deref()))?,
        channel,
        user: fields::id("from.userid", from.and_then(|from| from.userid.as_deref()))?,
        shown: None,
        text,
        delivery_id: fields::id("msgid", callback.msgid.as_deref())?,
        said_at: None,
        body_is_trusted: true,
        reply,
    })))
}

/// What an id of a card is made of (page 101032).
fn is_task_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-@".contains(&b))
}

/// In a group the text begins with the robot's name.
fn without_mention(text: &str) -> &str {
    let text = text.trim();
    match text.strip_prefix('@') {
        Some(mention) => mention.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim()),
        None => text,
    }
}

fn nothing(reason: &'static str) -> ChatInbound {
    ChatInbound::Nothing { reason, response: HttpAnswer::empty() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_robots_name_is_not_part_of_the_words() {
        assert_eq!(without_mention("@RobotA plan rm-1 "), "plan rm-1");
        assert_eq!(without_mention("plan @x"), "plan @x");
        assert_eq!(without_mention("@RobotA"), "");
    }

    #[test]
    fn the_id_of_a_card_is_as_the_chat_allows() {
        assert!(is_task_id("fBmjTL7ErRCQSNA6GZKMlcFiWX1shOvg") && is_task_id(&"_-@".repeat(42)));
        for unfit in ["", "a b", "a/b", "张", &"a".repeat(129)] {
            assert!(!is_task_id(unfit), "{unfit}");
        }
    }
}
