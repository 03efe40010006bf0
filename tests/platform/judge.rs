//! After the calm: what became of everything, held against what is promised.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::platform::Order;
use crate::promise::Promise;
use crate::scenario::{Item, Wanted};
use crate::sinks::{Form, says_it_is_sealed};
use crate::world::{OwedLine, World};

/// Writes that one delivery of an instance may make: the first, its retries, and those after a role was created.
const WRITES_PER_DELIVERY: u64 = 10;

/// One run, in numbers.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) order: Order,
    pub(crate) took: Duration,
    /// The instances that were to be sealed, and how many of them are.
    pub(crate) wanted: u64,
    pub(crate) sealed: u64,
    pub(crate) reported: u64,
    pub(crate) taken: u64,
    pub(crate) repeated: u64,
    /// What the platform keeps, of events that cannot be read and of others.
    pub(crate) unreadable: u64,
    pub(crate) buried: u64,
    pub(crate) calls: u64,
    pub(crate) writes: u64,
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) broken: BTreeMap<Promise, Vec<String>>,
}

impl Summary {
    pub(crate) fn count(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// How many things a promise was broken for.
    pub(crate) fn lost(&self) -> u64 {
        self.broken.values().map(|cases| cases.len() as u64).sum()
    }

    /// Whether a loss that was made on purpose was seen for what it is.
    pub(crate) fn sees_its_plant(&self) -> bool {
        self.order.plant.is_some_and(|plant| self.broken.contains_key(&plant.breaks()))
    }
}

/// What is known in the end.
struct Evidence {
    sealed: HashSet<String>,
    reports: HashMap<String, Vec<Value>>,
    /// The instances of which the platform still holds something: they are not lost.
    open: HashSet<String>,
}

pub(crate) async fn judge(world: &Rc<World>, order: Order, took: Duration) -> io::Result<Summary> {
    let evidence = gathered(world).await?;
    settle_debts(world);
    sealed_ones(world, &evidence);
    items(world, &evidence);
    expected(world, &evidence);
    writes(world);
    let items = world.items.borrow();
    let asked_for = items.iter().filter(|item| item.wanted == Wanted::Sealed && !item.is_task());
    let wanted: HashSet<&String> = asked_for.flat_map(|item| &item.instances).collect();
    let kept = |is_readable: bool| {
        let kept = items.iter().filter(|item| item.is_buried.get() || is_open(item));
        kept.filter(|item| (item.wanted != Wanted::Buried) == is_readable).count() as u64
    };
    let repeated =
        world.sinks.iter().flat_map(|sink| sink.heard().ids.values().map(|n| u64::from(*n) - 1).collect::<Vec<_>>());
    let summary = Summary {
        order,
        took,
        wanted: wanted.len() as u64,
        sealed: wanted.iter().filter(|instance| evidence.sealed.contains(**instance)).count() as u64,
        reported: evidence.reports.values().map(|reports| reports.len() as u64).sum(),
        taken: world.sinks.iter().map(|sink| sink.heard().messages).sum(),
        repeated: repeated.sum(),
        unreadable: kept(false),
        buried: kept(true),
        calls: world.calls.get(),
        writes: world.writes.borrow().values().sum(),
        counts: world.counts.take(),
        broken: world.broken.take(),
    };
    Ok(summary)
}

async fn gathered(world: &World) -> io::Result<Evidence> {
    let mut reports: HashMap<String, Vec<Value>> = HashMap::new();
    for process in world.processes.borrow().iter() {
        let record = process.audit.read.borrow();
        for report in &record.reports {
            reports.entry(report["instance"].as_str().unwrap_or_default().to_owned()).or_default().push(report.clone());
        }
        for line in &record.foreign {
            world.broken.add(Promise::LinesAreOurs, line.clone());
        }
        let log = process.log();
        if let Some((_, panic)) = log.split_once("panicked at") {
            world.broken.add(Promise::StaysAlive, panic.chars().take(200).collect::<String>());
        }
    }
    let sealed = world.cloud.sealed().await?.into_iter().collect();
    let items = world.items.borrow();
    let open = items.iter().filter(|item| is_open(item)).flat_map(|item| item.instances.iter().cloned()).collect();
    Ok(Evidence { sealed, reports, open })
}

/// Whether the platform still holds it: in its queue, or with its dead letters.
fn is_open(item: &Item) -> bool {
    !item.is_acknowledged.get() && !item.is_early()
}

/// What a process whose reader stood still had to write has come out by now.
fn settle_debts(world: &World) {
    for owed in world.owed.take() {
        let read = owed.process.audit.read.borrow();
        let (is_there, promise) = match &owed.what {
            OwedLine::Intent { operation, instance } => (read.intends(operation, instance), Promise::IntentComesFirst),
            OwedLine::Report { id } => (read.has_report(id), Promise::RecordedBeforeAcknowledged),
        };
        if !is_there {
            world.broken.add(promise, format!("{:?} of process {}", owed.what, owed.process.number));
        }
    }
}

fn sealed_ones(world: &World, evidence: &Evidence) {
    for instance in evidence.sealed.iter().filter(|instance| !evidence.open.contains(*instance)) {
        let reports = evidence.reports.get(instance).map(Vec::as_slice).unwrap_or_default();
        if !reports.iter().any(says_it_is_sealed) {
            world.broken.add(Promise::SealedIsRecorded, format!("{instance}: {}", outcomes(reports)));
        }
        for sink in world.sinks.iter().filter(|sink| !sink.heard().knows_of(instance)) {
            let what = format!("{instance} at {}: {}", sink.name(), outcomes(reports));
            world.broken.add(Promise::SealedIsTold, what);
        }
    }
}

fn items(world: &World, evidence: &Evidence) {
    let ended = |instance: &String| {
        let reports = evidence.reports.get(instance).map(Vec::as_slice).unwrap_or_default();
        let is_end = |report: &Value| matches!(report["outcome"].as_str(), Some("failed" | "refused"));
        (reports.iter().any(is_end), outcomes(reports))
    };
    for item in world.items.borrow().iter().filter(|item| !item.is_task()) {
        for instance in &item.instances {
            let is_sealed = evidence.sealed.contains(instance);
            let (has_ended, outcomes) = ended(instance);
            let what = || format!("{instance}, item {}: {outcomes}", item.number);
            if item.wanted == Wanted::Untouched && is_sealed {
                world.broken.add(Promise::NothingForbiddenIsSealed, what());
            }
            let is_asked_for = matches!(item.wanted, Wanted::Sealed | Wanted::Failed);
            if !is_asked_for || is_sealed || !item.is_acknowledged.get() || evidence.open.contains(instance) {
                continue;
            }
            if !has_ended {
                world.broken.add(Promise::AcknowledgedIsSettled, what());
            } else if item.wanted == Wanted::Sealed && !world.profile.moves_clocks() {
                world.broken.add(Promise::NothingFailsForNothing, what());
            } else if item.wanted == Wanted::Sealed {
                world.count("failed because a clock was wrong");
            }
        }
    }
}

/// Every report of an acknowledged answer has reached each sink.
fn expected(world: &World, evidence: &Evidence) {
    for ((sink, id), item) in world.expected.borrow().iter() {
        let sink = &world.sinks[*sink];
        let heard = sink.heard();
        let is_known = heard.ids.contains_key(id)
            // A card of several names them, and not their reports.
            || (sink.form == Form::Slack && item.instances.iter().all(|instance| heard.names(instance)));
        let is_open = item.instances.iter().any(|instance| evidence.open.contains(instance));
        if !is_known && !is_open {
            let what = format!("{id} of item {} ({:?}) at {}", item.number, item.instances, sink.name());
            world.broken.add(Promise::AcknowledgedReportIsTold, what);
        }
    }
}

fn writes(world: &World) {
    let deliveries = world.deliveries.borrow();
    for (instance, writes) in world.writes.borrow().iter() {
        let deliveries = deliveries.get(instance).copied().unwrap_or_default().max(1);
        if *writes > WRITES_PER_DELIVERY * deliveries {
            let what = format!("{instance}: {writes} writes in {deliveries} deliveries");
            world.broken.add(Promise::WritesAreFew, what);
        }
    }
}

/// How the reports of one instance ended, in the order in which they were read.
fn outcomes(reports: &[Value]) -> String {
    let one = |report: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let doubt = if report["certain"] == false { "?" } else { "" };
        format!(
            "{}{doubt} ({}, attempt {})",
            text(&report["outcome"]),
            text(&report["upstream"]["code"]),
            report["attempt"]
        )
    };
    if reports.is_empty() { "no report".to_owned() } else { reports.iter().map(one).collect::<Vec<_>>().join(", ") }
}
