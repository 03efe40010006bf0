//! The parts of a configuration that have secrets.

use std::fmt;

use crate::card::Locale;
use crate::ingress::chat::ChatName;

/// A part of a configuration that has secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Webhook(String),
    EventBridge,
    Chat(ChatName, Locale),
    /// That of the deployment.
    Secret,
    DoorSecret,
    ExternalId,
    Sink(String),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Webhook(name) => write!(f, "webhook {name}"),
            Self::EventBridge => f.write_str("doors.eventbridge"),
            Self::Chat(name, _) => write!(f, "doors.{}", name.as_str()),
            Self::Secret => f.write_str("secret"),
            Self::DoorSecret => f.write_str("door_secret"),
            Self::ExternalId => f.write_str("accounts.external_id"),
            Self::Sink(name) => write!(f, "sink {name}"),
        }
    }
}
