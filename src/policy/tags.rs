//! Rules on tags: `key`, `key=value`, and exemptions that end by themselves.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;

use super::{Pattern, Refusal};
use crate::request::ids::printable;

/// The ending of a key whose value is the last day of an exemption.
const UNTIL: &str = "-until";

/// A tag that counts: by its key, or by key and value, in which `*` stands for any run of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRule {
    key: String,
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

    pub(super) fn is_borne(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.get(&self.key).is_some_and(|borne| match &self.value {
            Some(value) => Pattern::new(value).matches(borne),
            None => true,
        })
    }

    /// Refuses an instance that is exempt. A key that ends in `-until` exempts up to and including the day it bears, in
    /// UTC; a value that is no day refuses too, since nobody can tell how long it was meant to hold.
    pub(super) fn exempts(&self, tags: &BTreeMap<String, String>, today: Date) -> Result<(), Refusal> {
        let Some(borne) = tags.get(&self.key).filter(|_| self.is_borne(tags)) else { return Ok(()) };
        let shown = format!("{}={}", self.key, printable(borne));
        if !self.key.ends_with(UNTIL) {
            return Err(exempt(
                shown.clone(),
                format!("The instance bears the tag {shown}, which exempts it."),
                "Take the tag off the instance when it may be sealed.",
            ));
        }
        match borne.parse::<Date>() {
            Ok(last_day) if last_day < today => Ok(()),
            Ok(last_day) => Err(exempt(
                shown,
                format!("The instance is exempt until {last_day}."),
                "Run again after that day, or take the tag off the instance.",
            )),
            Err(_) => Err(exempt(
                shown.clone(),
                format!("The tag {shown} holds no date, so how long the instance is exempt is not known."),
                "Write the tag's value as a date, like 2027-01-31, or take the tag off.",
            )),
        }
    }
}

fn exempt(value: String, message: String, next_step: &str) -> Refusal {
    Refusal { name: "exempt-tags", value: Some(value), message, next_step: next_step.to_owned() }
}

impl fmt::Display for TagRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.key),
            None => f.write_str(&self.key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn rule(text: &str) -> TagRule {
        TagRule::parse(text).unwrap()
    }

    fn exempted(text: &str, value: &str) -> Option<String> {
        let today = jiff::civil::date(2026, 11, 24);
        let key = text.split('=').next().unwrap();
        rule(text).exempts(&tags(&[(key, value)]), today).err().map(|refusal| refusal.message)
    }

    #[test]
    fn a_rule_is_a_key_or_a_key_and_a_value() {
        assert!(rule("env").is_borne(&tags(&[("env", "")])));
        assert!(rule("env=pro*").is_borne(&tags(&[("env", "prod")])));
        assert!(!rule("env=pro*").is_borne(&tags(&[("env", "test")])));
        assert!(!rule("env").is_borne(&tags(&[("Env", "prod")])), "case matters");
        assert_eq!(TagRule::parse(""), None);
        for bad in ["=x", "seal:exempt = true", " env", "env= prod"] {
            assert_eq!(TagRule::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_exemption_holds_through_its_last_day_and_then_ends() {
        let until = "seal:exempt-until";
        assert_eq!(exempted(until, "2027-01-31").unwrap(), "The instance is exempt until 2027-01-31.");
        assert!(exempted(until, "2026-11-24").is_some());
        assert_eq!(exempted(until, "2026-11-23"), None);
        assert!(exempted("seal:exempt", "yes").unwrap().contains("seal:exempt=yes, which exempts it"));
    }

    #[test]
    fn an_exemption_whose_end_cannot_be_read_refuses_and_says_so() {
        for value in ["", "soon", "31.01.2027", "2027-02-30"] {
            assert!(exempted("seal:exempt-until", value).unwrap().contains("holds no date"), "{value}");
        }
    }
}
