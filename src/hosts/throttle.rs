//! Warnings that anybody can cause: at most one a minute, and none of them forgotten.

use std::time::Duration;

use tokio::time::Instant;

const INTERVAL: Duration = Duration::from_mins(1);

/// What there is to say about one thing that keeps happening.
#[derive(Debug)]
pub(super) struct Throttle<T> {
    spoke_at: Option<Instant>,
    /// The first that was not said yet, and how many there are.
    unsaid: Option<(T, u64)>,
}

impl<T> Default for Throttle<T> {
    fn default() -> Self {
        Self { spoke_at: None, unsaid: None }
    }
}

impl<T> Throttle<T> {
    /// Takes one in. Returns the first that was not said yet, and how many they are, when it is time to speak.
    pub(super) fn note(&mut self, one: T, now: Instant) -> Option<(T, u64)> {
        let (first, count) = self.unsaid.take().unwrap_or((one, 0));
        self.unsaid = Some((first, count + 1));
        if self.spoke_at.is_some_and(|at| now.duration_since(at) < INTERVAL) {
            return None;
        }
        self.spoke_at = Some(now);
        self.unsaid.take()
    }

    /// What was not said yet, where nothing more will come.
    pub(super) fn rest(&mut self) -> Option<(T, u64)> {
        self.unsaid.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_said_at_once_and_the_others_with_the_next_after_a_minute() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(throttle.note("a", after(0)), Some(("a", 1)));
        for (one, seconds) in [("b", 1), ("c", 2), ("d", 59)] {
            assert_eq!(throttle.note(one, after(seconds)), None);
        }
        assert_eq!(throttle.note("e", after(60)), Some(("b", 4)));
        assert_eq!(throttle.note("f", after(119)), None);
        assert_eq!(throttle.note("g", after(400)), Some(("f", 2)));
        assert_eq!(throttle.note("h", after(600)), Some(("h", 1)));
    }

    #[test]
    fn what_is_left_is_said_at_the_end_and_once() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        assert_eq!(throttle.rest(), None);
        throttle.note("a", now);
        assert_eq!(throttle.rest(), None, "it was said");
        throttle.note("b", now);
        throttle.note("c", now);
        assert_eq!(throttle.rest(), Some(("b", 2)));
        assert_eq!(throttle.rest(), None);
    }
}
