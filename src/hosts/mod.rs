//! Where it runs: from a platform's delivery to the app, and back to the platform's answer.

mod apps;
mod bare_refusal;
mod body;
mod chat;
mod connection;
mod deliveries;
pub mod fc;
mod health;
mod held;
pub mod http;
mod limits;
mod refusals;
mod socket;
mod state;
mod throttle;
mod webhook;

pub use deliveries::Deliveries;
pub use limits::{BodyLimits, ConnectionLimits};
pub use state::{HostState, PlatformSettings};
