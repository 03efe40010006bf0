//! The connections that a server in the open holds: so many and no more. When all places are taken, whoever has waited
//! longest without a request under way makes room.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::limits::ConnectionLimits;
use super::throttle::Throttle;

/// How often a connection that waits for a place has another look for an idle one.
const MAKE_ROOM_EVERY: Duration = Duration::from_millis(100);

/// All places.
#[derive(Debug)]
pub(super) struct Places {
    limits: ConnectionLimits,
    free: Arc<Semaphore>,
    taken: Mutex<Vec<Arc<Waiting>>>,
    warning: Mutex<Throttle<SocketAddr>>,
}

/// One connection's place. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    places: Arc<Places>,
    waiting: Arc<Waiting>,
    _place: OwnedSemaphorePermit,
}

/// What is waited for on a connection.
#[derive(Debug)]
struct Waiting {
    /// For the head of the next request; nothing while a request is under way.
    head: Mutex<Option<Head>>,
    gives_way: Notify,
}

/// A head that is waited for.
#[derive(Debug, Clone, Copy)]
struct Head {
    since: Instant,
    until: Instant,
}

impl Head {
    fn within(time: Duration) -> Self {
        let since = Instant::now();
        Self { since, until: since + time }
    }
}

/// A request that is under way until this is dropped.
pub(super) struct UnderWay {
    waiting: Arc<Waiting>,
    limits: ConnectionLimits,
}

impl Places {
    pub(super) fn new(limits: ConnectionLimits) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(limits.most));
        Arc::new(Self { limits, free, taken: Mutex::default(), warning: Mutex::default() })
    }

    /// Takes a place for a connection, as soon as there is one.
    pub(super) async fn take(self: &Arc<Self>, peer: SocketAddr) -> Held {
        let place = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => self.wait_for_a_place(peer).await,
        };
        let head = Mutex::new(Some(Head::within(self.limits.first_head)));
        let waiting = Arc::new(Waiting { head, gives_way: Notify::new() });
        lock(&self.taken).push(Arc::clone(&waiting));
        Held { places: Arc::clone(self), waiting, _place: place }
    }

    async fn wait_for_a_place(&self, peer: SocketAddr) -> OwnedSemaphorePermit {
        self.warn(peer);
        loop {
            self.make_room();
            // Where every connection was busy, one may be idle by then.
            if let Ok(place) = timeout(MAKE_ROOM_EVERY, Arc::clone(&self.free).acquire_owned()).await {
                return place.expect("places are never closed");
            }
        }
    }

    /// Ends the connection that would be overdue first.
    pub(super) fn make_room(&self) {
        let taken = lock(&self.taken);
        let idle = taken.iter().filter_map(|waiting| Some((waiting.head()?, waiting)));
        let may_be_disturbed = idle.filter(|(head, _)| head.since.elapsed() >= self.limits.undisturbed);
        if let Some((_, waiting)) = may_be_disturbed.min_by_key(|(head, _)| head.until) {
            waiting.gives_way.notify_one();
        }
    }

    fn warn(&self, peer: SocketAddr) {
        if let Some((first, count)) = lock(&self.warning).note(peer, Instant::now()) {
            let most = self.limits.most;
            let from = first.ip();
            tracing::warn!(
                "all {most} connections were taken when {count} more came, the first from {from}: for each the one that \
                 has been idle longest is closed, and where none is idle it waits"
            );
        }
    }
}

impl Held {
    pub(super) fn request(&self) -> UnderWay {
        *lock(&self.waiting.head) = None;
        UnderWay { waiting: Arc::clone(&self.waiting), limits: self.places.limits }
    }

    /// Resolves when no request is under way and has not been for too long, or when another connection needs the place.
    pub(super) async fn overdue(&self) {
        loop {
            // While a request is under way, looking again from time to time is enough.
            let head = self.waiting.head().unwrap_or_else(|| Head::within(self.places.limits.first_head));
            let gives_way = timeout_at(head.until, self.waiting.gives_way.notified()).await.is_ok();
            match self.waiting.head() {
                Some(head) if gives_way || head.until <= Instant::now() => return,
                // A request has come in the meantime.
                Some(_) | None => {}
            }
        }
    }
}

impl Waiting {
    fn head(&self) -> Option<Head> {
        *lock(&self.head)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.places.taken).retain(|waiting| !Arc::ptr_eq(waiting, &self.waiting));
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        *lock(&self.waiting.head) = Some(Head::within(self.limits.idle));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
