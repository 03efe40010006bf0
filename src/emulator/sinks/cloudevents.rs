//! A receiver of `CloudEvents` 1.0 in structured mode (*documented*, but for the words).

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Message, Reply};

const REQUIRED: [&str; 4] = ["specversion", "id", "source", "type"];

/// Those that are texts if they are there.
const OPTIONAL: [&str; 4] = ["subject", "datacontenttype", "dataschema", "data_base64"];

pub(super) fn structured(message: &Message) -> Result<Reply, Reply> {
    if !message.is_of_type("application/cloudevents+json") {
        let why = "the Content-Type is not application/cloudevents+json";
        return Err(Reply::text(StatusCode::UNSUPPORTED_MEDIA_TYPE, why));
    }
    let event = message.body.as_object().ok_or("the event is not a JSON object".to_owned());
    event.and_then(check).map_err(|why| Reply::text(StatusCode::BAD_REQUEST, &why))?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn check(event: &Map<String, Value>) -> Result<(), String> {
    let text = |name: &str| event.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(name) = REQUIRED.into_iter().find(|name| text(name).is_none()) {
        return Err(format!("the attribute {name} is missing"));
    }
    if event["specversion"] != "1.0" {
        return Err("the attribute specversion is not 1.0".to_owned());
    }
    if let Some(name) = OPTIONAL.into_iter().find(|name| event.contains_key(*name) && text(name).is_none()) {
        return Err(format!("the attribute {name} is not a text"));
    }
    if event.contains_key("time") && text("time").and_then(|time| time.parse::<Timestamp>().ok()).is_none() {
        return Err("the attribute time is not a time of RFC 3339".to_owned());
    }
    if event.contains_key("data") && event.contains_key("data_base64") {
        return Err("there are both data and data_base64".to_owned());
    }
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    match event.keys().find(|name| *name != "data_base64" && !is_name(name)) {
        Some(name) => Err(format!("the attribute {name} is not named in lower-case letters and digits")),
        None => Ok(()),
    }
}
