//! Everything the stand-in remembers, behind one lock.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    calls::Calls,
    clock::Clock,
    console::ConsoleState,
    faults::Faults,
    functions::{Functions, Queue},
    identities::Identities,
    instances::Instances,
    keys::Keys,
    metadata::Metadata,
    nonces::Nonces,
    secrets::SecretStore,
    sinks::{Dropped, Notification, Secrets},
};

#[derive(Default)]
pub(super) struct World {
    pub(super) clock: Clock,
    pub(super) identities: Identities,
    pub(super) instances: Instances,
    pub(super) keys: Keys,
    pub(super) secrets: SecretStore,
    /// Regions without backup encryption.
    pub(super) unsupported_regions: BTreeSet<String>,
    pub(super) metadata: Metadata,
    /// What can be fetched from the vendors' own hosts, by host and path.
    pub(super) files: BTreeMap<String, String>,
    pub(super) functions: Functions,
    pub(super) queue: Queue,
    pub(super) nonces: Nonces,
    pub(super) faults: Faults,
    pub(super) calls: Calls,
    pub(super) notifications: Vec<Notification>,
    /// What sinks lost.
    pub(super) dropped: Vec<Dropped>,
    pub(super) sink_secrets: Secrets,
    pub(super) console: ConsoleState,
}
