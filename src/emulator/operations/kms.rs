//! KMS, version 2016-01-20: `DescribeKey` answers in every state of the key (*documented*).

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Invocation, Key, Refusal, State, Usage};

/// The waiting time of a deletion when nobody chose one (*inferred*).
const DELETED_AFTER: SignedDuration = SignedDuration::from_hours(24 * 30);

pub(super) fn describe(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let (id, account) = (call.required("KeyId")?, call.account());
    let region = call.endpoint.region().or_else(|| call.arrival.parameter("RegionId"));
    let key = call.world.keys.find(id, account, region).ok_or_else(|| Refusal::named("Forbidden.KeyNotFound"))?;
    let deleted = call.now.checked_add(DELETED_AFTER).unwrap_or(call.now);
    Ok(json!({ "KeyMetadata": metadata(&key, &deleted.strftime("%Y-%m-%dT00:00:00Z").to_string()) }))
}

fn metadata(key: &Key, deleted: &str) -> Value {
    let usage = match key.usage {
        Usage::Encrypt => "ENCRYPT/DECRYPT",
        Usage::Sign => "SIGN/VERIFY",
    };
    let (state, deleted, origin) = match key.state {
        State::Enabled => ("Enabled", "", "Aliyun_KMS"),
        State::Disabled => ("Disabled", "", "Aliyun_KMS"),
        State::PendingDeletion => ("PendingDeletion", deleted, "Aliyun_KMS"),
        State::PendingImport => ("PendingImport", "", "EXTERNAL"),
    };
    json!({
        "KeyId": key.id,
        "Arn": format!("acs:kms:{}:{}:key/{}", key.region, key.account, key.id),
        "KeyState": state,
        "KeySpec": key.spec,
        "KeyUsage": usage,
        "Origin": origin,
        "Creator": key.account,
        "DeleteDate": deleted,
        "MaterialExpireTime": "",
        "ProtectionLevel": "SOFTWARE",
        "DKMSInstanceId": "",
    })
}
