//! From a decided request to its ending: reads where they are needed, and the one write.

mod attempt;
mod diagnose;
mod elsewhere;
mod key;
mod preflight;
mod reading;
mod repair;

use jiff::{SignedDuration, Timestamp};

use crate::aliyun::credentials::Credentials;
use crate::aliyun::error::Failure;
use crate::aliyun::rds::EnableBackupEncryption;
use crate::aliyun::{Client, Target};
use crate::kind::Kind;
use crate::outcome::{Doubt, Outcome, Resolution};
use crate::request::facts::{InstanceFacts, Readiness};
use crate::request::ids::{AccountId, InstanceId, KeyId, RegionId};
use crate::time::Deadline;

use attempt::SealAttempt;

pub use diagnose::{before_its_time, broken, given_up, nobody, unsigned};
pub use key::{Blocker, key_blocker, key_facts};
pub use preflight::plan;
pub use reading::{Observed, key_unread, observe};

/// A created instance may not be visible to the API at once (inferred); for this long "not found" is taken for "not yet".
const YOUNG: SignedDuration = SignedDuration::from_mins(10);

/// How far ahead of ours the clock of an event may be.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What is to be done to one instance, as whom and until when.
#[derive(Debug, Clone, Copy)]
pub struct SealContext<'a> {
    pub client: &'a Client,
    pub credentials: &'a Credentials,
    pub deadline: Deadline,
    pub instance: &'a InstanceId,
    pub account: Option<&'a AccountId>,
    pub region: &'a RegionId,
    pub key: Option<&'a KeyId>,
    /// When the event that asks for it happened, by its own time.
    pub happened_at: Option<Timestamp>,
    pub now: Timestamp,
    /// What is not known about attempts before this delivery.
    pub doubt: Doubt,
    /// The role by which RDS uses keys may be created where it is missing.
    pub authorize: bool,
    /// Where else an instance that is not found is looked for.
    pub elsewhere: &'a [RegionId],
}

impl<'a> SealContext<'a> {
    fn target(&self) -> Target<'a> {
        self.target_in(self.region.as_str())
    }

    fn target_in(&self, region: &'a str) -> Target<'a> {
        Target { credentials: Some(self.credentials), region, deadline: self.deadline }
    }

    fn write(&self) -> EnableBackupEncryption<'a> {
        EnableBackupEncryption { instance: self.instance.as_str(), key: self.key.map(KeyId::as_str) }
    }

    fn is_young(&self) -> bool {
        let age = self.happened_at.map(|time| self.now.duration_since(time));
        age.is_some_and(|age| -SKEW < age && age < YOUNG)
    }
}

/// Makes the irreversible call. The happy path is exactly one upstream call, unless something had to be seen first; other
/// reads happen after a failure, to say what is really wrong.
pub async fn enforce(context: &SealContext<'_>, seen: Option<Observed>) -> Resolution {
    let mut attempt = SealAttempt::new(context, seen);
    let mut answer = attempt.write().await;
    if answer.as_ref().is_err_and(|failure| failure.kind == Kind::NotReady) {
        // What was seen before the write is not how it is now.
        attempt.forget_the_instance();
        let facts = attempt.instance().await.facts.as_ref();
        if let Some(refusal) = facts.and_then(preflight::not_primary) {
            return attempt.end(refusal, answer.err().as_ref(), None);
        }
        if facts.map(InstanceFacts::readiness) == Some(Readiness::Running) {
            // Where there was no time for it, the first answer stands.
            answer = attempt.write_again().await.unwrap_or(answer);
        }
    }
    let mended = match &answer {
        Err(failure) => Box::pin(repair::create_role(&mut attempt, failure)).await,
        Ok(_) => None,
    };
    match mended.unwrap_or(answer) {
        Ok(enabled) => {
            let resolution = Resolution::new(Outcome::Enabled, diagnose::enabled(context));
            attempt.end(resolution, None, enabled.request_id)
        }
        Err(failure) => {
            // Boxed: nearly no delivery gets here, and each would carry the room for it.
            let resolution = Box::pin(judge(&mut attempt, &failure)).await;
            attempt.end(resolution, Some(&failure), None)
        }
    }
}

/// What a failed call means. No `_`: a new kind does not compile until someone decides.
async fn judge(attempt: &mut SealAttempt<'_>, failure: &Failure) -> Resolution {
    let context = attempt.context;
    if attempt.trace.unsettled {
        return diagnose::unknown(context, failure);
    }
    match failure.kind {
        Kind::AlreadyEnabled if attempt.trace.doubted => {
            Resolution { certain: false, ..Resolution::new(Outcome::Enabled, diagnose::enabled_by_inference(context)) }
        }
        Kind::AlreadyEnabled => Resolution::new(Outcome::AlreadyEnabled, diagnose::already_enabled(context)),
        Kind::Throttled | Kind::Unavailable | Kind::Ambiguous => diagnose::waiting(failure),
        Kind::NotReady => diagnose::not_ready(failure, attempt.instance().await.facts.as_ref()),
        Kind::NotFound if context.is_young() && !failure.is("ProductInstanceReleased") => {
            diagnose::not_visible_yet(failure)
        }
        Kind::NotFound => {
            let reading = attempt.instance().await;
            let is_lost = reading.is_absent() && !failure.is("ProductInstanceReleased");
            let resolution = diagnose::not_found(context, failure, reading);
            match if is_lost { elsewhere::find(attempt).await } else { None } {
                Some(region) => diagnose::elsewhere(context, failure, &region),
                None => resolution,
            }
        }
        Kind::Unauthenticated => diagnose::expired(context.credentials.source, failure)
            .unwrap_or_else(|| diagnose::failed_by_clock_or_key(failure)),
        Kind::KeyOrRole => repair::explain(attempt, failure).await,
        Kind::Forbidden => diagnose::forbidden(context, failure),
        Kind::Unsupported | Kind::Account | Kind::InvalidRequest | Kind::Service | Kind::Unknown => {
            diagnose::failed(failure)
        }
    }
}
