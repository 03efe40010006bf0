//! What happens in a world: the events, made from the seed alone, and what is to become of each.

use std::cell::Cell;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cloud::{ACCOUNT, REGION};
use crate::random::Random;

/// What is to become of the instances of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Sealed,
    /// Something forbids it, or nobody asked.
    Untouched,
    /// There is no such instance: it fails.
    Failed,
    /// It cannot be read as a whole, and goes round until the platform gives it up.
    Buried,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Event,
    Webhook,
    /// Out of the queue.
    Task,
    /// The same before its time, besides.
    EarlyTask {
        due: Timestamp,
    },
}

/// Something that the platform delivers until it is told that it is done.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) number: u64,
    pub(crate) way: Way,
    pub(crate) body: Vec<u8>,
    pub(crate) instances: Vec<String>,
    pub(crate) wanted: Wanted,
    pub(crate) event_id: String,
    pub(crate) attempt: Cell<u32>,
    pub(crate) is_acknowledged: Cell<bool>,
    /// It went round too often, or was refused for good: the platform keeps it.
    pub(crate) is_buried: Cell<bool>,
}

/// The prefixes of instances, which say what they are like.
pub(crate) const OPEN: &str = "rm-demoq";
const CLOSED: &str = "rm-demox";
const WAITING: &str = "rm-wait";
const TAGGED: &str = "rm-tag";
const MISSING: &str = "rm-gone";
const DOUBTFUL: &str = "rm-demod";

/// The rule that every run has.
pub(crate) const ALLOWED: &str =
    "instances = [\"rm-demoq*\", \"rm-wait*\", \"rm-tag*\", \"rm-gone*\", \"rm-demod*\"]\n";

/// One that keeps out nearly all of them.
pub(crate) const NARROW: &str = "instances = [\"rm-tag*\"]\n";

/// The tag that exempts an instance, where that is looked at.
pub(crate) const EXEMPT: &str = "seal:exempt";

/// An instance whose first write loses its answer, and whose second is refused for a reason of the caller's.
pub(crate) fn is_doubtful(instance: &str) -> bool {
    instance.starts_with(DOUBTFUL)
}

/// An item that will be told again whatever is done for its instance.
pub(crate) fn is_half_readable(item: &Item) -> bool {
    item.wanted == Wanted::Buried && !item.instances.is_empty()
}

/// The instances that have to be listed with the cloud before anything happens.
pub(crate) fn listed(items: &[std::rc::Rc<Item>], chance: &mut Random) -> Value {
    let mut listed = Vec::new();
    for id in items.iter().flat_map(|item| &item.instances) {
        if id.starts_with(WAITING) {
            listed.push(json!({"id": id, "ready_after_ms": chance.pick(&[30_000_u32, 100_000, 400_000])}));
        } else if id.starts_with(TAGGED) {
            listed.push(json!({"id": id, "tags": {EXEMPT: "yes"}}));
        }
    }
    Value::from(listed)
}

/// One event of a run. `exempts` says whether tags are looked at.
pub(crate) fn event(run: &str, number: u64, exempts: bool, now: Timestamp, chance: &mut Random) -> Item {
    let id = |prefix: &str| format!("{prefix}{run}n{number}");
    let event_id = format!("e-{run}-{number}");
    let made = |id: &str| created(id, &event_id, "CreateDBInstance", now);
    let asked = |id: &str, more: Value| asked(id, &event_id, &more);
    // The first is half readable: they are so few that a short run would have none.
    let kind = if number == 0 { 970 } else { chance.below(1000) };
    let (way, body, instances, wanted) = match kind {
        0..400 => (Way::Event, made(&id(OPEN)), vec![id(OPEN)], Wanted::Sealed),
        400..500 => {
            let ids: Vec<String> = (0..2 + chance.below(5)).map(|part| format!("{}b{part}", id(OPEN))).collect();
            (Way::Event, made(&ids.join(",")), ids, Wanted::Sealed)
        }
        500..570 => (Way::Event, asked(&id(OPEN), json!({})), vec![id(OPEN)], Wanted::Sealed),
        570..680 => (Way::Webhook, asked(&id(OPEN), json!({})), vec![id(OPEN)], Wanted::Sealed),
        680..770 => (Way::Event, made(&id(WAITING)), vec![id(WAITING)], Wanted::Sealed),
        770..810 => (Way::Event, made(&id(DOUBTFUL)), vec![id(DOUBTFUL)], Wanted::Sealed),
        810..840 => (Way::Event, asked(&id(OPEN), json!({"mode": "plan"})), vec![id(OPEN)], Wanted::Untouched),
        840..880 => (Way::Event, made(&id(CLOSED)), vec![id(CLOSED)], Wanted::Untouched),
        880..910 => {
            let wanted = if exempts { Wanted::Untouched } else { Wanted::Sealed };
            (Way::Event, made(&id(TAGGED)), vec![id(TAGGED)], wanted)
        }
        910..930 => {
            let other = json!({"account": "6543210987654321"});
            (Way::Event, asked(&id(OPEN), other), vec![id(OPEN)], Wanted::Untouched)
        }
        930..945 => {
            let deleted = created(&id(OPEN), &event_id, "DeleteDBInstance", now);
            (Way::Event, deleted, vec![id(OPEN)], Wanted::Untouched)
        }
        945..965 => (Way::Event, made(&id(MISSING)), vec![id(MISSING)], Wanted::Failed),
        965..985 => (Way::Event, made(&format!("{},not/an/id", id(WAITING))), vec![id(WAITING)], Wanted::Buried),
        _ => (Way::Event, br#"{"specversion":"1.0","cut"#.to_vec(), Vec::new(), Wanted::Buried),
    };
    Item::new(number, way, body, instances, wanted, event_id)
}

impl Item {
    pub(crate) fn new(
        number: u64,
        way: Way,
        body: Vec<u8>,
        instances: Vec<String>,
        wanted: Wanted,
        event_id: String,
    ) -> Self {
        let (attempt, is_acknowledged, is_buried) = (Cell::new(0), Cell::new(false), Cell::new(false));
        Self { number, way, body, instances, wanted, event_id, attempt, is_acknowledged, is_buried }
    }

    pub(crate) fn is_early(&self) -> bool {
        matches!(self.way, Way::EarlyTask { .. })
    }

    pub(crate) fn is_task(&self) -> bool {
        self.way == Way::Task || self.is_early()
    }
}

/// What ActionTrail says of a call, as the event bus wraps it.
fn created(instance: &str, event_id: &str, call: &str, now: Timestamp) -> Vec<u8> {
    let time = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let event = json!({
        "id": event_id,
        "source": "acs.rds",
        "specversion": "1.0",
        "type": "rds:ActionTrail:ApiCall",
        "time": time,
        "aliyunaccountid": ACCOUNT,
        "aliyunoriginalaccountid": ACCOUNT,
        "aliyunregionid": REGION,
        "data": {
            "eventId": event_id,
            "eventName": call,
            "eventTime": time,
            "acsRegion": REGION,
            "serviceName": "Rds",
            "requestParameters": {"RegionId": REGION},
            "responseElements": {"DBInstanceId": instance},
            "userIdentity": {"userName": "root"},
        },
    });
    event.to_string().into_bytes()
}

/// A direct request, with fields besides the usual ones.
fn asked(instance: &str, event_id: &str, more: &Value) -> Vec<u8> {
    let mut request = json!({"instance": instance, "region": REGION, "id": event_id});
    let (fields, more) = (request.as_object_mut(), more.as_object().cloned());
    fields.expect("it is an object").extend(more.unwrap_or_default());
    request.to_string().into_bytes()
}
