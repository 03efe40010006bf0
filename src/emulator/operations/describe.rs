//! `DescribeDBInstanceAttribute`: the facts of one instance. Backup encryption is not among them: no published
//! operation reports it (*read in code*).

use serde_json::{Value, json};

use super::{Instance, Invocation, Refusal};

pub(super) fn run(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let instance = call.instance("DBInstanceId")?;
    Ok(json!({ "Items": { "DBInstanceAttribute": [attribute(instance)] } }))
}

fn attribute(instance: &Instance) -> Value {
    json!({
        "DBInstanceId": instance.id,
        "DBInstanceStatus": instance.status,
        "DBInstanceType": "Primary",
        "DBInstanceStorageType": instance.storage,
        "Category": instance.category,
        "Engine": instance.engine,
        "EngineVersion": instance.engine_version,
        "LockMode": lock_mode(instance),
        "RegionId": instance.region,
        "CreationTime": instance.since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    })
}

fn lock_mode(instance: &Instance) -> &'static str {
    if instance.status == "Released" { "Released" } else { "Unlock" }
}
