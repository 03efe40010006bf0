//! Backup sets, and the plan by which an instance makes more of them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::moment::Moment;

/// A plain backup's `Encryption` (*read in code*).
const PLAIN: &str = "{}";
const TOOK: SignedDuration = SignedDuration::from_mins(10);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// When the usual window begins.
const USUAL_HOUR: SignedDuration = SignedDuration::from_hours(18);
/// No more than these are made for time that passed unseen.
const MISSED: i64 = 7;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Backup {
    pub(super) id: String,
    pub(super) start: Moment,
    pub(super) end: Moment,
    #[serde(default = "success")]
    pub(super) status: String,
    /// JSON in a string: `{}` for a plain backup, something in it for an encrypted one (*inferred*).
    #[serde(default = "plain")]
    pub(super) encryption: String,
}

impl Backup {
    /// A backup made by the plan.
    fn made(start: Timestamp, encryption: String) -> Self {
        let end = start.checked_add(TOOK).unwrap_or(start);
        let id = start.as_second().to_string();
        Self { id, start: Moment(start), end: Moment(end), status: success(), encryption }
    }
}

/// Makes the backups that are due by now. The next one is planned a day after the last.
pub(super) fn make_due(backups: &mut Vec<Backup>, next: &mut Moment, encryption: &str, now: Timestamp) {
    let late = now.duration_since(next.0).as_hours() / DAY.as_hours() + 1 - MISSED;
    if let Some(shifted) = days_after(next.0, late.max(0)) {
        *next = Moment(shifted);
    }
    while next.0 <= now {
        backups.push(Backup::made(next.0, encryption.to_owned()));
        let Some(following) = days_after(next.0, 1) else { return };
        *next = Moment(following);
    }
}

/// What a backup says about its encryption. The keys of the object are *inferred*: none is documented.
pub(super) fn encryption(sealed: bool, key: Option<&str>) -> String {
    if sealed {
        serde_json::json!({ "EncryptionKey": key.unwrap_or("ServiceKey"), "Method": "AES256" }).to_string()
    } else {
        plain()
    }
}

/// The next start of the usual window, 18:00Z.
pub(super) fn usual_next(now: Timestamp) -> Moment {
    let midnight = now.as_second() - now.as_second().rem_euclid(DAY.as_secs());
    let today = Timestamp::from_second(midnight + USUAL_HOUR.as_secs()).unwrap_or(now);
    Moment(if today > now { today } else { days_after(today, 1).unwrap_or(today) })
}

fn days_after(start: Timestamp, days: i64) -> Option<Timestamp> {
    start.checked_add(SignedDuration::from_hours(days * DAY.as_hours())).ok()
}

fn success() -> String {
    "Success".to_owned()
}

fn plain() -> String {
    PLAIN.to_owned()
}
