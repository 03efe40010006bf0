//! The stand-in's own time: the machine's, moved by an offset that a test may set.

use axum::http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// A hundred years. No test needs more, and sums stay inside what a date can hold.
const LARGEST_OFFSET_SECONDS: u64 = 3_155_760_000;

#[derive(Default)]
pub(super) struct Clock {
    offset: SignedDuration,
}

/// The body of `PUT /_emulator/clock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    offset_seconds: i64,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the stand-in has a clock of its own")]
    pub(super) fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.checked_add(self.offset).unwrap_or(now)
    }

    pub(super) fn set(&mut self, setting: &Setting) -> Result<(), String> {
        if setting.offset_seconds.unsigned_abs() > LARGEST_OFFSET_SECONDS {
            return Err(format!("`offset_seconds` may be at most {LARGEST_OFFSET_SECONDS} either way"));
        }
        self.offset = SignedDuration::from_secs(setting.offset_seconds);
        Ok(())
    }

    /// Now, as a `Date` header has it: `Tue, 24 Nov 2026 01:49:10 GMT`.
    pub(super) fn http_date(&self) -> HeaderValue {
        let text = self.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        HeaderValue::try_from(text).expect("a date is visible ASCII")
    }
}
