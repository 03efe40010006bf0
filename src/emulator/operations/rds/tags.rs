//! `ListTagResources`: the tags of instances that are named, or that carry every tag that is asked for.

use serde_json::{Value, json};

use super::{
    Instance, Invocation, Refusal,
    page::{self, Page},
};

/// How many tags one answer holds (*inferred*).
const SIZE: usize = 50;
const MOST_RESOURCES: usize = 50;
const MOST_TAGS: usize = 20;

pub(crate) fn run(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let (arrival, region) = (call.arrival, call.region()?);
    if call.required("ResourceType")? != "INSTANCE" {
        return Err(Refusal::invalid("ResourceType"));
    }
    let ids: Vec<&str> = arrival.numbered("ResourceId", "").collect();
    let keys: Vec<&str> = arrival.numbered("Tag", ".Key").collect();
    if ids.is_empty() && keys.is_empty() {
        return Err(Refusal::missing("ResourceId"));
    }
    if ids.len() > MOST_RESOURCES || keys.len() > MOST_TAGS {
        return Err(Refusal::invalid(if ids.len() > MOST_RESOURCES { "ResourceId" } else { "Tag" }));
    }
    let asked: Vec<(&str, Option<String>)> = (1..)
        .zip(keys)
        .map(|(number, key)| (key, arrival.parameter(&format!("Tag.{number}.Value")).map(str::to_owned)))
        .collect();
    let carries = |instance: &Instance| {
        asked.iter().all(|(key, value)| {
            let own = instance.tags.get(*key);
            own.is_some_and(|own| value.as_ref().is_none_or(|value| own == value))
        })
    };
    let all = call.world.instances.of(call.caller()?.account.as_str(), region, call.now);
    let named = all.into_iter().filter(|instance| ids.is_empty() || ids.contains(&instance.id.as_str()));
    let rows = named.filter(|instance| carries(instance)).flat_map(rows).collect();
    let Page { items, next } = page::by_token(arrival, rows, SIZE)?;
    let mut fields = json!({ "TagResources": { "TagResource": items } });
    if let Some(next) = next {
        fields["NextToken"] = json!(next);
    }
    Ok(fields)
}

fn rows(instance: &Instance) -> Vec<Value> {
    let row = |(key, value): (&String, &String)| json!({ "ResourceId": instance.id, "ResourceType": "INSTANCE", "TagKey": key, "TagValue": value });
    instance.tags.iter().map(row).collect()
}
