//! Messages of SMQ (formerly MNS), the platform's queue and topic service.
//!
//! Sources: the forms of a topic's message (JSON, STREAM) and of a queue's are documented on the page of trigger events.

use serde_json::Value;

use crate::ingress::Intake;
use crate::request::rejection::Rejection;

use super::field::{at, moment, text};
use super::nesting::Nesting;
use super::read_carried;

/// The end of the `type` of a queue's messages.
pub(super) const QUEUE: &str = ":Queue:SendMessage";

/// A topic's message in its JSON form. Attributes of the message are further fields of the object.
pub(super) fn read_topic(event: &Value, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    let inside = nesting.in_envelope("TopicName")?.in_message(text(event, "MessageId")?, moment(event, "PublishTime"));
    read_carried(event, "Message", inside, intake)
}

/// A topic's message in its STREAM form, where it has attributes; without them the body is the message itself.
pub(super) fn read_stream(event: &Value, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    read_carried(event, "body", nesting.in_envelope("attrs")?.in_message(None, None), intake)
}

/// A queue's message, in `CloudEvents` that have been opened.
pub(super) fn read_queue(event: &Value, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    let id = text(event, "data.messageId")?.or_else(|| at(event, "id")?.as_str());
    read_carried(event, "data.messageBody", nesting.in_message(id, moment(event, "time")), intake)
}
