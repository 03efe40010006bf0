//! The event door: what the platform delivers to us. One look at the envelope that the body declares decides which
//! reader gets it; each reader makes one attempt and names the field that stopped it.
//!
//! The way inwards is bounded: a delivery may be a dead letter in a message, of a delivery that was a message itself, and
//! that is as deep as it goes (see [`nesting`]).

mod action_trail;
mod attributes;
mod cloud_event;
mod config;
mod dead_letter;
pub(super) mod direct;
mod field;
pub(super) mod json;
mod json_or_base64;
mod nesting;
mod smq;
mod timer;

use std::collections::BTreeSet;
use std::fmt::Display;

use serde_json::{Map, Value};

use super::{DeliveryDefaults, Intake, Verified};
use crate::request::ignored::{Ignored, IgnoredReason};
use crate::request::pattern::Pattern;
use crate::request::rejection::{Rejection, RejectionReason};

pub(super) use nesting::Nesting;

/// The most that one delivery may hold: more would not be done inside its time.
const MAX_ITEMS: usize = 500;

/// `[doors.event]`.
#[derive(Debug, Clone)]
pub struct EventDoor {
    /// The API calls that create an instance.
    pub creating_calls: BTreeSet<String>,
    /// The names of the Cloud Config rules whose complaints are followed; absent is any rule's.
    pub config_rules: Option<Vec<Pattern>>,
}

impl Default for EventDoor {
    fn default() -> Self {
        let calls = ["CreateDBInstance", "CloneDBInstance", "CreateDdrInstance", "RecreateDBInstance"];
        Self { creating_calls: calls.map(str::to_owned).into(), config_rules: None }
    }
}

/// Reads one delivery: an envelope, or an array of them in which each stands for itself.
pub fn read(body: &Verified, door: &EventDoor, defaults: &DeliveryDefaults) -> Intake {
    let body = body.as_bytes();
    gathered(|intake| {
        if body.trim_ascii().is_empty() {
            return Err(Rejection::new("body", RejectionReason::EmptyBody));
        }
        read_all(json_or_base64::read(body)?, Nesting::outside(body, door, defaults), intake)
    })
}

/// Reads an item, or an array of items in which each stands for itself, by a reader of another door.
pub(in crate::ingress) fn each(
    json: Value,
    nesting: Nesting<'_>,
    read: impl Fn(Value, Nesting<'_>, &mut Intake) -> Result<(), Rejection>,
) -> Intake {
    gathered(|intake| each_into(json, nesting, &read, intake))
}

/// What a reader makes of one delivery. What is ignored and what cannot be read count too: each has a line in the log and a
/// place in the answer.
fn gathered(read: impl FnOnce(&mut Intake) -> Result<(), Rejection>) -> Intake {
    let mut intake = Intake::default();
    if let Err(rejection) = read(&mut intake) {
        intake.rejected.push(rejection);
    }
    let named = intake.requests.len() + intake.ignored.len() + intake.rejected.len();
    if named > MAX_ITEMS {
        let reason = RejectionReason::TooManyInstances { count: named, limit: MAX_ITEMS };
        return Intake { rejected: vec![Rejection::new("body", reason)], ..Intake::default() };
    }
    intake
}

/// Reads what an envelope or a dead letter carries: a text, or JSON where somebody has unfolded it.
fn read_carried(event: &Value, path: &'static str, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    let carried = match field::at(event, path) {
        Some(Value::String(text)) if text.trim().is_empty() => {
            return Err(Rejection::new(path, RejectionReason::EmptyText));
        }
        Some(Value::String(text)) => {
            json_or_base64::read(text.as_bytes()).map_err(|rejection| rejection.within(path))?
        }
        Some(json @ (Value::Object(_) | Value::Array(_))) => json.clone(),
        Some(_) => return Err(Rejection::new(path, RejectionReason::NotAString)),
        None => return Err(Rejection::missing(path)),
    };
    inside(path, intake, |intake| read_all(carried, nesting, intake));
    Ok(())
}

/// Reads one event, or an array of them in which each stands for itself, be it JSON or a string of JSON.
fn read_all(json: Value, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    if json.is_string() {
        return read_one(json, nesting, intake);
    }
    let read = |item: Value, nesting: Nesting<'_>, intake: &mut Intake| match item {
        Value::String(text) => read_one(json::read(text.as_bytes())?, nesting, intake),
        item => read_one(item, nesting, intake),
    };
    each_into(json, nesting, &read, intake)
}

