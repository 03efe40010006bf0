//! Where it runs: from a platform's delivery to the app, and back to the platform's answer.

mod body;
mod chat;
mod deliveries;
pub mod fc;
mod health;
pub mod http;
mod state;
mod webhook;

pub use deliveries::Deliveries;
pub use state::{HostState, PlatformSettings};
