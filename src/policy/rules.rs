//! `[policy]`: what may be touched at all. An absent rule restricts nothing, a set one denies by default, and one that
//! cannot be evaluated refuses.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::Pattern;
use super::tags::exempts;
use crate::outcome::Refusal;
use crate::request::SealRequest;
use crate::request::facts::{Evidence, InstanceFacts};
use crate::request::ids::{AccountId, printable};
use crate::request::tag::TagRule;

/// How far ahead of ours the clock of an event may be.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// The restrictions in force.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub accounts: Option<BTreeSet<AccountId>>,
    pub regions: Option<Vec<Pattern>>,
    /// Engines, compared without regard to case: `MySQL`.
    pub engines: Option<Vec<String>>,
    pub instances: Option<Vec<Pattern>>,
    /// An instance must bear one of these.
    pub include_tags: Option<Vec<TagRule>>,
    /// An instance that bears one of these is left alone.
    pub exempt_tags: Vec<TagRule>,
    pub resource_groups: Option<BTreeSet<String>>,
    /// How old a request may be when it first arrives: by its own time, or by when it was asked for where its kind has none.
    pub max_event_age: Option<SignedDuration>,
    /// How many instances one delivery may ask for.
    pub max_per_invocation: Option<usize>,
    /// Only what the vendor's guide names may be sealed; else the guide is advice.
    pub strict: bool,
}

/// What has to be read before a rule can be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NeededFacts {
    /// The instance itself.
    pub instance: bool,
    /// Its tags.
    pub tags: bool,
}

impl NeededFacts {
    pub fn is_any(self) -> bool {
        self.instance || self.tags
    }
}

impl Rules {
    /// Whether the tags of an instance decide about it.
    pub fn depend_on_tags(&self) -> bool {
        self.include_tags.is_some() || !self.exempt_tags.is_empty()
    }

    /// What these rules have to see of an instance. In which region it is nobody's word says.
    pub(super) fn needs(&self) -> NeededFacts {
        let of_instance = [self.regions.is_some(), self.engines.is_some(), self.resource_groups.is_some(), self.strict];
        NeededFacts { instance: of_instance.contains(&true), tags: self.depend_on_tags() }
    }

    /// The rules that the request alone decides. `together` is how many its delivery asks for.
    pub(super) fn of_request(
        &self,
        request: &SealRequest,
        account: Option<&AccountId>,
        together: usize,
        first_seen: Timestamp,
    ) -> Result<(), Refusal> {
        self.account(account)?;
        let region = &request.region;
        if self.regions.as_ref().is_some_and(|regions| !Pattern::any(regions, region.as_str())) {
            return Err(Refusal::RegionNotAllowed { region: region.clone() });
        }
        let instance = &request.instance;
        if self.instances.as_ref().is_some_and(|instances| !Pattern::any(instances, instance.as_str())) {
            return Err(Refusal::InstanceNotAllowed { instance: instance.clone() });
        }
        self.age(request, first_seen)?;
        match self.max_per_invocation {
            Some(limit) if together > limit => Err(Refusal::TooManyAtOnce { asked: together, limit }),
            _ => Ok(()),
        }
    }

    fn account(&self, account: Option<&AccountId>) -> Result<(), Refusal> {
        match (&self.accounts, account) {
            (None, _) => Ok(()),
            (Some(accounts), Some(account)) if accounts.contains(account) => Ok(()),
            (Some(_), Some(account)) => Err(Refusal::AccountNotAllowed { account: account.clone() }),
            (Some(_), None) => Err(Refusal::AccountUnknown {}),
        }
    }

    fn age(&self, request: &SealRequest, first_seen: Timestamp) -> Result<(), Refusal> {
        let Some(limit) = self.max_event_age else { return Ok(()) };
        let Some(happened_at) = request.happened_at.or(request.asked_at) else { return Err(Refusal::TimeUnknown {}) };
        let age = first_seen.duration_since(happened_at);
        if -SKEW <= age && age <= limit {
            return Ok(());
        }
        let happened_at = format!("{happened_at:.0}");
        Err(if age.is_negative() {
            Refusal::FromTheFuture { happened_at }
        } else {
            Refusal::TooOld { happened_at, age: age.as_secs(), limit: limit.as_secs() }
        })
    }

