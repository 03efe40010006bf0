//! The event door: what the platform delivers to us. One look at the envelope that the body declares decides which
//! reader gets it; each reader makes one attempt and names the field that stopped it.

mod action_trail;
mod cloud_event;
pub(super) mod direct;
mod field;
pub(super) mod json;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Envelope, Ignored, Intake, Rejection, Verified};
use crate::request::ids::printable;

/// The most that one delivery may hold: more would not be done inside its time.
const MOST: usize = 500;

/// `[doors.event]`.
#[derive(Debug, Clone)]
pub struct EventDoor {
    /// The API calls that create an instance.
    pub creating_calls: BTreeSet<String>,
}

impl Default for EventDoor {
    fn default() -> Self {
        let calls = ["CreateDBInstance", "CloneDBInstance", "CreateDdrInstance", "RecreateDBInstance"];
        Self { creating_calls: calls.map(str::to_owned).into() }
    }
}

/// Reads one delivery: an envelope, or an array of them in which each stands for itself.
pub fn read(body: &Verified, door: &EventDoor, envelope: &Envelope) -> Intake {
    let body = body.as_bytes();
    if body.trim_ascii().is_empty() {
        return Intake::rejecting(Rejection::new("body", "is empty: send an event or {\"instance\":\"rm-…\"}"));
    }
    match json::read(body) {
        Ok(json) => each(json, |item, intake| read_one(item, body, door, envelope, intake)),
        Err(rejection) => Intake::rejecting(rejection),
    }
}

/// Reads an item, or an array of items in which each stands for itself.
pub(super) fn each(json: Value, read: impl Fn(Value, &mut Intake) -> Result<(), Rejection>) -> Intake {
    let mut intake = Intake::default();
    if let Err(rejection) = each_into(json, read, &mut intake) {
        intake.rejected.push(rejection);
    }
    // What is ignored and what cannot be read count too: each has a line in the log and a place in the answer.
    let named = intake.requests.len() + intake.ignored.len() + intake.rejected.len();
    if named > MOST {
        let reason = format!("asks for {named} instances at once: {MOST} are the most");
        return Intake::rejecting(Rejection::new("body", reason));
    }
    intake
}

fn each_into(
    json: Value,
    read: impl Fn(Value, &mut Intake) -> Result<(), Rejection>,
    intake: &mut Intake,
) -> Result<(), Rejection> {
    match json {
        Value::Array(items) if items.is_empty() => {
            Err(Rejection::new("body", "is an empty array: there is no event in it"))
        }
        Value::Array(items) if items.len() > MOST => {
            Err(Rejection::new("body", format!("has {} items: {MOST} are the most", items.len())))
        }
        Value::Array(items) => {
            for (index, item) in items.into_iter().enumerate() {
                let mut own = Intake::default();
                if let Err(rejection) = read(item, &mut own) {
                    own.rejected.push(rejection);
                }
                intake.requests.append(&mut own.requests);
                intake.ignored.append(&mut own.ignored);
                intake.rejected.extend(own.rejected.into_iter().map(|rejection| rejection.within(index)));
            }
            Ok(())
        }
        item => read(item, intake),
    }
}

/// Reads one envelope. `CloudEvents` declare themselves by `specversion`; an object without it is a direct request.
pub(super) fn read_one(
    item: Value,
    body: &[u8],
    door: &EventDoor,
    envelope: &Envelope,
    intake: &mut Intake,
) -> Result<(), Rejection> {
    match item {
        Value::Object(object) if is_task(&object) => Err(a_task("schema")),
        Value::Object(event) if event.get("data").and_then(Value::as_object).is_some_and(is_task) => {
            Err(a_task("data.schema"))
        }
        Value::Object(event) if event.contains_key("specversion") => {
            cloud_event::read(&event.into(), door, envelope, intake)
        }
        Value::Object(request) => {
            intake.requests.push(direct::read(request, body, envelope)?);
            Ok(())
        }
        _ => Err(Rejection::new("body", "is not a JSON object: send an event or {\"instance\":\"rm-…\"}")),
    }
}

/// A task that came inside something else, or in another shape than this program writes.
fn is_task(object: &Map<String, Value>) -> bool {
    object.get("schema").and_then(Value::as_str).is_some_and(|schema| schema.starts_with("rds-seal.task/"))
}

fn a_task(field: &'static str) -> Rejection {
    Rejection::new(field, "says that this is a task of the relay: it is taken only as the whole body, as it was sent")
}

fn ignore(intake: &mut Intake, event_id: &str, reason: impl Into<String>) {
    intake.ignored.push(Ignored { event_id: printable(event_id), reason: reason.into() });
}
