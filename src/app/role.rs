//! What a function of a deployment serves, where the work is split.

/// One package serves as any of these. A role reads no setting that it does not serve.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    /// One function does everything.
    #[default]
    All,
    /// What the platform invokes: events, timers, and what waits. It may write, and has no HTTP trigger.
    Events,
    /// What strangers reach: chats and webhooks. It reads for plans and never writes; what would change something goes to the
    /// worker.
    Door,
    /// What the door hands its work to. It takes tasks alone.
    Worker,
}

impl Role {
    const ALL: [Self; 4] = [Self::All, Self::Events, Self::Door, Self::Worker];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Events => "events",
            Self::Door => "door",
            Self::Worker => "worker",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether events are for it, and not tasks alone.
    pub fn takes_events(self) -> bool {
        matches!(self, Self::All | Self::Events)
    }

    /// Whether it answers chats and webhooks.
    pub fn has_doors(self) -> bool {
        matches!(self, Self::All | Self::Door)
    }
}
