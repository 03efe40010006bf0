//! The event door: what the platform delivers to us. One look at the envelope that the body declares decides which
//! reader gets it; each reader makes one attempt and names the field that stopped it.

mod action_trail;
mod cloud_event;
mod direct;
mod field;

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Envelope, Ignored, Intake, Rejection, Verified};
use crate::request::ids::printable;

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
    let mut intake = Intake::default();
    let bytes = body.as_bytes();
    if bytes.trim_ascii().is_empty() {
        intake.rejected.push(Rejection::new("body", "is empty: send an event or {\"instance\":\"rm-…\"}"));
        return intake;
    }
    match serde_json::from_slice(bytes) {
        Err(error) => intake.rejected.push(Rejection::json(&error)),
        Ok(Value::Array(items)) if items.is_empty() => {
            intake.rejected.push(Rejection::new("body", "is an empty array: there is no event in it"));
        }
        Ok(Value::Array(items)) => {
            for (index, item) in items.into_iter().enumerate() {
                let first = intake.rejected.len();
                read_one(item, bytes, door, envelope, &mut intake);
                for rejection in &mut intake.rejected[first..] {
                    *rejection = rejection.clone().within(index);
                }
            }
        }
        Ok(item) => read_one(item, bytes, door, envelope, &mut intake),
    }
    intake
}

/// Reads one envelope. `CloudEvents` declare themselves by `specversion`; an object without it is a direct request.
fn read_one(item: Value, body: &[u8], door: &EventDoor, envelope: &Envelope, intake: &mut Intake) {
    let result = match item {
        Value::Object(event) if event.contains_key("specversion") => {
            cloud_event::read(&event.into(), door, envelope, intake)
        }
        Value::Object(request) => direct::read(request, body, envelope).map(|request| intake.requests.push(request)),
        _ => Err(Rejection::new("body", "is not a JSON object: send an event or {\"instance\":\"rm-…\"}")),
    };
    if let Err(rejection) = result {
        intake.rejected.push(rejection);
    }
}

fn ignore(intake: &mut Intake, event_id: &str, reason: impl Into<String>) {
    intake.ignored.push(Ignored { event_id: printable(event_id), reason: reason.into() });
}
