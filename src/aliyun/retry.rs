//! When a call is made again inside this invocation. A retry is earned by the kind of the failure and must fit the
//! deadline, with time left for the attempt itself.

use std::time::Duration;

use super::error::Failure;
use crate::kind::Kind;
use crate::time::Deadline;

/// How patiently a call is repeated.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The longest first pause; it doubles with each retry.
    pub base: Duration,
    /// The longest pause.
    pub cap: Duration,
    /// The longest one attempt may take.
    pub attempt: Duration,
    /// No attempt starts with less time than this.
    pub least: Duration,
    /// Retries of what is throttled, unavailable or unanswered.
    pub retries: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(200),
            cap: Duration::from_secs(5),
            attempt: Duration::from_secs(10),
            least: Duration::from_secs(1),
            retries: 4,
        }
    }
}

impl Backoff {
    /// The pause before the next attempt, or nothing where there is to be none. `jitter` is anywhere in 0..1.
    pub(super) fn pause(&self, failure: &Failure, retried: u32, jitter: f64, deadline: Deadline) -> Option<Duration> {
        if retried >= self.retries_of(failure) {
            return None;
        }
        let longest = self.base.saturating_mul(1 << retried.min(16)).min(self.cap);
        let pause = failure.retry_after.unwrap_or_else(|| longest.mul_f64(jitter));
        (pause.saturating_add(self.least) <= deadline.remaining()).then_some(pause)
    }

    fn retries_of(&self, failure: &Failure) -> u32 {
        match failure.kind {
            Kind::Throttled | Kind::Unavailable | Kind::Ambiguous => self.retries,
            // Creating the role's key pair or the automatic key may succeed a moment later.
            Kind::KeyOrRole if failure.is("BackupGetAkError") || failure.is("BackupEncryptCreateKeyError") => 2,
            // Each attempt has a nonce of its own.
            Kind::Unauthenticated if failure.is("SignatureNonceUsed") => 1,
            Kind::AlreadyEnabled
            | Kind::NotReady
            | Kind::Unsupported
            | Kind::NotFound
            | Kind::KeyOrRole
            | Kind::Forbidden
            | Kind::Unauthenticated
            | Kind::Account
            | Kind::InvalidRequest
            | Kind::Service
            | Kind::Unknown => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff {
        base: Duration::from_millis(100),
        cap: Duration::from_millis(300),
        attempt: Duration::from_secs(1),
        least: Duration::from_secs(1),
        retries: 4,
    };

    fn in_a_minute() -> Deadline {
        Deadline::after(Duration::from_mins(1))
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_the_cap_and_are_jittered_in_full() {
        let failure = Failure::ambiguous("", None);
        let longest = |retried| BACKOFF.pause(&failure, retried, 1.0, in_a_minute()).map(|pause| pause.as_millis());
        assert_eq!([0, 1, 2, 3, 4].map(longest), [Some(100), Some(200), Some(300), Some(300), None]);
        assert_eq!(BACKOFF.pause(&failure, 0, 0.0, in_a_minute()), Some(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_service_asks_for_is_honoured_if_it_fits() {
        let asked = |ms| Failure { retry_after: Some(Duration::from_millis(ms)), ..Failure::ambiguous("", None) };
        assert_eq!(BACKOFF.pause(&asked(700), 0, 0.5, in_a_minute()), Some(Duration::from_millis(700)));
        assert_eq!(BACKOFF.pause(&asked(59_500), 0, 0.5, in_a_minute()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_that_leaves_no_time_for_the_attempt_is_not_made() {
        let failure = Failure::ambiguous("", None);
        assert_eq!(BACKOFF.pause(&failure, 0, 1.0, Deadline::after(Duration::from_millis(1_050))), None);
        assert!(BACKOFF.pause(&failure, 0, 1.0, Deadline::after(Duration::from_millis(1_100))).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_final_word_is_not_argued_with() {
        for kind in [Kind::Forbidden, Kind::NotFound, Kind::Unknown, Kind::AlreadyEnabled, Kind::KeyOrRole] {
            let failure = Failure { kind, ..Failure::ambiguous("", None) };
            assert_eq!(BACKOFF.pause(&failure, 0, 0.5, in_a_minute()), None, "{kind:?}");
        }
    }
}
