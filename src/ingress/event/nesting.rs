//! Where in a delivery a piece of JSON was found. Each way inwards is open once, so that no sender decides how deep we go.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;

use crate::ingress::DeliveryDefaults;
use crate::request::ids::RegionId;
use crate::request::rejection::{Rejection, RejectionReason};

use super::EventDoor;

/// What a reader knows besides the JSON in front of it.
#[derive(Clone, Copy)]
pub(in crate::ingress) struct Nesting<'p> {
    pub(super) door: &'p EventDoor,
    defaults: &'p DeliveryDefaults,
    /// The whole delivery.
    body: &'p [u8],
    /// An envelope was opened on the way here.
    opened: bool,
    dead_letter: DeadLetter,
    /// What carries this, by its own id and time.
    carrier: Option<&'p str>,
    pub(super) carried_at: Option<Timestamp>,
}

/// Whether a dead letter was opened on the way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DeadLetter {
    None,
    /// And this is the whole of what it holds.
    Payload,
    /// And this is a part of what it holds.
    Part,
}

impl DeadLetter {
    fn deeper(self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Payload | Self::Part => Self::Part,
        }
    }
}

impl<'p> Nesting<'p> {
    /// The body itself.
    pub(in crate::ingress) fn outside(body: &'p [u8], door: &'p EventDoor, defaults: &'p DeliveryDefaults) -> Self {
        Self { door, defaults, body, opened: false, dead_letter: DeadLetter::None, carrier: None, carried_at: None }
    }

    /// One of several.
    pub(super) fn in_array(self) -> Self {
        Self { dead_letter: self.dead_letter.deeper(), ..self }
    }

    /// Inside an envelope, which declares itself by this field. There is one on the way to an event, never two.
    pub(super) fn in_envelope(self, field: &'static str) -> Result<Self, Rejection> {
        if self.opened {
            return Err(Rejection::new(field, RejectionReason::EnvelopeInEnvelope));
        }
        Ok(Self { opened: true, dead_letter: self.dead_letter.deeper(), ..self })
    }

    /// Inside a message, of which the queue knows an id and a time.
    pub(super) fn in_message(self, id: Option<&'p str>, sent_at: Option<Timestamp>) -> Self {
        let carrier = id.filter(|id| !id.is_empty()).or(self.carrier);
        Self { carrier, carried_at: sent_at.or(self.carried_at), ..self }
    }

    /// Inside a dead letter, which holds a whole delivery and so may hold one envelope. None inside another dead letter.
    pub(super) fn in_dead_letter(self, id: Option<&'p str>) -> Option<Self> {
        let carrier = id.filter(|id| !id.is_empty()).or(self.carrier);
        let inside = Self { opened: false, dead_letter: DeadLetter::Payload, carrier, ..self };
        (self.dead_letter == DeadLetter::None).then_some(inside)
    }

    /// Whether this is what a dead letter holds, the whole of it.
    pub(super) fn is_payload(&self) -> bool {
        self.dead_letter == DeadLetter::Payload
    }

    /// When what has no time of its own was asked for: when what carries it was sent, else as the door knows it.
    pub(super) fn asked_at(&self) -> Option<Timestamp> {
        self.carried_at.or(self.defaults.asked_at)
    }

    /// The region that an event names, else the one we run in, which is only likely.
    pub(super) fn region(&self, told: Option<RegionId>) -> Result<RegionId, Rejection> {
        told.or_else(|| self.defaults.region.clone()).ok_or_else(|| Rejection::missing("region"))
    }

    /// The id of what has none of its own: of what carries it, else the platform's for this invocation, else one worked
    /// out from the body.
    pub(super) fn event_id(&self) -> String {
        match (self.carrier, &self.defaults.request_id) {
            (Some(carrier), _) => carrier.to_owned(),
            (None, Some(invocation)) => invocation.clone(),
            (None, None) => base16ct::lower::encode_string(digest(&SHA256, self.body).as_ref()),
        }
    }
}
