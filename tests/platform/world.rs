//! One run: everything that is shared by those who deliver, disturb, watch and judge.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::rc::Rc;

use jiff::SignedDuration;
use serde_json::Value;
use tokio::time::{Duration, Instant};

use crate::audit::Reader;
use crate::clock::WorldClock;
use crate::cloud::Cloud;
use crate::plant::Plant;
use crate::process::{Process, Setup};
use crate::profile::Profile;
use crate::promise::{Broken, Promise};
use crate::proxy::{Call, Proxy};
use crate::random::Random;
use crate::scenario::{self, Item, Wanted, Way};
use crate::sinks::{Behaviour, Form, Sink, instances_in};
use crate::wire::Message;

/// How many of a thousand calls to the cloud are cut while it is rough.
const CUTS: u64 = 60;

/// For how long a process may still work on what its caller has given up.
const LINGERS: Duration = Duration::from_secs(16);

pub(crate) struct World {
    pub(crate) seed: u64,
    /// What tells the names of this run from those of others.
    pub(crate) run: String,
    pub(crate) profile: Profile,
    pub(crate) plant: Option<Plant>,
    pub(crate) clock: WorldClock,
    pub(crate) cloud: Cloud,
    pub(crate) sinks: Vec<Rc<Sink>>,
    pub(crate) config: String,
    /// Faults happen. After that comes the calm, in which everything has to come to its end.
    pub(crate) is_rough: Cell<bool>,
    /// Instances of the function that were started, whatever came of it.
    started: Cell<usize>,
    /// All that ever were.
    pub(crate) processes: RefCell<Vec<Rc<Process>>>,
    pub(crate) items: RefCell<Vec<Rc<Item>>>,
    pub(crate) queue: RefCell<Vec<(Instant, Rc<Item>)>>,
    pub(crate) flights: RefCell<Vec<Flight>>,
    pub(crate) broken: Broken,
    pub(crate) counts: RefCell<BTreeMap<String, u64>>,
    pub(crate) writes: RefCell<HashMap<String, u64>>,
    pub(crate) deliveries: RefCell<HashMap<String, u64>>,
    pub(crate) calls: Cell<u64>,
    /// When an instance was first seen to be sealed.
    pub(crate) sealed_at: RefCell<HashMap<String, Instant>>,
    /// By sink and report id: an acknowledged answer held this report.
    pub(crate) expected: RefCell<HashMap<(usize, String), Rc<Item>>>,
    /// What a process whose reader stood still owes to its standard output.
    pub(crate) owed: RefCell<Vec<Owed>>,
}

/// A delivery that a process may be working on.
pub(crate) struct Flight {
    pub(crate) number: u64,
    pub(crate) process: usize,
    pub(crate) instances: Vec<String>,
    /// When it was given up without an answer.
    pub(crate) given_up: Option<Instant>,
    /// It has called the cloud, as far as that can be told.
    pub(crate) has_called: bool,
    /// It has put something into the queue, as far as that can be told.
    pub(crate) has_queued: bool,
}

pub(crate) struct Owed {
    pub(crate) process: Rc<Process>,
    pub(crate) what: OwedLine,
}

#[derive(Debug)]
pub(crate) enum OwedLine {
    Intent { operation: String, instance: String },
    Report { id: String },
}

