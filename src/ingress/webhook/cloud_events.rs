//! `POST /v1/events`: the HTTP binding of `CloudEvents` 1.0, turned into the JSON envelope that the event door reads.
//!
//! Documented by that binding: the content types of the structured and the batched mode, any other content type being the
//! binary mode, `ce-` headers for attributes, and that their values are percent-decoded once, after quotes are taken off.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::media::{WrongContentType, media_type};
use super::{DeliveryDefaults, EventDoor, Intake, Verified};
use crate::ingress::event::{Nesting, each, json, read_one};
use crate::request::rejection::{Rejection, RejectionReason};

const READABLE: &str = "application/cloudevents+json, application/cloudevents-batch+json, or JSON with ce- headers";

/// The attributes that an event must have.
const REQUIRED: [(&str, &str); 4] =
    [("specversion", "ce-specversion"), ("id", "ce-id"), ("source", "ce-source"), ("type", "ce-type")];

/// The most attributes of one event, and the longest value of one, in bytes.
const MAX_ATTRIBUTES: usize = 64;
const MAX_VALUE: usize = 4096;

pub(super) fn read(
    headers: &HeaderMap,
    body: &Verified,
    door: &EventDoor,
    defaults: &DeliveryDefaults,
) -> Result<Intake, WrongContentType> {
    let raw = body.as_bytes();
    let nesting = Nesting::outside(raw, door, defaults);
    let read = |event: Result<Value, Rejection>| match event {
        Err(rejection) => Intake::rejecting(rejection),
        Ok(json) => each(json, nesting, |item, nesting, intake| match item {
            Value::Object(event) if event.contains_key("specversion") => read_one(event.into(), nesting, intake),
            Value::Object(_) => Err(Rejection::missing("specversion")),
            _ => Err(Rejection::new("body", RejectionReason::NotACloudEvent)),
        }),
    };
    match media_type(headers).as_deref() {
        Some("application/cloudevents+json") => Ok(read(structured(raw))),
        Some("application/cloudevents-batch+json") => Ok(read(batch(raw))),
        Some(other) if other.starts_with("application/cloudevents") => Err(WrongContentType(READABLE)),
        Some(data) if data == "application/json" || data.ends_with("+json") => {
            Ok(naming_headers(read(binary(headers, raw)), headers))
        }
        _ => Err(WrongContentType(READABLE)),
    }
}

/// Whether the attributes are headers.
pub(super) fn is_binary(headers: &HeaderMap) -> bool {
    media_type(headers).is_none_or(|kind| !kind.starts_with("application/cloudevents"))
}

fn structured(body: &[u8]) -> Result<Value, Rejection> {
    match json::read(body)? {
        Value::Array(_) => Err(Rejection::new("body", RejectionReason::UnexpectedArray)),
        event => Ok(event),
    }
}

fn batch(body: &[u8]) -> Result<Value, Rejection> {
    match json::read(body)? {
        events @ Value::Array(_) => Ok(events),
        _ => Err(Rejection::new("body", RejectionReason::NotAnArray)),
    }
}

fn binary(headers: &HeaderMap, body: &[u8]) -> Result<Value, Rejection> {
    let mut event = attributes(headers)?;
    for (attribute, header) in REQUIRED {
        if event.get(attribute).and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(Rejection::missing(header));
        }
    }
    if event.get("specversion").is_some_and(|version| version != "1.0") {
        return Err(Rejection::new("ce-specversion", RejectionReason::UnsupportedSpecVersion));
    }
    if let Some(kind) = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) {
        event.insert("datacontenttype".to_owned(), kind.into());
    }
    if !body.is_empty() {
        event.insert("data".to_owned(), json::read(body)?);
    }
    Ok(event.into())
}

fn attributes(headers: &HeaderMap) -> Result<Map<String, Value>, Rejection> {
    let mut event = Map::new();
    for name in headers.keys() {
        let Some(attribute) = name.as_str().strip_prefix("ce-") else { continue };
        if !(1..=32).contains(&attribute.len()) || !attribute.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Rejection::new("headers", RejectionReason::BadAttributeName));
        }
        let wrong = |reason| Rejection::new(name.as_str().to_owned(), reason);
        if attribute == "data" || attribute == "datacontenttype" {
            return Err(wrong(RejectionReason::NotAnAttribute));
        }
        let mut values = headers.get_all(name).iter();
        let value =
            values.next().filter(|_| values.next().is_none()).ok_or_else(|| wrong(RejectionReason::GivenTwice))?;
        event.insert(attribute.to_owned(), decode(value).map_err(wrong)?.into());
        if event.len() > MAX_ATTRIBUTES {
            return Err(Rejection::new("headers", RejectionReason::TooManyAttributes { limit: MAX_ATTRIBUTES }));
        }
    }
    Ok(event)
}

/// One value: quotes off, then percent-decoded once.
fn decode(value: &HeaderValue) -> Result<String, RejectionReason> {
    if value.len() > MAX_VALUE {
        return Err(RejectionReason::TooLong { limit: MAX_VALUE });
    }
    let text = value.to_str().map_err(|_| RejectionReason::NotPercentEncoded)?;
    let text = unquote(text);
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|b| *b == b'%') {
        let digits = rest.get(at + 1..at + 3).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        rest = digits.map(|_| &rest[at + 3..]).ok_or(RejectionReason::BadPercentEncoding)?;
    }
    percent_decode_str(&text).decode_utf8().map(Into::into).map_err(|_| RejectionReason::NotUtf8)
}

fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else { return text.to_owned() };
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    plain
}

/// Says which header is wrong where an attribute is.
fn naming_headers(mut intake: Intake, headers: &HeaderMap) -> Intake {
    for rejection in &mut intake.rejected {
        let header = format!("ce-{}", rejection.field);
        if headers.contains_key(&header) {
            rejection.field = header.into();
        }
    }
    intake
}
