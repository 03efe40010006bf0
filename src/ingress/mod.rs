//! Bytes, verified, then requests. What cannot be read is a rejection that names the field; what is genuine and not for
//! us is ignored with the reason. Nothing here reaches the network.

pub mod chat;
pub mod event;
mod header;
mod json_error;
mod verify;
pub mod webhook;

pub use verify::Verified;

use crate::request::SealRequest;
use crate::request::ids::{AccountId, RegionId};
use crate::request::ignored::Ignored;
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
}

/// What the host knows of a delivery besides its bytes: stands in where the event is silent.
#[derive(Debug, Clone, Default)]
pub struct DeliveryDefaults {
    pub account: Option<AccountId>,
    pub region: Option<RegionId>,
    pub request_id: Option<String>,
}
