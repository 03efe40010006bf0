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

/// Retries made so far, by what they were for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spent {
    passing: u32,
    key: u32,
    nonce: u32,
}

impl Backoff {
    /// The pause before the next attempt, or nothing where there is to be none. `jitter` is anywhere in 0..1.
    pub(super) fn pause(
        &self,
        failure: &Failure,
        spent: &mut Spent,
        jitter: f64,
        deadline: Deadline,
    ) -> Option<Duration> {
        let (spent, budget) = self.budget(failure, spent).filter(|_| self.retries > 0)?;
        let pause = failure.retry_after.unwrap_or_else(|| self.longest(*spent).mul_f64(jitter));
        let fits = pause.saturating_add(self.least) <= deadline.remaining();
        (*spent < budget && fits).then(|| {
            *spent += 1;
            pause
        })
    }

    /// The pause before the `round`th repetition, counted from 0, if it fits.
    pub(super) fn pause_of(&self, round: u32, deadline: Deadline) -> Option<Duration> {
        let pause = self.longest(round);
        (pause.saturating_add(self.least) <= deadline.remaining()).then_some(pause)
    }

    fn longest(&self, round: u32) -> Duration {
        self.base.saturating_mul(1 << round.min(16)).min(self.cap)
    }

    /// The longest the next attempt may take: a peer that never answers leaves time for another.
    pub(super) fn attempt_within(&self, deadline: Deadline) -> Duration {
        let remaining = deadline.remaining();
        let share = if self.retries == 0 { remaining } else { remaining / 2 };
        self.attempt.min(share.max(self.least)).min(remaining)
    }

    /// What has been spent of which budget. No `_`: a new kind does not compile until someone decides.
    fn budget<'s>(&self, failure: &Failure, spent: &'s mut Spent) -> Option<(&'s mut u32, u32)> {
        match failure.kind {
            Kind::Throttled | Kind::Unavailable | Kind::Ambiguous => Some((&mut spent.passing, self.retries)),
            // Creating the role's key pair or the automatic key may succeed a moment later (inferred).
            Kind::KeyOrRole if failure.is("BackupGetAkError") || failure.is("BackupEncryptCreateKeyError") => {
                Some((&mut spent.key, 2))
            }
            // Each attempt has a nonce of its own.
            Kind::Unauthenticated if failure.is("SignatureNonceUsed") => Some((&mut spent.nonce, 1)),
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
            | Kind::Unknown => None,
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

    /// The first pause after a failure.
    fn first(failure: &Failure, deadline: Deadline) -> Option<Duration> {
        BACKOFF.pause(failure, &mut Spent::default(), 1.0, deadline)
    }

    fn coded(kind: Kind, code: &str) -> Failure {
        Failure { kind, code: Some(code.to_owned()), ..Failure::ambiguous("", None) }
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_the_cap_and_are_jittered_in_full() {
        let (failure, mut spent) = (Failure::ambiguous("", None), Spent::default());
        let mut longest = || BACKOFF.pause(&failure, &mut spent, 1.0, in_a_minute()).map(|pause| pause.as_millis());
        let pauses: Vec<_> = (0..5).map(|_| longest()).collect();
        assert_eq!(pauses, [Some(100), Some(200), Some(300), Some(300), None]);
        assert_eq!(BACKOFF.pause(&failure, &mut Spent::default(), 0.0, in_a_minute()), Some(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_service_asks_for_is_honoured_if_it_fits() {
        let asked = |ms| Failure { retry_after: Some(Duration::from_millis(ms)), ..Failure::ambiguous("", None) };
        assert_eq!(first(&asked(700), in_a_minute()), Some(Duration::from_millis(700)));
        assert_eq!(first(&asked(59_500), in_a_minute()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_that_leaves_no_time_for_the_attempt_is_not_made() {
        let failure = Failure::ambiguous("", None);
        assert_eq!(first(&failure, Deadline::after(Duration::from_millis(1_050))), None);
        assert!(first(&failure, Deadline::after(Duration::from_millis(1_100))).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn each_reason_has_a_budget_of_its_own() {
        let mut spent = Spent::default();
        let mut granted = |failure: &Failure| BACKOFF.pause(failure, &mut spent, 0.0, in_a_minute()).is_some();
        let passing = coded(Kind::Unavailable, "ServiceUnavailable");
        let nonce = coded(Kind::Unauthenticated, "SignatureNonceUsed");
        let key = coded(Kind::KeyOrRole, "BackupGetAkError");
        assert_eq!([&passing, &passing, &nonce, &nonce].map(&mut granted), [true, true, true, false]);
        assert_eq!([&key, &key, &key, &passing].map(&mut granted), [true, true, false, true]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_leaves_time_for_another() {
        let within = |ms| BACKOFF.attempt_within(Deadline::after(Duration::from_millis(ms))).as_millis();
        assert_eq!([60_000, 1_900, 1_500, 500].map(within), [1_000, 1_000, 1_000, 500]);
        let patient = Backoff { attempt: Duration::from_secs(10), ..BACKOFF };
        assert_eq!(patient.attempt_within(Deadline::after(Duration::from_secs(12))).as_secs(), 6);
        let once = Backoff { retries: 0, ..patient };
        assert_eq!(once.attempt_within(Deadline::after(Duration::from_secs(8))).as_secs(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn a_final_word_is_not_argued_with() {
        for kind in [Kind::Forbidden, Kind::NotFound, Kind::Unknown, Kind::AlreadyEnabled, Kind::KeyOrRole] {
            assert_eq!(first(&coded(kind, "Whatever"), in_a_minute()), None, "{kind:?}");
        }
    }
}
