//! The languages.

use serde::{Deserialize, Serialize};

/// A language that people are told things in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
    Ja,
}

impl Language {
    pub const ALL: [Self; 3] = [Self::En, Self::Zh, Self::Ja];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
            Self::Ja => "ja",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == text)
    }
}
