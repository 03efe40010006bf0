//! Wording that every rendering shares: titles, facts and who is who, for a chat card and for a terminal.

use crate::outcome::{Outcome, Report};

/// What happened, in a few words.
pub fn title(report: &Report) -> &'static str {
    match report.outcome {
        Outcome::Enabled => "Backup encryption enabled",
        Outcome::AlreadyEnabled => "Backup encryption was on already",
        Outcome::Planned => "Backup encryption planned",
        Outcome::Refused => "Backup encryption refused",
        Outcome::Waiting => "Backup encryption waiting",
        Outcome::Failed => "Backup encryption failed",
        Outcome::Unknown => "Backup encryption: outcome unknown",
    }
}

/// The facts worth a line each, at most ten, in reading order.
pub fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Instance", report.instance.to_string()),
        ("Region", report.region.to_string()),
        ("Key", report.key.as_ref().map_or_else(|| "RDS's automatic key".to_owned(), ToString::to_string)),
    ];
    facts.extend(report.account.as_ref().map(|account| ("Account", account.to_string())));
    facts.extend(report.verdict.as_ref().map(|verdict| ("Verdict", verdict.is.as_str().to_owned())));
    facts.extend(report.rule.as_ref().map(|rule| ("Rule", rule.name.to_owned())));
    facts.extend(report.upstream.as_ref().and_then(|upstream| Some(("Code", upstream.code.clone()?))));
    facts.extend(report.origin.actor.as_ref().map(|actor| ("Asked by", actor.clone())));
    facts.extend(report.origin.event_name.as_ref().map(|event| ("Event", event.clone())));
    facts.truncate(10);
    facts
}
