//! Where it runs: from a platform's delivery to the app, and back to the platform's answer.

mod body;
mod chat;
mod deliveries;
pub mod fc;
mod ground;
pub mod http;
mod webhook;

pub use deliveries::Deliveries;
pub use ground::{Ground, Settings};
