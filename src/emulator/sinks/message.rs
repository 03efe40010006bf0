//! A message as it came off the wire, and as it is kept.

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::encoding::{self, Pair};

pub(crate) struct Message {
    pub(super) query: Vec<Pair>,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Bytes,
    /// What the bytes say if they are JSON, else the text they are.
    pub(super) body: Value,
}

/// A message that was taken.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Notification {
    sink: &'static str,
    query: Map<String, Value>,
    headers: Map<String, Value>,
    body: Value,
}

/// A message that was answered like one that is taken, and that nobody will ever see.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Dropped {
    #[serde(flatten)]
    pub(super) notification: Notification,
    pub(super) why: &'static str,
}

impl Message {
    pub(crate) fn new(query: Option<String>, headers: HeaderMap, bytes: Bytes) -> Self {
        let query = encoding::decode(query.unwrap_or_default().as_bytes());
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&bytes)));
        Self { query, headers, bytes, body }
    }

    /// A parameter of the query. Empty is absent.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.iter();
        pairs.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A text of the body. Empty is absent.
    pub(super) fn text(&self, pointer: &str) -> Option<&str> {
        self.body.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
    }

    pub(super) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether its content is of this type, whatever is said about the character set.
    pub(super) fn is_of_type(&self, wanted: &str) -> bool {
        let essence = self.header(header::CONTENT_TYPE).and_then(|value| value.split(';').next()).unwrap_or_default();
        essence.trim().eq_ignore_ascii_case(wanted)
    }
}

impl Notification {
    pub(crate) fn new(sink: &'static str, query: &[Pair], headers: &HeaderMap, body: Value) -> Self {
        let query = query.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let headers = headers.keys().map(|name| (name.to_string(), joined(headers, name.as_str()))).collect();
        Self { sink, query, headers, body }
    }
}

impl Notification {
    /// What a page may show of it: no header and no query, which may prove who sent it, and no secret that is told.
    pub(crate) fn shown(&self) -> Value {
        let mut body = self.body.clone();
        for secret in ["app_secret", "routing_key", "sign"] {
            if let Some(told) = body.get_mut(secret) {
                *told = Value::from("…");
            }
        }
        json!({ "sink": self.sink, "body": body })
    }
}

fn joined(headers: &HeaderMap, name: &str) -> Value {
    let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    Value::from(values.collect::<Vec<_>>().join(", "))
}
