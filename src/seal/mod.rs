//! From a decided request to its resolution: reads where they are needed, and the one write.

mod attempt;
mod classify;
mod context;
mod elsewhere;
mod key;
mod observe;
mod preflight;
mod reading;
mod refusals;
mod repair;
mod resolutions;

use crate::aliyun::Operation as _;
use crate::aliyun::rds::EnableBackupEncryption;
use crate::kind::Kind;
use crate::outcome::{Outcome, Reason, Resolution};
use crate::request::facts::{InstanceFacts, Readiness};

use attempt::SealAttempt;
use repair::Repair;

pub use context::{Intents, SealContext};
pub use key::{key_facts, key_problem};
pub use observe::{Observed, key_unread, observe};
pub use preflight::plan;
pub use reading::add_tags;
pub use resolutions::{before_its_time, broken, expired, given_up, no_credentials, service_error, unsigned};

/// Makes the irreversible call, once it is on record. The happy path is exactly one upstream call, unless something had to be seen first; other
/// reads happen after a failure, to say what is really wrong.
pub async fn enforce<'a>(context: &'a SealContext<'a>, observed: Option<Observed>) -> Resolution {
    if !context.intends(EnableBackupEncryption::ACTION).await {
        return resolutions::off_the_record();
    }
    let mut attempt = match observed {
        Some(observed) => observed.into_attempt(context),
        None => SealAttempt::new(context),
    };
    let mut answer = attempt.write().await;
    if answer.as_ref().is_err_and(|failure| failure.kind == Kind::NotReady) {
        // What was seen before the write is not how it is now.
        attempt.forget_the_instance();
        let facts = attempt.instance().await.facts.as_ref();
        if let Some(refusal) = facts.and_then(refusals::not_primary) {
            return attempt.end(refusal.into(), answer.err().as_ref(), None);
        }
        if facts.map(InstanceFacts::readiness) == Some(Readiness::Running) {
            // Where there was no time for it, the first answer stands.
            answer = attempt.write_again().await.unwrap_or(answer);
        }
    }
    let mended = match &answer {
        Err(failure) => Box::pin(repair::create_role(&mut attempt, failure)).await,
        Ok(_) => Repair::None,
    };
    let answer = match mended {
        Repair::None => answer,
        Repair::Tried(answer) => answer,
        Repair::OffTheRecord => return attempt.end(resolutions::off_the_record(), answer.err().as_ref(), None),
    };
    match answer {
        Ok(enabled) => attempt.end(Resolution::new(Outcome::Enabled, Reason::Accepted {}), None, enabled.request_id),
        Err(failure) => {
            // Boxed: nearly no delivery gets here, and each would carry the room for it.
            let resolution = Box::pin(classify::classify(&mut attempt, &failure)).await;
            attempt.end(resolution, Some(&failure), None)
        }
    }
}
