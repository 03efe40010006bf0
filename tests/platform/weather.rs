//! Everything that goes wrong: the cloud, the sinks, the processes, who reads their output, and their clocks.

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::spawn_local;
use tokio::time::sleep;

use crate::audit::Reader;
use crate::plant::Plant;
use crate::process::Process;
use crate::profile::Profile;
use crate::promise::Promise;
use crate::random::Random;
use crate::sinks::Behaviour;
use crate::world::World;

/// How long a process may take to end. A delivery has 12 seconds at most, and its connection one.
pub(crate) const GRACE: Duration = Duration::from_secs(16);

/// What a process logs that ends so that another takes its place.
const LAST_WORDS: &str = "it finishes its work and exits";

const BEHAVIOURS: [Behaviour; 12] = [
    Behaviour::Takes,
    Behaviour::Takes,
    Behaviour::Takes,
    Behaviour::Moody,
    Behaviour::Refuses,
    Behaviour::TooMany,
    Behaviour::TooManyFor(120),
    Behaviour::Breaks,
    Behaviour::RefusesPolitely,
    Behaviour::Hangs,
    Behaviour::Resets,
    Behaviour::Slow(6000),
];

/// Codes that pass by themselves.
const PASSING: [&str; 6] = [
    "ServiceUnavailable",
    "InternalError",
    "ExternalFailure",
    "SqlExecuteFailedOrTimeout",
    "IncorrectDBInstanceState",
    "SignatureNonceUsed",
];

/// By how much a clock may be wrong, in seconds.
const WRONG: [i64; 8] = [0, 60, -60, 280, -280, 3000, -3000, 90_000];

impl World {
    /// Spoils things until the calm.
    pub(crate) async fn spoils(self: Rc<Self>) {
        let mut chance = Random::of(self.seed, &[9]);
        let mut under_way = Vec::new();
        while self.is_rough.get() {
            sleep(chance.ms(40, 240)).await;
            let roll = chance.below(1000);
            let open = self.open_processes();
            if roll < 200 {
                self.upset_a_sink(&mut chance);
            } else if roll < 450 {
                let fault = fault(&mut chance);
                if self.cloud.post("faults", &json!([fault])).await.is_err() {
                    self.count("faults not taken");
                }
            } else if !open.is_empty() {
                let process = chance.pick(&open);
                under_way.extend(Rc::clone(&self).trouble(process, roll, &mut chance));
            }
        }
        for trouble in under_way {
            let _ = trouble.await;
        }
    }

    fn upset_a_sink(&self, chance: &mut Random) {
        let (sink, behaviour) = (chance.pick(&self.sinks), chance.pick(&BEHAVIOURS));
        if self.plant != Some(Plant::SinksNotRequired) {
            sink.behaviour.set(behaviour);
        }
    }

    /// Troubles one process.
    fn trouble(
        self: Rc<Self>,
        process: Rc<Process>,
        roll: u64,
        chance: &mut Random,
    ) -> Option<tokio::task::JoinHandle<()>> {
        let seconds = |chance: &mut Random, of: &[u64]| Duration::from_secs(chance.pick(of));
        let is_clocks = self.profile == Profile::Clocks;
        Some(match roll {
            450..580 if self.plant == Some(Plant::KilledUnannounced) => {
                process.signal("KILL");
                return None;
            }
            450..580 => {
                self.count("SIGKILL");
                spawn_local(async move { self.replaces(&process).await })
            }
            580..660 => {
                self.count("SIGTERM");
                spawn_local(async move { self.stops(&process).await })
            }
            660..750 => {
                self.count("SIGSTOP");
                let time = seconds(chance, &[0, 1, 2, 5]) + Duration::from_millis(300);
                spawn_local(async move {
                    process.signal("STOP");
                    sleep(time).await;
                    process.signal("CONT");
                })
            }
            // When lines are read tells nothing of their order where clocks are wrong as well.
            750..890 if !is_clocks => {
                let (reader, time) = (chance.pick(&[Reader::Slow, Reader::Stopped]), seconds(chance, &[1, 3, 6]));
                self.count("readers that slow down or stop");
                spawn_local(async move {
                    process.audit.let_reader_be(reader);
                    sleep(time).await;
                    process.audit.let_reader_be(Reader::Eager);
                })
            }
            890..1000 if self.profile == Profile::Stdout => {
                self.count("readers that go away");
                spawn_local(async move {
                    process.audit.let_reader_be(Reader::Gone);
                    sleep(Duration::from_secs(2)).await;
                    self.replaces(&process).await;
                })
            }
            750.. if is_clocks => {
                self.count("clocks set wrong");
                process.clock.wrong_by.set(chance.pick(&WRONG));
                // The file is a process's own; that it cannot be written shows at the start.
                let _ = process.clock.follow(&self.clock);
                return None;
            }
            _ => return None,
        })
    }

