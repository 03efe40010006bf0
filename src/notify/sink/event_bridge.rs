//! A custom bus of the platform's `EventBridge`, by the RPC form of `PutEvents`, which the cloud's own client signs.
//!
//! Source: the vendor's page and SDK 8.7.0 (documented and read in code: capitalised names, the list as JSON text; success is
//! status 200 and no failed entry; an event of 64 KB satisfies every page). The default bus takes only the vendor's events.

use std::time::Duration;

use serde_json::{Value, json};

use super::cloud_events::{kind, source};
use crate::aliyun::credentials::Credentials;
use crate::aliyun::error::Failure;
use crate::aliyun::eventbridge::PutEvents;
use crate::aliyun::{Client, Target, Trace};
use crate::kind::NoAnswer;
use crate::notify::answers::Reply;
use crate::notify::sink_error::SinkError;
use crate::outcome::Recorded;
use crate::request::ids::RegionId;
use crate::time::Deadline;

/// The vendor counts an event's time as this much, however it is written (documented).
const BYTES_OF_TIME: usize = 36;

/// Where events are put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBridge {
    pub bus: String,
    pub region: RegionId,
}

/// As whom a sink of the cloud's own is told.
#[derive(Debug, Clone, Copy)]
pub struct CloudAccess<'a> {
    pub credentials: Option<&'a Credentials>,
}

/// A report as the bus takes it.
pub(super) fn event(recorded: &Recorded) -> Value {
    let report = &recorded.report;
    json!({
        "Id": report.id,
        "Source": source(report),
        "Type": kind(report),
        "Subject": report.instance,
        "Time": format!("{:.3}", report.finished_at),
        "DataContentType": "application/json",
        "SpecVersion": "1.0",
        "Data": recorded.json(),
    })
}

/// What the limit counts: all attributes and the data, in UTF-8 (documented).
pub(super) fn size(event: &Value) -> usize {
    let bytes = |(name, value): (&String, &Value)| match value {
        _ if name == "Time" => BYTES_OF_TIME,
        value => value.as_str().map_or(0, str::len),
    };
    event.as_object().into_iter().flatten().map(bytes).sum()
}

impl EventBridge {
    /// Puts one event on the bus, as whoever signs, in one attempt.
    pub(in crate::notify) async fn put(
        &self,
        event: &Value,
        client: &Client,
        cloud: CloudAccess<'_>,
        within: Duration,
    ) -> Result<Reply, SinkError> {
        let credentials = Some(cloud.credentials.ok_or(SinkError::NoCredentials)?);
        let events = json!([event]).to_string();
        let operation = PutEvents { bus: &self.bus, events: &events };
        let target = Target { credentials, region: self.region.as_str(), deadline: Deadline::after(within) };
        match client.call(&operation, target, &mut Trace::default()).await {
            Ok(answer) => {
                let code = if answer.failed() == 0 { "ok".to_owned() } else { answer.first_error() };
                Ok(Reply { status: 200, code, text: String::new(), retry_after: None })
            }
            Err(failure) => refusal(failure),
        }
    }
}

/// What the cloud said instead, if it said anything that counts.
fn refusal(failure: Failure) -> Result<Reply, SinkError> {
    match (failure.no_answer, failure.http_status) {
        (Some(NoAnswer::NotConnected { .. }), _) => Err(SinkError::NotConnected),
        // A page in place of a success says nothing.
        (_, None | Some(..400)) if failure.code.is_none() => Err(SinkError::NoAnswer),
        (_, status) => Ok(Reply {
            status: status.unwrap_or_default(),
            code: failure.code.unwrap_or_default(),
            text: String::new(),
            retry_after: failure.retry_after,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_an_event_is_what_the_vendor_counts() {
        let event = json!({"Id": "01", "Time": "2026-11-24T08:00:00.000Z", "Data": "é\"\n"});
        assert_eq!(size(&event), 2 + BYTES_OF_TIME + 4, "in UTF-8, and not as JSON writes it");
    }
}
