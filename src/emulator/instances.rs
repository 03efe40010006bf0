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

    /// Every instance of an account in a region, as it is now.
    pub(super) fn of(&mut self, account: &str, region: &str, now: Timestamp) -> Vec<&Instance> {
        let own = |instance: &&Instance| instance.account == account && instance.region == region;
        self.all(now).iter().filter(own).collect()
    }

    /// Lets an instance appear that needs no listing, in the default account only.
    pub(super) fn appear(&mut self, id: &str, region: Option<&str>, account: &str, now: Timestamp) {
        if self.would_appear(id, account) {
            self.all.push(Instance::demo(id, region, now));
        }
    }

    /// The instance a request is about, if the endpoint reaches it and it belongs to the account.
    pub(super) fn touch(
        &mut self,
        id: &str,
        endpoint: &Endpoint,
        account: &str,
        now: Timestamp,
    ) -> Option<&mut Instance> {
        let instance = self.all.iter_mut().find(|instance| is_in_reach(instance, id, endpoint, account))?;
        instance.touch(now);
        Some(instance)
    }

    /// An instance that was found before.
    pub(super) fn find_mut(&mut self, id: &str, account: &str) -> Option<&mut Instance> {
        self.all.iter_mut().find(|instance| instance.id == id && instance.account == account)
    }

    /// The region of an instance the endpoint reaches, or would reach if asked. Looking leaves no trace.
    pub(super) fn region(&self, id: &str, endpoint: &Endpoint, account: &str) -> Option<&str> {
        let instance = self.all.iter().find(|instance| is_in_reach(instance, id, endpoint, account));
        let listed = instance.map(|instance| instance.region.as_str());
        listed.or_else(|| self.would_appear(id, account).then_some(DEFAULT_REGION))
    }

    fn would_appear(&self, id: &str, account: &str) -> bool {
        id.starts_with(DEMO) && account == ACCOUNT && !self.all.iter().any(|instance| instance.id == id)
    }

    /// Writes the file, if there is one and it would change.
    pub(super) fn save(&mut self) -> Result<(), StateError> {
        match &mut self.file {
            Some(file) => file.write(&self.all),
            None => Ok(()),
        }
    }
}

fn is_in_reach(instance: &Instance, id: &str, endpoint: &Endpoint, account: &str) -> bool {
    instance.id == id && instance.account == account && endpoint.sees(&instance.region)
}