impl World {
    pub(crate) async fn start(run: &str, seed: u64, profile: Profile, plant: Option<Plant>) -> io::Result<Rc<Self>> {
        let cloud = Cloud::start().await?;
        let mut sinks = Vec::new();
        for (form, number) in [(Form::Webhook, 1), (Form::CloudEvents, 2), (Form::Slack, 3)] {
            let forgets = plant == Some(Plant::SinksForget);
            sinks.push(Sink::start(form, forgets, Random::of(seed, &[1, number])).await?);
        }
        let are_required = plant != Some(Plant::SinksNotRequired);
        let mut config = profile.config(plant);
        config.extend(sinks.iter().map(|sink| sink.table(are_required)));
        if !are_required {
            sinks[0].behaviour.set(Behaviour::Breaks);
        }
        profile.prepare(&cloud).await?;
        Ok(Rc::new(Self {
            seed,
            run: run.to_owned(),
            profile,
            plant,
            clock: WorldClock::default(),
            cloud,
            sinks,
            config,
            is_rough: Cell::new(true),
            started: Cell::new(0),
            processes: RefCell::default(),
            items: RefCell::default(),
            queue: RefCell::default(),
            flights: RefCell::default(),
            broken: Broken::default(),
            counts: RefCell::default(),
            writes: RefCell::default(),
            deliveries: RefCell::default(),
            calls: Cell::new(0),
            sealed_at: RefCell::default(),
            expected: RefCell::default(),
            owed: RefCell::default(),
        }))
    }

    /// One more instance of the function.
    pub(crate) async fn add_process(self: &Rc<Self>) {
        let number = self.started.get() + 1;
        self.started.set(number);
        let mut chance = Random::of(self.seed, &[2, number as u64]);
        let setup = Setup {
            number,
            run: &self.run,
            config: &self.config,
            environment: self.profile.environment(self.is_rough.get(), &mut chance),
            pipe: chance.pick(&[None, Some(4096)]),
            plant: self.plant,
        };
        let started = match Proxy::start(self, Random::of(self.seed, &[3, number as u64])).await {
            Ok(proxy) => {
                proxy.cuts.set(if self.is_rough.get() { CUTS } else { 0 });
                Process::start(setup, &self.clock, proxy).await
            }
            Err(error) => Err(error),
        };
        match started {
            Ok(process) => self.processes.borrow_mut().push(process),
            Err(error) => self.broken.add(Promise::StaysAlive, error.to_string()),
        }
    }

    pub(crate) fn count(&self, what: impl Into<String>) {
        *self.counts.borrow_mut().entry(what.into()).or_default() += 1;
    }

    /// Moves the time of day of the whole world.
    pub(crate) async fn step_clock(&self, seconds: i64) -> io::Result<()> {
        self.clock.step(seconds);
        // At once: a moment that is named to a process has to be one of the time that the process sees.
        self.processes.borrow().iter().try_for_each(|process| process.clock.follow(&self.clock))?;
        self.cloud.clock_is_ahead_by(self.clock.ahead()).await
    }

    /// The processes that the platform sends to.
    pub(crate) fn open_processes(&self) -> Vec<Rc<Process>> {
        self.processes.borrow().iter().filter(|process| process.is_open()).map(Rc::clone).collect()
    }

    pub(crate) fn add_item(&self, way: Way, body: Vec<u8>, instances: Vec<String>, event_id: String) -> Rc<Item> {
        let number = self.items.borrow().len() as u64;
        let item = Rc::new(Item::new(number, way, body, instances, Wanted::Sealed, event_id));
        self.items.borrow_mut().push(Rc::clone(&item));
        item
    }

    pub(crate) fn push(&self, item: &Rc<Item>, after: Duration) {
        self.queue.borrow_mut().push((Instant::now() + after, Rc::clone(item)));
    }

    /// Whether one delivery alone, at one process, can be what asks about an instance now.
    pub(crate) fn is_alone(&self, process: &Process, instance: &str) -> bool {
        let mut flights = self.flights.borrow_mut();
        flights.retain(|flight| flight.given_up.is_none_or(|since| since.elapsed() < LINGERS));
        let about = flights.iter().filter(|flight| flight.instances.iter().any(|one| one == instance));
        let about: Vec<&Flight> = about.collect();
        matches!(about.as_slice(), [one] if one.process == process.number && one.given_up.is_none())
    }

    pub(crate) fn is_doubtful(&self, instance: &str) -> bool {
        self.is_rough.get() && scenario::is_doubtful(instance)
    }

