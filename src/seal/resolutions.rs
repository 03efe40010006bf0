//! The resolutions that a failure can lead to.

use jiff::SignedDuration;

use super::context::SealContext;
use super::reading::InstanceRead;
use crate::aliyun::credentials::{CredentialsError, Source};
use crate::aliyun::error::{Denied, Failure};
use crate::aliyun::ram::{Scope, allow};
use crate::kind::CredentialProblem;
use crate::outcome::{Outcome, Reason, Remedy, Resolution, RetryNeeds, ServiceError};
use crate::request::facts::{InstanceFacts, Readiness};
use crate::request::ids::{AccountId, KeyId, turns_or_hides};

/// What a report keeps of a failure.
pub fn service_error(failure: &Failure) -> ServiceError {
    ServiceError {
        code: failure.code.clone(),
        kind: failure.kind,
        message: failure.message.chars().filter(|c| !turns_or_hides(*c)).collect(),
        no_answer: failure.no_answer.clone(),
    }
}

fn failed_by(reason: Reason) -> Resolution {
    Resolution::new(Outcome::Failed, reason)
}

/// No answer settled whether an attempt made the change.
pub(super) fn unanswered(failure: &Failure) -> Resolution {
    Resolution::new(Outcome::Unknown, Reason::Unanswered { error: service_error(failure) })
}

pub(super) fn waiting(failure: &Failure) -> Resolution {
    Resolution::new(Outcome::Waiting, Reason::Service { error: service_error(failure) })
}

pub(super) fn failed(failure: &Failure) -> Resolution {
    failed_by(Reason::Service { error: service_error(failure) })
}

/// An expired token is no fault of the request: where the next delivery, or the next process, brings a fresh one, the
/// request waits for it.
pub fn expired(source: Source, failure: &Failure) -> Option<Resolution> {
    if !failure.is("InvalidSecurityToken.Expired") {
        return None;
    }
    let retry_needs = match source {
        Source::Invocation => RetryNeeds::Delivery,
        Source::FunctionEnvironment => RetryNeeds::Process,
        _ if source.renewable_here() => RetryNeeds::Renewal,
        _ => return None,
    };
    Some(Resolution { retry_needs: Some(retry_needs), ..waiting(failure) })
}

/// A source of credentials is set up and cannot be used.
pub fn broken(problem: CredentialProblem) -> Box<Resolution> {
    failed_by(Reason::CredentialsBroken { problem }).into()
}

/// There is nobody who could sign.
pub fn no_credentials() -> Box<Resolution> {
    failed_by(Reason::CredentialsMissing {}).into()
}

/// The credentials that should sign could not be had. What passes is waited for; `asked_as` is where those came from that
/// signed for the asking, if anything did.
pub fn unsigned(why: &CredentialsError, asked_as: Option<Source>) -> Box<Resolution> {
    let (source, failure) = match why {
        CredentialsError::Broken(problem) => return broken(problem.clone()),
        CredentialsError::Failed { source, failure } => (source, failure),
    };
    let passing = asked_as.and_then(|source| expired(source, failure)).or_else(|| wrong_clock(failure));
    if let Some(resolution) = passing {
        return resolution.into();
    }
    let outcome = if failure.kind.may_pass() { Outcome::Waiting } else { Outcome::Failed };
    let reason = Reason::CredentialsUnavailable {
        source: source.clone(),
        error: service_error(failure),
        denied_action: failure.denied.as_ref().map(|denied| denied.action.clone()),
    };
    Resolution::new(outcome, reason).into()
}

/// Nothing is tried off the record.
pub(super) fn off_the_record() -> Resolution {
    Resolution { retry_needs: Some(RetryNeeds::Delivery), ..Resolution::new(Outcome::Waiting, Reason::OffTheRecord {}) }
}

/// A task that came before its time: its queue does not keep the delay.
pub fn before_its_time(seconds: i64) -> Resolution {
    Resolution {
        retry_needs: Some(RetryNeeds::Delivery),
        ..Resolution::new(Outcome::Waiting, Reason::TaskTooEarly { seconds })
    }
}

