//! From a decided request to its ending: reads where they are needed, and the one write.

mod diagnose;
mod preflight;

use jiff::{SignedDuration, Timestamp};

use crate::aliyun::credentials::{Credentials, Source};
use crate::aliyun::error::Failure;
use crate::aliyun::rds::EnableBackupEncryption;
use crate::aliyun::{Client, Operation, Target, Trace};
use crate::kind::Kind;
use crate::outcome::{Ending, Outcome, Upstream, whole_ms};
use crate::request::facts::{InstanceFacts, Readiness};
use crate::request::ids::{InstanceId, KeyId, RegionId};
use crate::time::Deadline;

use diagnose::Reading;

pub use preflight::plan;

/// A created instance may not be visible to the API at once (inferred); for this long "not found" is taken for "not yet".
const YOUNG: SignedDuration = SignedDuration::from_mins(10);

/// How far ahead of ours the clock of an event may be.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What is to be done to one instance, as whom and until when.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    pub client: &'a Client,
    pub credentials: &'a Credentials,
    pub deadline: Deadline,
    pub instance: &'a InstanceId,
    pub region: &'a RegionId,
    /// Make sure that the instance is in that region before the write.
    pub see_region_first: bool,
    pub key: Option<&'a KeyId>,
    /// When the event that asks for it happened, by its own time.
    pub happened_at: Option<Timestamp>,
    pub now: Timestamp,
}

impl<'a> Task<'a> {
    fn target(&self) -> Target<'a> {
        Target { credentials: Some(self.credentials), region: self.region.as_str(), deadline: self.deadline }
    }

    fn write(&self) -> EnableBackupEncryption<'a> {
        EnableBackupEncryption { instance: self.instance.as_str(), key: self.key.map(KeyId::as_str) }
    }

    fn is_young(&self) -> bool {
        let age = self.happened_at.map(|time| self.now.duration_since(time));
        age.is_some_and(|age| -SKEW < age && age < YOUNG)
    }
}

/// Makes the irreversible call. The happy path is exactly one upstream call, unless the key depends on a region that is
/// only claimed; other reads happen after a failure, to say what is really wrong.
pub async fn enforce(task: &Task<'_>) -> Ending {
    let mut trace = Trace::default();
    let mut seen = None;
    if task.see_region_first {
        let reading = diagnose::read(task, &mut trace).await;
        if let Some(ending) = unless_seen_there(task, &reading, &mut trace).await {
            return Ending { upstream: Some(reading.upstream(&trace)), evidence: reading.facts, ..ending };
        }
        seen = Some(reading);
    }
    let mut answer = task.client.call(&task.write(), task.target(), &mut trace).await;
    if answer.as_ref().is_err_and(|failure| failure.kind == Kind::NotReady) {
        let reading = diagnose::read(task, &mut trace).await;
        if reading.facts.as_ref().map(InstanceFacts::readiness) == Some(Readiness::Running) {
            let calls = trace.calls;
            let second = task.client.call(&task.write(), task.target(), &mut trace).await;
            // Where there was no time for it, the first answer stands.
            answer = if trace.calls > calls { second } else { answer };
        }
        seen = Some(reading);
    }
    let (ending, failure, request_id) = match answer {
        Ok(enabled) => (Ending::new(Outcome::Enabled, diagnose::enabled(task)), None, enabled.request_id),
        Err(failure) => (judge(task, &failure, &mut seen, &mut trace).await, Some(failure), None),
    };
    let upstream = upstream(EnableBackupEncryption::ACTION, failure.as_ref(), request_id, &trace);
    Ending { upstream: Some(upstream), evidence: seen.and_then(|reading| reading.facts), ..ending }
}

/// Why there is to be no write: the instance was not seen where a caller says it is. A reading that failed is judged as
/// the write would be, so that what passes is waited for.
async fn unless_seen_there(task: &Task<'_>, reading: &Reading, trace: &mut Trace) -> Option<Ending> {
    match &reading.failure {
        Some(failure) => Some(judge(task, failure, &mut Some(reading.clone()), trace).await),
        None => preflight::region_mismatch(task, reading.facts.as_ref()),
    }
}

/// What a failed call means; `seen` is the instance as it was last read. No `_`: a new kind does not compile until someone
/// decides.
async fn judge(task: &Task<'_>, failure: &Failure, seen: &mut Option<Reading>, trace: &mut Trace) -> Ending {
    if trace.unsettled {
        return diagnose::unknown(task, failure);
    }
    match failure.kind {
        Kind::AlreadyEnabled if trace.doubted => {
            Ending { certain: false, ..Ending::new(Outcome::Enabled, diagnose::enabled_by_inference(task)) }
        }
        Kind::AlreadyEnabled => Ending::new(Outcome::AlreadyEnabled, diagnose::already_enabled(task)),
        Kind::Throttled | Kind::Unavailable | Kind::Ambiguous => diagnose::waiting(failure),
        Kind::NotReady => diagnose::not_ready(failure, seen.as_ref().and_then(|reading| reading.facts.as_ref())),
        Kind::NotFound if task.is_young() && !failure.is("ProductInstanceReleased") => {
            diagnose::not_visible_yet(failure)
        }
        Kind::NotFound => {
            let reading = match seen.take() {
                Some(reading) => reading,
                None => diagnose::read(task, trace).await,
            };
            diagnose::not_found(task, failure, seen.insert(reading))
        }
        Kind::Unauthenticated => {
            expired(task.credentials.source, failure).unwrap_or_else(|| diagnose::failed_by_clock_or_key(failure))
        }
        Kind::KeyOrRole
        | Kind::Unsupported
        | Kind::Forbidden
        | Kind::Account
        | Kind::InvalidRequest
        | Kind::Service
        | Kind::Unknown => diagnose::failed(failure),
    }
}

/// An expired token is no fault of the request: where the next delivery, or the next process, brings a fresh one, the
/// request waits for it.
fn expired(source: Source, failure: &Failure) -> Option<Ending> {
    if !failure.is("InvalidSecurityToken.Expired") {
        return None;
    }
    match source {
        Source::Invocation => Some(diagnose::waiting(failure)),
        Source::FunctionEnvironment => Some(Ending { needs_a_new_process: true, ..diagnose::waiting(failure) }),
        Source::Environment | Source::StandIn | Source::Written => None,
        // The next delivery finds it renewed.
        Source::External | Source::Oidc | Source::Role | Source::Uri | Source::Metadata => {
            Some(diagnose::waiting(failure))
        }
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
