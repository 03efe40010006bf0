//! An `ActionTrail` record of RDS: which instance did this call create?
//!
//! Sources: the record's fields are documented; that a creating call answers with the new id in
//! `responseElements.DBInstanceId`, and a bulk create with several joined by commas, is inferred from the API.

use serde_json::Value;

use crate::ingress::{Envelope, Intake, Rejection};
use crate::request::ids::{InstanceId, RegionId, printable};
use crate::request::{Door, Origin, SealRequest};

use super::cloud_event::Attributes;
use super::field::{at, parsed, required, text, wrong};
use super::{EventDoor, ignore};

const CREATED: &str = "data.responseElements.DBInstanceId";

pub(super) fn read(
    event: &Value,
    attributes: &Attributes<'_>,
    door: &EventDoor,
    envelope: &Envelope,
    intake: &mut Intake,
) -> Result<(), Rejection> {
    let call = required(event, "data.eventName")?;
    if let Some(reason) = not_for_us(event, call, door)? {
        ignore(intake, attributes.id, reason);
        return Ok(());
    }
    let created = text(event, CREATED)?.ok_or_else(|| Rejection::missing(CREATED))?;
    let region = region(event, attributes, envelope)?;
    let happened_at = happened_at(event)?;
    let mut seen = Vec::new();
    for id in created.split(',').map(str::trim) {
        match InstanceId::parse(id) {
            Err(invalid) => intake.rejected.push(wrong(CREATED, invalid)),
            Ok(instance) if seen.contains(&instance) => {}
            Ok(instance) if call != "CreateDBInstance" && is_named_in_the_request(event, id) => {
                ignore(intake, attributes.id, format!("{instance} is the source of this {call}, not what it created"));
            }
            Ok(instance) => {
                seen.push(instance.clone());
                intake.requests.push(SealRequest {
                    instance,
                    account: attributes.owner.clone(),
                    region: region.clone(),
                    key: None,
                    mode: None,
                    happened_at,
                    origin: origin(event, call, attributes),
                });
            }
        }
    }
    Ok(())
}

/// Why a genuine record asks nothing of us, if so.
fn not_for_us(event: &Value, call: &str, door: &EventDoor) -> Result<Option<String>, Rejection> {
    let service = required(event, "data.serviceName")?;
    let shown = printable(call);
    if !service.eq_ignore_ascii_case("Rds") {
        return Ok(Some(format!("{shown} is a call of {}, not of Rds", printable(service))));
    }
    if call == "EnableBackupEncryption" {
        return Ok(Some("EnableBackupEncryption is our own call: following it would be a loop".to_owned()));
    }
    if !door.creating_calls.contains(call) {
        return Ok(Some(format!("{shown} is not one of the configured creating calls")));
    }
    Ok(text(event, "data.errorCode")?.map(|code| format!("this {shown} failed with {}", printable(code))))
}

fn region(event: &Value, attributes: &Attributes<'_>, envelope: &Envelope) -> Result<RegionId, Rejection> {
    parsed(event, "data.acsRegion", RegionId::parse)?
        .or_else(|| attributes.region.clone())
        .or_else(|| envelope.region.clone())
        .ok_or_else(|| Rejection::missing("data.acsRegion"))
}

/// The record's own time, else the envelope's. One that cannot be read is an error: a young instance is judged by it.
fn happened_at(event: &Value) -> Result<Option<jiff::Timestamp>, Rejection> {
    for path in ["data.eventTime", "time"] {
        if let Some(text) = text(event, path)? {
            let time = text.parse().map_err(|_| Rejection::new(path, "must be a time like 2026-01-01T02:03:04Z"))?;
            return Ok(Some(time));
        }
    }
    Ok(None)
}

/// Whether the caller itself sent this id: then it existed before the call.
fn is_named_in_the_request(event: &Value, id: &str) -> bool {
    let Some(Value::Object(parameters)) = at(event, "data.requestParameters") else { return false };
    parameters.values().any(|value| value.as_str() == Some(id))
}

fn origin(event: &Value, call: &str, attributes: &Attributes<'_>) -> Origin {
    let actor = ["data.userIdentity.userName", "data.userIdentity.principalId"];
    Origin {
        door: Door::Event,
        source: attributes.source.to_owned(),
        event_id: printable(attributes.id),
        event_name: Some(printable(call)),
        actor: actor.into_iter().find_map(|path| at(event, path)?.as_str().map(printable)),
    }
}