/// What has waited too long: the last thing that was in the way, and the end of the waiting.
pub fn given_up(resolution: Resolution, after: SignedDuration) -> Resolution {
    let is_in_doubt = resolution.doubt.is_some_and(|doubt| doubt.unsettled);
    let reason = Reason::GivenUp { hours: after.as_hours(), is_in_doubt, last: Box::new(resolution.reason) };
    Resolution { outcome: Outcome::Failed, certain: !is_in_doubt, reason, ..resolution }
}

/// The state the instance is in decides whether waiting helps.
pub(super) fn not_ready(failure: &Failure, facts: Option<&InstanceFacts>) -> Resolution {
    let Some(facts) = facts else { return waiting(failure) };
    let status = facts.shown_status();
    match facts.readiness() {
        Readiness::Running | Readiness::Busy => {
            Resolution::new(Outcome::Waiting, Reason::InstanceBusy { status, error: service_error(failure) })
        }
        Readiness::Stopped => failed_by(Reason::InstanceStopped { status }),
        Readiness::Gone => failed_by(Reason::InstanceGone { status }),
    }
}

pub(super) fn not_visible_yet(failure: &Failure) -> Resolution {
    Resolution::new(Outcome::Waiting, Reason::NotVisibleYet { error: service_error(failure) })
}

/// A permission is missing: which, and what gives it.
pub(super) fn forbidden(context: &SealContext<'_>, failure: &Failure) -> Resolution {
    failed_by(Reason::Forbidden { error: service_error(failure), remedy: remedy(context, failure) })
}

/// What gives the permission that a failed call lacked.
pub(super) fn remedy(context: &SealContext<'_>, failure: &Failure) -> Remedy {
    let Some(Denied { action, explicitly_by, by_the_session }) = &failure.denied else { return Remedy::ByCode {} };
    if *by_the_session {
        return Remedy::CheckRegion {};
    }
    if let Some(policy) = explicitly_by {
        return Remedy::LiftDenial { action: action.clone(), policy: policy.clone() };
    }
    let account = context.account.map_or("*", AccountId::as_str);
    let scope = Scope { account, region: context.region.as_str(), instance: context.instance.as_str() };
    let resource = scope.resource(action, context.key.map(KeyId::as_str));
    Remedy::Allow { statement: allow(&[action], &[resource]).to_string() }
}

/// It exists, in another region than the one that was asked for.
pub(super) fn elsewhere(failure: &Failure, region: String) -> Resolution {
    failed_by(Reason::InAnotherRegion { found: region, error: service_error(failure) })
}

/// "Not found" of something old: is it unsupported, released, or looked for in the wrong place?
pub(super) fn not_found(failure: &Failure, reading: &InstanceRead) -> Resolution {
    let error = service_error(failure);
    failed_by(match &reading.facts {
        Some(facts) if facts.readiness() == Readiness::Gone => Reason::Released { status: facts.shown_status(), error },
        Some(_) => Reason::LooksUnsupported { error },
        None if reading.is_absent() && !failure.is("ProductInstanceReleased") => Reason::NotFound { error },
        None => Reason::Service { error },
    })
}

/// The service calls this machine's clock wrong. Whatever such a process says is not the last word: the request comes again,
/// and another process may have a better clock.
pub(super) fn wrong_clock(failure: &Failure) -> Option<Resolution> {
    if !failure.is("InvalidTimeStamp.Expired") && !failure.is("IllegalTimestamp") {
        return None;
    }
    let error = service_error(failure);
    let reason = match failure.clock_ahead.filter(|ahead| ahead.abs() > SignedDuration::from_mins(1)) {
        // The service's clock is ahead of ours where ours is behind.
        Some(ahead) => Reason::ClockOff { seconds: ahead.abs().as_secs(), is_ahead: ahead.is_negative(), error },
        None => Reason::Service { error },
    };
    Some(Resolution { retry_needs: Some(RetryNeeds::Process), ..Resolution::new(Outcome::Waiting, reason) })
}
