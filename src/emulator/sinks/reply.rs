//! What a vendor says to a message, and what becomes of the message.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: String,
}

#[derive(Debug)]
pub(super) enum Verdict {
    Kept(Reply),
    /// The sender hears the same, and the message is lost: here is why.
    Dropped(Reply, &'static str),
    Refused(Reply),
}

impl Reply {
    pub(super) fn empty(status: StatusCode) -> Self {
        Self::text(status, "")
    }

    pub(super) fn text(status: StatusCode, body: &str) -> Self {
        Self { status, body: body.to_owned() }
    }

    /// Most vendors answer everything with a 200.
    pub(super) fn ok(body: &Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        Self { status, body: body.to_string() }
    }
}

impl From<Result<Reply, Reply>> for Verdict {
    fn from(result: Result<Reply, Reply>) -> Self {
        match result {
            Ok(reply) => Self::Kept(reply),
            Err(reply) => Self::Refused(reply),
        }
    }
}

impl IntoResponse for Reply {
    /// An object is JSON, everything else is text.
    fn into_response(self) -> Response {
        let is_object = serde_json::from_str::<Value>(&self.body).is_ok_and(|body| body.is_object());
        let content_type = is_object.then_some([(header::CONTENT_TYPE, "application/json; charset=utf-8")]);
        match content_type {
            Some(content_type) => (self.status, content_type, self.body).into_response(),
            None => (self.status, self.body).into_response(),
        }
    }
}
