//! Bytes, verified, then requests. What cannot be read is a rejection that names the field; what is genuine and not for
//! us is ignored with the reason. Nothing here reaches the network.

pub mod chat;
pub mod event;
mod header;
mod json_error;
mod verify;
pub mod webhook;

pub use verify::Verified;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::request::SealRequest;
use crate::request::ids::{AccountId, RegionId};
use crate::request::ignored::{Ignored, IgnoredReason};
use crate::request::rejection::Rejection;

/// The largest body that is read, in bytes. The platform delivers at most 128 KB asynchronously (documented).
pub const BODY_LIMIT: usize = 256 * 1024;

/// What one delivery turned out to hold.
#[derive(Debug, Default)]
pub struct Intake {
    pub requests: Vec<SealRequest>,
    pub ignored: Vec<Ignored>,
    pub rejected: Vec<Rejection>,
}

impl Intake {
    fn rejecting(rejection: Rejection) -> Self {
        Self { rejected: vec![rejection], ..Self::default() }
    }

    /// Asks once for what is asked for several times, by the first who asks; the others are ignored, each under its own id.
    #[must_use]
    pub fn without_repeats(mut self) -> Self {
        let (mut known, mut ignored) = (BTreeSet::new(), BTreeSet::new());
        self.requests.retain(|request| {
            let is_new = known.insert(request.ask());
            if !is_new && ignored.insert(request.origin.event_id.clone()) {
                self.ignored.push(Ignored::new(&request.origin.event_id, IgnoredReason::Repeated));
            }
            is_new
        });
        self
    }
}

/// What the host knows of a delivery besides its bytes: stands in where the event is silent.
#[derive(Debug, Clone, Default)]
pub struct DeliveryDefaults {
    pub account: Option<AccountId>,
    pub region: Option<RegionId>,
    pub request_id: Option<String>,
    /// When what has no time of its own was asked for: as its sender signed it, else when it arrived.
    pub asked_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Mode, Origin};

    fn asked(instance: &str, event_id: &str) -> SealRequest {
        let sample = SealRequest::sample();
        let origin = Origin { event_id: event_id.to_owned(), ..sample.origin };
        SealRequest { instance: crate::request::ids::InstanceId::parse(instance).unwrap(), origin, ..sample }
    }

    #[test]
    fn what_a_delivery_asks_for_several_times_is_asked_for_once() {
        let plan = SealRequest { mode: Some(Mode::Plan), ..asked("rm-1", "e-1") };
        let requests =
            vec![asked("rm-1", "e-1"), plan, asked("rm-1", "e-1"), asked("rm-2", "e-1"), asked("rm-1", "e-2")];
        let intake = Intake { requests, ..Intake::default() }.without_repeats();
        let left: Vec<_> = intake.requests.iter().map(|one| (one.instance.as_str(), one.mode)).collect();
        assert_eq!(left, [("rm-1", None), ("rm-1", Some(Mode::Plan)), ("rm-2", None)], "another mode is another ask");
        let repeated = |id| Ignored::new(id, IgnoredReason::Repeated);
        assert_eq!(intake.ignored, [repeated("e-1"), repeated("e-2")]);
    }
}
