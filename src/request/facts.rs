//! What was read about an instance and its surroundings. The words are the service's own; unknown ones are kept as they
//! came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::printable;

/// Everything that was read for one request. What was not read, or could not be, is null.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct Evidence {
    pub instance: Option<InstanceFacts>,
    pub tags: Option<BTreeMap<String, String>>,
    /// Whether the service says that the region has backup encryption.
    pub region_supported: Option<bool>,
    /// Whether the account has the role `AliyunServiceRoleForRdsBackupEncryption`.
    pub role_present: Option<bool>,
    pub key: Option<KeyFacts>,
    pub newest_backup: Option<BackupFacts>,
    /// When the instance is backed up next: that will be its first encrypted backup once it is sealed.
    pub next_backup_at: Option<String>,
}

/// A KMS key, as `DescribeKey` showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct KeyFacts {
    pub state: String,
    pub usage: Option<String>,
    pub spec: Option<String>,
    /// Of its ARN.
    pub region: Option<String>,
}

/// The newest successful backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct BackupFacts {
    pub ended_at: Option<String>,
    /// Whether its record says something of encryption. What exactly is not documented, so it never proves anything.
    pub names_encryption: bool,
}

/// The instance as `DescribeDBInstanceAttribute` showed it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    pub resource_group: Option<String>,
}

/// How an instance differs from those that the vendor's guide names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Engine and version.
    Engine {
        engine: String,
    },
    Edition {
        edition: String,
    },
    Storage {
        storage: String,
    },
}

impl Difference {
    /// What differs.
    pub fn value(&self) -> String {
        match self {
            Self::Engine { engine: value } | Self::Edition { edition: value } | Self::Storage { storage: value } => {
                value.clone()
            }
        }
    }
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

    /// How the instance differs from those that the vendor's guide names: `MySQL` 8.0, 5.7 or 5.6, high-availability
    /// edition, Premium Local SSD (documented, 2026-03). That is advice: the API's own page names no limits.
    pub fn outside_the_guide(&self) -> Option<Difference> {
        let shown = |value: &Option<String>| printable(value.as_deref().unwrap_or("unknown"));
        let is = |value: &Option<String>, known: &[&str]| {
            value.as_deref().is_some_and(|value| known.iter().any(|known| known.eq_ignore_ascii_case(value)))
        };
        if !is(&self.engine, &["MySQL"]) || !is(&self.engine_version, &["8.0", "5.7", "5.6"]) {
            return Some(Difference::Engine {
                engine: format!("{} {}", shown(&self.engine), shown(&self.engine_version)),
            });
        }
        if !is(&self.category, &["HighAvailability"]) {
            return Some(Difference::Edition { edition: shown(&self.category) });
        }
        // Two names of the one storage (read in the vendor's SDK).
        if !is(&self.storage, &["local_ssd", "ephemeral_ssd"]) {
            return Some(Difference::Storage { storage: shown(&self.storage) });
        }
        None
    }

    /// Whether it is an instance of its own. Others (read-only, disaster recovery, temporary) have no backups of their own
    /// (inferred). A type that was not told is not held against it.
    pub fn is_primary(&self) -> bool {
        self.instance_type.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("Primary"))
    }

    /// The region as a sentence may show it; `?` where it was not told.
    pub fn shown_region(&self) -> String {
        printable(self.region.as_deref().unwrap_or("?"))
    }

    /// The status as a sentence may show it.
    pub fn shown_status(&self) -> String {
        printable(&self.status)
    }
}
