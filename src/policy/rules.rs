//! `[policy]`: what may be touched at all. An absent rule restricts nothing, a set one denies by default, and one that
//! cannot be evaluated refuses.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Pattern, Refusal, tags::TagRule};
use crate::request::facts::{Evidence, InstanceFacts};
use crate::request::ids::{AccountId, printable};
use crate::request::{Region, SealRequest};

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
    /// How old an event may be, by its own time, when it first arrives.
    pub max_event_age: Option<SignedDuration>,
    /// How many instances one delivery may ask for.
    pub max_per_invocation: Option<usize>,
    /// Only what the vendor's guide names may be sealed; else the guide is advice.
    pub strict: bool,
}

/// What has to be read before a rule can be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// The instance itself.
    pub instance: bool,
    /// Its tags.
    pub tags: bool,
}

impl Look {
    pub fn is_needed(self) -> bool {
        self.instance || self.tags
    }
}

impl Rules {
    /// What these rules have to see of an instance in `region`.
    pub(super) fn look(&self, region: &Region) -> Look {
        let region_counts = self.regions.is_some() && !region.attested;
        Look {
            instance: region_counts || self.engines.is_some() || self.resource_groups.is_some() || self.strict,
            tags: self.include_tags.is_some() || !self.exempt_tags.is_empty(),
        }
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
        let region = request.region.id.as_str();
        if self.regions.as_ref().is_some_and(|regions| !any(regions, region)) {
            return Err(refuse("regions", region, format!("Region {region} is not one of `policy.regions`.")));
        }
        let instance = request.instance.as_str();
        if self.instances.as_ref().is_some_and(|instances| !any(instances, instance)) {
            return Err(refuse("instances", instance, format!("{instance} is not one of `policy.instances`.")));
        }
        self.age(request, first_seen)?;
        match self.max_per_invocation {
            Some(most) if together > most => Err(refuse(
                "max-per-invocation",
                &together.to_string(),
                format!("The delivery asks for {together} instances, and `policy.max_per_invocation` is {most}."),
            )),
            _ => Ok(()),
        }
    }

    fn account(&self, account: Option<&AccountId>) -> Result<(), Refusal> {
        match (&self.accounts, account) {
            (None, _) => Ok(()),
            (Some(accounts), Some(account)) if accounts.contains(account) => Ok(()),
            (Some(_), Some(account)) => {
                Err(refuse("accounts", account.as_str(), format!("Account {account} is not one of `policy.accounts`.")))
            }
            (Some(_), None) => Err(unknown("accounts", "whose instance it is, and `policy.accounts` limits that")),
        }
    }

    fn age(&self, request: &SealRequest, first_seen: Timestamp) -> Result<(), Refusal> {
        let Some(most) = self.max_event_age else { return Ok(()) };
        let Some(happened_at) = request.happened_at else {
            return Err(unknown("event-age", "when it was asked for, and `policy.max_event_age` limits that"));
        };
        let age = first_seen.duration_since(happened_at);
        if age <= most {
            return Ok(());
        }
        let sentence = format!("The event is {age:#} old, and `policy.max_event_age` is {most:#}.");
        Err(refuse("event-age", &format!("{happened_at:.0}"), sentence))
    }

    /// The rules that need to have seen the instance.
    pub(super) fn of_instance(&self, evidence: &Evidence, today: Date) -> Result<(), Refusal> {
        if let Some(facts) = &evidence.instance {
            self.engine(facts)?;
            self.resource_group(facts)?;
            self.guide(facts)?;
        } else if self.engines.is_some() || self.resource_groups.is_some() || self.strict {
            return Err(unknown("policy", "what the instance is, and `[policy]` limits that"));
        }
        self.tags(evidence, today)
    }

    fn engine(&self, facts: &InstanceFacts) -> Result<(), Refusal> {
        let Some(engines) = &self.engines else { return Ok(()) };
        match &facts.engine {
            Some(engine) if engines.iter().any(|allowed| allowed.eq_ignore_ascii_case(engine)) => Ok(()),
            Some(engine) => {
                let engine = printable(engine);
                Err(refuse("engines", &engine, format!("Engine {engine} is not one of `policy.engines`.")))
            }
            None => Err(unknown("engines", "the engine, and `policy.engines` limits that")),
        }
    }

    fn resource_group(&self, facts: &InstanceFacts) -> Result<(), Refusal> {
        let Some(groups) = &self.resource_groups else { return Ok(()) };
        match &facts.resource_group {
            Some(group) if groups.contains(group) => Ok(()),
            Some(group) => {
                let group = printable(group);
                let sentence = format!("Resource group {group} is not one of `policy.resource_groups`.");
                Err(refuse("resource-groups", &group, sentence))
            }
            None => Err(unknown("resource-groups", "the resource group, and `policy.resource_groups` limits that")),
        }
    }

    fn guide(&self, facts: &InstanceFacts) -> Result<(), Refusal> {
        match facts.outside_the_guide() {
            Some(difference) if self.strict => Err(refuse(
                "strict",
                &difference,
                format!("The vendor's guide does not name this instance: {difference}, and `policy.strict` is set."),
            )),
            _ => Ok(()),
        }
    }

    fn tags(&self, evidence: &Evidence, today: Date) -> Result<(), Refusal> {
        if self.include_tags.is_none() && self.exempt_tags.is_empty() {
            return Ok(());
        }
        let Some(tags) = &evidence.tags else {
            return Err(unknown("tags", "the tags of the instance, and `[policy]` depends on them"));
        };
        for rule in &self.exempt_tags {
            rule.exempts(tags, today)?;
        }
        match &self.include_tags {
            Some(include) if !include.iter().any(|rule| rule.is_borne(tags)) => {
                let wanted = include.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let sentence = format!("The instance bears none of the tags in `policy.include_tags`: {wanted}.");
                Err(refuse("include-tags", &wanted, sentence))
            }
            _ => Ok(()),
        }
    }
}

fn any(patterns: &[Pattern], text: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(text))
}

fn refuse(name: &'static str, value: &str, message: String) -> Refusal {
    Refusal {
        name,
        value: Some(value.to_owned()),
        message,
        next_step: "Nothing if that is intended; else widen the rule under `[policy]`.".to_owned(),
    }
}

/// A rule that cannot be evaluated refuses.
fn unknown(name: &'static str, what: &str) -> Refusal {
    Refusal {
        name,
        value: None,
        message: format!("It is not known {what}."),
        next_step: "Ask in a way that says so, or take the rule out of `[policy]`.".to_owned(),
    }
}
