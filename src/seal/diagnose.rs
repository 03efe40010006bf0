//! What is really wrong, in words: reads after a failure, and the sentence each ending gets.

use jiff::SignedDuration;

use crate::aliyun::error::Failure;
use crate::aliyun::rds::{DescribeDBInstanceAttribute, InstanceAttribute};
use crate::aliyun::{Operation, Trace};
use crate::kind::Kind;
use crate::outcome::{Ending, Outcome, Upstream};
use crate::request::facts::{InstanceFacts, Readiness};
use crate::request::ids::KeyId;

use super::{Task, upstream};

/// What reading an instance came to.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) facts: Option<InstanceFacts>,
    /// Why there are no facts, unless the service answered with none.
    pub(super) failure: Option<Failure>,
    request_id: Option<String>,
}

impl Reading {
    /// The service's word that there is no such instance.
    pub(super) fn is_absent(&self) -> bool {
        self.facts.is_none() && self.failure.as_ref().is_none_or(|failure| failure.kind == Kind::NotFound)
    }

    pub(super) fn upstream(&self, trace: &Trace) -> Upstream {
        upstream(DescribeDBInstanceAttribute::ACTION, self.failure.as_ref(), self.request_id.clone(), trace)
    }
}

pub(super) async fn read(task: &Task<'_>, trace: &mut Trace) -> Reading {
    let operation = DescribeDBInstanceAttribute { instance: task.instance.as_str() };
    let mut own = Trace::default();
    let answer = task.client.call(&operation, task.target(), &mut own).await;
    trace.calls += own.calls;
    trace.took += own.took;
    match answer {
        Ok(described) => Reading {
            facts: described.items.attributes.into_iter().next().map(facts),
            failure: None,
            request_id: described.request_id,
        },
        Err(failure) => Reading { failure: Some(failure), ..Reading::default() },
    }
}

fn facts(attribute: InstanceAttribute) -> InstanceFacts {
    InstanceFacts {
        status: attribute.status,
        engine: attribute.engine,
        engine_version: attribute.engine_version,
        category: attribute.category,
        storage: attribute.storage,
        instance_type: attribute.instance_type,
        lock_mode: attribute.lock_mode,
        region: attribute.region_id,
    }
}

pub(super) fn key(key: Option<&KeyId>) -> String {
    key.map_or_else(|| "RDS's automatic key".to_owned(), |key| format!("key {key}"))
}

pub(super) fn enabled(task: &Task<'_>) -> String {
    format!(
        "Backup encryption of {} is on, with {}. Backups made from now on are encrypted; older ones are not.",
        task.instance,
        key(task.key)
    )
}

pub(super) fn enabled_by_inference(task: &Task<'_>) -> String {
    format!(
        "Backup encryption of {} is on. An earlier attempt got no clear answer and the next said it was on already, so \
         it was probably ours; the key in use cannot be read.",
        task.instance
    )
}

pub(super) fn already_enabled(task: &Task<'_>) -> String {
    let key = match task.key {
        Some(key) => format!(" Whether it uses key {key} cannot be read, and it cannot be changed."),
        None => String::new(),
    };
    format!("Backup encryption of {} was on already.{key}", task.instance)
}

/// No answer settled whether an attempt made the change.
pub(super) fn unknown(task: &Task<'_>, failure: &Failure) -> Ending {
    let message = format!(
        "Backup encryption of {} may have been turned on, or not: {} Repeating the call is safe.",
        task.instance,
        words(failure)
    );
    Ending::new(Outcome::Unknown, message).next_step("Nothing if a later report settles it; else repeat the request.")
}

pub(super) fn waiting(failure: &Failure) -> Ending {
    Ending::new(Outcome::Waiting, format!("Not now: {}", words(failure))).next_step(failure.next_step())
}

pub(super) fn failed(failure: &Failure) -> Ending {
    Ending::new(Outcome::Failed, words(failure)).next_step(failure.next_step())
}

/// The state the instance is in decides whether waiting helps.
pub(super) fn not_ready(failure: &Failure, facts: Option<&InstanceFacts>) -> Ending {
    let Some(facts) = facts else { return waiting(failure) };
    let status = facts.shown_status();
    match facts.readiness() {
        Readiness::Running | Readiness::Busy => {
            Ending::new(Outcome::Waiting, format!("Not now: the instance is {status}. {}", words(failure)))
                .next_step(failure.next_step())
        }
        Readiness::Stopped => Ending::new(Outcome::Failed, format!("The instance is {status}."))
            .next_step("Start the instance, then run again."),
        Readiness::Gone => Ending::new(Outcome::Failed, format!("The instance is {status}."))
            .next_step("Nothing: an instance that is being deleted or was released cannot be sealed."),
    }
}

pub(super) fn not_visible_yet(failure: &Failure) -> Ending {
    Ending::new(Outcome::Waiting, format!("Not now: {} A new instance may not be visible yet.", words(failure)))
        .next_step("Wait for the next delivery.")
}

/// "Not found" of something old: is it unsupported, released, or looked for in the wrong place?
pub(super) fn not_found(task: &Task<'_>, failure: &Failure, reading: &Reading) -> Ending {
    let words = words(failure);
    let (message, next_step) = match &reading.facts {
        Some(facts) if facts.readiness() == Readiness::Gone => {
            (format!("The instance is {}. {words}", facts.shown_status()), "Remove the instance from what asks for it.")
        }
        Some(_) => (
            format!("The instance exists, but this operation does not find it: it looks unsupported. {words}"),
            "Check engine, edition and storage against the vendor's guide; leave the instance out if they do not fit.",
        ),
        None if reading.is_absent() && !failure.is("ProductInstanceReleased") => (
            format!("There is no {} in {} for this account. {words}", task.instance, task.region),
            "Check the id; if it is right, the region or the account is wrong.",
        ),
        None => (words, failure.next_step()),
    };
    Ending::new(Outcome::Failed, message).next_step(next_step)
}

/// A signature, key pair or time that was not accepted. A clock that is off is said with by how much.
pub(super) fn failed_by_clock_or_key(failure: &Failure) -> Ending {
    let off = failure.clock_ahead.filter(|ahead| ahead.abs() > SignedDuration::from_mins(1));
    match off {
        Some(ahead) if failure.is("InvalidTimeStamp.Expired") || failure.is("IllegalTimestamp") => {
            let seconds = ahead.abs().as_secs();
            let side = if ahead.is_negative() { "ahead of" } else { "behind" };
            Ending::new(Outcome::Failed, format!("Our clock is {seconds} s {side} the service's. {}", words(failure)))
                .next_step("Set the clock of the machine, then run again.")
        }
        _ => failed(failure),
    }
}

/// The service's code and message, or ours where it gave none, as a sentence.
pub(super) fn words(failure: &Failure) -> String {
    let message = failure.message.trim_end_matches('.');
    match &failure.code {
        Some(code) if message.is_empty() => format!("{code}."),
        Some(code) => format!("{code}: {message}."),
        None => format!("{message}."),
    }
}
