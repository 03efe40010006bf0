//! Placeholder.

use std::fmt;
use std::io;

#[derive(Debug, Default)]
pub(crate) struct Tally {}

impl Tally {
    pub(crate) fn is_clean(&self) -> bool {
        true
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("none")
    }
}

pub(crate) fn run(_messages: u64, _seed: u64) -> io::Result<Tally> {
    Ok(Tally {})
}
