//! Everything the stand-in remembers, behind one lock.

use super::{calls::Calls, clock::Clock, faults::Faults, instances::Instances, nonces::Nonces, sinks::Notification};

#[derive(Default)]
pub(super) struct World {
    pub(super) clock: Clock,
    pub(super) instances: Instances,
    pub(super) nonces: Nonces,
    pub(super) faults: Faults,
    pub(super) calls: Calls,
    pub(super) notifications: Vec<Notification>,
}
