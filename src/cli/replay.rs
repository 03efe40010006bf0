//! `replay`: reports from audit lines, to the sinks once more, as after an outage. It asks the cloud for nothing.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::error::Category;

use super::{Assembly, Unable, assemble, print, serve};
use crate::aliyun::credentials::Credentials;
use crate::app::App;
use crate::config;
use crate::env::Env;
use crate::notify::CloudAccess;
use crate::notify::audit::Audit;
use crate::notify::sink::{Sink, SinkKind};
use crate::outbound::RetryPolicy;
use crate::outcome::{Outcome, REPORT_SCHEMA, Recorded, Report};
use crate::request::Door;
use crate::telemetry;
use crate::time::Deadline;

/// A longer line is no report of ours, in bytes.
const MAX_LINE: u64 = 256 * 1024;

/// How long one sink may take for one report: chats ask for a pause of a minute and more.
const PATIENCE: Duration = Duration::from_mins(10);

/// Nobody waits for an answer here, so a sink is tried for longer.
const RETRY: RetryPolicy = RetryPolicy { attempts: 6, base: Duration::from_secs(1), attempt: Duration::from_secs(10) };

/// So many reports in a row that a sink does not take, and it gets no more: an outage is not over.
const MAX_REFUSALS: usize = 3;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Files of audit lines; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only to this sink; may be repeated
    #[arg(long = "sink", value_name = "NAME")]
    sinks: Vec<String>,
}

/// What was read.
#[derive(Default)]
struct AuditReports {
    reports: Vec<Recorded>,
    ids: HashSet<String>,
    /// What was said to wait, by what all results of one ask have in common.
    waits: HashSet<String>,
    repeated_waits: usize,
    skipped: usize,
}

/// How a sink was told.
#[derive(Default)]
struct Tally {
    taken: usize,
    missed: usize,
}

pub(super) async fn run(env: &Env, arguments: Arguments) -> Result<u8, Unable> {
    let config = config::load(env, serve::beside_the_binary().as_deref())?;
    telemetry::start(config.log);
    let mut assembly = Assembly::real(config, env, assemble::is_on_fc(env), Audit::to(std::io::sink()));
    assembly.retry = RETRY;
    let app = assembly.ready(env).await?;
    let sinks = chosen(&app, &arguments.sinks)?;
    let mut found = AuditReports::default();
    for file in &arguments.files {
        found.read(file)?;
    }
    if found.reports.is_empty() {
        return Err("there is no report in what was read: give the audit lines that the function wrote".into());
    }
    let wanted = |sink: &Sink| found.reports.iter().filter(|one| wants(&app, sink, &one.report)).collect::<Vec<_>>();
    let told: Vec<(&Sink, Vec<&Recorded>)> = sinks.into_iter().map(|sink| (sink, wanted(sink))).collect();
    let credentials = credentials(&app, &told).await?;
    let progress = Progress::of(told.iter().map(|(_, reports)| reports.len()).sum());
    let sent = told.iter().map(|(sink, reports)| tell(&app, sink, reports, credentials.as_ref(), &progress));
    let sent = join_all(sent).await;
    progress.end();
    for ((sink, _), Tally { taken, missed }) in told.iter().zip(&sent) {
        print::replayed(&sink.name, *taken, *missed);
    }
    print::replay_read(found.reports.len(), found.skipped, found.repeated_waits);
    Ok(if sent.iter().any(|told| 0 < told.missed) { 4 } else { 0 })
}

/// The sinks that are named, or all.
fn chosen<'a>(app: &'a App, names: &[String]) -> Result<Vec<&'a Sink>, Unable> {
    let all = &app.sinks.all;
    if all.is_empty() {
        return Err("no sink is configured: add one as [[sinks]]".into());
    }
    if let Some(unknown) = names.iter().find(|name| app.sinks.named(name).is_none()) {
        let known: Vec<&str> = all.iter().map(|sink| sink.name.as_str()).collect();
        return Err(format!("no sink is named {}: there are {}", unknown.escape_default(), known.join(", ")).into());
    }
    Ok(all.iter().filter(|sink| names.is_empty() || names.contains(&sink.name)).collect())
}

/// Whether a sink is to hear of it, by its route. Whether its sender could have repeated it is not on record: it is
/// known by the credential, where that is still configured.
fn wants(app: &App, sink: &Sink, report: &Report) -> bool {
    let sender = report.origin.actor.as_deref();
    let is_replayable = report.origin.door == Door::Webhook
        && !app.webhooks.iter().any(|known| Some(&*known.name) == sender && known.proof.signs_time());
    sink.wants(report, is_replayable)
}

/// Credentials, only where a sink of the cloud's own is to be told.
async fn credentials(app: &App, told: &[(&Sink, Vec<&Recorded>)]) -> Result<Option<Credentials>, Unable> {
    let is_needed =
        told.iter().any(|(sink, reports)| matches!(sink.kind, SinkKind::EventBridge(_)) && !reports.is_empty());
    if !is_needed {
        return Ok(None);
    }
    Ok(app.identity.credentials(&app.client, Deadline::after(PATIENCE)).await?)
}

