//! The clock, and the one deadline everything spends from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// The wall clock, or one that a rehearsal moves. An enum, not a trait: there are two. Pure code takes a time as an
/// argument instead.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    /// So many seconds ahead of the system's.
    Ahead(Arc<AtomicI64>),
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the one clock")]
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        match self {
            Self::System => now,
            Self::Ahead(seconds) => {
                now.checked_add(SignedDuration::from_secs(seconds.load(Ordering::Relaxed))).unwrap_or(now)
            }
        }
    }
}

/// A moment by which the answer must be out. Passed by value; every wait spends from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    pub fn after(span: Duration) -> Self {
        let now = Instant::now();
        // A span too long for the clock is as good as a day.
        Self(now.checked_add(span).unwrap_or(now + Duration::from_hours(24)))
    }

    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The deadline for the work, so that a slice is left for notification: 20 % of what remains, at least `least`, at
    /// most half.
    #[must_use]
    pub fn keeping_a_slice(self, least: Duration) -> Self {
        let remaining = self.remaining();
        let slice = (remaining / 5).max(least).min(remaining / 2);
        Self(self.0.checked_sub(slice).unwrap_or(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_fifth_is_kept_at_least_a_second_at_most_half() {
        for (whole, work) in [(60.0, 48.0), (4.0, 3.0), (1.5, 0.75)] {
            let work_deadline = Deadline::after(Duration::from_secs_f64(whole)).keeping_a_slice(SECOND);
            assert_eq!(work_deadline.remaining(), Duration::from_secs_f64(work), "of {whole} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_passed_deadline_has_nothing_left_and_an_absurd_one_does_not_overflow() {
        assert_eq!(Deadline::after(Duration::ZERO).keeping_a_slice(SECOND).remaining(), Duration::ZERO);
        assert!(Deadline::after(Duration::MAX).remaining() >= Duration::from_secs(86_000));
    }
}
