//! A `CloudEvents` receiver over HTTP, in the structured mode.
//!
//! Source: the specification's HTTP binding and webhook profile, 1.0 (documented: 200, 201, 202 and 204 are success, 410 ends
//! it, 429 comes with `Retry-After`). Receivers drop what has the same source and id.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::json;

use crate::outcome::{Recorded, Report};
use crate::request::ids::AccountId;

pub(super) fn headers() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/cloudevents+json; charset=utf-8"))])
}

/// The event, with the report as its data: its JSON goes in as it is.
pub(super) fn body(recorded: &Recorded) -> String {
    let report = &recorded.report;
    let mut event = json!({
        "specversion": "1.0",
        "id": report.id,
        "source": source(report),
        "type": kind(report),
        "subject": report.instance,
        "time": format!("{:.3}", report.finished_at),
        "datacontenttype": "application/json",
    })
    .to_string();
    event.truncate(event.len() - 1);
    format!("{event},\"data\":{}}}", recorded.json())
}

/// `//rds-seal/{account}/{region}`.
pub(super) fn source(report: &Report) -> String {
    let account = report.account.as_ref().map_or("-", AccountId::as_str);
    format!("//rds-seal/{account}/{}", report.region)
}

/// `rds-seal.report.enabled`.
pub(super) fn kind(report: &Report) -> String {
    format!("rds-seal.report.{}", report.outcome.as_str())
}