    /// A process calls the cloud: every write has its intent by now, and what is too early calls nothing.
    pub(crate) fn hears(self: &Rc<Self>, process: Option<Rc<Process>>, call: &Call, message: &Message) {
        self.calls.set(self.calls.get() + 1);
        let Some(process) = process else { return };
        if call.is_write() {
            self.check_intent(&process, call);
        }
        let text = if call.operation == "InvokeFunction" { message.text() } else { call.instance.clone() };
        for flight in self.flights.borrow_mut().iter_mut().filter(|flight| flight.process == process.number) {
            if flight.instances.iter().any(|instance| names(&text, instance)) {
                flight.has_called = true;
                flight.has_queued |= call.operation == "InvokeFunction" || self.plant == Some(Plant::EverythingQueues);
            }
        }
        let delay = message.header("x-fc-async-delay").and_then(|delay| delay.parse().ok());
        if let Some(delay) = delay.filter(|_| self.is_rough.get()) {
            self.doubles_early(&message.body, delay);
        }
    }

    fn check_intent(&self, process: &Rc<Process>, call: &Call) {
        process.audit.catch_up();
        if process.audit.read.borrow().intends(&call.operation, &call.instance) {
            return self.count("writes whose intent was seen first");
        }
        let (operation, instance) = (call.operation.clone(), call.instance.clone());
        if process.audit.reader() == Reader::Stopped {
            let what = OwedLine::Intent { operation, instance };
            return self.owed.borrow_mut().push(Owed { process: Rc::clone(process), what });
        }
        if process.audit.has_just_lost_its_reader() {
            return self.count("writes in the moment in which the reader left");
        }
        let what = format!("{operation} {instance} at process {}", process.number);
        self.broken.add(Promise::IntentComesFirst, what);
    }

    /// Some tasks come before their time as well.
    fn doubles_early(self: &Rc<Self>, body: &[u8], delay: i64) {
        let mut chance = Random::of(self.seed, &[4, self.items.borrow().len() as u64]);
        if chance.chance(if self.plant.is_some() { 500 } else { 80 }) {
            let due = self.clock.now() + SignedDuration::from_secs(delay);
            // A process that was frozen has written its own time down before.
            let way = Way::EarlyTask { due: due.min(not_before(body).unwrap_or(due)) };
            let instances = instances_in(&String::from_utf8_lossy(body));
            let early = self.add_item(way, body.to_vec(), instances, String::new());
            self.push(&early, chance.ms(0, 600));
        }
    }

    pub(crate) fn counts(&self, call: &Call) {
        if call.is_write() && !call.instance.is_empty() {
            *self.writes.borrow_mut().entry(call.instance.clone()).or_default() += 1;
        }
    }

    /// A write was answered like this, or not at all: was it made?
    pub(crate) async fn looks_at(&self, instance: &str, answer: &[u8]) {
        if self.sealed_at.borrow().contains_key(instance) {
            return;
        }
        let answer = String::from_utf8_lossy(answer);
        let is_clean =
            answer.starts_with("HTTP/1.1 200") && answer.contains(&format!("\"DBInstanceId\":\"{instance}\""));
        let is_refused = answer.contains("\"Code\":\"") && !answer.contains("AlreadyEnabled");
        if is_clean || (!is_refused && self.cloud.is_sealed(instance).await) {
            self.sealed_at.borrow_mut().entry(instance.to_owned()).or_insert_with(Instant::now);
        }
    }
}

/// When a task says that it may come.
fn not_before(body: &[u8]) -> Option<jiff::Timestamp> {
    let sealed: Value = serde_json::from_slice(body).ok()?;
    let task: Value = serde_json::from_str(sealed["task"].as_str()?).ok()?;
    task["not_before"].as_str()?.parse().ok()
}

/// Whether a text names an instance, and not another whose id begins with this one's.
fn names(text: &str, instance: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '-');
    text.match_indices(instance).any(|(at, _)| !goes_on(&text[at + instance.len()..]))
}
