//! From a verified body of Slack's to what was said.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::card::slack::CONFIRM;
use crate::ingress::chat::verify::Authentic;
use crate::ingress::chat::{ChatInbound, ChatMessage, ChatName, HttpAnswer, Reply, ReplyUrl, fields};
use crate::request::rejection::{Rejection, RejectionReason};

/// A slash command, a pressed button, or the question whether our certificate is good.
pub(super) fn form(body: &Authentic) -> Result<ChatInbound, Rejection> {
    let form = fields::form(body.as_bytes())?;
    if form.get("ssl_check").is_some_and(|value| value == "1") {
        return Ok(ChatInbound::Handshake(HttpAnswer::empty()));
    }
    match form.get("payload") {
        Some(payload) => interaction(payload),
        None => command(&form).map(|message| ChatInbound::ChatMessage(Box::new(message))),
    }
}

fn command(form: &BTreeMap<String, String>) -> Result<ChatMessage, Rejection> {
    let field = |name: &str| form.get(name).map(String::as_str);
    let url = field("response_url").filter(|url| !url.is_empty());
    let url = url.map(|url| ReplyUrl::slack(url).ok_or(not_slacks())).transpose()?;
    Ok(ChatMessage {
        chat: ChatName::Slack,
        tenant: fields::id("team_id", field("team_id"))?,
        channel: fields::id("channel_id", field("channel_id"))?,
        user: fields::id("user_id", field("user_id"))?,
        shown: fields::shown(field("user_name")),
        text: without_mentions(fields::sayable(field("text").unwrap_or_default())),
        delivery_id: fields::id("trigger_id", field("trigger_id"))?,
        said_at: None,
        body_is_trusted: true,
        reply: Reply::SlackResponse { url },
    })
}

fn not_slacks() -> Rejection {
    Rejection::new("response_url", RejectionReason::ForeignAddress { vendor: "Slack" })
}

/// `<@U…>` and `<@U…|name>`.
fn without_mentions(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, mention)) = rest.split_once("<@") {
        kept.push_str(before);
        if let Some((_, after)) = mention.split_once('>') {
            rest = after;
        } else {
            kept.push_str("<@");
            rest = mention;
        }
        kept.push(' ');
    }
    (kept + rest).trim().to_owned()
}

#[derive(Deserialize)]
struct Interaction {
    #[serde(rename = "type")]
    kind: String,
    trigger_id: Option<String>,
    response_url: Option<String>,
    team: Option<Id>,
    channel: Option<Id>,
    user: Option<User>,
    #[serde(default)]
    actions: Vec<Action>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: Option<String>,
    /// Where the person belongs, who may be a guest of a shared channel.
    team_id: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    action_id: Option<String>,
    value: Option<String>,
}

fn interaction(payload: &str) -> Result<ChatInbound, Rejection> {
    let pressed: Interaction = fields::json(payload.as_bytes())?;
    let confirm = pressed.actions.first().filter(|action| action.action_id.as_deref() == Some(CONFIRM));
    let (Some(action), "block_actions", 1) = (confirm, pressed.kind.as_str(), pressed.actions.len()) else {
        // A button that opens a link is reported too.
        return Ok(ChatInbound::Nothing {
            reason: "an interaction that is no button of ours",
            response: HttpAnswer::empty(),
        });
    };
    let of = |field, id: &Option<Id>| fields::id(field, id.as_ref().map(|id| id.id.as_str()));
    let user = pressed.user.as_ref();
    let url = pressed.response_url.as_deref().ok_or(Rejection::missing("response_url"))?;
    let tenant = of("team", &pressed.team)?;
    if user.and_then(|user| user.team_id.as_deref()).is_some_and(|home| home != tenant) {
        return Err(Rejection::new("user.team_id", RejectionReason::OtherWorkspace));
    }
    Ok(ChatInbound::ChatMessage(Box::new(ChatMessage {
        chat: ChatName::Slack,
        tenant,
        channel: of("channel", &pressed.channel)?,
        user: fields::id("user", user.map(|user| user.id.as_str()))?,
        shown: fields::shown(user.and_then(|user| user.username.as_deref())),
        text: fields::confirmation("value", action.value.as_deref())?,
        delivery_id: fields::id("trigger_id", pressed.trigger_id.as_deref())?,
        said_at: None,
        body_is_trusted: true,
        reply: Reply::SlackUrl(ReplyUrl::slack(url).ok_or(not_slacks())?),
    })))
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    challenge: Option<String>,
}

/// The Events API: only its question whether we are there.
pub(super) fn event(body: &Authentic) -> Result<ChatInbound, Rejection> {
    let event: Event = fields::json(body.as_bytes())?;
    if event.kind != "url_verification" {
        return Ok(ChatInbound::Nothing {
            reason: "an event: commands come as slash commands",
            response: HttpAnswer::empty(),
        });
    }
    let challenge = event.challenge.ok_or(Rejection::missing("challenge"))?;
    Ok(ChatInbound::Handshake(HttpAnswer::json(&json!({"challenge": challenge}))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_not_part_of_the_words() {
        assert_eq!(without_mentions("<@U1|bot> plan rm-1 <@U2>"), "plan rm-1");
        assert_eq!(without_mentions("a <@U1"), "a <@ U1");
    }
}
