//! `PagerDuty`'s Events API v2: a failure opens an alert, and the same instance's success resolves it.
//!
//! Source: `PagerDuty`'s developer pages (documented: 202 is queued, 120 events a minute and key, a summary of 1024
//! characters, a key of 255).

use std::collections::BTreeSet;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::card::{Locale, fitted_chars};
use crate::outcome::{Outcome, Recorded, Report};

/// What it is told of, where its route says `on`, and where it says nothing: then nothing that nobody has to get up for. Alerts
/// are resolved, whatever else is heard of.
pub(super) fn hears(on: Option<&BTreeSet<Outcome>>, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Enabled | Outcome::AlreadyEnabled => true,
        Outcome::Planned => false,
        Outcome::Failed | Outcome::Unknown => on.is_none_or(|on| on.contains(&outcome)),
        Outcome::Refused | Outcome::Waiting => on.is_some_and(|on| on.contains(&outcome)),
    }
}

pub(super) fn body(routing_key: &SecretString, recorded: &Recorded, locale: Locale) -> String {
    let report = &recorded.report;
    let mut event = json!({
        "routing_key": routing_key.expose_secret(),
        "event_action": if severity(report.outcome).is_some() { "trigger" } else { "resolve" },
        "dedup_key": key(report),
        "client": "rds-seal",
    });
    if let Some(severity) = severity(report.outcome) {
        let language = locale.language;
        let summary = format!("{}: {} ({})", language.headline(report), report.instance, report.region);
        event["payload"] = json!({
            "summary": fitted_chars(&summary, 1024),
            "source": report.instance,
            "severity": severity,
            "timestamp": format!("{:.3}", report.finished_at),
            "component": "rds",
            "group": report.region,
            "class": "backup-encryption",
            "custom_details": serde_json::from_str::<Value>(recorded.json()).unwrap_or_default(),
        });
    }
    event.to_string()
}

/// Of an alert; nothing where the report ends one. A plan opens none, so that a test of the sink wakes nobody.
pub(super) fn severity(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Enabled | Outcome::AlreadyEnabled | Outcome::Planned => None,
        Outcome::Failed => Some("error"),
        Outcome::Unknown => Some("critical"),
        Outcome::Refused | Outcome::Waiting => Some("warning"),
    }
}

/// One alert for each instance. The account is no part of it: a failure may come before it is known.
fn key(report: &Report) -> String {
    format!("rds-seal/{}/{}", report.region, report.instance)
}
