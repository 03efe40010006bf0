//! The webhook doors: HTTP from whoever can prove who they are. First [`admit`] or [`EventBridgeDoor`], over the raw bytes;
//! then [`read`]. What a caller says of a region is only a claim; `EventBridge`'s own word is the platform's.

mod admit;
mod cloud_events;
mod credential;
mod eventbridge;
mod header;
mod media;
mod requests;
mod secret;
mod sign;
mod standard;

pub use admit::{Admitted, DeliveryId, admit, may_be_admitted};
pub use credential::{Proof, WebhookCredential, sharing_a_secret};
pub use eventbridge::{EventBridgeDoor, Pushed};
pub use media::WrongContentType;
pub use secret::{SharedSecret, SigningSecret, Token};
pub use sign::{Headers, sign};

use axum::http::HeaderMap;

use super::event::{self, EventDoor};
use super::{DeliveryDefaults, Intake, Verified};
use crate::request::{Door, Mode};

/// Not shown to be from anybody we know. There is no more to it: whoever asks learns nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", Self::SENTENCE)]
pub struct Unauthorised;

impl Unauthorised {
    pub const SENTENCE: &str = "the request does not show that it is from a sender this deployment knows";
}

/// What a door is for.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'d> {
    /// `POST /v1/requests`: requests by our own field names, named by their own `id`, else by the delivery's.
    Requests(&'d DeliveryId),
    /// `POST /v1/events`: `CloudEvents` in any of the three modes of their HTTP binding, from whoever proved it so.
    Events(&'d Proof),
    /// `POST /v1/eventbridge`: what the platform's own event bus pushes.
    Pushed,
}

/// Reads one delivery whose sender is known.
pub fn read(
    kind: Kind<'_>,
    headers: &HeaderMap,
    body: &Verified,
    door: &EventDoor,
    defaults: &DeliveryDefaults,
) -> Result<Intake, WrongContentType> {
    let mut intake = match kind {
        Kind::Requests(delivery) => requests::read(headers, body, door, defaults, delivery)?,
        Kind::Events(_) => cloud_events::read(headers, body, door, defaults)?,
        // Which content type the bus sends is not documented.
        Kind::Pushed => event::read(body, door, defaults),
    };
    // In the binary mode an event is named by headers, and no signature covers them: whoever has captured one could make it
    // another event.
    let is_half_signed =
        matches!(kind, Kind::Events(proof) if proof.signs_the_body()) && cloud_events::is_binary(headers);
    for request in &mut intake.requests {
        if is_half_signed {
            request.mode = Some(Mode::Plan);
        }
        request.origin.door = Door::Webhook;
    }
    Ok(intake)
}

#[cfg(test)]
mod tests;
