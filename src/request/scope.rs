//! How far a caller may reach. Data only: `policy::scope` judges by it.

use super::Mode;
use super::pattern::Pattern;

/// What requests under one credential may be about, and how far they may go. Deny by default: an empty list admits
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub accounts: Vec<Pattern>,
    pub regions: Vec<Pattern>,
    pub mode: Mode,
}
