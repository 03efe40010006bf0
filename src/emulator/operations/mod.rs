//! What RDS can do here. An operation is a function of the request and the instances; the gateway did all the rest.

mod describe;
mod enable;

use jiff::Timestamp;
use serde_json::Value;

use super::{arrival::Arrival, endpoint::Endpoint, instance::Instance, instances::Instances, refusal::Refusal};

/// The version of RDS's API. There is no other.
const VERSION: &str = "2014-08-15";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    EnableBackupEncryption,
    DescribeDBInstanceAttribute,
    /// FC's only one. It has no parameters and is not run here, see [`super::functions`].
    InvokeFunction,
}

impl Operation {
    pub(super) const ALL: [Self; 3] =
        [Self::EnableBackupEncryption, Self::DescribeDBInstanceAttribute, Self::InvokeFunction];

    /// The operation a request asks for.
    pub(super) fn of(arrival: &Arrival) -> Result<Self, Refusal> {
        let action = arrival.action().ok_or_else(|| Refusal::lacking("Action"))?;
        let version = arrival.version().ok_or_else(|| Refusal::lacking("Version"))?;
        let known = Self::ALL.into_iter().find(|operation| operation.name() == action && version == VERSION);
        known.ok_or_else(|| Refusal::named("InvalidApi.NotFound"))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::EnableBackupEncryption => "EnableBackupEncryption",
            Self::DescribeDBInstanceAttribute => "DescribeDBInstanceAttribute",
            Self::InvokeFunction => "InvokeFunction",
        }
    }

    /// Carries it out and returns the answer's own fields.
    pub(super) fn run(self, call: &mut Invocation<'_>) -> Result<Value, Refusal> {
        match self {
            Self::EnableBackupEncryption => enable::run(call),
            Self::DescribeDBInstanceAttribute => describe::run(call),
            Self::InvokeFunction => Err(Refusal::named("InvalidApi.NotFound")),
        }
    }
}

/// One operation's surroundings.
pub(super) struct Invocation<'a> {
    pub(super) arrival: &'a Arrival,
    pub(super) endpoint: &'a Endpoint,
    pub(super) instances: &'a mut Instances,
    pub(super) now: Timestamp,
}

impl Invocation<'_> {
    /// The instance that this parameter names.
    fn instance(&mut self, parameter: &str) -> Result<&mut Instance, Refusal> {
        let id = self.arrival.parameter(parameter).ok_or_else(|| Refusal::missing(parameter))?;
        let found = self.instances.touch(id, self.endpoint, self.now);
        found.ok_or_else(|| Refusal::named("InvalidDBInstanceId.NotFound"))
    }
}
