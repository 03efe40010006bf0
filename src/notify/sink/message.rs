//! What goes out: mostly a message over HTTP.

use std::borrow::Cow;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::event_bridge::{self, EventBridge};

/// What one sink is sent.
pub enum Payload<'a> {
    Http(Message<'a>),
    /// An event for a bus, which the cloud's own client signs and sends.
    Event {
        bus: &'a EventBridge,
        event: Value,
    },
}

impl Payload<'_> {
    /// What the kind's limit counts, in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Http(message) => message.body.len(),
            Self::Event { event, .. } => event_bridge::size(event),
        }
    }
}

/// A message as it goes out over HTTP.
pub struct Message<'a> {
    /// Often a secret.
    pub url: Cow<'a, str>,
    pub headers: HeaderMap,
    pub body: String,
}

pub(super) fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))])
}

pub(super) fn bearer(token: Option<&SecretString>) -> HeaderMap {
    let value = token.and_then(|token| HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).ok());
    value.map(|value| (AUTHORIZATION, value)).into_iter().collect()
}
