//! One card, which belongs to no chat.

use std::fmt;

use super::text::Text;

/// How a card is meant: its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Nothing had to be done, or a question was answered.
    Neutral,
    /// Done.
    Good,
    /// Waiting, refused, or a plan to be confirmed.
    Warn,
    /// Failed, or not known.
    Bad,
}

impl Tone {
    /// In chats whose texts have no colour.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Good => "✅",
            Self::Neutral => "ℹ️",
            Self::Warn => "🟠",
            Self::Bad => "❌",
        }
    }
}

/// Who should see an answer, where the chat can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Asker,
    Everyone,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub tone: Tone,
    pub audience: Audience,
    pub title: String,
    pub text: Text,
    pub facts: Vec<Fact>,
    pub next_step: Option<Fact>,
    pub confirm: Option<Confirm>,
    pub link: Option<Link>,
    pub footer: Option<String>,
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub name: &'static str,
    pub value: Text,
}

/// A link for people, to a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub label: String,
    pub url: String,
}

/// What can be confirmed. It cannot be undone, and every card says so.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirm {
    pub token: String,
    /// On the button.
    pub label: String,
    pub cancel: String,
    /// That it cannot be undone.
    pub warning: String,
    /// The same where there is little room, in 40 characters or so.
    pub short_warning: String,
    /// Until when, and whether somebody else has to.
    pub conditions: String,
    /// What to do where there is a button, and where there is none.
    pub press_or_send: String,
    pub send: String,
}

/// Without the token, which is a permission.
impl fmt::Debug for Confirm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirm").field("label", &self.label).finish_non_exhaustive()
    }
}

impl Confirm {
    /// What to say instead of pressing a button.
    pub fn command(&self) -> String {
        format!("confirm {}", self.token)
    }
}

impl Card {
    /// An answer for whoever asked, with nothing but words.
    pub fn new(tone: Tone, title: impl Into<String>, text: impl Into<Text>) -> Self {
        Self {
            tone,
            audience: Audience::Asker,
            title: title.into(),
            text: text.into(),
            facts: Vec::new(),
            next_step: None,
            confirm: None,
            link: None,
            footer: None,
        }
    }
}