    /// Kills a process, and has another in its place soon.
    pub(crate) async fn replaces(self: &Rc<Self>, process: &Process) {
        if process.is_closing.replace(true) && process.has_ended() {
            return;
        }
        process.kill().await;
        sleep(Duration::from_millis(200)).await;
        self.add_process().await;
    }

    /// Stops a process as the platform does.
    async fn stops(self: &Rc<Self>, process: &Process) {
        process.is_closing.set(true);
        process.audit.catch_up();
        process.signal("TERM");
        // One that stands still, or whose reader does, is let go on inside its grace.
        if !process.ends_within(GRACE).await {
            let reader = process.audit.reader();
            self.broken.add(Promise::EndsWhenTold, format!("process {}, reader {reader:?}", process.number));
        }
        process.kill().await;
        self.add_process().await;
    }

    /// Puts another in the place of a process that has ended by itself.
    pub(crate) async fn replaces_the_ended(self: Rc<Self>) {
        loop {
            sleep(Duration::from_millis(100)).await;
            let processes: Vec<Rc<Process>> = self.processes.borrow().iter().map(Rc::clone).collect();
            for process in processes.iter().filter(|process| process.has_ended() && !process.is_closing.get()) {
                let code = process.code().unwrap_or_default();
                self.count(format!("processes that ended by themselves with {code}"));
                let log = process.log();
                if code < 0 || !log.contains(LAST_WORDS) {
                    let end: Vec<&str> = log.lines().rev().take(3).collect();
                    let what = format!("process {} ended with {code}: {}", process.number, end.join(" | "));
                    self.broken.add(Promise::StaysAlive, what);
                }
                process.kill().await;
                self.add_process().await;
            }
        }
    }
}

/// One fault of the cloud.
fn fault(chance: &mut Random) -> Value {
    let before = chance.chance(400);
    let mut fault = match chance.below(20) {
        0 | 1 => json!({"fault": "slow", "ms": chance.pick(&[300, 1500, 3000]), "before": before}),
        2..5 => json!({"fault": "drop", "before": before}),
        5 => json!({"fault": "garbage", "before": before}),
        6 => json!({"fault": "truncated", "before": before}),
        7 => json!({"fault": "empty", "before": before}),
        8 => json!({"fault": "throttle", "retry_after_ms": chance.pick(&[10, 400, 5000])}),
        9 => json!({"fault": "throttle"}),
        10 | 11 => json!({"fault": "code", "code": chance.pick(&PASSING)}),
        12 => json!({"fault": "raw", "status": 502, "body": "<html>bad gateway</html>", "before": before}),
        13 => json!({"fault": "huge", "bytes": 2_000_000, "before": before}),
        14 => json!({"fault": "drop", "before": before, "operation": "InvokeFunction"}),
        15 => json!({"fault": "slow", "ms": 2000, "operation": "InvokeFunction"}),
        16 => json!({"fault": "throttle", "operation": "InvokeFunction"}),
        // Not taken, and not said so either.
        17 => json!({"fault": chance.pick(&["empty", "garbage"]), "before": true, "operation": "InvokeFunction"}),
        18 => json!({"fault": "raw", "body": "null", "before": true, "operation": "InvokeFunction"}),
        _ => json!({
            "fault": "code",
            "code": chance.pick(&["ServiceUnavailable", "InternalError"]),
            "operation": chance.pick(&["DescribeDBInstanceAttribute", "ListTagResources", "AuthorizeBackupEncryption"]),
        }),
    };
    fault["times"] = chance.pick(&[1, 1, 2, 5]).into();
    fault
}
