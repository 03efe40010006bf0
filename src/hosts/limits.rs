//! What a server holds of whoever connects to it: how much, and for how long.

use std::time::Duration;

/// Bounds on connections, for a server that anybody reaches.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// How many are held at the same time: so few that descriptors are left where a process has 256.
    pub most: usize,
    /// How long a new one may take until the head of its first request is there.
    pub first_head: Duration,
    /// How long a kept one may take until the head of its next request is there. Gateways keep theirs for a minute, and must
    /// not find one closed that they are about to use.
    pub idle: Duration,
    /// How long one is left alone, even where others need its place: a request may be on its way.
    pub undisturbed: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            most: 128,
            first_head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            undisturbed: Duration::from_millis(500),
        }
    }
}

/// Bounds on what is read of a body before its sender has proved anything.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// How long it may take to arrive.
    pub time: Duration,
    /// How many bytes are held of all such bodies together, but for the small ones; at least as many as one may have.
    pub bytes: usize,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { time: Duration::from_secs(5), bytes: 4 * 1024 * 1024 }
    }
}

/// The head of a request is no larger on a server that anybody reaches, in bytes.
pub(super) const HEAD_LIMIT: usize = 32 * 1024;
