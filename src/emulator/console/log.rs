//! What is kept for the page: the newest, each with its number.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Value, json};

/// The most entries that are kept, and shown.
const KEPT: usize = 200;

pub(super) struct Log<T> {
    kept: VecDeque<T>,
    /// The number of the oldest that is kept.
    first: usize,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { kept: VecDeque::new(), first: 0 }
    }
}

impl<T> Log<T> {
    /// Adds an entry and returns its number.
    pub(super) fn push(&mut self, entry: T) -> usize {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
            self.first += 1;
        }
        self.kept.push_back(entry);
        self.first + self.kept.len() - 1
    }

    pub(super) fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        self.kept.get_mut(number.checked_sub(self.first)?)
    }
}

impl<T: Serialize> Log<T> {
    pub(super) fn shown(&self) -> Value {
        json!({ "first": self.first, "items": self.kept })
    }
}

/// The newest of a list that keeps everything.
pub(super) fn newest(all: &[impl Serialize]) -> Value {
    let first = all.len().saturating_sub(KEPT);
    json!({ "first": first, "items": all[first..] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_under_the_numbers_they_always_had() {
        let mut log = Log::default();
        for entry in 0..KEPT + 5 {
            assert_eq!(log.push(entry), entry);
        }
        let all: Vec<_> = (0..KEPT + 5).collect();
        assert_eq!((log.shown(), log.shown()["first"].clone()), (newest(&all), 5.into()));
        assert_eq!(
            [log.get_mut(4).copied(), log.get_mut(5).copied(), log.get_mut(KEPT + 5).copied()],
            [None, Some(5), None]
        );
    }
}
