//! One database instance, as the control requests list it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::{
    ACCOUNT,
    backup::{self, Backup},
    moment::Moment,
};

/// Where an instance is if nobody says otherwise.
pub(super) const DEFAULT_REGION: &str = "cn-hangzhou";
const RUNNING: &str = "Running";

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Listed")]
pub(super) struct Instance {
    pub(super) id: String,
    pub(super) region: String,
    pub(super) account: String,
    pub(super) engine: String,
    pub(super) engine_version: String,
    pub(super) category: String,
    pub(super) storage: String,
    pub(super) status: String,
    pub(super) backup_encryption: bool,
    /// The key of the backup encryption. None with encryption on is RDS's automatic key.
    pub(super) key: Option<String>,
    /// Requests it will still meet with the status it has; after them it is `Running`.
    ready_after_calls: Option<u32>,
    /// The same by time since it was listed. If both are set, the first to come true counts.
    ready_after_ms: Option<u64>,
    /// Primary, Readonly, Guard or Temp (*documented*).
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) lock_mode: String,
    pub(super) resource_group: Option<String>,
    /// The instance this one is a replica of.
    pub(super) master: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    /// When it came into the world. If nobody says so, that is when it was listed.
    pub(super) created: Option<Moment>,
    /// Oldest first.
    pub(super) backups: Vec<Backup>,
    /// When the next backup is made. If nobody says so, that is at 18:00Z.
    pub(super) next_backup: Option<Moment>,
    /// When it was listed, by the stand-in's own clock.
    #[serde(skip)]
    pub(super) since: Timestamp,
}

/// An instance as somebody writes it down: only the id is required.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(deserialize_with = "not_empty")]
    id: String,
    region: Option<String>,
    account: Option<String>,
    engine: Option<String>,
    engine_version: Option<String>,
    category: Option<String>,
    storage: Option<String>,
    status: Option<String>,
    backup_encryption: Option<bool>,
    key: Option<String>,
    ready_after_calls: Option<u32>,
    ready_after_ms: Option<u64>,
    #[serde(rename = "type")]
    kind: Option<String>,
    lock_mode: Option<String>,
    resource_group: Option<String>,
    master: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    created: Option<Moment>,
    #[serde(default)]
    backups: Vec<Backup>,
    next_backup: Option<Moment>,
}

impl Instance {
    /// An instance nobody listed, ready for use. In `cn-hangzhou` unless a region is given.
    pub(super) fn demo(id: &str, region: Option<&str>, now: Timestamp) -> Self {
        let listed = Listed { id: id.to_owned(), region: region.map(str::to_owned), ..Listed::default() };
        Self::from(listed).born(now)
    }

    /// The same, as if it came into the world at this moment.
    pub(super) fn born(self, now: Timestamp) -> Self {
        let created = self.created.or(Some(Moment(now)));
        let next_backup = self.next_backup.or_else(|| Some(backup::usual_next(now)));
        Self { since: now, created, next_backup, ..self }
    }

    /// Becomes `Running` if its time has come, and makes the backups that are due.
    pub(super) fn settle(&mut self, now: Timestamp) {
        let age_ms = now.duration_since(self.since).as_millis();
        let waited = self.ready_after_ms.is_some_and(|ms| age_ms >= i128::from(ms));
        if waited || self.ready_after_calls == Some(0) {
            RUNNING.clone_into(&mut self.status);
            (self.ready_after_calls, self.ready_after_ms) = (None, None);
        }
        if let Some(next) = self.next_backup.as_mut().filter(|_| self.status == RUNNING) {
            let encryption = backup::encryption(self.backup_encryption, self.key.as_deref());
            backup::make_due(&mut self.backups, next, &encryption, now);
        }
    }

    /// Counts one request about it. The status it has during that request is the one it had before.
    pub(super) fn touch(&mut self, now: Timestamp) {
        self.settle(now);
        self.ready_after_calls = self.ready_after_calls.map(|left| left.saturating_sub(1));
    }

    pub(super) fn is_running(&self) -> bool {
        self.status == RUNNING
    }
}

impl From<Listed> for Instance {
    /// Fills in a plain `MySQL` instance. One that is to become ready later is still being created.
    fn from(listed: Listed) -> Self {
        let or = |value: Option<String>, default: &str| value.unwrap_or_else(|| default.to_owned());
        let released = listed.status.as_deref() == Some("Released");
        let waits = listed.ready_after_calls.is_some() || listed.ready_after_ms.is_some();
        Self {
            id: listed.id,
            region: or(listed.region, DEFAULT_REGION),
            account: or(listed.account, ACCOUNT),
            engine: or(listed.engine, "MySQL"),
            engine_version: or(listed.engine_version, "8.0"),
            category: or(listed.category, "HighAvailability"),
            storage: or(listed.storage, "local_ssd"),
            status: or(listed.status, if waits { "Creating" } else { RUNNING }),
            backup_encryption: listed.backup_encryption.unwrap_or_default(),
            key: listed.key,
            ready_after_calls: listed.ready_after_calls,
            ready_after_ms: listed.ready_after_ms,
            kind: or(listed.kind, "Primary"),
            lock_mode: or(listed.lock_mode, if released { "Released" } else { "Unlock" }),
            resource_group: listed.resource_group,
            master: listed.master,
            tags: listed.tags,
            created: listed.created,
            backups: listed.backups,
            next_backup: listed.next_backup,
            since: Timestamp::UNIX_EPOCH,
        }
    }
}

/// Refuses an empty id while the parser still knows where it is.
fn not_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    if id.is_empty() { Err(D::Error::custom("an instance's `id` is empty")) } else { Ok(id) }
}
