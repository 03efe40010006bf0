//! What somebody confirmed in a chat, on its way to where it is done.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who confirmed whose plan, and how they hear of its end. What is to be done is the request beside it. Grants, policy and
/// the second person are judged anew where it arrives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    pub chat: String,
    pub tenant: String,
    pub channel: String,
    pub user: String,
    /// Who asked for the plan.
    pub requester: String,
    /// A fingerprint of what the plan was made of.
    pub state: [u8; 6],
    /// When it is given up if it cannot be done: while somebody can still be told.
    pub until: Timestamp,
    /// Where the answer goes, encrypted: whoever has that may write to the chat. Absent where the chat takes none that comes
    /// late.
    pub reply: Option<String>,
}

/// Without the address, be it encrypted.
impl fmt::Debug for Confirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmed").field("chat", &self.chat).field("user", &self.user).finish_non_exhaustive()
    }
}
