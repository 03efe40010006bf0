//! What a person sees. Colours are left out where the output is no terminal or `NO_COLOR` asks for it.

use std::process::ExitCode;

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};

use super::Unable;
use crate::aliyun::error::KnownError;
use crate::app::Answer;
use crate::outcome::{Outcome, Recorded, Report};
use crate::request::ids::printable;

const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();
const GREY: Style = AnsiColor::BrightBlack.on_default();
const BOLD: Style = Style::new().bold();

/// The answer object, as one line.
pub(super) fn json(answer: &Answer) {
    println!("{}", answer.to_json());
}

/// A short summary: what happened to which instance, why, and what to do.
pub(super) fn answer(answer: &Answer) {
    for recorded in &answer.reports {
        report(&recorded.report);
    }
    for ignored in &answer.ignored {
        println!("{GREY}○ ignored{GREY:#}  event {}: {}", printable(&ignored.event_id), ignored.reason);
    }
    for rejection in &answer.rejected {
        println!("{RED}✗ rejected{RED:#}  {rejection}");
    }
    if answer.has_untold {
        println!("{RED}✗ a required sink was not reached{RED:#}: the log says which");
    }
}

fn report(report: &Report) {
    let (style, sign) = look(report.outcome);
    let outcome = report.outcome.as_str().replace('_', " ");
    println!("{style}{sign} {outcome}{style:#}  {BOLD}{}{BOLD:#}  {}", report.instance, report.region);
    println!("  {}", report.message);
    if let Some(step) = &report.next_step {
        println!("  {CYAN}next:{CYAN:#} {step}");
    }
    println!("  {GREY}{}{GREY:#}", footer(report));
}

fn look(outcome: Outcome) -> (Style, char) {
    match outcome {
        Outcome::Enabled => (GREEN, '✓'),
        Outcome::AlreadyEnabled => (GREEN, '='),
        Outcome::Planned => (CYAN, '?'),
        Outcome::Refused => (YELLOW, '✗'),
        Outcome::Waiting => (YELLOW, '…'),
        Outcome::Failed | Outcome::Unknown => (RED, '✗'),
    }
}

fn footer(report: &Report) -> String {
    let mut parts = Vec::new();
    if let Some(upstream) = &report.upstream {
        let calls = if upstream.calls == 1 { "call" } else { "calls" };
        parts.push(format!("{} {calls}, {} ms", upstream.calls, upstream.ms));
        parts.extend(upstream.request_id.as_ref().map(|id| format!("request {id}")));
    }
    parts.push(format!("report {}", report.id));
    parts.join(" · ")
}

/// The highest of what the parts of an answer call for.
pub(super) fn exit_code(answer: &Answer) -> u8 {
    let of_report = |recorded: &Recorded| match recorded.report.outcome {
        Outcome::Enabled | Outcome::AlreadyEnabled | Outcome::Planned => 0,
        Outcome::Refused => 3,
        Outcome::Failed => 4,
        Outcome::Waiting | Outcome::Unknown => 5,
    };
    let reports = answer.reports.iter().map(of_report).max().unwrap_or(0);
    let rejected = if answer.rejected.is_empty() { 0 } else { 2 };
    let untold = if answer.has_untold { 4 } else { 0 };
    reports.max(rejected).max(untold)
}

pub(super) fn explanation(error: &KnownError) {
    let status = error.status.map(|status| format!("  HTTP {status}")).unwrap_or_default();
    println!("{BOLD}{}{BOLD:#}{GREY}{status}  kind {}{GREY:#}", error.code, error.kind.as_str());
    if !error.message.is_empty() {
        println!("  the service says: {}", error.message);
    }
    println!("  {CYAN}next:{CYAN:#} {}", error.next_step);
}

pub(super) fn unknown_code(code: &str, suggestions: &[&str]) {
    let hint = match suggestions {
        [] => String::new(),
        near => format!(": did you mean {}?", near.join(", ")),
    };
    eprintln!("{RED}error:{RED:#} {} is not a code this program knows{hint}", printable(code));
}

/// Says why a command could not be carried out.
pub(super) fn unable(unable: &Unable) -> ExitCode {
    eprintln!("{RED}error:{RED:#} {unable}");
    ExitCode::from(2)
}

/// One line for the person who started a server.
#[cfg(feature = "dev")]
pub(super) fn line(text: &str) {
    println!("{text}");
}
