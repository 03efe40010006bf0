//! From an order to its ending: reads where they are needed, and the one write.

mod diagnose;
mod preflight;

use std::time::Duration;

use jiff::Timestamp;

use crate::aliyun::credentials::{Credentials, Source};
use crate::aliyun::error::Failure;
use crate::aliyun::rds::EnableBackupEncryption;
use crate::aliyun::{Client, Operation, Target, Trace};
use crate::kind::Kind;
use crate::outcome::{Ending, Outcome, Upstream, whole_ms};
use crate::request::facts::{InstanceFacts, Readiness};
use crate::request::ids::{InstanceId, KeyId, RegionId};
use crate::time::Deadline;

pub use preflight::plan;

/// A created instance may not be visible to the API at once; for this long "not found" is taken for "not yet".
const YOUNG: Duration = Duration::from_mins(10);

/// What is to be done to one instance, as whom and until when.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    pub client: &'a Client,
    pub credentials: &'a Credentials,
    pub deadline: Deadline,
    pub instance: &'a InstanceId,
    pub region: &'a RegionId,
    pub key: Option<&'a KeyId>,
    /// When the event that asks for it happened, by its own time.
    pub happened_at: Option<Timestamp>,
    pub now: Timestamp,
}

impl<'a> Task<'a> {
    fn target(&self) -> Target<'a> {
        Target { credentials: self.credentials, region: self.region.as_str(), deadline: self.deadline }
    }

    fn write(&self) -> EnableBackupEncryption<'a> {
        EnableBackupEncryption { instance: self.instance.as_str(), key: self.key.map(KeyId::as_str) }
    }

    fn is_young(&self) -> bool {
        self.happened_at.is_some_and(|time| self.now.duration_since(time) < YOUNG.try_into().unwrap_or_default())
    }
}

/// Makes the irreversible call. The happy path is exactly one upstream call; reads happen after a failure, to say what
/// is really wrong.
pub async fn enforce(task: &Task<'_>) -> Ending {
    let mut trace = Trace::default();
    let mut answer = task.client.call(&task.write(), task.target(), &mut trace).await;
    let mut facts = None;
    if answer.as_ref().is_err_and(|failure| failure.kind == Kind::NotReady) {
        facts = diagnose::read(task, &mut trace).await.ok().flatten();
        if facts.as_ref().map(InstanceFacts::readiness) == Some(Readiness::Running) {
            answer = task.client.call(&task.write(), task.target(), &mut trace).await;
        }
    }
    let (ending, failure, request_id) = match answer {
        Ok(enabled) => (Ending::new(Outcome::Enabled, diagnose::enabled(task)), None, enabled.request_id),
        Err(failure) => {
            let ending = judge(task, &failure, &mut facts, &mut trace).await;
            (ending, Some(failure), None)
        }
    };
    Ending {
        upstream: Some(upstream(EnableBackupEncryption::ACTION, failure.as_ref(), request_id, &trace)),
        evidence: facts,
        ..ending
    }
}

/// What a failed write means. No `_`: a new kind does not compile until someone decides.
async fn judge(task: &Task<'_>, failure: &Failure, facts: &mut Option<InstanceFacts>, trace: &mut Trace) -> Ending {
    if trace.unsettled {
        return diagnose::unknown(task, failure);
    }
    match failure.kind {
        Kind::AlreadyEnabled if trace.was_unsettled => {
            Ending { certain: false, ..Ending::new(Outcome::Enabled, diagnose::enabled_by_inference(task)) }
        }
        Kind::AlreadyEnabled => Ending::new(Outcome::AlreadyEnabled, diagnose::already_enabled(task)),
        Kind::Throttled | Kind::Unavailable | Kind::Ambiguous => diagnose::waiting(failure),
        Kind::NotReady => diagnose::not_ready(failure, facts.as_ref()),
        Kind::NotFound if task.is_young() && !failure.is("ProductInstanceReleased") => {
            diagnose::not_visible_yet(failure)
        }
        Kind::NotFound => {
            let read = diagnose::read(task, trace).await;
            let ending = diagnose::not_found(task, failure, &read);
            *facts = read.ok().flatten();
            ending
        }
        Kind::Unauthenticated => unauthenticated(task.credentials.source, failure),
        Kind::KeyOrRole
        | Kind::Unsupported
        | Kind::Forbidden
        | Kind::Account
        | Kind::InvalidRequest
        | Kind::Service
        | Kind::Unknown => diagnose::failed(failure),
    }
}

/// An identity that was not accepted. An expired token is no fault of the request: where the next delivery, or the next
/// process, brings a fresh one, the request waits for it.
fn unauthenticated(source: Source, failure: &Failure) -> Ending {
    if !failure.is("InvalidSecurityToken.Expired") {
        return diagnose::failed_by_clock_or_key(failure);
    }
    match source {
        Source::Invocation => diagnose::waiting(failure),
        Source::FunctionEnvironment => Ending { needs_a_new_process: true, ..diagnose::waiting(failure) },
        Source::Environment | Source::StandIn => diagnose::failed(failure),
    }
}

fn upstream(operation: &'static str, failure: Option<&Failure>, request_id: Option<String>, trace: &Trace) -> Upstream {
    Upstream {
        operation,
        code: failure.and_then(|failure| failure.code.clone()),
        kind: failure.map(|failure| failure.kind),
        http_status: failure.map_or(Some(200), |failure| failure.http_status),
        request_id: failure.and_then(|failure| failure.request_id.clone()).or(request_id),
        calls: trace.calls,
        ms: whole_ms(trace.took),
    }
}