/// Tells one sink, in the order of the lines, one at a time: chats count how many come at once.
async fn tell(
    app: &App,
    sink: &Sink,
    reports: &[&Recorded],
    credentials: Option<&Credentials>,
    progress: &Progress,
) -> Tally {
    let (mut told, mut in_a_row) = (Tally::default(), 0);
    for recorded in reports {
        let sent = app.sinks.tell(sink, recorded, CloudAccess { credentials }, Deadline::after(PATIENCE)).await;
        progress.step();
        let Err(why) = sent else {
            (told.taken, in_a_row) = (told.taken + 1, 0);
            continue;
        };
        (told.missed, in_a_row) = (told.missed + 1, in_a_row + 1);
        progress.above(|| print::not_taken(&sink.name, &recorded.report.id, &why));
        if in_a_row == MAX_REFUSALS {
            break;
        }
    }
    let untried = reports.len() - told.taken - told.missed;
    progress.skip(untried);
    Tally { missed: told.missed + untried, ..told }
}

impl AuditReports {
    fn read(&mut self, path: &Path) -> Result<(), Unable> {
        let name = path.display().to_string();
        let unreadable = |error| format!("{name} cannot be read: {error}");
        let mut input: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(std::io::stdin().lock())
        } else {
            Box::new(BufReader::new(File::open(path).map_err(unreadable)?))
        };
        let mut line = Vec::new();
        for number in 1_usize.. {
            line.clear();
            let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            let skipped = if read as u64 == MAX_LINE && line.last() != Some(&b'\n') {
                input.skip_until(b'\n').map_err(unreadable)?;
                Some("is longer than 256 KiB".to_owned())
            } else {
                self.take(&line).err()
            };
            if let Some(why) = skipped {
                self.skipped += 1;
                print::skipped(&name, number, &why);
            }
        }
        Ok(())
    }

    /// Keeps the report of a line, once. Lines that are none of ours are passed over: a log holds others. That something
    /// still waits was no news when it was written, and is none now.
    fn take(&mut self, line: &[u8]) -> Result<(), String> {
        let Some(json) = audit_line(line) else {
            return if was_audit_line(line) { Err("is cut off".to_owned()) } else { Ok(()) };
        };
        let report = report(json)?;
        if report.outcome == Outcome::Waiting && !self.waits.insert(report.correlation_id.clone()) {
            self.repeated_waits += 1;
        } else if self.ids.insert(report.id.clone()) {
            self.reports.push(report.into());
        }
        Ok(())
    }
}

/// How a report begins in the audit stream.
const BEGIN: &[u8] = br#"{"schema":"rds-seal.report/"#;

/// What is in every report, whoever wrote it anew on the way.
const SCHEMA: &[u8] = br#""rds-seal.report/"#;

/// Whether a line looks like the rest of a report: one of its ends is missing.
fn was_audit_line(line: &[u8]) -> bool {
    const LAST_FIELD: &[u8] = br#""finished_at":""#;
    let line = line.trim_ascii_end();
    let is_head = line.len() > 2 && BEGIN.starts_with(line);
    is_head || (line.ends_with(b"}") && line.windows(LAST_FIELD.len()).any(|part| part == LAST_FIELD))
}

/// The audit line in a line of a log, which may begin with the platform's own words. Where a collector wrote it anew, with
/// spaces or its fields in another order, it begins with the first brace.
fn audit_line(line: &[u8]) -> Option<&[u8]> {
    let position = |part: &[u8]| line.windows(part.len()).position(|window| window == part);
    let schema = position(SCHEMA)?;
    let start = position(BEGIN).or_else(|| line[..schema].iter().position(|byte| *byte == b'{'))?;
    Some(line[start..].trim_ascii_end())
}

fn report(json: &[u8]) -> Result<Report, String> {
    let report: Report = serde_json::from_slice(json).map_err(|error| match error.classify() {
        Category::Eof => "is cut off".to_owned(),
        Category::Syntax | Category::Io => "is damaged".to_owned(),
        Category::Data => "is no report of this version".to_owned(),
    })?;
    if report.schema == REPORT_SCHEMA { Ok(report) } else { Err("is no report of this version".to_owned()) }
}

/// How far it is, where somebody watches.
struct Progress {
    #[cfg(feature = "progress")]
    bar: indicatif::ProgressBar,
}

#[cfg(feature = "progress")]
impl Progress {
    fn of(total: usize) -> Self {
        Self { bar: indicatif::ProgressBar::new(total as u64) }
    }

    fn step(&self) {
        self.bar.inc(1);
    }

    fn skip(&self, count: usize) {
        self.bar.inc(count as u64);
    }

    /// Prints something without tearing the bar.
    fn above(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(not(feature = "progress"))]
#[expect(clippy::unused_self, reason = "its twin has a bar")]
impl Progress {
    fn of(_: usize) -> Self {
        Self {}
    }

    fn step(&self) {}

    fn skip(&self, _: usize) {}

    fn above(&self, print: impl FnOnce()) {
        print();
    }

    fn end(&self) {}
}
