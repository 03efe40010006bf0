//! `docs/delivery.md`, from what was seen.

use std::collections::BTreeSet;
use std::path::Path;

use super::failures::Failure;
use super::outcomes::OUTCOMES;
use super::{Cell, Fate};
use crate::sinks::kinds::KINDS;

const INTRODUCTION: &str = "# What becomes of a report

A result is a line of the audit stream first, and then a report to the sinks. This page says who tells a *required* sink (`required = true`)
that did not take its report, and what is left for you to do. A sink that is not required holds up no delivery: the log says
`sink NAME did not take report ID`, and `rds-seal replay audit.jsonl --sink NAME` sends the report from the audit stream. In a chat the
answer names the required sinks that nobody tells again. The tables are written by a test that brings about each outcome, for each kind
of sink, in each of these ways to fail, with the function's queue and without.
";

const MARKS: &str = "
* *taken*: the sink has the report within the same delivery. There is nothing to do.
* *2xx*: the sink answers with a success status and this kind of sink says no more than that, so it counts as taken. If the report is
  missing there, look at the receiver.
* *queued*: the function's queue holds the report for this sink alone and sends it after a minute, then after pauses that double up to an
  hour, for a day. Mend the sink within the day; after it, use `rds-seal replay`.
* *again*: the sender is told to deliver once more, and the repetition reports to every sink: 404 to the platform, 503 to a webhook's sender. Mend
  the sink before the retries run out; after that, send the dead letter again or use `rds-seal replay`.
* Of two marks the first is with the queue (`relay = true`, on Function Compute), the second without.
";

const OUTCOMES_TABLE: &str = "
By outcome, for a sink that takes its reports: when it hears, and what the platform is told for the outcome's own sake. PagerDuty hears of no `planned`.
A failing sink adds *queued* or *again*, as above.
";

/// Set `REWRITE_DOCS` to write the page anew.
#[track_caller]
pub(super) fn is_up_to_date(cells: &[Cell]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/delivery.md");
    let now = page(cells);
    if std::env::var("REWRITE_DOCS").is_ok() {
        std::fs::write(&path, &now).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == now, "docs/delivery.md is stale: run the test with REWRITE_DOCS=1\n{now}");
}

fn page(cells: &[Cell]) -> String {
    let of = |failure, sink| {
        let is_it = |cell: &&Cell| cell.failure == failure && cell.sink == sink;
        with_and_without(&cells.iter().filter(is_it).collect::<Vec<_>>())
    };
    let row = |failure: Failure| {
        format!("| {} | {} |\n", failure.describe(), KINDS.map(|sink| of(failure, sink)).join(" | "))
    };
    let failures = Failure::ALL.map(row).concat();
    let head = format!("| failure | {} |\n|---|{}\n", KINDS.join(" | "), "---|".repeat(KINDS.len()));
    let outcomes = OUTCOMES.map(|outcome| by_outcome(cells, outcome)).concat();
    let outcomes_head = "| outcome | with the queue | without |\n|---|---|---|\n";
    format!("{INTRODUCTION}\n{head}{failures}{MARKS}{OUTCOMES_TABLE}\n{outcomes_head}{outcomes}")
}

fn mark(fate: Fate) -> &'static str {
    match fate {
        Fate::Untold => "–",
        Fate::Taken => "taken",
        Fate::Acknowledged => "2xx",
        Fate::Queued => "queued",
        Fate::Again => "again",
        Fate::Lost => "**lost**",
    }
}

/// The mark with the queue and the mark without, or the one that is both. What no sink is told is no part of it.
fn with_and_without(cells: &[&Cell]) -> String {
    let marks = |has_queue| {
        let told = cells.iter().filter(|cell| cell.has_queue == has_queue && cell.fate != Fate::Untold);
        let fates: BTreeSet<Fate> = told.map(|cell| cell.fate).collect();
        fates.into_iter().map(mark).collect::<Vec<_>>().join(", ")
    };
    let (with, without) = (marks(true), marks(false));
    if with == without { with } else { format!("{with} / {without}") }
}

fn by_outcome(cells: &[Cell], outcome: &str) -> String {
    let of = |has_queue: bool| {
        let is_it = |cell: &&Cell| {
            cell.outcome == outcome
                && cell.has_queue == has_queue
                && cell.failure == Failure::Busy
                && cell.sink == "webhook"
        };
        let cell = cells.iter().find(is_it).unwrap();
        let hears = if cell.fate == Fate::Untold { "at the end of the wait" } else { "at once" };
        format!("{hears}; {}", cell.delivery)
    };
    format!("| `{outcome}` | {} | {} |\n", of(true), of(false))
}
