//! What is really wrong, in words: the sentence each ending gets.

use jiff::SignedDuration;

use super::Task;
use super::look::Reading;
use crate::aliyun::credentials::{Broken, Source, Unprovided};
use crate::aliyun::error::{Denied, Failure};
use crate::aliyun::ram::{ON_ANYTHING, TO_AUTHORIZE, allow};
use crate::outcome::{Again, Ending, Outcome};
use crate::request::facts::{InstanceFacts, Readiness};
use crate::request::ids::{AccountId, KeyId};

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

/// An expired token is no fault of the request: where the next delivery, or the next process, brings a fresh one, the
/// request waits for it.
pub(super) fn expired(source: Source, failure: &Failure) -> Option<Ending> {
    if !failure.is("InvalidSecurityToken.Expired") {
        return None;
    }
    let again = match source {
        Source::Invocation => Again::Delivery,
        Source::FunctionEnvironment => Again::Process,
        _ if source.renewable_here() => Again::Renewal,
        _ => return None,
    };
    Some(Ending { again: Some(again), ..waiting(failure) })
}

/// A source of credentials is set up and cannot be used.
pub fn broken(broken: &Broken) -> Box<Ending> {
    let ending = Ending::new(Outcome::Failed, broken.to_string());
    ending.next_step("Mend this source of credentials: no other is tried.").into()
}

/// There is nobody who could sign.
pub fn nobody() -> Box<Ending> {
    let ending = Ending::new(Outcome::Failed, "There are no credentials to sign with.");
    let next_step = "Give the function a role, or set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET.";
    ending.next_step(next_step).into()
}

/// The credentials that should sign could not be had. What passes is waited for; `asked_as` is where those came from that
/// signed for the asking, if anything did.
pub fn unsigned(why: &Unprovided, asked_as: Option<Source>) -> Box<Ending> {
    let failure = match why {
        Unprovided::Broken(cause) => return broken(cause),
        Unprovided::Failed { failure, .. } => failure,
    };
    if let Some(ending) = asked_as.and_then(|source| expired(source, failure)) {
        return ending.into();
    }
    let passes = failure.kind.may_pass();
    let outcome = if passes { Outcome::Waiting } else { Outcome::Failed };
    let next_step = match &failure.denied {
        Some(denied) => format!(
            "Allow {} for the function's role, and name that role in the trust policy of the role it takes on, with the \
             external id if one is asked for.",
            denied.action
        ),
        None => failure.next_step().to_owned(),
    };
    Ending::new(outcome, why.to_string()).next_step(next_step).into()
}

/// A task that came before its time: its queue does not keep the delay.
pub fn before_its_time(seconds: i64) -> Ending {
    let message = format!("The task came {seconds} s before its time, so nothing was called.");
    let next_step = "Nothing: it comes again. If this is the rule, the queue does not keep the delay.";
    Ending { again: Some(Again::Delivery), ..Ending::new(Outcome::Waiting, message).next_step(next_step) }
}

/// What has waited too long: the last thing that was in the way, and the end of the waiting.
pub fn given_up(ending: Ending, after: SignedDuration) -> Ending {
    let doubt = if ending.doubt.unsettled { " An attempt may have made the change all the same." } else { "" };
    let message = format!("Given up after {after:#}.{doubt} {}", ending.message);
    let next_step = "Mend what is in the way, then ask again: repeating the call is safe.";
    let certain = !ending.doubt.unsettled;
    Ending { outcome: Outcome::Failed, certain, message, next_step: Some(next_step.to_owned()), ..ending }
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

/// A permission is missing: which, and the statement that grants it.
pub(super) fn forbidden(task: &Task<'_>, failure: &Failure) -> Ending {
    Ending::new(Outcome::Failed, words(failure)).next_step(next_step(task, failure))
}

/// One thing a person can do about a failed call for this instance.
pub(super) fn next_step(task: &Task<'_>, failure: &Failure) -> String {
    let Some(Denied { action, explicitly_by, by_the_session }) = &failure.denied else {
        return failure.next_step().to_owned();
    };
    if *by_the_session {
        return format!("Check the region: the session reaches instances of {} only.", task.region);
    }
    if let Some(policy) = explicitly_by {
        return format!("A policy denies {action} explicitly ({policy}): take that statement out.");
    }
    let resource = match action.split(':').next() {
        Some("rds") if action != TO_AUTHORIZE && !ON_ANYTHING.contains(&action.as_str()) => {
            let account = task.account.map_or("*", AccountId::as_str);
            format!("acs:rds:{}:{account}:dbinstance/{}", task.region, task.instance)
        }
        _ => "*".to_owned(),
    };
    format!("Add to a policy of the role that signs: {}", allow(&[action], &[resource]))
}

/// It exists, in another region than the one that was asked for.
pub(super) fn elsewhere(task: &Task<'_>, failure: &Failure, region: &str) -> Ending {
    let message = format!("{} is in {region}, not in {}. {}", task.instance, task.region, words(failure));
    Ending::new(Outcome::Failed, message).next_step(format!("Ask again with the region {region}."))
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
