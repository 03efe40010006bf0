//! What every event has, whatever it came in.

use jiff::Timestamp;

use crate::request::ids::{AccountId, RegionId};

/// The attributes of an envelope that we use; of an event without one, what stands in for them.
pub(super) struct Attributes<'e> {
    pub(super) source: &'e str,
    pub(super) id: &'e str,
    /// The instance's owner: the account the event originally belongs to.
    pub(super) owner: Option<AccountId>,
    /// The region the platform says the event is of.
    pub(super) region: Option<RegionId>,
    pub(super) time: Option<Timestamp>,
}
