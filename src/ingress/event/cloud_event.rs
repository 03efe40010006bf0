//! `CloudEvents` 1.0, structured JSON, as `EventBridge` sends them.

use serde_json::Value;

use crate::ingress::Intake;
use crate::request::ids::{AccountId, RegionId};
use crate::request::ignored::IgnoredReason;
use crate::request::rejection::{Rejection, RejectionReason};

use super::attributes::Attributes;
use super::field::{at, filled, moment, parsed, required};
use super::nesting::Nesting;
use super::{action_trail, config, ignore, inside, smq};

type Reader = fn(&Value, &Attributes<'_>, Nesting<'_>, &mut Intake) -> Result<(), Rejection>;

/// The endings of `type` that tell what `data` is. That `EventBridge` marks `ActionTrail` records by the first three is
/// documented for product sources; that RDS's types end so is inferred.
const DATA: [(&str, Reader); 4] = [
    (":ActionTrail:ApiCall", action_trail::read),
    (":ActionTrail:ConsoleOperation", action_trail::read),
    (":ActionTrail:AliyunServiceEvent", action_trail::read),
    (config::NON_COMPLIANT, config::read),
];

pub(super) fn read(event: &Value, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    let nesting = nesting.in_envelope("specversion")?;
    if required(event, "specversion")? != "1.0" {
        return Err(Rejection::new("specversion", RejectionReason::UnsupportedSpecVersion));
    }
    let (source, id) = (required(event, "source")?, required(event, "id")?);
    let kind = required(event, "type")?;
    if kind.ends_with(smq::QUEUE) {
        return smq::read_queue(event, nesting, intake);
    }
    let Some((_, read)) = DATA.iter().find(|(ending, _)| kind.ends_with(ending)) else {
        ignore(intake, id, IgnoredReason::OtherEventType { event_type: kind.to_owned() });
        return Ok(());
    };
    let path = "aliyunregionid";
    let region = parsed(path, filled(event, path)?, RegionId::parse)?;
    let attributes = Attributes { source, id, owner: owner(event, kind)?, region, time: moment(event, "time") };
    match at(event, "data") {
        Some(data @ Value::Object(_)) => {
            let mut ending = Ok(());
            inside("data", intake, |intake| match read(data, &attributes, nesting, intake) {
                // It may stand in the envelope too, so it is not `data` that lacks it.
                Err(rejection) if rejection.field == "region" => {
                    ending = Err(rejection);
                    Ok(())
                }
                ended => ended,
            });
            ending
        }
        Some(_) => Err(Rejection::new("data", RejectionReason::NotAnObject)),
        None => Err(Rejection::missing("data")),
    }
}

/// The account that the event originally belongs to. A notice that names the instance's owner itself needs none.
fn owner(event: &Value, kind: &str) -> Result<Option<AccountId>, Rejection> {
    if kind.ends_with(config::NON_COMPLIANT) && at(event, "data").is_some_and(config::names_the_owner) {
        return Ok(None);
    }
    let account = |path| parsed(path, filled(event, path)?, AccountId::parse);
    match account("aliyunoriginalaccountid")? {
        Some(owner) => Ok(Some(owner)),
        None => account("aliyunaccountid"),
    }
}
