//! Rules on tags: `key`, `key=value`, and exemptions that end by themselves.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::outcome::Refusal;
use crate::request::ids::printable;
use crate::request::tag::TagRule;

/// The ending of a key whose value is the last day of an exemption.
const UNTIL: &str = "-until";

/// Refuses an instance that is exempt. A key that ends in `-until` exempts up to and including the day it bears, in
/// UTC; a value that is no day refuses too, since nobody can tell how long it was meant to hold.
pub(super) fn exempts(rule: &TagRule, tags: &BTreeMap<String, String>, today: Date) -> Result<(), Refusal> {
    let Some(borne) = tags.get(&rule.key).filter(|_| rule.is_borne(tags)) else { return Ok(()) };
    let tag = format!("{}={}", rule.key, printable(borne));
    if !rule.key.ends_with(UNTIL) {
        return Err(Refusal::Exempt { tag });
    }
    match borne.parse::<Date>() {
        Ok(last_day) if last_day < today => Ok(()),
        Ok(last_day) => Err(Refusal::ExemptUntil { tag, last_day: last_day.to_string() }),
        Err(_) => Err(Refusal::ExemptionUnreadable { tag }),
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

    fn exempted(text: &str, value: &str) -> Option<Refusal> {
        let today = jiff::civil::date(2026, 11, 24);
        let key = text.split('=').next().unwrap();
        exempts(&rule(text), &tags(&[(key, value)]), today).err()
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
        let last_day = "2027-01-31".to_owned();
        let tag = format!("{until}={last_day}");
        assert_eq!(exempted(until, "2027-01-31"), Some(Refusal::ExemptUntil { tag, last_day }));
        assert!(exempted(until, "2026-11-24").is_some());
        assert_eq!(exempted(until, "2026-11-23"), None);
        assert_eq!(exempted("seal:exempt", "yes"), Some(Refusal::Exempt { tag: "seal:exempt=yes".to_owned() }));
    }

    #[test]
    fn an_exemption_whose_end_cannot_be_read_refuses_and_says_so() {
        for value in ["", "soon", "31.01.2027", "2027-02-30"] {
            let tag = format!("seal:exempt-until={value}");
            assert_eq!(exempted("seal:exempt-until", value), Some(Refusal::ExemptionUnreadable { tag }));
        }
    }
}
