//! EventBridge, version 2020-04-01: `PutEvents`. What a bus takes is kept among the notifications. Every bus exists.

use serde_json::{Value, json};

use super::{Arrival, Invocation, Notification, Refusal, answer::new_request_id};

/// The limits that satisfy every page of the vendor's (*documented*).
const MOST_EVENTS: usize = 16;
const MOST_BYTES: usize = 64 * 1024;
/// An event's time counts as this much, however it is written (*documented*).
const BYTES_OF_TIME: usize = 36;

/// The attributes that have to be there, then those that need not; each with the most characters (*documented*, or as
/// much as the whole event may have).
const REQUIRED: [(&str, usize); 3] = [("Id", 128), ("Source", 128), ("Type", 64)];
const OPTIONAL: [(&str, usize); 5] = [
    ("Subject", 512),
    ("DataContentType", MOST_BYTES),
    ("DataSchema", MOST_BYTES),
    ("SpecVersion", MOST_BYTES),
    ("Time", MOST_BYTES),
];

/// The bus that is asked. Its parameters are a form's and no query's (*read in code*; that a query is not looked at is
/// *inferred*).
pub(super) fn bus(arrival: &Arrival) -> Option<&str> {
    field(arrival, "EventBusName")
}

/// An event that is not taken fails alone (*documented*); which code and words it gets is *inferred*.
pub(super) fn put(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let arrival = call.arrival;
    let bus = bus(arrival).ok_or_else(|| Refusal::missing("EventBusName"))?;
    let list = field(arrival, "EventList").ok_or_else(|| Refusal::missing("EventList"))?;
    let events: Option<Vec<Value>> = serde_json::from_str(list).ok();
    let events = events.filter(|events| (1..=MOST_EVENTS).contains(&events.len()));
    let events = events.ok_or_else(|| Refusal::invalid("EventList"))?;
    let judged: Vec<_> = events.into_iter().map(|event| check(&event).map(|()| event)).collect();
    let entries: Vec<Value> = judged.iter().map(entry).collect();
    let failed = judged.iter().filter(|event| event.is_err()).count();
    let taken: Vec<Value> = judged.into_iter().filter_map(Result::ok).collect();
    if !taken.is_empty() {
        let body = json!({ "EventBusName": bus, "EventList": taken });
        let notification = Notification::new("eventbridge", &arrival.query, &arrival.headers, body);
        call.world.notifications.push(notification);
    }
    Ok(json!({
        "Success": true,
        "Code": "200",
        "Message": "",
        "Data": { "FailedEntryCount": failed, "EntryList": entries },
    }))
}

fn field<'a>(arrival: &'a Arrival, name: &str) -> Option<&'a str> {
    let mut pairs = arrival.form.iter();
    pairs.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

fn entry(event: &Result<Value, String>) -> Value {
    let trace = new_request_id().replace('-', "");
    match event {
        Ok(event) => json!({ "EventId": event["Id"], "TraceId": trace }),
        Err(why) => json!({ "TraceId": trace, "ErrorCode": "InvalidArgument", "ErrorMessage": why }),
    }
}

fn check(event: &Value) -> Result<(), String> {
    let fields = event.as_object().ok_or("The event is not an object.")?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some((name, _)) = REQUIRED.into_iter().find(|(name, _)| text(name).is_none()) {
        return Err(format!("{name} is missing."));
    }
    let is_long = |(name, most): &(&str, usize)| text(name).is_some_and(|text| text.chars().count() > *most);
    if let Some((name, _)) = REQUIRED.into_iter().chain(OPTIONAL).find(is_long) {
        return Err(format!("{name} is too long."));
    }
    let is_known = |name: &str| name == "Data" || REQUIRED.iter().chain(&OPTIONAL).any(|(known, _)| *known == name);
    if let Some(name) = fields.keys().find(|name| !is_known(name)) {
        return Err(format!("{name} is no attribute of an event."));
    }
    if !event["Id"].as_str().is_some_and(is_id) {
        return Err("Id has other characters than letters, digits and hyphens.".to_owned());
    }
    if size(event) > MOST_BYTES { Err("The event has more than 64 KB.".to_owned()) } else { Ok(()) }
}

/// It begins with a letter or a digit (*documented*).
fn is_id(id: &str) -> bool {
    !id.starts_with('-') && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// All attributes and the data in UTF-8 (*documented*).
fn size(event: &Value) -> usize {
    let bytes = |(name, value): (&String, &Value)| match value {
        _ if name == "Time" => BYTES_OF_TIME,
        Value::String(text) => text.len(),
        other => other.to_string().len(),
    };
    event.as_object().into_iter().flatten().map(bytes).sum()
}
