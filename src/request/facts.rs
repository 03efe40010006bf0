//! What was read about an instance. The words are the service's own; unknown ones are kept as they came.

use serde::Serialize;

use super::ids::printable;

/// The instance as `DescribeDBInstanceAttribute` showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct InstanceFacts {
    pub status: String,
    pub engine: Option<String>,
    pub engine_version: Option<String>,
    pub category: Option<String>,
    pub storage: Option<String>,
    pub instance_type: Option<String>,
    pub lock_mode: Option<String>,
    pub region: Option<String>,
}

/// What a status means for a call that needs the instance to be running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    Running,
    /// Somebody has to start it.
    Stopped,
    /// It is being deleted or is released: it never runs again.
    Gone,
    /// Any other status, unknown ones included: it may be running later.
    Busy,
}

impl InstanceFacts {
    /// Source: the vendor's instance state table (2024-06). That only `Running` takes the call is inferred.
    pub fn readiness(&self) -> Readiness {
        match self.status.as_str() {
            "Running" => Readiness::Running,
            "Stopped" | "Stopping" => Readiness::Stopped,
            "Deleting" | "Released" => Readiness::Gone,
            _ => Readiness::Busy,
        }
    }

    /// The region as a sentence may show it.
    pub fn shown_region(&self) -> String {
        printable(self.region.as_deref().unwrap_or("a region that was not told"))
    }

    /// The status as a sentence may show it.
    pub fn shown_status(&self) -> String {
        printable(&self.status)
    }
}
