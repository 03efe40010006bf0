//! What is really wrong, in words: the sentence each ending gets.

use jiff::SignedDuration;

use super::SealContext;
use super::reading::InstanceRead;
use crate::aliyun::credentials::{Broken, CredentialsError, Source};
use crate::aliyun::error::{Denied, Failure};
use crate::aliyun::ram::{ON_ANYTHING, TO_AUTHORIZE, allow};
use crate::outcome::{Outcome, Resolution, RetryNeeds};
use crate::request::facts::{InstanceFacts, Readiness};
use crate::request::ids::{AccountId, KeyId};

pub(super) fn key(key: Option<&KeyId>) -> String {
    key.map_or_else(|| "RDS's automatic key".to_owned(), |key| format!("key {key}"))
}

pub(super) fn enabled(context: &SealContext<'_>) -> String {
    format!(
        "Backup encryption of {} is on, with {}. Backups made from now on are encrypted; older ones are not.",
        context.instance,
        key(context.key)
    )
}

pub(super) fn enabled_by_inference(context: &SealContext<'_>) -> String {
    format!(
        "Backup encryption of {} is on. An earlier attempt got no clear answer and the next said it was on already, so \
         it was probably ours; the key in use cannot be read.",
        context.instance
    )
}

pub(super) fn already_enabled(context: &SealContext<'_>) -> String {
    let key = match context.key {
        Some(key) => format!(" Whether it uses key {key} cannot be read, and it cannot be changed."),
        None => String::new(),
    };
    format!("Backup encryption of {} was on already.{key}", context.instance)
}

/// No answer settled whether an attempt made the change.
pub(super) fn unknown(context: &SealContext<'_>, failure: &Failure) -> Resolution {
    let message = format!(
        "Backup encryption of {} may have been turned on, or not: {} Repeating the call is safe.",
        context.instance,
        words(failure)
    );
    Resolution::new(Outcome::Unknown, message)
        .next_step("Nothing if a later report settles it; else repeat the request.")
}

pub(super) fn waiting(failure: &Failure) -> Resolution {
    Resolution::new(Outcome::Waiting, format!("Not now: {}", words(failure))).next_step(failure.next_step())
}

/// An expired token is no fault of the request: where the next delivery, or the next process, brings a fresh one, the
/// request waits for it.
pub(super) fn expired(source: Source, failure: &Failure) -> Option<Resolution> {
    if !failure.is("InvalidSecurityToken.Expired") {
        return None;
    }
    let again = match source {
        Source::Invocation => RetryNeeds::Delivery,
        Source::FunctionEnvironment => RetryNeeds::Process,
        _ if source.renewable_here() => RetryNeeds::Renewal,
        _ => return None,
    };
    Some(Resolution { retry_needs: Some(again), ..waiting(failure) })
}

/// A source of credentials is set up and cannot be used.
pub fn broken(broken: &Broken) -> Box<Resolution> {
    let resolution = Resolution::new(Outcome::Failed, broken.to_string());
    resolution.next_step("Mend this source of credentials: no other is tried.").into()
}

/// There is nobody who could sign.
pub fn nobody() -> Box<Resolution> {
    let resolution = Resolution::new(Outcome::Failed, "There are no credentials to sign with.");
    let next_step = "Give the function a role, or set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET.";
    resolution.next_step(next_step).into()
}

