//! `DescribeDBInstances`: the instances of a region, page by page. Their tags are not told, their category only to those
//! who ask with `InstanceLevel=1` (*read in code*).

use serde_json::{Value, json};

use super::{
    Arrival, Instance, Invocation, Moment, Refusal, attribute,
    page::{self, Page},
};

const USUAL_SIZE: usize = 30;
const LARGEST_SIZE: usize = 100;

pub(crate) fn run(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let (arrival, account, region) = (call.arrival, call.account(), call.region()?);
    if let Some(id) = arrival.parameter("DBInstanceId") {
        call.world.instances.appear(id, Some(region), account, call.now);
    }
    let with_category = arrival.parameter("InstanceLevel") == Some("1");
    let all = call.world.instances.of(account, region, call.now);
    let wanted =
        all.into_iter().filter(|instance| is_wanted(instance, arrival)).map(|it| item(it, with_category)).collect();
    if arrival.parameter("PageNumber").is_some() || arrival.parameter("PageSize").is_some() {
        by_number(call, wanted)
    } else {
        by_token(call, wanted)
    }
}

/// Whether every filter lets it pass.
fn is_wanted(instance: &Instance, arrival: &Arrival) -> bool {
    let filters = [
        ("DBInstanceId", Some(&instance.id)),
        ("Engine", Some(&instance.engine)),
        ("EngineVersion", Some(&instance.engine_version)),
        ("DBInstanceStatus", Some(&instance.status)),
        ("DBInstanceType", Some(&instance.kind)),
        ("ResourceGroupId", instance.resource_group.as_ref()),
    ];
    filters.into_iter().all(|(name, own)| {
        let asked = arrival.parameter(name);
        asked.is_none_or(|asked| own.is_some_and(|own| own.eq_ignore_ascii_case(asked)))
    })
}

fn item(instance: &Instance, with_category: bool) -> Value {
    let mut fields = attribute::facts(instance);
    fields["CreateTime"] = json!(instance.created.map(Moment::to_the_second));
    if with_category {
        fields["Category"] = json!(instance.category);
    }
    fields
}

fn by_number(call: &Invocation<'_>, items: Vec<Value>) -> Result<Value, Refusal> {
    let size = page::number(call.arrival, "PageSize", USUAL_SIZE, |size| (1..=LARGEST_SIZE).contains(&size))?;
    let number = page::number(call.arrival, "PageNumber", 1, |number| number > 0)?;
    let total = items.len();
    Ok(listed(&page::numbered(items, number, size), number, total))
}

/// With tokens the page's number is always 1 and the total is the page's own count (*read in code*).
fn by_token(call: &Invocation<'_>, items: Vec<Value>) -> Result<Value, Refusal> {
    let size = page::number(call.arrival, "MaxResults", USUAL_SIZE, |size| (1..=LARGEST_SIZE).contains(&size))?;
    let Page { items, next } = page::by_token(call.arrival, items, size)?;
    let total = items.len();
    let mut fields = listed(&items, 1, total);
    if let Some(next) = next {
        fields["NextToken"] = json!(next);
    }
    Ok(fields)
}

fn listed(items: &[Value], number: usize, total: usize) -> Value {
    json!({
        "PageNumber": number,
        "PageRecordCount": items.len(),
        "TotalRecordCount": total,
        "Items": { "DBInstance": items },
    })
}
