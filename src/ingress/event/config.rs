//! Cloud Config: a rule found an instance that does not comply, or a remediation of such a rule names it.
//!
//! Sources: the fields of a notice and their place are documented, as are numbers for accounts; that `EventBridge` sends the
//! same object as `data` is inferred. The remediation's array is read in the vendor's sample handler.

use serde_json::Value;

use crate::ingress::Intake;
use crate::request::ids::{AccountId, InstanceId, RegionId, printable};
use crate::request::ignored::IgnoredReason;
use crate::request::pattern::Pattern;
use crate::request::rejection::Rejection;
use crate::request::{Door, Origin, SealRequest};

use super::attributes::Attributes;
use super::field::{account, at, filled, moment, parsed, required, wrong};
use super::nesting::Nesting;
use super::{EventDoor, ignore};

/// The end of the `type` by which `EventBridge` marks a notice (documented for other products).
pub(super) const NON_COMPLIANT: &str = ":Config:NonCompliantNotification";

/// What the service calls an RDS instance.
const INSTANCE: &str = "ACS::RDS::DBInstance";
const SOURCE: &str = "acs.config";

/// The members of `evaluationResultIdentifier.evaluationResultQualifier` that are used.
mod qualifier {
    macro_rules! member {
        ($($constant:ident $name:literal)*) => {
            $(pub(super) const $constant: &str =
                concat!("evaluationResultIdentifier.evaluationResultQualifier.", $name);)*
        };
    }
    member! {
        RESOURCE "resourceId" KIND "resourceType" REGION "regionId" OWNER "resourceOwnerId"
        RULE "configRuleId" RULE_NAME "configRuleName" CAPTURED "captureTime"
    }
}

/// When a notice was made, and when what it is about was seen. The first two are of the older form.
const NOTIFIED: [&str; 2] = ["notificationCreationTime", "resultRecordedTimestamp"];
const SEEN: [&str; 2] = ["evaluationResultIdentifier.orderingTimestamp", qualifier::CAPTURED];

/// A notice as a queue or a log has it: without `CloudEvents` around it.
pub(super) fn read_bare(notice: &Value, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    let id = own_id(notice, nesting);
    let bare = Attributes { source: SOURCE, id: &id, owner: None, region: None, time: nesting.carried_at };
    read(notice, &bare, nesting, intake)
}

/// The same for a redelivery: the rule, the instance, and the notice's time.
fn own_id(notice: &Value, nesting: Nesting<'_>) -> String {
    let word = |path| at(notice, path).and_then(Value::as_str).filter(|word| !word.is_empty());
    let time = NOTIFIED.into_iter().chain(SEEN).find_map(|path| at(notice, path));
    match (word(qualifier::RULE), word(qualifier::RESOURCE), time) {
        (Some(rule), Some(resource), Some(Value::Number(time))) => format!("{rule}/{resource}/{time}"),
        (Some(rule), Some(resource), Some(Value::String(time))) => format!("{rule}/{resource}/{time}"),
        _ => nesting.event_id(),
    }
}

pub(super) fn read(
    notice: &Value,
    attributes: &Attributes<'_>,
    nesting: Nesting<'_>,
    intake: &mut Intake,
) -> Result<(), Rejection> {
    if let Some(reason) = not_for_us(notice, nesting.door)? {
        ignore(intake, attributes.id, reason);
        return Ok(());
    }
    let instance = required(notice, qualifier::RESOURCE)?;
    let instance = InstanceId::parse(instance).map_err(|invalid| wrong(qualifier::RESOURCE, invalid))?;
    let region = parsed(qualifier::REGION, filled(notice, qualifier::REGION)?, RegionId::parse)?;
    let notified = NOTIFIED.into_iter().find_map(|path| moment(notice, path)).or(attributes.time);
    intake.requests.push(SealRequest {
        instance,
        account: owner(notice)?.or_else(|| attributes.owner.clone()),
        region: nesting.region(region.or_else(|| attributes.region.clone()))?,
        key: None,
        mode: None,
        happened_at: notified.or_else(|| SEEN.into_iter().find_map(|path| moment(notice, path))),
        asked_at: None,
        origin: Origin {
            door: Door::Event,
            source: attributes.source.to_owned(),
            event_id: attributes.id.to_owned(),
            event_name: Some("NonCompliantNotification".to_owned()),
            actor: at(notice, qualifier::RULE_NAME).and_then(Value::as_str).map(printable),
            requested_by: None,
        },
    });
    Ok(())
}

/// Why a genuine notice asks nothing of us, if so.
fn not_for_us(notice: &Value, door: &EventDoor) -> Result<Option<IgnoredReason>, Rejection> {
    if let Some(kind) = filled(notice, "dataType")?.filter(|kind| *kind != "NonCompliantNotification") {
        return Ok(Some(IgnoredReason::OtherDataType { data_type: kind.to_owned() }));
    }
    let kind = required(notice, qualifier::KIND)?;
    if kind != INSTANCE {
        return Ok(Some(not_an_instance(kind)));
    }
    if let Some(rules) = &door.config_rules {
        let name = filled(notice, qualifier::RULE_NAME)?.unwrap_or_default();
        if !Pattern::any(rules, name) {
            return Ok(Some(IgnoredReason::OtherRule { rule: name.to_owned() }));
        }
    }
    let found = required(notice, "complianceType")?;
    Ok((found != "NON_COMPLIANT").then(|| IgnoredReason::Compliance { found: found.to_owned() }))
}

fn not_an_instance(kind: &str) -> IgnoredReason {
    IgnoredReason::OtherResource { resource_type: kind.to_owned() }
}

/// Whose instance it is. A rule of a management account tells of instances of its members, so this comes before the
/// account of an envelope.
fn owner(notice: &Value) -> Result<Option<AccountId>, Rejection> {
    match account(notice, qualifier::OWNER)? {
        Some(owner) => Ok(Some(owner)),
        None => account(notice, "accountId"),
    }
}

pub(super) fn names_the_owner(notice: &Value) -> bool {
    matches!(owner(notice), Ok(Some(_)))
}

/// One resource of a remediation that calls this function.
pub(super) fn read_resource(resource: &Value, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    let kind = required(resource, "resourceType")?;
    let event_id = nesting.event_id();
    if kind != INSTANCE {
        ignore(intake, &event_id, not_an_instance(kind));
        return Ok(());
    }
    let instance = required(resource, "resourceId")?;
    let region = parsed("regionId", filled(resource, "regionId")?, RegionId::parse)?;
    intake.requests.push(SealRequest {
        instance: InstanceId::parse(instance).map_err(|invalid| wrong("resourceId", invalid))?,
        account: account(resource, "accountId")?,
        region: nesting.region(region)?,
        key: None,
        mode: None,
        happened_at: nesting.carried_at,
        asked_at: None,
        origin: Origin {
            door: Door::Event,
            source: SOURCE.to_owned(),
            event_id,
            event_name: Some("Remediation".to_owned()),
            actor: None,
            requested_by: None,
        },
    });
    Ok(())
}
