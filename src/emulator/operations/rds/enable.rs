//! `EnableBackupEncryption`: one way only. It cannot be turned off, and the key cannot be changed (*documented*).

use serde_json::{Value, json};

use super::{Instance, Invocation, Key, Refusal, World, authorization};

pub(crate) fn run(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let instance = call.instance("DBInstanceName")?;
    if let Some(code) = obstacle(instance) {
        return Err(Refusal::named(code));
    }
    let (id, region) = (instance.id.clone(), instance.region.clone());
    if !has_backup_encryption(&region, call.world) {
        return Err(Refusal::named("BackupEncryptUnsupportRegion"));
    }
    if !authorization::has_role(call) {
        return Err(Refusal::named("BackupAkProvenNotFound"));
    }
    let key = usable_key(call, &region)?;
    if let Some(key) = &key {
        call.world.keys.tag(key);
    }
    // Found a moment ago; looking it up like this does not count as another request about it.
    if let Some(instance) = call.world.instances.find_mut(&id, call.account()) {
        instance.backup_encryption = true;
        instance.key = key.map(|key| key.id);
    }
    Ok(json!({ "DBInstanceId": id }))
}

/// Why it cannot be sealed. The codes are the reference page's; which state leads to which is *inferred*.
fn obstacle(instance: &Instance) -> Option<&'static str> {
    if instance.backup_encryption {
        Some("BackupEncryptionAlreadyEnabled")
    } else if instance.status == "Released" {
        Some("ProductInstanceReleased")
    } else if !instance.is_running() {
        Some("IncorrectDBInstanceState")
    } else {
        unfit(instance).or_else(|| closed_region(&instance.region))
    }
}

/// Why no instance of this build can ever be sealed.
pub(crate) fn unfit(instance: &Instance) -> Option<&'static str> {
    if instance.storage == "cloud_ssd" {
        Some("CloudSSDNotSupport")
    } else if instance.category == "Basic" {
        Some("InvalidInstanceLevel.Malformed")
    } else {
        None
    }
}

/// Whether there is backup encryption in a region.
pub(crate) fn has_backup_encryption(region: &str, world: &World) -> bool {
    closed_region(region).is_none() && !world.unsupported_regions.contains(region)
}

/// Regions the vendor has given up.
fn closed_region(region: &str) -> Option<&'static str> {
    match region {
        "ap-southeast-2" => Some("RegionEndTimeDissolvedAustralia"),
        "ap-south-1" => Some("RegionEndTimeDissolvedIndia"),
        _ => None,
    }
}

/// The key that is asked for, if one is. It must be the account's own, in the instance's region (*inferred*).
fn usable_key(call: &Invocation<'_>, region: &str) -> Result<Option<Key>, Refusal> {
    let Some(id) = call.arrival.parameter("EncryptionKey") else { return Ok(None) };
    let key = call.world.keys.find(id, call.account(), Some(region)).ok_or_else(|| Refusal::named("KmsApiError"))?;
    if key.encrypts() { Ok(Some(key)) } else { Err(Refusal::named("InvalidKmsKey")) }
}
