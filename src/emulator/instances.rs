//! The instances there are, optionally kept in a file.

use std::path::Path;

use jiff::Timestamp;

use super::{
    ACCOUNT, StateError,
    clock::Clock,
    endpoint::Endpoint,
    instance::{DEFAULT_REGION, Instance},
    listing::Listing,
    state_file::StateFile,
};

/// Ids that begin so need not be listed.
const DEMO: &str = "rm-demo";

#[derive(Default)]
pub(super) struct Instances {
    all: Vec<Instance>,
    file: Option<StateFile>,
}

impl Instances {
    /// Instances from a file, to be written back to it. The waiting time of those not ready starts anew.
    pub(super) fn kept_in(path: &Path) -> Result<Self, StateError> {
        let file = StateFile::open(path)?;
        let listing = file.text().map_or_else(|| Ok(Listing::default()), Listing::parse);
        let listing = listing.map_err(|mistake| file.malformed(mistake))?;
        let mut instances = Self { all: Vec::new(), file: Some(file) };
        instances.replace(listing, Clock::default().now())?;
        Ok(instances)
    }

    /// Replaces all instances.
    pub(super) fn replace(&mut self, listing: Listing, now: Timestamp) -> Result<(), StateError> {
        self.all = listing.0.into_iter().map(|instance| instance.born(now)).collect();
        self.save()
    }

    /// Every instance as it is now.
    pub(super) fn all(&mut self, now: Timestamp) -> &[Instance] {
        self.all.iter_mut().for_each(|instance| instance.settle(now));
        &self.all
    }

    /// The instance a request is about, if the endpoint reaches it and it belongs to the account.
    pub(super) fn touch(&mut self, id: &str, endpoint: &Endpoint, now: Timestamp) -> Option<&mut Instance> {
        if self.would_appear(id) {
            self.all.push(Instance::demo(id, endpoint.region(), now));
        }
        let instance = self.all.iter_mut().find(|instance| is_in_reach(instance, id, endpoint))?;
        instance.touch(now);
        Some(instance)
    }

    /// The region of an instance the endpoint reaches, or would reach if asked. Looking leaves no trace.
    pub(super) fn region(&self, id: &str, endpoint: &Endpoint) -> Option<&str> {
        let instance = self.all.iter().find(|instance| is_in_reach(instance, id, endpoint));
        let listed = instance.map(|instance| instance.region.as_str());
        listed.or_else(|| self.would_appear(id).then_some(DEFAULT_REGION))
    }

    fn would_appear(&self, id: &str) -> bool {
        id.starts_with(DEMO) && !self.all.iter().any(|instance| instance.id == id)
    }

    /// Writes the file, if there is one and it would change.
    pub(super) fn save(&mut self) -> Result<(), StateError> {
        match &mut self.file {
            Some(file) => file.write(&self.all),
            None => Ok(()),
        }
    }
}

fn is_in_reach(instance: &Instance, id: &str, endpoint: &Endpoint) -> bool {
    instance.id == id && instance.account == ACCOUNT && endpoint.sees(&instance.region)
}