    /// The rules that need to have seen the instance.
    pub(super) fn of_instance(&self, evidence: &Evidence, today: Date) -> Result<(), Refusal> {
        if let Some(facts) = &evidence.instance {
            self.engine(facts)?;
            self.resource_group(facts)?;
            self.guide(facts)?;
        } else if self.engines.is_some() || self.resource_groups.is_some() || self.strict {
            return Err(Refusal::InstanceUnknown {});
        }
        self.tags(evidence, today)
    }

    fn engine(&self, facts: &InstanceFacts) -> Result<(), Refusal> {
        let Some(engines) = &self.engines else { return Ok(()) };
        match &facts.engine {
            Some(engine) if engines.iter().any(|allowed| allowed.eq_ignore_ascii_case(engine)) => Ok(()),
            Some(engine) => Err(Refusal::EngineNotAllowed { engine: printable(engine) }),
            None => Err(Refusal::EngineUnknown {}),
        }
    }

    fn resource_group(&self, facts: &InstanceFacts) -> Result<(), Refusal> {
        let Some(groups) = &self.resource_groups else { return Ok(()) };
        match &facts.resource_group {
            Some(group) if groups.contains(group) => Ok(()),
            Some(group) => Err(Refusal::ResourceGroupNotAllowed { group: printable(group) }),
            None => Err(Refusal::ResourceGroupUnknown {}),
        }
    }

    fn guide(&self, facts: &InstanceFacts) -> Result<(), Refusal> {
        match facts.outside_the_guide() {
            Some(difference) if self.strict => Err(Refusal::OutsideTheGuide { difference }),
            _ => Ok(()),
        }
    }

