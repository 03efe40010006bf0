//! What is to be done to one instance, as whom and until when.

use std::fmt;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::aliyun::credentials::Credentials;
use crate::aliyun::rds::EnableBackupEncryption;
use crate::aliyun::{Client, Target};
use crate::outcome::Doubt;
use crate::request::ids::{AccountId, InstanceId, KeyId, RegionId};
use crate::time::Deadline;

/// A created instance may not be visible to the API at once (inferred); for this long "not found" is taken for "not yet".
const YOUNG: SignedDuration = SignedDuration::from_mins(10);

/// How far ahead of ours the clock of an event may be.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug, Clone, Copy)]
pub struct SealContext<'a> {
    pub client: &'a Client,
    pub credentials: &'a Credentials,
    pub deadline: Deadline,
    pub instance: &'a InstanceId,
    pub account: Option<&'a AccountId>,
    pub region: &'a RegionId,
    pub key: Option<&'a KeyId>,
    /// When the event that asks for it happened, by its own time.
    pub happened_at: Option<Timestamp>,
    pub now: Timestamp,
    /// What is not known about attempts before this delivery.
    pub doubt: Doubt,
    /// How a write gets on record.
    pub intents: Intents<'a>,
    /// The role by which RDS uses keys may be created where it is missing.
    pub authorize: bool,
    /// Where else an instance that is not found is looked for.
    pub elsewhere: &'a [RegionId],
}

/// Puts the intent of one write on record, by the name of the operation, and says whether it is there.
#[derive(Clone, Copy)]
pub struct Intents<'a>(pub &'a (dyn Fn(&'static str) -> BoxFuture<'a, bool> + Sync));

impl fmt::Debug for Intents<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Intents")
    }
}

impl<'a> SealContext<'a> {
    pub(super) fn target(&self) -> Target<'a> {
        self.target_in(self.region.as_str())
    }

    pub(super) fn target_in(&self, region: &'a str) -> Target<'a> {
        Target { credentials: Some(self.credentials), region, deadline: self.deadline }
    }

    /// Whether a write is on record now. No write is tried that is not.
    pub(super) async fn intends(&self, operation: &'static str) -> bool {
        self.intents.0(operation).await
    }

    pub(super) fn write(&self) -> EnableBackupEncryption<'a> {
        EnableBackupEncryption { instance: self.instance.as_str(), key: self.key.map(KeyId::as_str) }
    }

    pub(super) fn is_young(&self) -> bool {
        let age = self.happened_at.map(|time| self.now.duration_since(time));
        age.is_some_and(|age| -SKEW < age && age < YOUNG)
    }
}
