//! `DescribeDBInstanceAttribute`: the facts of one instance. Backup encryption is not among them: no published
//! operation reports it (*read in code*).

use serde_json::{Value, json};

use super::{Instance, Invocation, Refusal};

pub(crate) fn run(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let instance = call.instance("DBInstanceId")?;
    Ok(json!({ "Items": { "DBInstanceAttribute": [attribute(instance)] } }))
}

fn attribute(instance: &Instance) -> Value {
    let mut fields = facts(instance);
    fields["Category"] = json!(instance.category);
    fields["CreationTime"] = json!(instance.created.map(super::Moment::to_the_second));
    fields
}

/// What a list says too. The last two are absent if there is nothing to say.
pub(crate) fn facts(instance: &Instance) -> Value {
    let mut fields = json!({
        "DBInstanceId": instance.id,
        "DBInstanceStatus": instance.status,
        "DBInstanceType": instance.kind,
        "DBInstanceStorageType": instance.storage,
        "Engine": instance.engine,
        "EngineVersion": instance.engine_version,
        "LockMode": instance.lock_mode,
        "RegionId": instance.region,
    });
    for (name, value) in [("ResourceGroupId", &instance.resource_group), ("MasterInstanceId", &instance.master)] {
        if let Some(value) = value {
            fields[name] = json!(value);
        }
    }
    fields
}
