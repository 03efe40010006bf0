//! Who is behind a request, and how far that reaches.

use crate::notify::ReportContext;
use crate::policy::confirm::Plan;
use crate::policy::grants::Grant;
use crate::policy::permit::Permit;

/// By whose leave something is asked for.
#[derive(Debug)]
pub struct Authority<'a> {
    pub(super) permit: Permit<'a>,
    /// The name of the webhook credential, which a task carries.
    pub(super) credential: Option<&'a str>,
    /// Whoever proved itself signs no time, so a repeat cannot be told from the first.
    pub(super) is_replayable: bool,
    /// What was planned, where this confirms it.
    pub(super) plan: Option<&'a Plan>,
    /// What cannot end now may be left for later.
    pub(super) may_wait: bool,
}

impl<'a> Authority<'a> {
    /// The platform's own deliveries.
    pub fn platform() -> Self {
        Self { permit: Permit::Platform, credential: None, is_replayable: false, plan: None, may_wait: true }
    }

    /// What is around each of so many reports that come together.
    pub(super) fn report_context(&self, together: usize) -> ReportContext {
        ReportContext { is_one_of_many: together > 1, is_replayable: self.is_replayable }
    }

    /// A person in a chat. What cannot be done now is said now: nobody waits in a queue for a person who asks.
    pub(super) fn grants(grants: Vec<&'a Grant>) -> Self {
        Self { permit: Permit::Grants(grants), may_wait: false, ..Self::platform() }
    }

    /// Somebody who cannot be asked again.
    pub(super) fn revoked() -> Self {
        Self { permit: Permit::Revoked, ..Self::platform() }
    }
}
