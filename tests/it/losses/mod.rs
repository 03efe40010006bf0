//! What becomes of a report: each outcome, for each kind of sink, in each way the sink can fail, with the platform's queue
//! and without. `docs/delivery.md` is written from what is seen here.

mod failures;
mod outcomes;
mod page;
mod worlds;

use futures_util::stream::{self, StreamExt as _};

use failures::Failure;
use worlds::Batch;

/// What became of one report for one sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// The sink is not to hear of it.
    Untold,
    Taken,
    /// The sink answered with success, and its kind says no more than that.
    Acknowledged,
    /// The queue took it for this sink.
    Queued,
    /// The delivery comes again.
    Again,
    Lost,
}

/// One report for one sink.
#[derive(Debug, Clone, Copy)]
struct Cell {
    failure: Failure,
    sink: &'static str,
    outcome: &'static str,
    has_queue: bool,
    fate: Fate,
    /// What it came to when the sink recovered.
    in_the_end: Fate,
    delivery: &'static str,
}

/// Worlds at the same time: more would let calls to the stand-in wait for one another.
const AT_ONCE: usize = 4;

fn each(failures: &[Failure]) -> impl Iterator<Item = Batch> {
    failures.iter().flat_map(|failure| [true, false].map(|has_queue| Batch { failure: *failure, has_queue }))
}

#[tokio::test]
async fn no_report_for_a_required_sink_is_lost() {
    let cells = stream::iter(each(&Failure::ALL).map(Batch::required)).buffer_unordered(AT_ONCE).concat().await;
    assert_eq!(cells.len(), 7 * 10 * Failure::ALL.len() * 2);
    let is_lost = |cell: &&Cell| cell.fate == Fate::Lost || cell.in_the_end == Fate::Lost;
    let lost: Vec<String> = cells.iter().filter(is_lost).map(|cell| format!("{cell:?}")).collect();
    assert!(lost.is_empty(), "{} are lost:\n{}", lost.len(), lost.join("\n"));
    page::is_up_to_date(&cells);
}

#[tokio::test]
async fn a_sink_that_is_not_required_holds_up_no_delivery_and_the_report_is_on_record() {
    // Whether a sink is required decides after it has failed, so two ways to fail are enough: at once, and late.
    let batches = each(&[Failure::Refusal, Failure::Silence]);
    stream::iter(batches.map(Batch::optional)).buffer_unordered(AT_ONCE).for_each(async |()| {}).await;
}
