//! KMS, version 2016-01-20: `DescribeKey` answers in every state of the key, `GetSecretValue` every version of a secret
//! that has a stage (*documented*).

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Invocation, Key, Refusal, State, Usage, Version};

/// The waiting time of a deletion when nobody chose one (*inferred*).
const DELETED_AFTER: SignedDuration = SignedDuration::from_hours(24 * 30);

pub(super) fn describe(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let (id, account) = (call.required("KeyId")?, call.account());
    let region = call.endpoint.region().or_else(|| call.arrival.parameter("RegionId"));
    let key = call.world.keys.find(id, account, region).ok_or_else(|| Refusal::named("Forbidden.KeyNotFound"))?;
    let deleted = call.now.checked_add(DELETED_AFTER).unwrap_or(call.now);
    Ok(json!({ "KeyMetadata": metadata(&key, &deleted.strftime("%Y-%m-%dT00:00:00Z").to_string()) }))
}

/// With `DryRun` the answer is always an error, and one of them says that it would have worked (*documented*).
pub(super) fn secret_value(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let (name, account) = (call.required("SecretName")?, call.account());
    let region = call.endpoint.region().or_else(|| call.arrival.parameter("RegionId"));
    let unknown = || Refusal::named("Forbidden.ResourceNotFound");
    let secret = call.world.secrets.find(name, account, region).ok_or_else(unknown)?;
    let (stage, id) = (call.arrival.parameter("VersionStage"), call.arrival.parameter("VersionId"));
    let stage = stage.or(if id.is_some() { None } else { Some("ACSCurrent") });
    let is_asked_for = |version: &Version<'_>| {
        stage.is_none_or(|stage| stage == version.stage) && id.is_none_or(|id| id == version.id)
    };
    let version = secret.versions().find(is_asked_for).ok_or_else(unknown)?;
    if let Some(key) = &secret.key {
        let resource = format!("acs:kms:{}:{}:key/{key}", secret.region, secret.account);
        call.world.identities.may(call.caller()?, "kms:Decrypt", &resource)?;
    }
    if call.arrival.parameter("DryRun") == Some("true") {
        return Err(Refusal::named("DryRunOperationError"));
    }
    Ok(json!({
        "SecretName": secret.name,
        "SecretData": version.data,
        "SecretDataType": if secret.binary { "binary" } else { "text" },
        "SecretType": "Generic",
        "VersionId": version.id,
        "VersionStages": { "VersionStage": [version.stage] },
        "CreateTime": call.now.strftime("%Y-%m-%dT00:00:00Z").to_string(),
        "AutomaticRotation": "Disabled",
        "RotationInterval": "",
        "NextRotationDate": "",
        "LastRotationDate": "",
        "ExtendedConfig": "",
    }))
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
