//! `CheckRegionSupportBackupEncryption`: whether a region has backup encryption, and with an instance, whether that
//! instance can have it. No page describes it; that the answer is the instance's is *inferred*.

use serde_json::{Value, json};

use super::{Invocation, Refusal, enable};

pub(crate) fn run(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let region = call.region()?;
    let mut supported = enable::has_backup_encryption(region, call.world);
    if let Some(id) = call.arrival.parameter("DBInstanceID") {
        let account = call.account();
        call.world.instances.appear(id, Some(region), account, call.now);
        let instance = call.instance("DBInstanceID")?;
        if instance.region != region {
            return Err(Refusal::named("InvalidDBInstanceId.NotFound"));
        }
        supported &= enable::unfit(instance).is_none();
    }
    Ok(json!({ "SupportBackupEncryption": supported }))
}
