//! What a person sees. Colours are left out where the output is no terminal or `NO_COLOR` asks for it.

use std::fmt::Arguments;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

use super::Unable;
use super::check::table::{State, Table};
use crate::aliyun::error::KnownError;
use crate::aliyun::ram;
use crate::app::DeliveryResult;
use crate::notify::SinkError;
use crate::outcome::{Outcome, Recorded, Report};
use crate::request::facts::Evidence;
use crate::request::ids::printable;
use crate::words::{self, Language};

const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();
const GREY: Style = AnsiColor::BrightBlack.on_default();
const BOLD: Style = Style::new().bold();

/// A line on stdout. A reader who has left, or a full disk, is no reason to stop: what was done is on record.
fn say(line: Arguments<'_>) {
    let _ = writeln!(anstream::stdout(), "{line}");
}

/// A line on stderr.
fn warn(line: Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// The words this program knows, for whoever gave it none.
pub(super) fn help(command: &clap::Command) {
    warn(format_args!("{}", command.clone().render_help()));
}

/// The answer object, as one line. A machine that did not get it has to know.
pub(super) fn json(answer: &DeliveryResult) -> Result<(), Unable> {
    let unprinted = |error| format!("the answer could not be printed: {error}; the reports are on stderr");
    Ok(writeln!(std::io::stdout(), "{}", answer.to_json()).map_err(unprinted)?)
}

/// What a policy cannot allow, for no configuration names it.
pub(super) fn key_of_secrets() {
    let action = ram::ON_KEYS_OF_SECRETS;
    warn(format_args!("where a key of your own encrypts the secrets in KMS, allow {action} on that key too"));
}

/// A table as one line.
pub(super) fn one_line(table: &Table) -> Result<(), Unable> {
    let line = serde_json::to_string(table)?;
    Ok(writeln!(std::io::stdout(), "{line}").map_err(|error| format!("the table could not be printed: {error}"))?)
}

/// A table for a person: what was looked at, how it is, and what to do.
pub(super) fn table(table: &Table) {
    let width = table.checks.iter().map(|row| row.what.chars().count()).max().unwrap_or(0);
    for row in &table.checks {
        let (style, sign) = match row.state {
            State::Ok => (GREEN, '✓'),
            State::Note => (YELLOW, '!'),
            State::Failed => (RED, '✗'),
            State::Untried => (GREY, '○'),
        };
        say(format_args!("{style}{sign}{style:#} {BOLD}{:width$}{BOLD:#}  {}", row.what, row.detail));
        if let Some(step) = &row.next_step {
            say(format_args!("  {:width$}  {CYAN}next:{CYAN:#} {step}", ""));
        }
    }
}

/// A document to be kept or pasted, on several lines.
pub(super) fn document(document: &serde_json::Value) -> Result<(), Unable> {
    let text = serde_json::to_string_pretty(document)?;
    Ok(writeln!(std::io::stdout(), "{text}").map_err(|error| format!("the document could not be printed: {error}"))?)
}

/// A command that is ready to be given to a shell.
pub(super) fn command(text: &str) -> Result<(), Unable> {
    Ok(writeln!(std::io::stdout(), "{text}").map_err(|error| format!("the command could not be printed: {error}"))?)
}

/// A short summary: what happened to which instance, why, and what to do. What cannot be read is said to be of a file,
/// where there are several.
pub(super) fn answer(answer: &DeliveryResult, file: Option<&Path>) {
    for recorded in &answer.reports {
        report(&recorded.report);
    }
    for ignored in &answer.ignored {
        say(format_args!(
            "{GREY}○ ignored{GREY:#}  event {}: {}",
            printable(&ignored.event_id),
            words::ignored(&ignored.reason)
        ));
    }
    let file = file.map(|file| format!("{}: ", printable(&file.to_string_lossy()))).unwrap_or_default();
    for rejection in &answer.rejected {
        say(format_args!("{RED}✗ rejected{RED:#}  {file}{}", Language::En.rejection(rejection)));
    }
    if !answer.unrecorded.is_empty() {
        say(format_args!("{RED}✗ a report is not on record{RED:#}: the audit stream took no line"));
    }
    if !answer.unpublished.is_empty() {
        say(format_args!("{RED}✗ a required sink was not reached{RED:#}: the log says which"));
    }
}

fn report(report: &Report) {
    let (style, sign) = look(report.outcome);
    let outcome = report.outcome.as_str().replace('_', " ");
    say(format_args!("{style}{sign} {outcome}{style:#}  {BOLD}{}{BOLD:#}  {}", report.instance, report.region));
    say(format_args!("  {}", report.message));
    for why in report.verdict.iter().flat_map(|verdict| verdict.why.iter().skip(1)) {
        say(format_args!("  · {why}"));
    }
    for (name, value) in report.evidence.iter().flat_map(evidence) {
        say(format_args!("  {GREY}{name:<11}{GREY:#} {value}"));
    }
    if let Some(step) = &report.next_step {
        say(format_args!("  {CYAN}next:{CYAN:#} {step}"));
    }
    say(format_args!("  {GREY}{}{GREY:#}", footer(report)));
}

/// What was read, a line for each thing.
fn evidence(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(facts) = &evidence.instance {
        let engine = [&facts.engine, &facts.engine_version].map(|word| word.as_deref().unwrap_or("?")).join(" ");
        let rest = [&facts.category, &facts.storage, &facts.instance_type, &facts.lock_mode];
        let words = rest.into_iter().flatten().map(String::as_str);
        let words: Vec<&str> = [facts.status.as_str(), &engine].into_iter().chain(words).collect();
        lines.push(("instance", printable(&words.join(", "))));
    }
    if let Some(tags) = &evidence.tags {
        let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let shown = if tags.is_empty() { "none".to_owned() } else { printable(&tags.join(", ")) };
        lines.push(("tags", shown));
    }
    let yes = |yes| if yes { "yes" } else { "no" };
    lines.extend(evidence.region_supported.map(|is| ("supported", yes(is).to_owned())));
    lines.extend(evidence.role_present.map(|is| ("role", if is { "present" } else { "missing" }.to_owned())));
    if let Some(key) = &evidence.key {
        let words = [Some(&key.state), key.usage.as_ref(), key.spec.as_ref()].into_iter().flatten();
        lines.push(("key", printable(&words.map(String::as_str).collect::<Vec<_>>().join(", "))));
    }
    if let Some(backup) = &evidence.newest_backup {
        let ended = backup.ended_at.as_deref().unwrap_or("at an unknown time");
        let names = if backup.names_encryption { "names encryption" } else { "names no encryption" };
        lines.push(("backup", printable(&format!("{ended}, {names}"))));
    }
    lines.extend(evidence.next_backup_at.as_ref().map(|time| ("next backup", printable(time))));
    lines
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
pub(super) fn exit_code(answer: &DeliveryResult) -> u8 {
    let of_report = |recorded: &Recorded| match recorded.report.outcome {
        Outcome::Enabled | Outcome::AlreadyEnabled | Outcome::Planned => 0,
        Outcome::Refused => 3,
        Outcome::Failed => 4,
        Outcome::Waiting | Outcome::Unknown => 5,
    };
    let reports = answer.reports.iter().map(of_report).max().unwrap_or(0);
    let rejected = if answer.rejected.is_empty() { 0 } else { 2 };
    let untold = if answer.unpublished.is_empty() && answer.unrecorded.is_empty() { 0 } else { 4 };
    reports.max(rejected).max(untold)
}

pub(super) fn explanation(error: &KnownError) {
    let status = error.status.map(|status| format!("  HTTP {status}")).unwrap_or_default();
    say(format_args!("{BOLD}{}{BOLD:#}{GREY}{status}  kind {}{GREY:#}", error.code, error.kind.as_str()));
    if !error.message.is_empty() {
        say(format_args!("  the service says: {}", error.message));
    }
    let advice = Language::En.advice_on_code(error.code).unwrap_or_default();
    say(format_args!("  {CYAN}next:{CYAN:#} {advice}"));
}

pub(super) fn unknown_code(code: &str, suggestions: &[&str]) {
    let hint = match suggestions {
        [] => String::new(),
        near => format!(": did you mean {}?", near.join(", ")),
    };
    warn(format_args!("{RED}error:{RED:#} {} is not a code this program knows{hint}", printable(code)));
}

/// Says which line of which file is not sent again.
pub(super) fn skipped(file: &str, line: usize, why: &str) {
    warn(format_args!("{YELLOW}skipped:{YELLOW:#} line {line} of {} {}", printable(file), printable(why)));
}

pub(super) fn not_taken(sink: &str, id: &str, why: &SinkError) {
    warn(format_args!("{RED}not taken:{RED:#} sink {sink} did not take report {id}: {why}"));
}

/// How a sink was told again.
pub(super) fn replayed(sink: &str, taken: usize, missed: usize) {
    let (style, sign) = if missed == 0 { (GREEN, '✓') } else { (RED, '✗') };
    say(format_args!("{style}{sign}{style:#} {BOLD}{sink}{BOLD:#}  {taken} taken, {missed} not taken"));
}

/// What a replay read.
pub(super) fn replay_read(reports: usize, skipped: usize, repeated_waits: usize) {
    let [reports, skipped, repeated] = [(reports, "report"), (skipped, "line"), (repeated_waits, "repeated wait")]
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }));
    let left_out =
        if repeated_waits == 0 { String::new() } else { format!("; left out {repeated}, which are no news") };
    say(format_args!("{GREY}read {reports}; skipped {skipped}{left_out}{GREY:#}"));
}

/// Says why a command could not be carried out.
pub(super) fn unable(unable: &Unable) -> ExitCode {
    warn(format_args!("{RED}error:{RED:#} {unable}"));
    ExitCode::from(2)
}

/// One line for the person who started a server.
#[cfg(feature = "dev")]
pub(super) fn line(text: &str) {
    say(format_args!("{text}"));
}
