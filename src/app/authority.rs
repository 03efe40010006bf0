//! Who is behind a request, and how far that reaches.

use jiff::{SignedDuration, Timestamp};

use super::context::{Context, Sender};
use crate::notify::ReportContext;
use crate::outcome::Refusal;
use crate::policy::confirm::Plan;
use crate::policy::grants::Grant;
use crate::policy::permit::Permit;
use crate::relay::{CONFIRMED_WAIT, Confirmed, MAX_WAIT};

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
    /// Who confirmed it, for a task to carry.
    pub(super) confirmed: Option<&'a Confirmed>,
    /// What cannot end now may be left for later.
    pub(super) may_wait: bool,
    /// For how long, in all.
    pub(super) patience: SignedDuration,
}

impl<'a> Authority<'a> {
    /// The platform's own deliveries.
    pub fn platform() -> Self {
        Self {
            permit: Permit::Platform,
            credential: None,
            is_replayable: false,
            plan: None,
            confirmed: None,
            may_wait: true,
            patience: MAX_WAIT,
        }
    }

    /// What is around each of so many reports that come together.
    pub(super) fn report_context(&self, together: usize) -> ReportContext {
        ReportContext { is_one_of_many: together > 1, is_replayable: self.is_replayable }
    }

    /// A person in a chat. What cannot be done now is said now: nobody waits in a queue for a person who asks.
    pub(super) fn grants(grants: Vec<&'a Grant>) -> Self {
        Self { permit: Permit::Grants(grants), may_wait: false, ..Self::platform() }
    }

    /// A person who confirmed a plan, which they first did at this moment. It waits where somebody hears of its end.
    pub(super) fn confirming(
        grants: Vec<&'a Grant>,
        plan: &'a Plan,
        confirmed: &'a Confirmed,
        first_seen: Timestamp,
        somebody_hears: bool,
    ) -> Self {
        let patience = confirmed.until.duration_since(first_seen).min(CONFIRMED_WAIT);
        let (plan, confirmed) = (Some(plan), Some(confirmed));
        Self { plan, confirmed, may_wait: somebody_hears, patience, ..Self::grants(grants) }
    }

    /// Who confirmed it, where they do not sit and wait for the answer of this very delivery.
    pub(super) fn confirmed_elsewhere(&self, context: &Context) -> Option<&'a Confirmed> {
        self.confirmed.filter(|_| context.sender != Sender::Person)
    }

    /// Somebody who had leave when they asked.
    pub(super) fn denied(refusal: Refusal, confirmed: &'a Confirmed) -> Self {
        Self { permit: Permit::Denied(refusal), confirmed: Some(confirmed), ..Self::platform() }
    }

    /// Somebody who cannot be asked again.
    pub(super) fn revoked() -> Self {
        Self { permit: Permit::Revoked, ..Self::platform() }
    }
}
