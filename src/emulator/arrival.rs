//! A request to the cloud as it came off the wire, with its parameters decoded.

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, header, request::Parts},
};

use super::encoding::{self, Pair};

pub(super) struct Arrival {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) query: Vec<Pair>,
    /// The body's parameters, if it is a form.
    pub(super) form: Vec<Pair>,
    pub(super) body: Bytes,
}

impl Arrival {
    pub(super) fn new(parts: Parts, body: Bytes) -> Self {
        let query = encoding::decode(parts.uri.query().unwrap_or_default().as_bytes());
        let form = if is_form(&parts.headers) { encoding::decode(&body) } else { Vec::new() };
        Self { method: parts.method, path: parts.uri.path().to_owned(), headers: parts.headers, query, form, body }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn host(&self) -> &str {
        self.header(header::HOST.as_str()).unwrap_or_default()
    }

    /// A parameter of the query or of the form. Empty is absent (*inferred*; SDKs send empty values for unset ones).
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.iter().chain(&self.form);
        pairs.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The operation asked for.
    pub(super) fn action(&self) -> Option<&str> {
        self.common("x-acs-action", "Action")
    }

    /// The version of the API asked for.
    pub(super) fn version(&self) -> Option<&str> {
        self.common("x-acs-version", "Version")
    }

    /// The instance, whichever spelling the operation has for it.
    pub(super) fn instance(&self) -> Option<&str> {
        ["DBInstanceName", "DBInstanceId", "DBInstanceID"].into_iter().find_map(|name| self.parameter(name))
    }

    /// The KMS key, whichever spelling the operation has for it.
    pub(super) fn key(&self) -> Option<&str> {
        self.parameter("EncryptionKey").or_else(|| self.parameter("KeyId"))
    }

    /// The values of `{name}.1{end}`, `{name}.2{end}` and so on, until one is absent.
    pub(super) fn numbered<'a>(&'a self, name: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
        (1..).map_while(move |number: u32| self.parameter(&format!("{name}.{number}{end}")))
    }

    /// With an `Authorization` the headers count, else the parameters; old SDKs send both (*read in code*). Without
    /// either the headers count again: so new SDKs call operations that need no signature (*read in code*).
    fn common(&self, header: &str, parameter: &str) -> Option<&str> {
        let signed = self.headers.contains_key(header::AUTHORIZATION);
        let parameter = if signed { None } else { self.parameter(parameter) };
        parameter.or_else(|| self.header(header))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
