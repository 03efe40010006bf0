//! One place for credentials that can be had again: kept until they must be renewed, and renewed once for all who wait.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Credentials, CredentialsError, Provided};
use crate::time::{Clock, Deadline};

/// Credentials must outlive the operation by this much: the clocks may differ, and a call may be on its way.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// This long before they expire they are renewed although they would still do.
const AHEAD: SignedDuration = SignedDuration::from_mins(3);

/// The longest that renewing ahead may hold up an operation which could go on without.
const COURTESY: Duration = Duration::from_secs(3);

/// After a renewal ahead that failed, and after nobody was there, nobody asks again for this long.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct CredentialCache {
    kept: Mutex<Kept>,
    /// Held by the one who renews. What is kept can be read meanwhile.
    gate: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Kept {
    credentials: Option<Credentials>,
    /// No renewal ahead and no search before this.
    not_before: Option<Timestamp>,
    /// The source was asked, and nobody was there.
    is_empty: bool,
    /// How often the source gave an answer.
    renewals: u64,
    /// The source has given something before, so it is there, and silence is a failure.
    has_given: bool,
}

/// What is to be done with what is kept.
#[derive(Debug)]
enum State {
    Settled(Option<Credentials>),
    /// Good enough, and better renewed.
    Ageing(Credentials),
    /// Gone, too old, or never there.
    Wanted,
}

impl CredentialCache {
    /// What is kept, or what `fetch` gives. A renewal that fails is forgiven as long as the old ones outlive the
    /// operation; nobody shares another's failure.
    pub(super) async fn get<F, Asked>(&self, clock: &Clock, deadline: Deadline, fetch: F) -> Provided
    where
        F: Fn(Deadline) -> Asked,
        Asked: Future<Output = Provided>,
    {
        match self.state(clock.now(), deadline) {
            State::Settled(found) => return Ok(found),
            State::Ageing(old) => return Ok(Some(self.renewed_ahead(old, clock, deadline, fetch).await)),
            State::Wanted => {}
        }
        let old = self.still_good(clock.now(), deadline);
        // The operation could go on with the old ones, so half of its time is left to it.
        let patience = if old.is_some() { Deadline::after(deadline.remaining() / 2) } else { deadline };
        match (self.renewed(clock, patience, fetch).await, old) {
            (Err(unprovided), Some(old)) => {
                tracing::warn!("credentials that are about to expire are used once more: {unprovided}");
                Ok(Some(old))
            }
            (renewed, _) => renewed,
        }
    }

    /// Waits for the one who renews, or is that one.
    async fn renewed<F, Asked>(&self, clock: &Clock, deadline: Deadline, fetch: F) -> Provided
    where
        F: Fn(Deadline) -> Asked,
        Asked: Future<Output = Provided>,
    {
        let before = self.kept().renewals;
        let Ok(_gate) = tokio::time::timeout(deadline.remaining(), self.gate.lock()).await else {
            return Err(CredentialsError::unavailable("their source", "Others were still waiting for it."));
        };
        match self.since(before) {
            State::Settled(found) => Ok(found),
            State::Ageing(_) | State::Wanted => self.fetched(clock, deadline, fetch).await,
        }
    }

    /// What somebody else's renewal has left here since. It is as good as one's own would be.
    fn since(&self, before: u64) -> State {
        let kept = self.kept();
        let is_of_use = kept.renewals != before && (kept.credentials.is_some() || kept.is_empty);
        if is_of_use { State::Settled(kept.credentials.clone()) } else { State::Wanted }
    }

    /// Forgets exactly these, which turned out to be of no use. What has replaced them stays.
    pub(super) fn forget(&self, stale: &Credentials) {
        let mut kept = self.kept();
        if kept.credentials.as_ref().is_some_and(|kept| kept.is(stale)) {
            kept.credentials = None;
        }
    }

