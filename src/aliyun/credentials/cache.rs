//! Credentials that can be had again: kept while they outlive the operation, and refreshed once for all who wait.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::credential::Credentials;
use super::error::CredentialsError;
use super::provider::Provided;
use crate::kind::{CredentialSource, NoAnswer};
use crate::time::{Clock, Deadline};

/// Credentials must outlive the operation by this much: the clocks may differ, and a call may be on its way.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// After nobody was there, the source is not asked again for this long.
const ABSENCE: SignedDuration = SignedDuration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct CredentialCache {
    kept: Mutex<Kept>,
    /// Held by the one who refreshes, and free again when that one gives up.
    refreshing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Kept {
    credentials: Option<Credentials>,
    /// Nobody was there, and nobody asks again before this.
    absent_until: Option<Timestamp>,
    /// The source has given something before, so it is there, and an absence is a failure.
    has_given: bool,
    /// How often the source answered.
    refreshes: u64,
}

impl CredentialCache {
    /// What is kept if it outlives the operation, else what `fetch` gives, which runs only then. A failure is not kept:
    /// the next who waits asks again.
    pub(super) async fn get(
        &self,
        clock: &Clock,
        deadline: Deadline,
        fetch: impl Future<Output = Provided>,
    ) -> Provided {
        let (current, count) = {
            let kept = self.kept();
            (kept.current(clock.now(), deadline), kept.refreshes)
        };
        if let Some(current) = current {
            return current;
        }
        let Ok(_turn) = tokio::time::timeout(deadline.remaining(), self.refreshing.lock()).await else {
            return Err(CredentialsError::unavailable(CredentialSource::Any {}, NoAnswer::OthersWait));
        };
        let refreshed = self.kept().refreshed_since(count);
        match refreshed {
            Some(refreshed) => refreshed,
            None => self.refresh(clock, fetch).await,
        }
    }

    async fn refresh(&self, clock: &Clock, fetch: impl Future<Output = Provided>) -> Provided {
        let found = fetch.await?;
        let now = clock.now();
        let mut kept = self.kept();
        if found.is_none() && kept.has_given {
            return Err(CredentialsError::unavailable(CredentialSource::Any {}, NoAnswer::Gone));
        }
        if found.as_ref().and_then(|fresh| fresh.expires_at).is_some_and(|end| end <= now) {
            return Err(CredentialsError::unavailable(CredentialSource::Any {}, NoAnswer::Expired));
        }
        *kept = Kept {
            credentials: found.clone(),
            absent_until: if found.is_none() { now.checked_add(ABSENCE).ok() } else { None },
            has_given: found.is_some(),
            refreshes: kept.refreshes.wrapping_add(1),
        };
        Ok(found)
    }

    /// Forgets exactly these, which turned out to be of no use. What has replaced them stays.
    pub(super) fn forget(&self, stale: &Credentials) {
        let mut kept = self.kept();
        if kept.credentials.as_ref().is_some_and(|kept| kept.is_same_session(stale)) {
            kept.credentials = None;
        }
    }

    /// When what is kept expires; nothing where nothing is kept.
    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.kept().credentials.as_ref().and_then(|credentials| credentials.expires_at)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// The answer that needs no refresh, if there is one.
    fn current(&self, now: Timestamp, deadline: Deadline) -> Option<Provided> {
        match &self.credentials {
            Some(credentials) => outlives(credentials, now, deadline).then(|| Ok(Some(credentials.clone()))),
            None => self.absent_until.is_some_and(|end| now < end).then_some(Ok(None)),
        }
    }

    /// What somebody else's refresh left here. It is as good as one's own would be.
    fn refreshed_since(&self, count: u64) -> Option<Provided> {
        let has_answer = self.credentials.is_some() || self.absent_until.is_some();
        (self.refreshes != count && has_answer).then(|| Ok(self.credentials.clone()))
    }
}

fn outlives(credentials: &Credentials, now: Timestamp, deadline: Deadline) -> bool {
    let needed = SignedDuration::try_from(deadline.remaining()).unwrap_or(SignedDuration::MAX);
    credentials.expires_at.is_none_or(|end| end.duration_since(now) >= needed.saturating_add(MARGIN))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::time::timeout;

    use super::super::credential::Source;
    use super::*;

    /// A source on a clock that is moved by hand.
    struct World {
        cache: CredentialCache,
        ahead: Arc<AtomicI64>,
        asked: AtomicU32,
        /// For how long what it gives is good; nothing where it fails.
        good_for: Option<i64>,
    }

    impl World {
        fn new(good_for: Option<i64>) -> Self {
            Self { cache: CredentialCache::default(), ahead: Arc::default(), asked: AtomicU32::new(0), good_for }
        }

        fn clock(&self) -> Clock {
            Clock::Ahead(Arc::clone(&self.ahead))
        }

        /// The number of the answer that is used.
        async fn get(&self, seconds: u64) -> Result<u32, CredentialsError> {
            let clock = self.clock();
            let fetch = async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let number = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
                let seconds = self
                    .good_for
                    .ok_or_else(|| CredentialsError::unavailable(CredentialSource::Any {}, NoAnswer::TimedOut))?;
                Ok(Some(Credentials {
                    access_key_id: number.to_string(),
                    expires_at: clock.now().checked_add(SignedDuration::from_secs(seconds)).ok(),
                    source: Source::Role,
                    ..Credentials::stand_in()
                }))
            };
            let found = self.cache.get(&clock, Deadline::after(Duration::from_secs(seconds)), fetch).await?;
            Ok(found.unwrap().access_key_id.parse().unwrap())
        }

        fn pass(&self, seconds: i64) {
            self.ahead.fetch_add(seconds, Ordering::Relaxed);
        }

        fn asked(&self) -> u32 {
            self.asked.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_waits_asks_for_all() {
        let world = World::new(Some(3600));
        let got = join_all((0..20).map(|_| world.get(60))).await;
        assert!(got.into_iter().all(|number| number == Ok(1)));
        assert_eq!(world.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn one_asks_for_all_even_if_nothing_lasts_as_long_as_the_operation() {
        let world = World::new(Some(900));
        let got = join_all((0..20).map(|_| world.get(86_400))).await;
        assert!(got.into_iter().all(|number| number == Ok(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_would_not_outlive_the_operation_is_renewed() {
        let world = World::new(Some(3600));
        assert_eq!(world.get(60).await, Ok(1));
        world.pass(3600 - 200);
        assert_eq!(world.get(60).await, Ok(1), "200 s are enough for 60 s and a margin of 60 s");
        assert_eq!(world.get(300).await, Ok(2), "but not for 300 s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_nobody_elses() {
        let world = World::new(None);
        let got = join_all((0..3).map(|_| world.get(60))).await;
        assert!(got.into_iter().all(|one| one.is_err()));
        assert_eq!(world.asked(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn exactly_these_are_forgotten() {
        let world = World::new(Some(3600));
        world.get(60).await.unwrap();
        world.cache.forget(&Credentials { access_key_id: "other".to_owned(), ..Credentials::stand_in() });
        assert_eq!(world.get(60).await, Ok(1));
        world.cache.forget(&Credentials { access_key_id: "1".to_owned(), ..Credentials::stand_in() });
        assert_eq!(world.get(60).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_expired_on_the_way_is_not_used() {
        let world = World::new(Some(-1));
        let error = world.get(60).await.unwrap_err();
        assert!(error.to_string().contains("already expired"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_beyond_the_deadline() {
        let world = World::new(Some(3600));
        let (first, second) = tokio::join!(world.get(60), async {
            let deadline = Deadline::after(Duration::from_millis(30));
            world.cache.get(&world.clock(), deadline, async { Ok(None) }).await
        });
        assert_eq!(first, Ok(1));
        assert!(matches!(second, Err(CredentialsError::Failed { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_gives_up_leaves_the_refresh_to_the_next() {
        let world = World::new(Some(3600));
        let (first, second) = tokio::join!(timeout(Duration::from_millis(30), world.get(60)), world.get(60));
        assert!(first.is_err(), "it was dropped while it waited for the source");
        assert_eq!(second, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_absence_after_something_was_given_is_a_failure() {
        let world = World::new(Some(3600));
        assert_eq!(world.get(60).await, Ok(1));
        world.pass(3600);
        let deadline = Deadline::after(Duration::from_secs(9));
        let absent = world.cache.get(&world.clock(), deadline, async { Ok(None) }).await;
        assert!(matches!(absent, Err(CredentialsError::Failed { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn that_nobody_is_there_is_remembered_for_a_while() {
        let (world, asked) = (World::new(None), AtomicU32::new(0));
        let clock = world.clock();
        let get = || {
            let fetch = async {
                asked.fetch_add(1, Ordering::Relaxed);
                Ok(None)
            };
            world.cache.get(&clock, Deadline::after(Duration::from_secs(9)), fetch)
        };
        for _ in 0..3 {
            assert!(get().await.unwrap().is_none());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        world.pass(31);
        get().await.unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
