//! One delivery: sent to some instance of the function with some deadline by a caller of some patience, and what its answer
//! means to the platform.

use std::rc::Rc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::SignedDuration;
use serde_json::Value;
use tokio::time::Instant;

use crate::audit::Reader;
use crate::cloud::{ACCOUNT, REGION};
use crate::plant::Plant;
use crate::process::{Process, WEBHOOK_SECRET};
use crate::promise::Promise;
use crate::random::Random;
use crate::scenario::{Item, Wanted, Way, is_half_readable};
use crate::wire::{Message, Patience, request, send};
use crate::world::{Flight, Owed, OwedLine, World};

/// Attempts after which the platform puts an item with its dead letters, once everything works again.
const ATTEMPTS_IN_CALM: u32 = 40;

/// Two seconds of difference are the clock and not the queue.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(3);

impl World {
    /// Delivers an item once, and decides what becomes of it.
    pub(crate) async fn deliver(self: Rc<Self>, item: Rc<Item>) {
        let mut chance = Random::of(self.seed, &[5, item.number, u64::from(item.attempt.get())]);
        let open = self.open_processes();
        if open.is_empty() {
            return self.push(&item, Duration::from_millis(300));
        }
        let process = chance.pick(&open);
        let seconds = if self.is_rough.get() { chance.pick(&[3, 4, 6, 8, 12]) } else { 15 };
        let patience = self.patience(&item, seconds, &mut chance);
        let (bytes, head) = self.bytes(&item, seconds, &mut chance);
        self.count("deliveries");
        for instance in &item.instances {
            *self.deliveries.borrow_mut().entry(instance.clone()).or_default() += 1;
        }
        let number = self.takes_off(&item, &process);
        let answer = send(process.port, &bytes, head, patience).await.ok().flatten();
        let flight = self.lands(number, answer.is_some());
        if let Some(answer) = answer {
            return self.settle(&item, &process, answer, flight.as_ref(), &mut chance).await;
        }
        self.count("deliveries without an answer");
        self.again(&item, &mut chance).await;
    }

    fn patience(&self, item: &Item, seconds: u64, chance: &mut Random) -> Patience {
        let waits = Patience::Until(Duration::from_millis(seconds * 1000 + 500));
        match chance.below(1000) {
            _ if !self.is_rough.get() || item.is_early() => waits,
            0..60 => Patience::HangsUp(chance.pick(&[0, 2, 20, 300, 1000].map(Duration::from_millis))),
            60..80 => Patience::BreaksOff(chance.index(item.body.len())),
            _ => waits,
        }
    }

