//! Why an envelope could not be read.

use std::borrow::Cow;

use serde::Serialize;

/// The field that is wrong and one sentence about it. Never repeats what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
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

    /// The same, said of what lies at this place inside something else: there, `body` is that place itself.
    #[must_use]
    pub fn within(self, place: impl std::fmt::Display) -> Self {
        let field = match &*self.field {
            "body" => place.to_string(),
            field if field.starts_with('[') => format!("{place}{field}"),
            field => format!("{place}.{field}"),
        };
        Self::new(field, self.reason)
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.field, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::Rejection;

    #[test]
    fn what_is_wrong_inside_is_named_from_outside() {
        let named = |field: &'static str, place: &str| Rejection::missing(field).within(place).field.into_owned();
        assert_eq!(named("instance", "Message"), "Message.instance");
        assert_eq!(named("[1].instance", "Message"), "Message[1].instance");
        assert_eq!(named("body", "[1]"), "[1]");
    }
}
