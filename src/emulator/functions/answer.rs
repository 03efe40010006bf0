//! Answers in FC's form.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use super::{
    Answer, Refusal, new_request_id,
    wire::{Outcome, UNHANDLED},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-fc-request-id");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-fc-error-type");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The task is in the queue: 202 and nothing else (*inferred*; the header is *documented*).
pub(super) fn accepted(request_id: &str) -> Answer {
    answer(StatusCode::ACCEPTED, "OK".to_owned(), String::new(), request_id)
}

/// What the function said. Its status and headers are lost; that it failed is a header (*documented*).
pub(super) fn returned(outcome: &Outcome, request_id: &str) -> Answer {
    let mut answer = answer(StatusCode::OK, "OK".to_owned(), outcome.answer.clone(), request_id);
    if !outcome.is_success() {
        answer.headers.insert(ERROR_TYPE, HeaderValue::from_static(UNHANDLED));
    }
    answer
}

/// The body has the capitals of version 2023-03-30 (*read in code*).
pub(crate) fn refusal(refusal: Refusal) -> Answer {
    let request_id = new_request_id();
    let mut body = json!({ "Code": refusal.code, "Message": refusal.message, "RequestId": request_id });
    if let Some(detail) = refusal.access_denied {
        body["AccessDeniedDetail"] = detail;
    }
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = answer(status, refusal.code, body.to_string(), &request_id);
    answer.headers.insert(header::CONTENT_TYPE, JSON);
    answer.retry_after(refusal.retry_after_ms);
    answer
}

fn answer(status: StatusCode, code: String, body: String, request_id: &str) -> Answer {
    let id = HeaderValue::try_from(request_id).expect("hexadecimal digits are visible ASCII");
    Answer { status, code, body, headers: HeaderMap::from_iter([(REQUEST_ID, id)]) }
}