    /// When what is kept expires; nothing where nothing is kept.
    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.kept().credentials.as_ref().and_then(|credentials| credentials.expires_at)
    }

    /// Renews what would still do, in a moment or not at all: by one of those who come by.
    async fn renewed_ahead<F, Asked>(
        &self,
        old: Credentials,
        clock: &Clock,
        deadline: Deadline,
        fetch: F,
    ) -> Credentials
    where
        F: Fn(Deadline) -> Asked,
        Asked: Future<Output = Provided>,
    {
        let Ok(_gate) = self.gate.try_lock() else { return old };
        let moment = Deadline::after(COURTESY.min(deadline.remaining() / 4));
        let late = |_| Err(CredentialsError::unavailable("their source", "No answer came in time."));
        let renewed = tokio::time::timeout(moment.remaining(), self.fetched(clock, moment, fetch)).await;
        match renewed.unwrap_or_else(late) {
            Ok(Some(renewed)) => return renewed,
            Ok(None) => {}
            Err(unprovided) => tracing::warn!("credentials that soon expire are used for now: {unprovided}"),
        }
        self.kept().not_before = clock.now().checked_add(PAUSE).ok();
        old
    }

    async fn fetched<F, Asked>(&self, clock: &Clock, deadline: Deadline, fetch: F) -> Provided
    where
        F: Fn(Deadline) -> Asked,
        Asked: Future<Output = Provided>,
    {
        let found = fetch(deadline).await?;
        if found.is_none() && self.kept().has_given {
            return Err(CredentialsError::unavailable("their source", "Nobody is there any more."));
        }
        let now = clock.now();
        if found.as_ref().and_then(|fresh| fresh.expires_at).is_some_and(|end| end <= now) {
            let words = "They had already expired when they came: compare the clocks.";
            return Err(CredentialsError::unavailable("their source", words));
        }
        let not_before = if found.is_none() { now.checked_add(PAUSE).ok() } else { None };
        let (is_empty, has_given) = (found.is_none(), found.is_some());
        let mut kept = self.kept();
        let renewals = kept.renewals.wrapping_add(1);
        *kept = Kept { credentials: found.clone(), not_before, is_empty, renewals, has_given };
        Ok(found)
    }

    fn state(&self, now: Timestamp, deadline: Deadline) -> State {
        let kept = self.kept();
        let is_paused = kept.not_before.is_some_and(|moment| now < moment);
        let Some(credentials) = &kept.credentials else {
            return if kept.is_empty && is_paused { State::Settled(None) } else { State::Wanted };
        };
        match left(credentials, now) {
            Some(left) if left < needed(deadline).saturating_add(MARGIN) => State::Wanted,
            Some(left) if left < AHEAD && !is_paused => State::Ageing(credentials.clone()),
            Some(_) | None => State::Settled(Some(credentials.clone())),
        }
    }

    /// The old ones, if they outlive the operation, however narrowly.
    fn still_good(&self, now: Timestamp, deadline: Deadline) -> Option<Credentials> {
        let kept = self.kept().credentials.clone()?;
        left(&kept, now).is_none_or(|left| left >= needed(deadline)).then_some(kept)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long they are still good.
fn left(credentials: &Credentials, now: Timestamp) -> Option<SignedDuration> {
    credentials.expires_at.map(|end| end.duration_since(now))
}

fn needed(deadline: Deadline) -> SignedDuration {
    SignedDuration::try_from(deadline.remaining()).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

    use futures_util::future::join_all;

    use super::super::Source;
    use super::*;

    /// A source on a clock that is moved by hand.
    struct World {
        slot: CredentialCache,
        ahead: Arc<AtomicI64>,
        asked: AtomicU32,
        /// For how long what it gives is good; nothing where it fails.
        good_for: Option<i64>,
    }

    impl World {
        fn new(good_for: Option<i64>) -> Self {
            Self { slot: CredentialCache::default(), ahead: Arc::default(), asked: AtomicU32::new(0), good_for }
        }

        fn clock(&self) -> Clock {
            Clock::Ahead(Arc::clone(&self.ahead))
        }

        /// The number of the answer that is used.
        async fn get(&self, seconds: u64) -> Result<u32, CredentialsError> {
            let clock = self.clock();
            let fetch = |_| async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let number = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
                let seconds = self.good_for.ok_or_else(|| CredentialsError::unavailable("a test", "It fails."))?;
                Ok(Some(Credentials {
                    access_key_id: number.to_string(),
                    expires_at: clock.now().checked_add(SignedDuration::from_secs(seconds)).ok(),
                    source: Source::Role,
                    ..Credentials::stand_in()
                }))
            };
            let found = self.slot.get(&clock, Deadline::after(Duration::from_secs(seconds)), fetch).await?;
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
    async fn a_source_that_hangs_leaves_half_the_time_to_old_ones_that_do() {
        let world = World::new(Some(3600));
        world.get(10).await.unwrap();
        world.pass(3600 - 50);
        let (clock, deadline) = (world.clock(), Deadline::after(Duration::from_secs(40)));
        let hang = |deadline: Deadline| async move {
            tokio::time::sleep(deadline.remaining()).await;
            Err(CredentialsError::unavailable("a test", "It hangs."))
        };
        assert!(world.slot.get(&clock, deadline, hang).await.unwrap().is_some());
        assert!(deadline.remaining() >= Duration::from_secs(20));
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
    async fn what_soon_expires_is_renewed_ahead() {
        let world = World::new(Some(3600));
        world.get(10).await.unwrap();
        world.pass(3600 - 179);
        assert_eq!(world.get(10).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_forgiven_while_the_old_ones_outlive_the_operation() {
        let mut world = World::new(Some(3600));
        world.get(10).await.unwrap();
        world.good_for = None;
        world.pass(3600 - 170);
        assert_eq!(world.get(10).await, Ok(1), "ahead of need");
        assert_eq!((world.get(10).await, world.asked()), (Ok(1), 2), "and not asked again at once");
        world.pass(120);
        assert_eq!(world.get(10).await, Ok(1), "within the margin");
        assert!(world.get(55).await.is_err(), "50 s do not outlive 55 s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_nobody_elses() {
        let world = World::new(None);
        let got = join_all((0..3).map(|_| world.get(60))).await;
        assert!(got.into_iter().all(|one| one.is_err()));
        assert_eq!(world.asked(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_beyond_the_deadline() {
        let world = World::new(Some(3600));
        let started = tokio::time::Instant::now();
        let (first, second) = tokio::join!(world.get(60), async {
            let clock = world.clock();
            let deadline = Deadline::after(Duration::from_millis(30));
            world.slot.get(&clock, deadline, |_| async { Ok(None) }).await.map(|_| started.elapsed())
        });
        assert_eq!(first, Ok(1));
        assert!(matches!(second, Err(CredentialsError::Failed { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn exactly_these_are_forgotten() {
        let world = World::new(Some(3600));
        world.get(60).await.unwrap();
        world.slot.forget(&Credentials { access_key_id: "other".to_owned(), ..Credentials::stand_in() });
        assert_eq!(world.get(60).await, Ok(1));
        world.slot.forget(&Credentials { access_key_id: "1".to_owned(), ..Credentials::stand_in() });
        assert_eq!(world.get(60).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_expired_on_the_way_is_not_used() {
        let world = World::new(Some(-1));
        let unprovided = world.get(60).await.unwrap_err();
        assert!(unprovided.to_string().contains("already expired"), "{unprovided}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_falls_silent_fails_and_takes_nothing_away() {
        let world = World::new(Some(3600));
        let clock = world.clock();
        let silent = || world.slot.get(&clock, Deadline::after(Duration::from_secs(9)), |_| async { Ok(None) });
        world.get(9).await.unwrap();
        world.pass(3600 - 100);
        assert_eq!(silent().await.unwrap().unwrap().access_key_id, "1");
        world.slot.forget(&Credentials { access_key_id: "1".to_owned(), ..Credentials::stand_in() });
        assert!(matches!(silent().await, Err(CredentialsError::Failed { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn that_nobody_is_there_is_remembered_for_a_while() {
        let (world, asked) = (World::new(None), AtomicU32::new(0));
        let clock = world.clock();
        let look = || {
            let fetch = |_| async {
                asked.fetch_add(1, Ordering::Relaxed);
                Ok(None)
            };
            world.slot.get(&clock, Deadline::after(Duration::from_secs(9)), fetch)
        };
        for _ in 0..3 {
            assert!(look().await.unwrap().is_none());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        world.pass(31);
        look().await.unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