fn each_into(
    json: Value,
    nesting: Nesting<'_>,
    read: &impl Fn(Value, Nesting<'_>, &mut Intake) -> Result<(), Rejection>,
    intake: &mut Intake,
) -> Result<(), Rejection> {
    match json {
        Value::Array(items) if items.is_empty() => Err(Rejection::new("body", RejectionReason::EmptyArray)),
        Value::Array(items) if items.len() > MAX_ITEMS => {
            let reason = RejectionReason::TooManyItems { count: items.len(), limit: MAX_ITEMS };
            Err(Rejection::new("body", reason))
        }
        Value::Array(items) => {
            for (index, item) in items.into_iter().enumerate() {
                inside(format_args!("[{index}]"), intake, |intake| read(item, nesting.in_array(), intake));
            }
            Ok(())
        }
        item => read(item, nesting, intake),
    }
}

/// Reads what lies at a place inside something else. What is wrong there is named from outside, and stops nothing else.
fn inside(nesting: impl Display, intake: &mut Intake, read: impl FnOnce(&mut Intake) -> Result<(), Rejection>) {
    let before = intake.rejected.len();
    if let Err(rejection) = read(intake) {
        intake.rejected.push(rejection);
    }
    let own = intake.rejected.drain(before..).map(|rejection| rejection.within(&nesting)).collect::<Vec<_>>();
    intake.rejected.extend(own);
}

type Reader = fn(&Value, Nesting<'_>, &mut Intake) -> Result<(), Rejection>;

/// What each envelope declares of itself, and who reads it. The first that has all its fields is meant; an object that
/// has none of these is a direct request.
const SHAPES: [(&[&str], Reader); 9] = [
    (&["specversion"], cloud_event::read),
    (&["TopicName", "Message"], smq::read_topic),
    (&["body", "attrs"], smq::read_stream),
    (&["requestContext", "requestPayload"], dead_letter::read),
    (&["triggerName", "triggerTime"], timer::read),
    (&["evaluationResultIdentifier"], config::read_bare),
    (&["dataType"], config::read_bare),
    (&["resourceType", "resourceId"], config::read_resource),
    (&["eventName", "serviceName"], action_trail::read_bare),
];

/// What is known and taken by no reader, by the fields it declares, and the reason, which is told of the first of them.
const REFUSED: [(&[&str], RejectionReason); 6] = [
    (&["invokingEvent", "resultToken"], RejectionReason::RuleInput),
    (&["source", "cursorTime"], RejectionReason::LogCursors),
    (&["httpMethod", "isBase64Encoded"], RejectionReason::GatewayRequest),
    (&["rawPath", "requestContext"], RejectionReason::GatewayRequest),
    (&["Records"], RejectionReason::AwsEvent),
    (&["detail-type"], RejectionReason::AwsEvent),
];

/// Reads one event in whatever it comes.
pub(in crate::ingress) fn read_one(item: Value, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    let Value::Object(object) = item else {
        return Err(Rejection::new("body", RejectionReason::NotAnEvent));
    };
    if is_task(&object) {
        return Err(if nesting.is_payload() { a_dead_task() } else { a_task("schema") });
    }
    if object.get("data").is_some_and(holds_task) {
        return Err(a_task("data.schema"));
    }
    let declares = |fields: &[&str]| fields.iter().all(|field| object.contains_key(*field));
    if let Some((_, read)) = SHAPES.iter().find(|(fields, _)| declares(fields)) {
        return read(&object.into(), nesting, intake);
    }
    if let Some((fields, reason)) = REFUSED.iter().find(|(fields, _)| declares(fields)) {
        return Err(Rejection::new(fields[0], reason.clone()));
    }
    intake.requests.push(direct::read(object, nesting)?);
    Ok(())
}

/// What every version of a task of the relay says of itself.
const TASK: &str = "rds-seal.task/";

/// A task that came inside something else, or in another shape than this program writes.
fn is_task(object: &Map<String, Value>) -> bool {
    object.get("schema").and_then(Value::as_str).is_some_and(|schema| schema.starts_with(TASK))
}

/// The same, of what may be a string of JSON.
fn holds_task(value: &Value) -> bool {
    match value {
        Value::Object(object) => is_task(object),
        Value::String(text) if text.contains(TASK) => {
            json::read(text.as_bytes()).is_ok_and(|json| json.as_object().is_some_and(is_task))
        }
        _ => false,
    }
}

fn a_dead_task() -> Rejection {
    Rejection::new("schema", RejectionReason::TaskInDeadLetter)
}

fn a_task(field: &'static str) -> Rejection {
    Rejection::new(field, RejectionReason::NestedTask)
}

fn ignore(intake: &mut Intake, event_id: &str, reason: IgnoredReason) {
    intake.ignored.push(Ignored::new(event_id, reason));
}