    fn bytes(&self, item: &Item, seconds: u64, chance: &mut Random) -> (Vec<u8>, usize) {
        let mut headers = vec![
            ("x-fc-request-id", format!("r-{}-{}", self.run, item.number)),
            ("x-fc-account-id", ACCOUNT.to_owned()),
            ("x-fc-region", REGION.to_owned()),
        ];
        // A moment alone would leave a process whose clock is wrong without an end.
        headers.push(("x-fc-function-timeout", (seconds + 1).to_string()));
        if chance.chance(500) {
            let moment = self.clock.now() + SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(3));
            headers.push(("x-fc-function-deadline", moment.as_millisecond().to_string()));
        }
        if self.profile.brings_credentials() {
            let token = if self.is_rough.get() && chance.chance(20) { "expired" } else { "a-session-token" };
            headers.push(("x-fc-access-key-id", rds_seal::emulator::ACCESS_KEY_ID.to_owned()));
            headers.push(("x-fc-access-key-secret", rds_seal::emulator::ACCESS_KEY_SECRET.to_owned()));
            headers.push(("x-fc-security-token", token.to_owned()));
        }
        if item.way == Way::Webhook {
            headers.extend(signed(item, self.clock.now().as_second()));
            return request("POST", "/v1/requests", &headers, &item.body);
        }
        headers.push(("x-fc-control-path", "/invoke".to_owned()));
        headers.push(("x-fc-retry-count", item.attempt.get().to_string()));
        request("POST", "/invoke", &headers, &item.body)
    }

    fn takes_off(&self, item: &Item, process: &Process) -> u64 {
        let mut flights = self.flights.borrow_mut();
        let number = self.counts.borrow().get("deliveries").copied().unwrap_or_default();
        flights.push(Flight {
            number,
            process: process.number,
            instances: item.instances.clone(),
            given_up: None,
            has_called: false,
            has_queued: false,
        });
        number
    }

    /// What is known of a flight that was answered. One that was not may go on.
    fn lands(&self, number: u64, is_answered: bool) -> Option<Flight> {
        let mut flights = self.flights.borrow_mut();
        let place = flights.iter().position(|flight| flight.number == number)?;
        if is_answered {
            return Some(flights.swap_remove(place));
        }
        flights[place].given_up = Some(Instant::now());
        None
    }

    async fn settle(
        &self,
        item: &Rc<Item>,
        process: &Rc<Process>,
        mut answer: Message,
        flight: Option<&Flight>,
        chance: &mut Random,
    ) {
        self.tamper(item, &mut answer);
        let said = answer.header("x-fc-status").map(str::to_owned);
        if said.is_none() {
            let what = format!("{} {} for item {}", answer.first, answer.text(), item.number);
            self.broken.add(Promise::EveryAnswerHasItsStatus, what);
        }
        let is_done = match item.way {
            Way::Webhook => matches!(answer.status(), 200 | 202),
            Way::Event | Way::Task | Way::EarlyTask { .. } => said.is_none_or(|status| status == "200"),
        };
        if let Way::EarlyTask { due } = item.way {
            let is_early = due > self.clock.now() + TOLERANCE && !self.profile.moves_clocks();
            let has_called = flight.is_some_and(|flight| flight.has_called) && self.is_alone_item(item);
            if is_early && (is_done || has_called) {
                let what = format!("item {}: {} {}", item.number, answer.first, answer.text());
                self.broken.add(Promise::EarlyComesBack, what);
            }
            self.count("tasks before their time");
            return;
        }
        if flight.is_some_and(|flight| flight.has_queued) && is_half_readable(item) {
            let what = format!("item {}, attempt {}", item.number, item.attempt.get());
            self.broken.add(Promise::WhatComesAgainQueuesNothing, what);
        }
        if is_done {
            return self.acknowledged(item, process, &answer);
        }
        if item.way == Way::Webhook && matches!(answer.status(), 400 | 413 | 415) {
            item.is_buried.set(true);
            let what = format!("webhook {}: {} {}", item.number, answer.first, answer.text());
            return self.broken.add(Promise::AcknowledgedIsSettled, what);
        }
        self.again(item, chance).await;
    }

    /// Whether no other item about the same instances is under way.
    fn is_alone_item(&self, item: &Item) -> bool {
        let flights = self.flights.borrow();
        !flights.iter().any(|flight| flight.instances.iter().any(|instance| item.instances.contains(instance)))
    }

    /// What a plant makes of an answer.
    fn tamper(&self, item: &Item, answer: &mut Message) {
        let lied = match self.plant {
            Some(Plant::StatusLeftOut) => {
                answer.headers.retain(|(name, _)| name != "x-fc-status");
                return;
            }
            Some(Plant::DoneTooSoon) => item.wanted == Wanted::Sealed && !item.is_early(),
            Some(Plant::EarlyTasksTaken) => item.is_early(),
            Some(Plant::SuccessDenied) => {
                let text = answer.text().replace(r#""outcome":"enabled""#, r#""outcome":"failed""#);
                answer.body = text.into_bytes();
                return;
            }
            _ => false,
        };
        if lied {
            "HTTP/1.1 200 OK".clone_into(&mut answer.first);
            answer.headers = vec![("x-fc-status".to_owned(), "200".to_owned())];
        }
    }

    fn acknowledged(&self, item: &Rc<Item>, process: &Rc<Process>, answer: &Message) {
        item.is_acknowledged.set(true);
        let Ok(told) = serde_json::from_slice::<Value>(&answer.body) else {
            return self.broken.add(Promise::LinesAreOurs, format!("an answer is no JSON: {}", answer.text()));
        };
        if self.plant != Some(Plant::ReportsLate) {
            process.audit.catch_up();
        }
        for report in told["reports"].as_array().into_iter().flatten() {
            self.check_report(item, process, report);
        }
    }

    fn check_report(&self, item: &Rc<Item>, process: &Rc<Process>, report: &Value) {
        let text = |name: &str| report[name].as_str().unwrap_or_default().to_owned();
        let (id, instance, outcome) = (text("id"), text("instance"), text("outcome"));
        if outcome != "waiting" {
            let mut expected = self.expected.borrow_mut();
            expected.extend((0..self.sinks.len()).map(|sink| ((sink, id.clone()), Rc::clone(item))));
        }
        let denies = matches!(outcome.as_str(), "failed" | "refused" | "planned") && report["certain"] == true;
        if denies && self.sealed_at.borrow().contains_key(&instance) {
            let code = &report["upstream"]["code"];
            let what = format!("{instance}: {outcome}, {code}, item {} at process {}", item.number, process.number);
            self.broken.add(Promise::NoReportContradicts, what);
        }
        if process.audit.read.borrow().has_report(&id) {
            return;
        }
        let what = OwedLine::Report { id };
        match process.audit.reader() {
            Reader::Stopped => self.owed.borrow_mut().push(Owed { process: Rc::clone(process), what }),
            Reader::Eager | Reader::Slow | Reader::Gone => {
                let what =
                    format!("{instance}: {what:?}, process {}, reader {:?}", process.number, process.audit.reader());
                self.broken.add(Promise::RecordedBeforeAcknowledged, what);
            }
        }
    }

    /// It is not done: it comes again, unless the platform has had enough of it.
    async fn again(&self, item: &Rc<Item>, chance: &mut Random) {
        if item.is_early() || item.is_acknowledged.get() {
            return;
        }
        item.attempt.set(item.attempt.get() + 1);
        let is_hopeless = item.wanted == Wanted::Buried && item.attempt.get() > 3;
        if is_hopeless || (!self.is_rough.get() && item.attempt.get() > ATTEMPTS_IN_CALM) {
            item.is_buried.set(true);
            return;
        }
        if self.is_rough.get() {
            self.push(item, chance.ms(200, 1500));
        } else {
            // Nothing else may be waiting for time to pass.
            let _ = self.step_clock(60).await;
            self.push(item, chance.ms(50, 200));
        }
    }
}

/// The headers of Standard Webhooks.
fn signed(item: &Item, now: i64) -> [(&'static str, String); 4] {
    let key = BASE64_STANDARD.decode(WEBHOOK_SECRET.trim_start_matches("whsec_")).expect("it is base64");
    let content = [format!("{}.{now}.", item.event_id).as_bytes(), &item.body].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &content);
    [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", item.event_id.clone()),
        ("webhook-timestamp", now.to_string()),
        ("webhook-signature", format!("v1,{}", BASE64_STANDARD.encode(tag))),
    ]
}
