//! An `ActionTrail` record of RDS: which instance did this call create?
//!
//! Sources: the record's fields are documented; that a creating call answers with the new id in
//! `responseElements.DBInstanceId`, and a bulk create with several joined by commas, is inferred from the API.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::ingress::{Envelope, Intake, Rejection};
use crate::request::ids::{InstanceId, RegionId, printable};
use crate::request::{Door, Origin, Region, SealRequest};

use super::cloud_event::Attributes;
use super::field::{at, filled, parsed, required, wrong};
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
    let created = required(event, CREATED)?;
    let region = region(event, attributes, envelope)?;
    let sources = sources(event, call)?;
    let mut seen = BTreeSet::new();
    for id in created.split(',').map(str::trim) {
        match InstanceId::parse(id) {
            Err(invalid) => intake.rejected.push(wrong(CREATED, invalid)),
            Ok(instance) if !seen.insert(instance.clone()) => {}
            Ok(instance) if sources.contains(id) => {
                ignore(intake, attributes.id, format!("{instance} is the source of this {call}, not what it created"));
            }
            Ok(instance) => {
                intake.requests.push(SealRequest {
                    instance,
                    account: attributes.owner.clone(),
                    region: region.clone(),
                    key: None,
                    mode: None,
                    happened_at: happened_at(event),
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
    Ok(filled(event, "data.errorCode")?.map(|code| format!("this {shown} failed with {}", printable(code))))
}

/// The platform's word for the region, which is attested, else the one we run in, which is only likely.
fn region(event: &Value, attributes: &Attributes<'_>, envelope: &Envelope) -> Result<Region, Rejection> {
    let path = "data.acsRegion";
    let told = parsed(path, filled(event, path)?, RegionId::parse)?.or_else(|| attributes.region.clone());
    let attested = told.is_some();
    let id = told.or_else(|| envelope.region.clone()).ok_or_else(|| Rejection::missing("region"))?;
    Ok(Region { id, attested })
}

/// The record's own time, else the envelope's. A time that cannot be read is none, and where its age counts that refuses.
fn happened_at(event: &Value) -> Option<jiff::Timestamp> {
    ["data.eventTime", "time"].into_iter().find_map(|path| at(event, path)?.as_str()?.parse().ok())
}

/// Every word the caller itself sent: an instance among them existed before the call. `CreateDBInstance` makes an instance
/// out of nothing; a call that copies one must show what it copied.
fn sources<'e>(event: &'e Value, call: &str) -> Result<BTreeSet<&'e str>, Rejection> {
    const PATH: &str = "data.requestParameters";
    let mut words = BTreeSet::new();
    if call != "CreateDBInstance" {
        match at(event, PATH) {
            Some(parameters @ Value::Object(_)) => collect_words(parameters, &mut words),
            Some(_) => return Err(Rejection::new(PATH, "must be an object: it tells the source of a copy")),
            None => return Err(Rejection::missing(PATH)),
        }
    }
    Ok(words)
}

fn collect_words<'e>(value: &'e Value, words: &mut BTreeSet<&'e str>) {
    match value {
        Value::String(text) => words.extend(text.split(',').map(str::trim)),
        Value::Array(values) => values.iter().for_each(|value| collect_words(value, words)),
        Value::Object(values) => values.values().for_each(|value| collect_words(value, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn origin(event: &Value, call: &str, attributes: &Attributes<'_>) -> Origin {
    let actor = ["data.userIdentity.userName", "data.userIdentity.principalId"];
    Origin {
        door: Door::Event,
        source: attributes.source.to_owned(),
        event_id: attributes.id.to_owned(),
        event_name: Some(printable(call)),
        actor: actor.into_iter().find_map(|path| at(event, path)?.as_str().map(printable)),
    }
}
