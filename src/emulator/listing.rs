//! Instances as somebody wrote them down, in a file or in a control request.

use std::{collections::HashSet, fmt};

use super::instance::Instance;

/// Instances whose ids all differ.
#[derive(Default)]
pub(super) struct Listing(pub(super) Vec<Instance>);

/// What is wrong with a listing, and where.
pub(super) struct Mistake {
    pub(super) line: usize,
    pub(super) message: String,
}

impl Listing {
    /// Reads a JSON array.
    pub(super) fn parse(text: &str) -> Result<Self, Mistake> {
        let instances: Vec<Instance> = serde_json::from_str(text).map_err(|error| Mistake::from(&error))?;
        let mut ids = HashSet::new();
        match instances.iter().find(|instance| !ids.insert(&instance.id)) {
            Some(second) => Err(Mistake::twice(&second.id, text)),
            None => Ok(Self(instances)),
        }
    }
}

impl Mistake {
    fn twice(id: &str, text: &str) -> Self {
        let second = text.match_indices(&format!("\"{id}\"")).nth(1).map_or(text.len(), |(at, _)| at);
        let line = text[..second].matches('\n').count() + 1;
        Self { line, message: format!("the instance `{id}` is listed twice") }
    }
}

impl From<&serde_json::Error> for Mistake {
    fn from(error: &serde_json::Error) -> Self {
        let (line, message) = (error.line(), error.to_string());
        let place = format!(" at line {line} column {}", error.column());
        Self { line, message: message.strip_suffix(&place).unwrap_or(&message).to_owned() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.message)
    }
}
