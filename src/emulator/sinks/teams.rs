//! Teams: a workflow that posts a card. It says yes before it looks: what it cannot show is lost (*read in code* and in
//! reports of senders).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Message, Reply, Verdict};

const ADAPTIVE: &str = "application/vnd.microsoft.card.adaptive";

/// *Documented*, as "28 KB".
const MOST_BYTES: usize = 28 * 1024;

/// Teams itself also says yes to a message without a card, and shows nothing (*documented*). Here that is refused: no
/// report is meant that way. So is an address without its `sig`, of which status and words are *inferred*.
pub(super) fn workflow(message: &Message) -> Verdict {
    if message.parameter("sig").is_none() {
        return refused("DirectApiAuthorizationRequired", "The address has no `sig`.");
    }
    let Some(card) = card(&message.body) else {
        return refused("InvalidRequestContent", "There is no message with an adaptive card.");
    };
    let accepted = Reply::empty(StatusCode::ACCEPTED);
    if message.bytes.len() > MOST_BYTES {
        Verdict::Dropped(accepted, "Request Entity Too Large: the message has more than 28 KB")
    } else if card["type"] != "AdaptiveCard" {
        Verdict::Dropped(accepted, "InvalidBotAdaptiveCard: Property 'type' must be 'AdaptiveCard'")
    } else if !card["version"].as_str().is_some_and(is_known) {
        Verdict::Dropped(accepted, "InvalidBotAdaptiveCard: the version of the card is none up to 1.4")
    } else {
        Verdict::Kept(accepted)
    }
}

/// The content of the first adaptive card.
fn card(body: &Value) -> Option<&Value> {
    let attachments = body["attachments"].as_array().filter(|_| body["type"] == "message")?;
    let card = attachments.iter().find(|attachment| attachment["contentType"] == ADAPTIVE)?;
    card.get("content").filter(|content| content.is_object())
}

/// Higher versions were refused (*read in reports of senders*).
fn is_known(version: &str) -> bool {
    ["1.0", "1.1", "1.2", "1.3", "1.4"].contains(&version)
}

fn refused(code: &str, why: &str) -> Verdict {
    let body = json!({ "error": { "code": code, "message": why } });
    Verdict::Refused(Reply::json(StatusCode::BAD_REQUEST, &body))
}
