//! One way to fail, played to every sink and for every outcome in one world.

use std::iter::zip;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::failures::Failure;
use super::outcomes::{Ask, OUTCOMES};
use super::{Cell, Fate};
use crate::sinks::kinds::{EVERY_KIND, KINDS, every_kind};
use crate::world::{Setup, Told, World};

/// Each sink hears of one region alone, so that one report concerns one sink.
const REGIONS: [&str; 10] = [
    "cn-hangzhou",
    "cn-shanghai",
    "cn-beijing",
    "cn-shenzhen",
    "cn-qingdao",
    "cn-zhangjiakou",
    "cn-huhehaote",
    "cn-chengdu",
    "ap-southeast-1",
    "ap-northeast-1",
];

/// The kinds of sinks that say no more than a status: whichever means success is their word for it.
const STATUS_ALONE: [&str; 3] = ["teams", "webhook", "cloudevents"];

#[derive(Debug, Clone, Copy)]
pub(super) struct Batch {
    pub(super) failure: Failure,
    pub(super) has_queue: bool,
}

/// The sinks of every kind, each with these lines of its own.
fn sinks(lines: impl Fn(usize) -> String) -> String {
    let tables = EVERY_KIND.split("[[sinks]]").skip(1).enumerate();
    let outcomes = OUTCOMES.map(|outcome| format!("{outcome:?}")).join(", ");
    let tables = tables.map(|(at, table)| format!("[[sinks]]\non = [{outcomes}]\n{}{table}", lines(at)));
    tables.collect::<Vec<_>>().concat()
}

impl Batch {
    /// Every sink is required, and fails.
    pub(super) async fn required(self) -> Vec<Cell> {
        let toml = sinks(|at| format!("required = true\nregions = [{:?}]\n", REGIONS[at]));
        let world = self.world(toml).await;
        let lanes = || zip(KINDS, REGIONS).enumerate();
        let ask = |outcome| lanes().map(|(lane, (_, region))| Ask::new(outcome, lane, region)).collect::<Vec<_>>();
        let asks = OUTCOMES.map(ask).concat();
        world.instances(asks.iter().map(Ask::in_the_cloud).collect()).await;
        let told = self.deliver_all(&world, &asks).await;
        let (taken, queued) = (world.get("notifications").await, world.get("queue").await);

        let cells = zip(&asks, &told).enumerate().map(|(at, (ask, told))| {
            let sink = KINDS[at % KINDS.len()];
            let fate = self.fate(ask, sink, told, &taken, &queued);
            let delivery = if told.body["delivery"] == "again" { "again" } else { "done" };
            let Self { failure, has_queue } = self;
            Cell { failure, sink, outcome: ask.outcome, has_queue, fate, in_the_end: fate, delivery }
        });
        let mut cells: Vec<Cell> = cells.collect();
        // What waits and what comes again are the same, however the sink failed: one way to fail is enough.
        if self.failure == Failure::Refusal {
            self.recover(&world, &asks, &mut cells).await;
        }
        cells
    }

    /// No sink is required, and all fail at once: that none of them holds the delivery up is then true of each.
    pub(super) async fn optional(self) {
        let world = self.world(sinks(|_| String::new())).await;
        let asks = OUTCOMES.map(|outcome| Ask::new(outcome, 0, REGIONS[0]));
        world.instances(asks.iter().map(Ask::in_the_cloud).collect()).await;
        let told = self.deliver_all(&world, &asks).await;
        let reports = world.audited("rds-seal.report/1");
        for (ask, told) in zip(&asks, &told) {
            let comes_again = told.body["delivery"] == "again";
            assert_eq!(comes_again, ask.comes_again(self.has_queue), "{self:?} {}: {}", ask.outcome, told.body);
            assert!(reports.contains(told.report()), "{self:?} {}: {reports:?}", ask.outcome);
        }
        let queue = world.get("queue").await;
        assert!(
            !queue.to_string().contains("\"sink\""),
            "no report waits for a sink that need not hear of it: {queue}"
        );
    }

    async fn world(self, toml: String) -> World {
        let setup = self.failure.setup(Setup { named: self.has_queue, ..every_kind("") });
        World::with(Setup { toml, ..setup }).await
    }

    /// Delivers all, while sinks fail and the cloud is so that each ends as it should. What passes at once is scripted for
    /// each outcome anew; what lasts needs no other script but for the outcome that is a doubt.
    async fn deliver_all(self, world: &World, asks: &[Ask]) -> Vec<Told> {
        let same_script =
            |a: &Ask, b: &Ask| a.script() == b.script() && (a.outcome == b.outcome || !self.failure.passes_at_once());
        let mut told = Vec::new();
        for together in asks.chunk_by(same_script) {
            world.script(json!([])).await;
            let faults = KINDS.iter().filter_map(|sink| self.failure.script(sink)).chain(together[0].script());
            world.script(faults.collect()).await;
            told.extend(join_all(together.iter().map(|ask| world.deliver(ask.body()))).await);
        }
        for (ask, told) in zip(asks, &told) {
            assert_eq!(told.outcome(), ask.outcome, "{self:?}: {}", told.body);
        }
        told
    }

    fn fate(self, ask: &Ask, sink: &str, told: &Told, taken: &Value, queue: &Value) -> Fate {
        let is_taken = holds(taken, sink, &ask.instance);
        let is_queued = waits_for(queue, sink, &ask.instance);
        let is_a_success = matches!(self.failure, Failure::ErrorInSuccess | Failure::Garbage);
        if !ask.is_heard_by(sink, self.has_queue) {
            assert!(!is_taken && !is_queued, "{self:?}: {sink} heard of {}", ask.outcome);
            Fate::Untold
        } else if is_taken {
            Fate::Taken
        } else if is_queued {
            Fate::Queued
        } else if is_a_success && STATUS_ALONE.contains(&sink) {
            Fate::Acknowledged
        } else if told.body["delivery"] == "again" {
            Fate::Again
        } else {
            Fate::Lost
        }
    }

    /// The sinks take reports again: what waits is delivered, and the platform repeats what it was told to.
    async fn recover(self, world: &World, asks: &[Ask], cells: &mut [Cell]) {
        world.script(json!([])).await;
        if self.has_queue {
            world.minutes_pass(2).await;
        }
        let again = zip(asks, &*cells).filter(|(_, cell)| cell.delivery == "again").map(|(ask, _)| ask);
        join_all(again.map(|ask| world.deliver(ask.body()))).await;
        let taken = world.get("notifications").await;
        for (ask, cell) in zip(asks, cells) {
            if matches!(cell.fate, Fate::Queued | Fate::Again) {
                cell.in_the_end = if holds(&taken, cell.sink, &ask.instance) { Fate::Taken } else { Fate::Lost };
            }
        }
    }
}

/// Whether a sink took something about an instance.
fn holds(taken: &Value, sink: &str, instance: &str) -> bool {
    let of_sink = taken.as_array().unwrap().iter().filter(|one| one["sink"] == sink);
    of_sink.into_iter().any(|one| one["body"].to_string().contains(instance))
}

/// Whether the queue holds a report about an instance for a sink.
fn waits_for(queue: &Value, sink: &str, instance: &str) -> bool {
    queue["waiting"].as_array().unwrap().iter().any(|task| {
        let signed: Value = serde_json::from_str(task["body"]["task"].as_str().unwrap()).unwrap();
        let errand = &signed["errand"]["report"];
        errand["sink"] == sink && errand["report"]["instance"] == instance
    })
}