/// The credentials that should sign could not be had. What passes is waited for; `asked_as` is where those came from that
/// signed for the asking, if anything did.
pub fn unsigned(why: &CredentialsError, asked_as: Option<Source>) -> Box<Resolution> {
    let failure = match why {
        CredentialsError::Broken(cause) => return broken(cause),
        CredentialsError::Failed { failure, .. } => failure,
    };
    if let Some(resolution) = asked_as.and_then(|source| expired(source, failure)) {
        return resolution.into();
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
    Resolution::new(outcome, why.to_string()).next_step(next_step).into()
}

/// A task that came before its time: its queue does not keep the delay.
pub fn before_its_time(seconds: i64) -> Resolution {
    let message = format!("The task came {seconds} s before its time, so nothing was called.");
    let next_step = "Nothing: it comes again. If this is the rule, the queue does not keep the delay.";
    Resolution {
        retry_needs: Some(RetryNeeds::Delivery),
        ..Resolution::new(Outcome::Waiting, message).next_step(next_step)
    }
}

/// What has waited too long: the last thing that was in the way, and the end of the waiting.
pub fn given_up(resolution: Resolution, after: SignedDuration) -> Resolution {
    let doubt = if resolution.doubt.unsettled { " An attempt may have made the change all the same." } else { "" };
    let message = format!("Given up after {after:#}.{doubt} {}", resolution.message);
    let next_step = "Mend what is in the way, then ask again: repeating the call is safe.";
    let certain = !resolution.doubt.unsettled;
    Resolution { outcome: Outcome::Failed, certain, message, next_step: Some(next_step.to_owned()), ..resolution }
}

pub(super) fn failed(failure: &Failure) -> Resolution {
    Resolution::new(Outcome::Failed, words(failure)).next_step(failure.next_step())
}

/// The state the instance is in decides whether waiting helps.
pub(super) fn not_ready(failure: &Failure, facts: Option<&InstanceFacts>) -> Resolution {
    let Some(facts) = facts else { return waiting(failure) };
    let status = facts.shown_status();
    match facts.readiness() {
        Readiness::Running | Readiness::Busy => {
            Resolution::new(Outcome::Waiting, format!("Not now: the instance is {status}. {}", words(failure)))
                .next_step(failure.next_step())
        }
        Readiness::Stopped => Resolution::new(Outcome::Failed, format!("The instance is {status}."))
            .next_step("Start the instance, then run again."),
        Readiness::Gone => Resolution::new(Outcome::Failed, format!("The instance is {status}."))
            .next_step("Nothing: an instance that is being deleted or was released cannot be sealed."),
    }
}

pub(super) fn not_visible_yet(failure: &Failure) -> Resolution {
    Resolution::new(Outcome::Waiting, format!("Not now: {} A new instance may not be visible yet.", words(failure)))
        .next_step("Wait for the next delivery.")
}

/// A permission is missing: which, and the statement that grants it.
pub(super) fn forbidden(context: &SealContext<'_>, failure: &Failure) -> Resolution {
    Resolution::new(Outcome::Failed, words(failure)).next_step(next_step(context, failure))
}

/// One thing a person can do about a failed call for this instance.
pub(super) fn next_step(context: &SealContext<'_>, failure: &Failure) -> String {
    let Some(Denied { action, explicitly_by, by_the_session }) = &failure.denied else {
        return failure.next_step().to_owned();
    };
    if *by_the_session {
        return format!("Check the region: the session reaches instances of {} only.", context.region);
    }
    if let Some(policy) = explicitly_by {
        return format!("A policy denies {action} explicitly ({policy}): take that statement out.");
    }
    let resource = match action.split(':').next() {
        Some("rds") if action != TO_AUTHORIZE && !ON_ANYTHING.contains(&action.as_str()) => {
            let account = context.account.map_or("*", AccountId::as_str);
            format!("acs:rds:{}:{account}:dbinstance/{}", context.region, context.instance)
        }
        _ => "*".to_owned(),
    };
    format!("Add to a policy of the role that signs: {}", allow(&[action], &[resource]))
}

/// It exists, in another region than the one that was asked for.
pub(super) fn elsewhere(context: &SealContext<'_>, failure: &Failure, region: &str) -> Resolution {
    let message = format!("{} is in {region}, not in {}. {}", context.instance, context.region, words(failure));
    Resolution::new(Outcome::Failed, message).next_step(format!("Ask again with the region {region}."))
}

/// "Not found" of something old: is it unsupported, released, or looked for in the wrong place?
pub(super) fn not_found(context: &SealContext<'_>, failure: &Failure, reading: &InstanceRead) -> Resolution {
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
            format!("There is no {} in {} for this account. {words}", context.instance, context.region),
            "Check the id; if it is right, the region or the account is wrong.",
        ),
        None => (words, failure.next_step()),
    };
    Resolution::new(Outcome::Failed, message).next_step(next_step)
}

/// A signature, key pair or time that was not accepted. A clock that is off is said with by how much.
pub(super) fn failed_by_clock_or_key(failure: &Failure) -> Resolution {
    let off = failure.clock_ahead.filter(|ahead| ahead.abs() > SignedDuration::from_mins(1));
    match off {
        Some(ahead) if failure.is("InvalidTimeStamp.Expired") || failure.is("IllegalTimestamp") => {
            let seconds = ahead.abs().as_secs();
            let side = if ahead.is_negative() { "ahead of" } else { "behind" };
            Resolution::new(
                Outcome::Failed,
                format!("Our clock is {seconds} s {side} the service's. {}", words(failure)),
            )
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
