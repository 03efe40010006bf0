//! Tags that count, as the configuration writes them.

use std::collections::BTreeMap;
use std::fmt;

use super::pattern::Pattern;

/// A tag that counts: by its key, or by key and value, in which `*` stands for any run of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRule {
    pub key: String,
    value: Option<String>,
}

impl TagRule {
    /// Parses `key` or `key=value`; a key is 1 to 128 characters (documented for the product's tags). A blank at an end is
    /// refused: it would be a tag that no instance bears.
    pub fn parse(text: &str) -> Option<Self> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (text, None),
        };
        let is_trimmed = |text: &str| text.trim() == text;
        let is_sane = (1..=128).contains(&key.chars().count())
            && !key.chars().any(char::is_control)
            && is_trimmed(key)
            && value.as_deref().is_none_or(is_trimmed);
        is_sane.then(|| Self { key: key.to_owned(), value })
    }

    pub fn is_borne(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.get(&self.key).is_some_and(|borne| match &self.value {
            Some(value) => Pattern::new(value).matches(borne),
            None => true,
        })
    }
}

impl fmt::Display for TagRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.key),
            None => f.write_str(&self.key),
        }
    }
}