    fn tags(&self, evidence: &Evidence, today: Date) -> Result<(), Refusal> {
        if !self.depend_on_tags() {
            return Ok(());
        }
        let Some(tags) = &evidence.tags else { return Err(Refusal::TagsUnknown {}) };
        for rule in &self.exempt_tags {
            exempts(rule, tags, today)?;
        }
        match &self.include_tags {
            Some(include) if !include.iter().any(|rule| rule.is_borne(tags)) => {
                let wanted = include.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                Err(Refusal::TagsMissing { wanted })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 11, 24);

    fn first_seen() -> Timestamp {
        "2026-11-24T06:00:00Z".parse().unwrap()
    }

    fn request() -> SealRequest {
        let sample = SealRequest::sample();
        SealRequest { happened_at: Some("2026-11-24T05:00:00Z".parse().unwrap()), ..sample }
    }

    fn account(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    /// The rule that refuses the usual request of account 1234567890123456, which came with another.
    fn refusing(rules: &Rules) -> Option<(&'static str, Option<String>)> {
        let refusal = rules.of_request(&request(), Some(&account("1234567890123456")), 2, first_seen()).err()?;
        Some((refusal.rule(), refusal.value()))
    }

    /// The rule that refuses an instance that was seen so.
    fn refusing_seen(rules: &Rules, evidence: &Evidence) -> Option<(&'static str, Option<String>)> {
        let refusal = rules.of_instance(evidence, TODAY).err()?;
        Some((refusal.rule(), refusal.value()))
    }

    fn patterns(texts: &[&str]) -> Vec<Pattern> {
        texts.iter().map(|text| Pattern::new(text)).collect()
    }

    fn seen() -> Evidence {
        let some = |text: &str| Some(text.to_owned());
        let instance = InstanceFacts {
            status: "Running".to_owned(),
            engine: some("MySQL"),
            engine_version: some("8.0"),
            category: some("HighAvailability"),
            storage: some("local_ssd"),
            resource_group: some("rg-1"),
            ..InstanceFacts::default()
        };
        let tags = BTreeMap::from([("env".to_owned(), "prod".to_owned())]);
        Evidence { instance: Some(instance), tags: Some(tags), ..Evidence::default() }
    }

    #[test]
    fn an_absent_rule_restricts_nothing() {
        assert_eq!(refusing(&Rules::default()), None);
        assert_eq!(refusing_seen(&Rules::default(), &Evidence::default()), None);
        assert!(!Rules::default().needs().is_any(), "and has nothing read");
    }

    #[test]
    fn each_refusal_names_its_rule_and_the_value_that_broke_it() {
        let refused = |name, value: &str| Some((name, Some(value.to_owned())));
        let none = Rules::default;
        let accounts = Some([account("6543210987654321")].into());
        assert_eq!(refusing(&Rules { accounts, ..none() }), refused("accounts", "1234567890123456"));
        let regions = Some(patterns(&["ap-*", "cn-shanghai"]));
        assert_eq!(refusing(&Rules { regions, ..none() }), refused("regions", "cn-hangzhou"));
        let instances = Some(patterns(&["pgm-*"]));
        assert_eq!(refusing(&Rules { instances, ..none() }), refused("instances", "rm-bp1q2w3e4r5t6y7u8"));
        let max_event_age = Some(SignedDuration::from_mins(59));
        assert_eq!(refusing(&Rules { max_event_age, ..none() }), refused("event-age", "2026-11-24T05:00:00Z"));
        assert_eq!(refusing(&Rules { max_per_invocation: Some(1), ..none() }), refused("max-per-invocation", "2"));
        let engines = Some(vec!["PostgreSQL".to_owned()]);
        assert_eq!(refusing_seen(&Rules { engines, ..none() }, &seen()), refused("engines", "MySQL"));
        let resource_groups = Some(["rg-2".to_owned()].into());
        assert_eq!(refusing_seen(&Rules { resource_groups, ..none() }, &seen()), refused("resource-groups", "rg-1"));
        let include_tags = Some(vec![TagRule::parse("env=test").unwrap()]);
        assert_eq!(refusing_seen(&Rules { include_tags, ..none() }, &seen()), refused("include-tags", "env=test"));
        let exempt_tags = vec![TagRule::parse("env").unwrap()];
        assert_eq!(refusing_seen(&Rules { exempt_tags, ..none() }, &seen()), refused("exempt-tags", "env=prod"));
        let mut cloud_disk = seen();
        cloud_disk.instance.as_mut().unwrap().storage = Some("cloud_essd".to_owned());
        let strict = Rules { strict: true, ..none() };
        assert_eq!(refusing_seen(&strict, &cloud_disk), refused("strict", "cloud_essd"));
        assert_eq!(refusing_seen(&strict, &seen()), None);
    }

    #[test]
    fn what_is_named_is_let_through() {
        let rules = Rules {
            accounts: Some([account("1234567890123456")].into()),
            regions: Some(patterns(&["cn-*"])),
            instances: Some(patterns(&["rm-*"])),
            max_event_age: Some(SignedDuration::from_hours(1)),
            max_per_invocation: Some(2),
            engines: Some(vec!["mysql".to_owned()]),
            resource_groups: Some(["rg-1".to_owned()].into()),
            include_tags: Some(vec![TagRule::parse("env=prod").unwrap()]),
            exempt_tags: vec![TagRule::parse("seal:exempt").unwrap()],
            strict: true,
        };
        assert_eq!(refusing(&rules), None);
        assert_eq!(refusing_seen(&rules, &seen()), None);
        assert_eq!(rules.needs(), NeededFacts { instance: true, tags: true });
    }

    #[test]
    fn a_rule_that_cannot_be_evaluated_refuses() {
        let with = |rules: Rules| rules.of_instance(&Evidence::default(), TODAY).is_err();
        assert!(with(Rules { engines: Some(vec!["MySQL".to_owned()]), ..Rules::default() }));
        assert!(with(Rules { exempt_tags: vec![TagRule::parse("x").unwrap()], ..Rules::default() }));
        assert!(with(Rules { strict: true, ..Rules::default() }));
        let nameless = Rules { accounts: Some(BTreeSet::new()), ..Rules::default() };
        assert!(nameless.of_request(&request(), None, 1, first_seen()).is_err());
        let aged = Rules { max_event_age: Some(SignedDuration::from_hours(1)), ..Rules::default() };
        let timeless = SealRequest { happened_at: None, ..request() };
        assert!(aged.of_request(&timeless, None, 1, first_seen()).is_err());
        let asked = |hours: i64| {
            let asked_at = first_seen().checked_sub(SignedDuration::from_mins(hours * 60 + 1)).ok();
            aged.of_request(&SealRequest { asked_at, ..timeless.clone() }, None, 1, first_seen())
        };
        assert!(asked(0).is_ok() && asked(1).is_err(), "what has no time of its own is as old as the asking");
    }

    #[test]
    fn the_instance_has_to_be_seen_where_regions_count() {
        let rules = Rules { regions: Some(patterns(&["cn-*"])), ..Rules::default() };
        assert!(rules.needs().instance);
        assert!(!Rules::default().needs().instance);
    }
}
