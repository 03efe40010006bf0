//! Where it runs: from a platform's delivery to the app, and back to the platform's answer.

mod deliveries;
pub mod fc;
pub mod http;

pub use deliveries::Deliveries;
