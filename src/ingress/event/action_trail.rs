//! An `ActionTrail` record of RDS: which instance did this call create?
//!
//! Sources: the record's fields are documented; that a creating call answers with the new id in
//! `responseElements.DBInstanceId`, and a bulk create with several joined by commas, is inferred from the API.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::ingress::Intake;
use crate::request::ids::{InstanceId, RegionId, printable};
use crate::request::ignored::IgnoredReason;
use crate::request::rejection::{Rejection, RejectionReason};
use crate::request::{Door, Origin, SealRequest};

use super::attributes::Attributes;
use super::field::{account, at, filled, moment, parsed, required, wrong};
use super::nesting::Nesting;
use super::{EventDoor, ignore};

const CREATED: &str = "responseElements.DBInstanceId";

/// A record without `CloudEvents` around it, as a trail delivers it to a log. `recipientAccountId` is documented as the
/// account that receives the record; that it owns what was created is inferred.
pub(super) fn read_bare(record: &Value, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    let id = filled(record, "eventId")?.map_or_else(|| nesting.event_id(), str::to_owned);
    let source = filled(record, "eventSource")?.unwrap_or_default();
    let owner = account(record, "recipientAccountId")?;
    read(record, &Attributes { source, id: &id, owner, region: None, time: nesting.carried_at }, nesting, intake)
}

pub(super) fn read(
    record: &Value,
    attributes: &Attributes<'_>,
    nesting: Nesting<'_>,
    intake: &mut Intake,
) -> Result<(), Rejection> {
    let call = required(record, "eventName")?;
    if let Some(reason) = not_for_us(record, call, nesting.door)? {
        ignore(intake, attributes.id, reason);
        return Ok(());
    }
    let created = required(record, CREATED)?;
    let told = parsed("acsRegion", filled(record, "acsRegion")?, RegionId::parse)?;
    let region = nesting.region(told.or_else(|| attributes.region.clone()))?;
    let sources = sources(record, call)?;
    let mut seen = BTreeSet::new();
    for id in created.split(',').map(str::trim) {
        match InstanceId::parse(id) {
            Err(invalid) => intake.rejected.push(wrong(CREATED, invalid)),
            Ok(instance) if !seen.insert(instance.clone()) => {}
            Ok(instance) if sources.contains(id) => {
                ignore(intake, attributes.id, IgnoredReason::SourceOfCopy { call: call.to_owned(), instance });
            }
            Ok(instance) => {
                intake.requests.push(SealRequest {
                    instance,
                    account: attributes.owner.clone(),
                    region: region.clone(),
                    key: None,
                    mode: None,
                    happened_at: moment(record, "eventTime").or(attributes.time),
                    asked_at: None,
                    origin: origin(record, call, attributes),
                });
            }
        }
    }
    Ok(())
}

/// Why a genuine record asks nothing of us, if so.
fn not_for_us(record: &Value, call: &str, door: &EventDoor) -> Result<Option<IgnoredReason>, Rejection> {
    let service = required(record, "serviceName")?;
    let name = || call.to_owned();
    if !service.eq_ignore_ascii_case("Rds") {
        return Ok(Some(IgnoredReason::OtherService { call: name(), service: service.to_owned() }));
    }
    if call == "EnableBackupEncryption" {
        return Ok(Some(IgnoredReason::OwnCall));
    }
    if !door.creating_calls.contains(call) {
        return Ok(Some(IgnoredReason::OtherCall { call: name() }));
    }
    let failed = |code: &str| IgnoredReason::FailedCall { call: name(), error_code: code.to_owned() };
    Ok(filled(record, "errorCode")?.map(failed))
}

/// Every word the caller itself sent: an instance among them existed before the call. `CreateDBInstance` makes an instance
/// out of nothing; a call that copies one must show what it copied.
fn sources<'e>(record: &'e Value, call: &str) -> Result<BTreeSet<&'e str>, Rejection> {
    const PATH: &str = "requestParameters";
    let mut words = BTreeSet::new();
    if call != "CreateDBInstance" {
        match at(record, PATH) {
            Some(parameters @ Value::Object(_)) => collect_words(parameters, &mut words),
            Some(_) => return Err(Rejection::new(PATH, RejectionReason::NotAnObject)),
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

fn origin(record: &Value, call: &str, attributes: &Attributes<'_>) -> Origin {
    let actor = ["userIdentity.userName", "userIdentity.principalId"];
    Origin {
        door: Door::Event,
        source: attributes.source.to_owned(),
        event_id: attributes.id.to_owned(),
        event_name: Some(printable(call)),
        actor: actor.into_iter().find_map(|path| at(record, path)?.as_str().map(printable)),
        requested_by: None,
    }
}
