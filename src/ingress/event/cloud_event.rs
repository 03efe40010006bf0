//! `CloudEvents` 1.0, structured JSON, as `EventBridge` sends them.

use serde_json::Value;

use crate::ingress::{Envelope, Intake, Rejection};
use crate::request::ids::{AccountId, RegionId, printable};

use super::field::{at, filled, parsed, required};
use super::{EventDoor, action_trail, ignore};

/// The attributes of an envelope that we use.
pub(super) struct Attributes<'e> {
    pub(super) source: &'e str,
    pub(super) id: &'e str,
    /// The instance's owner: the account the event originally belongs to.
    pub(super) owner: Option<AccountId>,
    /// The region the platform says the event is of.
    pub(super) region: Option<RegionId>,
}

/// The endings of `type` by which `EventBridge` marks `ActionTrail` records (documented for product sources; that RDS's
/// types end so is inferred).
const ACTION_TRAIL: [&str; 3] =
    [":ActionTrail:ApiCall", ":ActionTrail:ConsoleOperation", ":ActionTrail:AliyunServiceEvent"];

pub(super) fn read(event: &Value, door: &EventDoor, envelope: &Envelope, intake: &mut Intake) -> Result<(), Rejection> {
    if required(event, "specversion")? != "1.0" {
        return Err(Rejection::new("specversion", "must be \"1.0\""));
    }
    let (source, id) = (required(event, "source")?, required(event, "id")?);
    let kind = required(event, "type")?;
    if !ACTION_TRAIL.iter().any(|ending| kind.ends_with(ending)) {
        ignore(intake, id, format!("events of type {} are not for us", printable(kind)));
        return Ok(());
    }
    let path = "aliyunregionid";
    let region = parsed(path, filled(event, path)?, RegionId::parse)?;
    let attributes = Attributes { source, id, owner: owner(event)?, region };
    match at(event, "data") {
        Some(Value::Object(_)) => action_trail::read(event, &attributes, door, envelope, intake),
        Some(_) => Err(Rejection::new("data", "must be an object")),
        None => Err(Rejection::missing("data")),
    }
}

fn owner(event: &Value) -> Result<Option<AccountId>, Rejection> {
    let account = |path| parsed(path, filled(event, path)?, AccountId::parse);
    match account("aliyunoriginalaccountid")? {
        Some(owner) => Ok(Some(owner)),
        None => account("aliyunaccountid"),
    }
}
