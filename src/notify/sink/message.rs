//! A message as it goes out over HTTP.

use std::borrow::Cow;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

/// A message as it goes out.
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
