//! Patterns, as the configuration writes them.

/// A text in which `*` stands for any run of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it matches whatever there is, so that nothing has to be known to match it.
    fn matches_all(&self) -> bool {
        self.0 == "*"
    }

    /// The one text it matches, if it is no more than that.
    pub fn literal(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.contains('*'))
    }

    /// Whether some of these match.
    pub fn any(patterns: &[Self], text: &str) -> bool {
        patterns.iter().any(|pattern| pattern.matches(text))
    }

    /// Whether something is shut out by these, so that it has to be known to be let in.
    pub fn limit(patterns: &[Self]) -> bool {
        !patterns.iter().any(Self::matches_all)
    }

    pub fn matches(&self, text: &str) -> bool {
        let Some((head, mut pattern)) = self.0.split_once('*') else { return self.0 == text };
        let Some(mut rest) = text.strip_prefix(head) else { return false };
        while let Some((middle, next)) = pattern.split_once('*') {
            let Some(at) = rest.find(middle) else { return false };
            rest = &rest[at + middle.len()..];
            pattern = next;
        }
        rest.ends_with(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        for (pattern, text, fits) in [
            ("key-*", "key-1", true),
            ("key-*", "akey-1", false),
            ("*", "", true),
            ("a*a", "a", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
            ("exact", "exact", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), fits, "{pattern} on {text}");
        }
    }
}
