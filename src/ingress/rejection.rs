//! Why an envelope could not be read.

use std::borrow::Cow;

use serde::Serialize;

/// The field that is wrong and one sentence about it. Never repeats what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    pub field: Cow<'static, str>,
    pub reason: Cow<'static, str>,
}

impl Rejection {
    pub fn new(field: impl Into<Cow<'static, str>>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }

    pub fn missing(field: &'static str) -> Self {
        Self::new(field, "is missing")
    }

    /// JSON that could not be read, by its place. The parser's own words may repeat the input, so they are not used.
    pub fn json(error: &serde_json::Error) -> Self {
        let what = match error.classify() {
            serde_json::error::Category::Eof => "ends too early",
            serde_json::error::Category::Data => "names a field twice",
            _ if error.to_string().starts_with("recursion limit") => "is nested too deep",
            _ => "is not valid JSON",
        };
        Self::new("body", format!("{what}, at line {}, column {}", error.line(), error.column()))
    }

    /// The same, said of one element of an array.
    #[must_use]
    pub fn within(self, index: usize) -> Self {
        Self::new(format!("[{index}].{}", self.field), self.reason)
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.field, self.reason)
    }
}
