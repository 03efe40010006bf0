//! The stand-in's own time: the machine's, moved by an offset that a test may set.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// A hundred years. No test needs more, and sums stay inside what a date can hold.
const LARGEST_OFFSET_SECONDS: u64 = 3_155_760_000;

#[derive(Default)]
pub(super) struct Clock {
    offset: SignedDuration,
    /// While somebody advances it, the clock stands still.
    stopped: Option<Timestamp>,
    /// By how many seconds it is ahead of the machine's, for those who go by it.
    ahead: Arc<AtomicI64>,
}

/// The body of `PUT /_emulator/clock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    offset_seconds: i64,
}

impl Clock {
    pub(super) fn now(&self) -> Timestamp {
        let running = || {
            let now = machine_time();
            now.checked_add(self.offset).unwrap_or(now)
        };
        self.stopped.unwrap_or_else(running)
    }

    pub(super) fn set(&mut self, setting: &Setting) -> Result<(), String> {
        if setting.offset_seconds.unsigned_abs() > LARGEST_OFFSET_SECONDS {
            return Err(format!("`offset_seconds` may be at most {LARGEST_OFFSET_SECONDS} either way"));
        }
        self.run_at(SignedDuration::from_secs(setting.offset_seconds));
        Ok(())
    }

    /// Stops it, to go on from this many seconds later, which is returned.
    pub(super) fn stop_for(&mut self, seconds: u64) -> Result<Timestamp, String> {
        let now = self.now();
        let target =
            i64::try_from(seconds).ok().and_then(|seconds| now.checked_add(SignedDuration::from_secs(seconds)).ok());
        let in_reach = |target: &Timestamp| {
            target.duration_since(machine_time()).unsigned_abs().as_secs() <= LARGEST_OFFSET_SECONDS
        };
        let target = target.filter(in_reach);
        let target =
            target.ok_or_else(|| format!("the clock may be off by at most {LARGEST_OFFSET_SECONDS} seconds"))?;
        self.stop_at(now);
        Ok(target)
    }

    pub(super) fn stop_at(&mut self, moment: Timestamp) {
        self.stopped = Some(moment);
        self.tell(moment.duration_since(machine_time()));
    }

    /// Lets it run again. It never goes back, whoever set it in the meantime.
    pub(super) fn go_on_from(&mut self, moment: Timestamp) {
        let moment = moment.max(self.now());
        self.run_at(moment.duration_since(machine_time()));
    }

    /// By how many seconds it is ahead of the machine's, whenever somebody looks.
    pub(super) fn seconds_ahead(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.ahead)
    }

    fn run_at(&mut self, offset: SignedDuration) {
        self.offset = offset;
        self.stopped = None;
        self.tell(offset);
    }

    fn tell(&self, offset: SignedDuration) {
        let rounding = i64::from(offset.subsec_millis() / 500);
        self.ahead.store(offset.as_secs().saturating_add(rounding), Ordering::Relaxed);
    }

    /// Now, as a `Date` header has it: `Tue, 24 Nov 2026 01:49:10 GMT`.
    pub(super) fn http_date(&self) -> HeaderValue {
        let text = self.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        HeaderValue::try_from(text).expect("a date is visible ASCII")
    }
}

#[expect(clippy::disallowed_methods, reason = "the stand-in has a clock of its own")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}
