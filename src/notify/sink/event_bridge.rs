//! A custom bus of the platform's `EventBridge`, by the RPC form of `PutEvents`, which the cloud's own client signs.
//!
//! Source: the vendor's page and SDK 8.7.0 (documented and read in code: capitalised names, the list as JSON text; success is
//! status 200 and no failed entry; an event of 64 KB satisfies every page). The default bus takes only the vendor's events.

use serde_json::json;

use super::cloud_events::{kind, source};
use crate::aliyun::credentials::Credentials;
use crate::aliyun::eventbridge::PutEvents;
use crate::aliyun::{Client, Target, Trace};
use crate::notify::sink_error::SinkError;
use crate::outcome::Recorded;
use crate::request::ids::RegionId;
use crate::time::Deadline;

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

impl EventBridge {
    /// Puts one report on the bus, as whoever signs.
    pub(in crate::notify) async fn put(
        &self,
        recorded: &Recorded,
        client: &Client,
        cloud: CloudAccess<'_>,
        deadline: Deadline,
    ) -> Result<(), SinkError> {
        let credentials = cloud.credentials.ok_or(SinkError::NoCredentials)?;
        let report = &recorded.report;
        let events = json!([{
            "Id": report.id,
            "Source": source(report),
            "Type": kind(report),
            "Subject": report.instance,
            "Time": format!("{:.3}", report.finished_at),
            "DataContentType": "application/json",
            "SpecVersion": "1.0",
            "Data": recorded.json(),
        }])
        .to_string();
        let operation = PutEvents { bus: &self.bus, events: &events };
        let target = Target { credentials: Some(credentials), region: self.region.as_str(), deadline };
        match client.call(&operation, target, &mut Trace::default()).await {
            Ok(answer) if answer.failed() == 0 => Ok(()),
            Ok(answer) => Err(SinkError::Cloud { code: answer.first_error() }),
            Err(failure) => Err(SinkError::Cloud { code: failure.code.unwrap_or_else(|| "no answer".to_owned()) }),
        }
    }
}
