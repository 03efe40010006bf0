//! Nonces that were used, so that no signed request works twice.

use std::{
    collections::{HashSet, VecDeque},
    time::{Duration, Instant},
};

/// Longer than any date is valid (15 minutes to either side), so nothing forgotten here can still be replayed.
const REMEMBERED_FOR: Duration = Duration::from_mins(30);

#[derive(Default)]
pub(super) struct Nonces {
    used: HashSet<String>,
    oldest_first: VecDeque<(Instant, String)>,
}

impl Nonces {
    /// Whether this is the first use.
    pub(super) fn spend(&mut self, nonce: &str, now: Instant) -> bool {
        self.forget_old(now);
        let fresh = self.used.insert(nonce.to_owned());
        if fresh {
            self.oldest_first.push_back((now, nonce.to_owned()));
        }
        fresh
    }

    fn forget_old(&mut self, now: Instant) {
        let is_old = |(at, _): &mut (Instant, String)| now.duration_since(*at) > REMEMBERED_FOR;
        while let Some((_, nonce)) = self.oldest_first.pop_front_if(is_old) {
            self.used.remove(&nonce);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Nonces, REMEMBERED_FOR};

    #[test]
    fn a_nonce_works_once_in_half_an_hour_and_is_then_forgotten() {
        let (mut nonces, start) = (Nonces::default(), Instant::now());

        assert!(nonces.spend("a", start));
        assert!(!nonces.spend("a", start + REMEMBERED_FOR));
        assert!(nonces.spend("b", start + REMEMBERED_FOR + Duration::from_secs(1)));

        assert_eq!(nonces.used.len(), 1);
        assert_eq!(nonces.oldest_first.len(), 1);
    }
}
