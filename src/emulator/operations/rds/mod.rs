//! RDS, version 2014-08-15.

pub(super) mod attribute;
pub(super) mod authorization;
pub(super) mod backups;
pub(super) mod enable;
pub(super) mod list;
pub(super) mod region;
pub(super) mod tags;

use super::{Arrival, Instance, Invocation, Key, Moment, Refusal, World, backup, page};
