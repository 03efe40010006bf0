//! When secrets are read: at the first need, after five minutes, and early where a proof fails or a sink refuses.

use jiff::{SignedDuration, Timestamp};

/// What was read serves so long without a question.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// What was read serves so long if KMS cannot be reached.
const SERVES: SignedDuration = SignedDuration::from_hours(1);

/// While something serves, KMS is asked no oftener than this out of turn: neither a stranger nor an outage may use up the
/// account's quota, or everybody's time.
const OUT_OF_TURN: SignedDuration = SignedDuration::from_mins(1);

/// The same where nothing serves and everybody waits.
const IN_NEED: SignedDuration = SignedDuration::from_secs(5);

/// When secrets were last asked for, and last read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Schedule {
    asked_at: Option<Timestamp>,
    read_at: Option<Timestamp>,
}

impl Schedule {
    /// Whether what was read may still be used.
    pub(super) fn serves(&self, now: Timestamp) -> bool {
        is_within(self.read_at, SERVES, now)
    }

    /// Whether they are to be read before anything is done.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let pause = if self.serves(now) { OUT_OF_TURN } else { IN_NEED };
        !is_within(self.read_at, FRESH, now) && !is_within(self.asked_at, pause, now)
    }

    /// Whether they may be read because those there are proved nothing, to us or to a sink.
    pub(super) fn may_be_early(&self, now: Timestamp) -> bool {
        !is_within(self.asked_at, OUT_OF_TURN, now)
    }

    pub(super) fn asked(&mut self, now: Timestamp) {
        self.asked_at = Some(now);
    }

    pub(super) fn read(&mut self, now: Timestamp) {
        self.read_at = Some(now);
    }

    /// How old what was read is.
    pub(super) fn age(&self, now: Timestamp) -> SignedDuration {
        self.read_at.map_or(SignedDuration::ZERO, |read_at| now.duration_since(read_at))
    }
}

/// In either direction: a clock that was set back must not keep anything for longer.
fn is_within(moment: Option<Timestamp>, span: SignedDuration, now: Timestamp) -> bool {
    moment.is_some_and(|moment| now.duration_since(moment).abs() < span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn read_at(second: i64) -> Schedule {
        Schedule { asked_at: Some(at(second)), read_at: Some(at(second)) }
    }

    #[test]
    fn they_are_read_at_the_first_need_and_after_five_minutes() {
        assert!(Schedule::default().is_due(at(0)) && !Schedule::default().serves(at(0)));
        let schedule = read_at(0);
        assert!(!schedule.is_due(at(299)));
        assert!(schedule.is_due(at(300)) && schedule.serves(at(300)));
    }

    #[test]
    fn out_of_reach_what_was_read_serves_an_hour_and_is_asked_for_once_a_minute() {
        let mut schedule = read_at(0);
        schedule.asked(at(300));
        assert!(!schedule.is_due(at(359)));
        assert!(schedule.is_due(at(360)));
        schedule.asked(at(3595));
        assert!(schedule.serves(at(3599)) && !schedule.serves(at(3600)));
        assert!(schedule.is_due(at(3600)), "nothing serves, so nobody waits for the minute");
    }

    #[test]
    fn without_any_they_are_asked_for_every_five_seconds() {
        let mut schedule = Schedule::default();
        schedule.asked(at(0));
        assert!(!schedule.is_due(at(4)));
        assert!(schedule.is_due(at(5)));
    }

    #[test]
    fn a_failed_proof_has_them_read_early_once_a_minute() {
        let mut schedule = read_at(0);
        assert!(!schedule.may_be_early(at(59)));
        assert!(schedule.may_be_early(at(60)));
        schedule.asked(at(60));
        assert!(!schedule.may_be_early(at(119)), "whether or not they came");
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nothing_for_longer() {
        let schedule = read_at(7200);
        assert!(schedule.is_due(at(0)) && !schedule.serves(at(0)));
    }
}
