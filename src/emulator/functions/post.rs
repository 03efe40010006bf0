//! When tasks are delivered, and in which order.
//!
//! While the clock runs by itself, each task is delivered when it is due, beside the others if need be. Advancing the
//! clock delivers one after another by due time, and the clock stands still at each. A task is delivered by whoever took
//! it out of the queue under the lock; nobody holds the lock while he waits.

use std::{convert::Infallible, sync::OnceLock, time::Duration};

use jiff::Timestamp;
use reqwest::Client;
use tokio::{
    sync::{Mutex, Notify},
    time::timeout,
};

use super::{Emulator, queue::Delivery, wire};

/// The machine may have slept, or its clock may have been set: then a long wait ends earlier than it thinks.
const LONGEST_NAP: Duration = Duration::from_mins(1);

#[derive(Default)]
pub(crate) struct Post {
    client: OnceLock<Client>,
    /// Wakes the one that delivers what is due.
    due: Notify,
    /// Wakes those that wait until nothing is under way.
    idle: Notify,
    /// Whoever holds it decides what is delivered next.
    turn: Mutex<()>,
}

impl Post {
    /// The queue or the clock has changed.
    pub(crate) fn look_again(&self) {
        self.due.notify_one();
        self.idle.notify_waiters();
    }

    pub(super) fn client(&self) -> &Client {
        self.client.get_or_init(wire::client)
    }
}

impl Emulator {
    /// Delivers what becomes due, for ever.
    pub(crate) async fn deliver_when_due(&self) -> Infallible {
        loop {
            let pause = {
                let _turn = self.post.turn.lock().await;
                self.start_due()
            };
            match pause {
                Some(pause) => timeout(pause.min(LONGEST_NAP), self.post.due.notified()).await.unwrap_or_default(),
                None => self.post.due.notified().await,
            }
        }
    }

    /// Starts every delivery that is due, and says how long the next one has to wait.
    #[expect(clippy::disallowed_methods, reason = "the stand-in is a server of its own, not part of the function")]
    fn start_due(&self) -> Option<Duration> {
        while let Some(delivery) = self.take_due() {
            let emulator = self.clone();
            tokio::spawn(async move { emulator.deliver(delivery).await });
        }
        let world = self.world();
        let wait = world.queue.next_due()?.duration_since(world.clock.now());
        Some(wait.try_into().unwrap_or_default())
    }

    /// Moves the clock forward and returns after everything that became due by then was delivered. It goes on to the end
    /// even if nobody waits for it any more.
    #[expect(clippy::disallowed_methods, reason = "the stand-in is a server of its own, not part of the function")]
    pub(crate) async fn advance(&self, seconds: u64) -> Result<(), String> {
        let emulator = self.clone();
        let advanced = tokio::spawn(async move { emulator.advance_in_turn(seconds).await });
        advanced.await.unwrap_or_else(|error| Err(error.to_string()))
    }

    async fn advance_in_turn(&self, seconds: u64) -> Result<(), String> {
        let _turn = self.post.turn.lock().await;
        let target = self.world().clock.stop_for(seconds)?;
        self.until_idle().await;
        while let Some(delivery) = self.take_next(target) {
            self.deliver(delivery).await;
        }
        self.world().clock.go_on_from(target);
        self.post.look_again();
        Ok(())
    }

    fn take_due(&self) -> Option<Delivery> {
        let world = &mut *self.world();
        let now = world.clock.now();
        world.queue.take_due(&world.functions, now)
    }

    /// Sets the clock to when the next task is due, if that is not too late, and takes it.
    fn take_next(&self, target: Timestamp) -> Option<Delivery> {
        let world = &mut *self.world();
        loop {
            let due = world.queue.next_due().filter(|due| *due <= target)?;
            let now = due.max(world.clock.now());
            world.clock.stop_at(now);
            if let Some(delivery) = world.queue.take_due(&world.functions, now) {
                return Some(delivery);
            }
        }
    }

    async fn until_idle(&self) {
        loop {
            // First listen, then look: what is settled in between is not missed.
            let settled = self.post.idle.notified();
            if !self.world().queue.is_busy() {
                return;
            }
            settled.await;
        }
    }

    async fn deliver(&self, delivery: Delivery) {
        let outcome = wire::deliver(self.post.client(), &delivery.event).await;
        {
            let world = &mut *self.world();
            let now = world.clock.now();
            world.queue.settle(&delivery, &outcome, now);
        }
        self.post.look_again();
    }
}
