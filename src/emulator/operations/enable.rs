//! `EnableBackupEncryption`: one way only. It cannot be turned off, and the key cannot be changed (*documented*).

use serde_json::{Value, json};

use super::{Instance, Invocation, Refusal};

pub(super) fn run(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let key = call.arrival.parameter("EncryptionKey").map(str::to_owned);
    let instance = call.instance("DBInstanceName")?;
    if let Some(code) = obstacle(instance) {
        return Err(Refusal::named(code));
    }
    instance.backup_encryption = true;
    instance.key = key;
    Ok(json!({ "DBInstanceId": instance.id }))
}

/// Why it cannot be sealed. The codes are the reference page's; which state leads to which is *inferred*.
fn obstacle(instance: &Instance) -> Option<&'static str> {
    if instance.backup_encryption {
        Some("BackupEncryptionAlreadyEnabled")
    } else if instance.status == "Released" {
        Some("ProductInstanceReleased")
    } else if !instance.is_running() {
        Some("IncorrectDBInstanceState")
    } else if instance.storage == "cloud_ssd" {
        Some("CloudSSDNotSupport")
    } else if instance.category == "Basic" {
        Some("InvalidInstanceLevel.Malformed")
    } else {
        closed_region(&instance.region)
    }
}

/// Regions the vendor has given up.
fn closed_region(region: &str) -> Option<&'static str> {
    match region {
        "ap-southeast-2" => Some("RegionEndTimeDissolvedAustralia"),
        "ap-south-1" => Some("RegionEndTimeDissolvedIndia"),
        _ => None,
    }
}
