//! Messages that nobody would send, at every door: none may panic, write to the cloud, be answered by 5xx, or put a line
//! into the log or the audit stream that is not ours.

mod messages;
mod mutate;
mod target;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::rc::Rc;

use messages::{Corpus, Sent};
use target::Target;

use crate::page::grouped;
use crate::random::Random;
use crate::wire::{Message, request};

/// Messages under way at one time.
const AT_ONCE: u64 = 8;
/// Messages after which the cloud is asked whether anything was written, and made to forget.
const BATCH: u64 = 5000;
/// Findings that are told in full.
const SHOWN: usize = 20;

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    seed: u64,
    /// By door and status; 0 is a connection closed without an answer.
    answers: BTreeMap<&'static str, BTreeMap<u16, u64>>,
    findings: Vec<String>,
    count: u64,
}

impl Tally {
    pub(crate) fn is_clean(&self) -> bool {
        self.count == 0
    }

    fn finds(&mut self, what: String) {
        self.count += 1;
        if self.findings.len() < SHOWN {
            self.findings.push(what);
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.answers.values().flat_map(BTreeMap::values).sum();
        writeln!(f, "{} messages, seed {}: {} did what none may do.\n", grouped(sent), self.seed, grouped(self.count))?;
        let statuses: BTreeSet<u16> = self.answers.values().flat_map(BTreeMap::keys).copied().collect();
        let head = statuses.iter().map(|status| if *status == 0 { "no answer".to_owned() } else { status.to_string() });
        let head = head.collect::<Vec<_>>().join(" | ");
        writeln!(f, "| door | messages | {head} |\n|---|---:|{}", "---:|".repeat(statuses.len()))?;
        for (door, answers) in &self.answers {
            let each =
                statuses.iter().map(|status| answers.get(status).map_or_else(String::new, |count| grouped(*count)));
            let each = each.collect::<Vec<_>>().join(" | ");
            writeln!(f, "| {door} | {} | {each} |", grouped(answers.values().sum()))?;
        }
        self.findings.iter().try_for_each(|finding| writeln!(f, "\n* {finding}"))
    }
}

/// Sends so many.
pub(crate) fn run(messages: u64, seed: u64) -> io::Result<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, fuzz(messages, seed))
}

async fn fuzz(messages: u64, seed: u64) -> io::Result<Tally> {
    let target = Rc::new(Target::start()?);
    let corpus = Rc::new(Corpus::load(target.task().await?)?);
    for sent in corpus.genuine(&target).await? {
        let answer = target.send(&sent, None).await?.unwrap_or_default();
        if answer.status() != 200 {
            let what = format!("{} does not take a genuine message: {} {}", sent.door, answer.first, answer.text());
            return Err(io::Error::other(what));
        }
    }
    target.writes().await?;
    let tally = Rc::new(RefCell::new(Tally { seed, ..Tally::default() }));
    let mut number = 0;
    while number < messages && !target.has_ended() {
        let end = messages.min(number + BATCH);
        let batch = (0..AT_ONCE).map(|worker| {
            let numbers = (number + worker..end).step_by(usize::try_from(AT_ONCE).unwrap_or(1));
            tokio::task::spawn_local(work(Rc::clone(&target), Rc::clone(&corpus), Rc::clone(&tally), seed, numbers))
        });
        for worker in batch.collect::<Vec<_>>() {
            worker.await??;
        }
        for write in target.writes().await? {
            tally.borrow_mut().finds(format!("between messages {number} and {end}: a write: {write}"));
        }
        number = end;
    }
    let mut tally = tally.take();
    if target.has_ended() {
        tally.finds("the process has ended".to_owned());
    }
    target.odd_lines().into_iter().for_each(|line| tally.finds(format!("a line that is not ours: {line:?}")));
    Ok(tally)
}

async fn work(
    target: Rc<Target>,
    corpus: Rc<Corpus>,
    tally: Rc<RefCell<Tally>>,
    seed: u64,
    numbers: impl Iterator<Item = u64>,
) -> io::Result<()> {
    for number in numbers {
        let mut chance = Random::of(seed, &[number]);
        let sent = corpus.next(&target, &mut chance).await?;
        let raw = sent.is_raw.then(|| with_a_scratched_head(&sent, &mut chance));
        let answer = target.send(&sent, raw).await.ok().flatten();
        let mut tally = tally.borrow_mut();
        let status = answer.as_ref().map_or(0, Message::status);
        *tally.answers.entry(sent.door).or_default().entry(status).or_default() += 1;
        if let Some(why) = wrong(&sent, answer.as_ref()) {
            let (body, answer) = (String::from_utf8_lossy(&sent.body), answer.unwrap_or_default());
            let body: String = body.chars().take(600).collect();
            tally.finds(format!("message {number}, {}: {why}: {body:?}, answered {:?}", sent.door, answer.text()));
        }
    }
    Ok(())
}

/// What is wrong about an answer.
fn wrong(sent: &Sent, answer: Option<&Message>) -> Option<&'static str> {
    let Some(answer) = answer else {
        return (!sent.is_raw).then_some("no answer");
    };
    // Whatever a message says of where its answer goes, an answer that cannot be sent is the chat's to repeat.
    let could_not_answer = answer.status() == 503 && answer.text().contains("the answer could not be sent");
    match answer.status() {
        500.. if !could_not_answer => Some("5xx"),
        200..300 if sent.is_forged && !sent.is_raw => Some("a forgery is taken"),
        _ if !sent.is_raw && answer.header("x-fc-status").is_none() => Some("no x-fc-status"),
        _ => None,
    }
}

/// The bytes of the request, with some of the head changed.
fn with_a_scratched_head(sent: &Sent, chance: &mut Random) -> Vec<u8> {
    let headers: Vec<(&str, String)> = sent.headers.iter().map(|(name, value)| (&name[..], value.clone())).collect();
    let (bytes, head) = request("POST", &sent.path, &headers, &sent.body);
    let mut scratched = mutate::mutated(&bytes[..head], &[], chance);
    scratched.extend_from_slice(&bytes[head..]);
    scratched
}
