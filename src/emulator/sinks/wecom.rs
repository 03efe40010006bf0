//! `WeCom`: the robot of a group, and the address through which a message is answered. Both refuse with a 200.

use serde_json::json;

use super::{Message, Reply};

/// The kinds of message, and where those whose length is limited have their text, with the most bytes of it
/// (*documented*).
const KINDS: [(&str, Option<(&str, usize)>); 8] = [
    ("text", Some(("content", 2048))),
    ("markdown", Some(("content", 4096))),
    ("markdown_v2", Some(("content", 4096))),
    ("image", None),
    ("news", None),
    ("file", None),
    ("voice", None),
    ("template_card", None),
];

/// Codes are *read in code* of many senders, as is the wording of a length; the rest of the words and the order are
/// *inferred*.
pub(super) fn robot(message: &Message) -> Result<Reply, Reply> {
    if message.parameter("key").is_none() {
        return Err(refused(93000, "invalid webhook url"));
    }
    let kind = message.text("/msgtype").unwrap_or_default();
    let known = KINDS.iter().find(|(name, _)| *name == kind);
    let (_, limit) = known.ok_or_else(|| refused(40008, "invalid message type"))?;
    let content = &message.body[kind];
    if !content.is_object() {
        return Err(refused(40058, &format!("{kind} missing. invalid Request Parameter")));
    }
    let Some((place, most)) = limit else { return Ok(taken()) };
    match content[*place].as_str() {
        None | Some("") => Err(refused(40058, &format!("{kind}.{place} missing. invalid Request Parameter"))),
        Some(text) if text.len() > *most => {
            Err(refused(40058, &format!("{kind}.{place} exceed max length {most}. invalid Request Parameter")))
        }
        Some(_) => Ok(taken()),
    }
}

/// An answer to a message. Only its form is looked at.
pub(super) fn reply(message: &Message) -> Result<Reply, Reply> {
    match message.text("/msgtype") {
        Some(_) => Ok(Reply::ok(&json!({ "errcode": 0 }))),
        None => Err(refused(40035, "no msgtype")),
    }
}

fn taken() -> Reply {
    Reply::ok(&json!({ "errcode": 0, "errmsg": "ok" }))
}

fn refused(code: i32, why: &str) -> Reply {
    Reply::ok(&json!({ "errcode": code, "errmsg": why }))
}
