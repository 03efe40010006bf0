//! Who is told that the stand-in's state has changed: the open pages of the console.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, MutexGuard},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::world::World;

/// The most pages that are told at once.
const PAGES: usize = 8;

pub(super) struct Changes {
    version: watch::Sender<u64>,
    pages: Arc<Semaphore>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { version: watch::Sender::new(0), pages: Arc::new(Semaphore::new(PAGES)) }
    }
}

impl Changes {
    /// What is seen of changes from here on, and the page's place. None if there are too many pages.
    pub(super) fn watch(&self) -> Option<(watch::Receiver<u64>, OwnedSemaphorePermit)> {
        let place = Arc::clone(&self.pages).try_acquire_owned().ok()?;
        Some((self.version.subscribe(), place))
    }

    pub(super) fn version(&self) -> u64 {
        *self.version.borrow()
    }
}

/// The world under its lock. Whoever reaches for it in order to change it has changed it, as far as others are told.
pub(super) struct Held<'a> {
    world: MutexGuard<'a, World>,
    changes: &'a Changes,
    is_changed: bool,
}

impl<'a> Held<'a> {
    pub(super) fn new(world: MutexGuard<'a, World>, changes: &'a Changes) -> Self {
        Self { world, changes, is_changed: false }
    }
}

impl Deref for Held<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut World {
        self.is_changed = true;
        &mut self.world
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.is_changed {
            self.changes.version.send_modify(|version| *version += 1);
        }
    }
}
