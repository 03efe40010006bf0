//! What a failed call means for the request.

use super::attempt::SealAttempt;
use super::{elsewhere, repair, resolutions};
use crate::aliyun::error::Failure;
use crate::kind::Kind;
use crate::outcome::{Outcome, Reason, Resolution};

/// What a failed call means. No `_`: a new kind does not compile until someone decides.
pub(super) async fn classify(attempt: &mut SealAttempt<'_>, failure: &Failure) -> Resolution {
    let context = attempt.context;
    if attempt.trace.unsettled && (failure.may_have_applied || failure.kind.may_pass()) {
        return resolutions::unanswered(failure);
    }
    match failure.kind {
        Kind::AlreadyEnabled if attempt.trace.doubted => {
            Resolution { certain: false, ..Resolution::new(Outcome::Enabled, Reason::AcceptedBefore {}) }
        }
        Kind::AlreadyEnabled => Resolution::new(Outcome::AlreadyEnabled, Reason::AlreadyOn {}),
        Kind::Throttled | Kind::Unavailable | Kind::Ambiguous => resolutions::waiting(failure),
        Kind::NotReady => resolutions::not_ready(failure, attempt.instance().await.facts.as_ref()),
        Kind::NotFound if context.is_young() && !failure.is("ProductInstanceReleased") => {
            resolutions::not_visible_yet(failure)
        }
        Kind::NotFound => {
            let reading = attempt.instance().await;
            let is_lost = reading.is_absent() && !failure.is("ProductInstanceReleased");
            let resolution = resolutions::not_found(failure, reading);
            match if is_lost { elsewhere::find(attempt).await } else { None } {
                Some(region) => resolutions::elsewhere(failure, region),
                None => resolution,
            }
        }
        Kind::Unauthenticated => resolutions::expired(context.credentials.source, failure)
            .or_else(|| resolutions::wrong_clock(failure))
            .unwrap_or_else(|| resolutions::failed(failure)),
        Kind::KeyOrRole => repair::explain(attempt, failure).await,
        Kind::Forbidden => resolutions::forbidden(context, failure),
        Kind::Unsupported | Kind::Account | Kind::InvalidRequest | Kind::Service | Kind::Unknown => {
            resolutions::failed(failure)
        }
    }
}
