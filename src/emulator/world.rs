//! Everything the stand-in remembers, behind one lock.

use super::{
    calls::Calls,
    clock::Clock,
    faults::Faults,
    functions::{Functions, Queue},
    instances::Instances,
    nonces::Nonces,
    sinks::Notification,
};

#[derive(Default)]
pub(super) struct World {
    pub(super) clock: Clock,
    pub(super) instances: Instances,
    pub(super) functions: Functions,
    pub(super) queue: Queue,
    pub(super) nonces: Nonces,
    pub(super) faults: Faults,
    pub(super) calls: Calls,
    pub(super) notifications: Vec<Notification>,
}
