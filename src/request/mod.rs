//! What is asked: one instance somebody wants sealed. Pure data, no clock, no network.

pub mod command;
pub mod facts;
pub mod ids;
pub mod ignored;
pub mod pattern;
pub mod rejection;
pub mod scope;
pub mod tag;

use serde::{Deserialize, Serialize};

use ids::{AccountId, InstanceId, KeyId, RegionId};

/// How far a request may go. `Plan` is the weaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Read and judge; change nothing.
    Plan,
    /// Make the call, which cannot be undone.
    Enforce,
}

impl Mode {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "plan" => Some(Self::Plan),
            "enforce" => Some(Self::Enforce),
            _ => None,
        }
    }

    /// The weaker of the two: a request may lower the configured mode, never raise it.
    #[must_use]
    pub fn lowered_by(self, asked: Option<Self>) -> Self {
        asked.map_or(self, |asked| self.min(asked))
    }
}

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// The platform invoked us.
    Event,
    /// A signed HTTP request.
    Webhook,
    /// Somebody in a chat said something.
    Chat,
}

impl Door {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Webhook => "webhook",
            Self::Chat => "chat",
        }
    }
}

/// Who asked, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub door: Door,
    /// The `CloudEvents` source; empty for a direct request.
    pub source: String,
    /// As it was sent: ids that differ in what cannot be shown are different ids.
    pub event_id: String,
    pub event_name: Option<String>,
    /// Who did it: the caller, or who confirmed it in a chat.
    pub actor: Option<String>,
    /// Who asked for what the actor confirmed.
    #[serde(default)]
    pub requested_by: Option<String>,
}

/// One instance somebody wants sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealRequest {
    pub instance: InstanceId,
    /// Whose instance it is; absent where nobody said.
    pub account: Option<AccountId>,
    /// Where it is said to be. Whoever says so may be wrong, or lie: an envelope is plain bytes.
    pub region: RegionId,
    pub key: Option<KeyId>,
    pub mode: Option<Mode>,
    /// When the event happened by its own time; a request without one is not young.
    pub happened_at: Option<jiff::Timestamp>,
    /// When it was asked for, where its kind has no time of its own: as its sender signed it, else when it first arrived.
    #[serde(default)]
    pub asked_at: Option<jiff::Timestamp>,
    pub origin: Origin,
}

impl SealRequest {
    /// What it asks for, whoever asks and when.
    pub fn ask(&self) -> (InstanceId, Option<AccountId>, RegionId, Option<KeyId>, Option<Mode>) {
        (self.instance.clone(), self.account.clone(), self.region.clone(), self.key.clone(), self.mode)
    }
}

#[cfg(test)]
impl SealRequest {
    /// One that names nothing but an instance in Hangzhou, for tests to change.
    pub(crate) fn sample() -> Self {
        Self {
            instance: InstanceId::parse("rm-bp1q2w3e4r5t6y7u8").unwrap(),
            account: None,
            region: RegionId::parse("cn-hangzhou").unwrap(),
            key: None,
            mode: None,
            happened_at: None,
            asked_at: None,
            origin: Origin {
                door: Door::Event,
                source: String::new(),
                event_id: "e-1".to_owned(),
                event_name: None,
                actor: None,
                requested_by: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mode::{Enforce, Plan};

    #[test]
    fn a_request_lowers_the_mode_and_never_raises_it() {
        assert_eq!(Enforce.lowered_by(Some(Plan)), Plan);
        assert_eq!(Plan.lowered_by(Some(Enforce)), Plan);
        assert_eq!(Enforce.lowered_by(None), Enforce);
        assert_eq!(Plan.lowered_by(None), Plan);
    }
}
