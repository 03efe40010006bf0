//! How patiently something is tried again: doubling pauses with full jitter, inside a deadline.

use std::time::Duration;

use crate::time::Deadline;

/// The longest pause of our own choosing.
const MAX_PAUSE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    pub attempts: u32,
    /// The longest pause before the second attempt; it doubles.
    pub base: Duration,
    /// The longest one attempt may take.
    pub attempt: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 3, base: Duration::from_millis(300), attempt: Duration::from_secs(5) }
    }
}

impl RetryPolicy {
    pub fn start(self, deadline: Deadline) -> Retries {
        Retries { policy: self, deadline, attempt: 1 }
    }

    /// The longest pause after an attempt, counted from 1.
    fn longest_pause(self, attempt: u32) -> Duration {
        self.base.saturating_mul(1 << (attempt - 1).min(16)).min(MAX_PAUSE)
    }
}

/// Attempts at one thing.
#[derive(Debug)]
pub struct Retries {
    policy: RetryPolicy,
    deadline: Deadline,
    attempt: u32,
}

impl Retries {
    /// How long the attempt that begins now may take.
    pub fn within(&self) -> Duration {
        self.deadline.remaining().min(self.policy.attempt)
    }

    /// Waits for the next attempt, `after` at least where the other side asks for that. Says whether there is to be one:
    /// attempts or time may be used up.
    pub async fn next(&mut self, after: Option<Duration>) -> bool {
        let pause = after.unwrap_or_else(|| self.policy.longest_pause(self.attempt).mul_f64(jitter()));
        if self.attempt >= self.policy.attempts || pause >= self.deadline.remaining() {
            return false;
        }
        tokio::time::sleep(pause).await;
        self.attempt += 1;
        true
    }
}

/// A number in 0..1 for a pause. Without randomness the longest pause is taken.
pub fn jitter() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy =
        RetryPolicy { attempts: 3, base: Duration::from_millis(100), attempt: Duration::from_secs(1) };

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_three_times_with_growing_pauses() {
        let (mut retries, started) =
            (POLICY.start(Deadline::after(Duration::from_mins(1))), tokio::time::Instant::now());
        assert!(retries.next(None).await && retries.next(None).await && !retries.next(None).await);
        assert!(started.elapsed() <= Duration::from_millis(310), "{:?}", started.elapsed());
        assert_eq!([1, 2, 3, 9].map(|n| POLICY.longest_pause(n).as_millis()), [100, 200, 400, 5000]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_is_asked_for_is_kept_if_it_fits() {
        let (minute, started) = (Duration::from_mins(1), tokio::time::Instant::now());
        assert!(!POLICY.start(Deadline::after(minute / 2)).next(Some(minute)).await);
        assert!(POLICY.start(Deadline::after(minute * 2)).next(Some(minute)).await);
        assert_eq!(started.elapsed(), minute);
    }
}
