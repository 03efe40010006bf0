//! What a sentence is about.

use crate::outcome::Report;
use crate::request::ids::KeyId;

/// What a sentence is about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Subject<'a> {
    pub(super) instance: &'a str,
    pub(super) region: &'a str,
    /// Absent is RDS's automatic key.
    pub(super) key: Option<&'a str>,
}

impl<'a> From<&'a Report> for Subject<'a> {
    fn from(report: &'a Report) -> Self {
        let key = report.key.as_ref().map(KeyId::as_str);
        Self { instance: report.instance.as_str(), region: report.region.as_str(), key }
    }
}
