//! `[policy]`, `[accounts]` and `[credentials]`: what may be touched, and as whom, as they are written.

use std::collections::BTreeSet;

use secrecy::SecretString;
use serde::Deserialize;

use super::lookup::{Flaw, Lookup, Purpose};
use super::values::{AccountText, Age, Secret, SourceText, TagText};
use crate::aliyun::credentials::assume::check_template;
use crate::policy::{Pattern, Rules};
use crate::request::ids::AccountId;

/// How many instances one delivery may ask for where nothing is said: more than people ask for by hand, and no wallet is
/// emptied by one request.
const MAX_PER_INVOCATION: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "a table, [policy]")]
pub(super) struct Policy {
    #[cfg_attr(feature = "dev", schemars(with = "Option<Vec<String>>"))]
    accounts: Option<Vec<AccountText>>,
    regions: Option<Vec<String>>,
    engines: Option<Vec<String>>,
    instances: Option<Vec<String>>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<Vec<String>>"))]
    include_tags: Option<Vec<TagText>>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<Vec<String>>"))]
    exempt_tags: Option<Vec<TagText>>,
    resource_groups: Option<BTreeSet<String>>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    max_event_age: Option<Age>,
    max_per_invocation: Option<usize>,
    strict: bool,
}

impl Policy {
    pub(super) fn rules(self) -> Result<Rules, String> {
        for (name, is_empty) in [
            ("accounts", self.accounts.as_ref().is_some_and(Vec::is_empty)),
            ("regions", self.regions.as_ref().is_some_and(Vec::is_empty)),
            ("engines", self.engines.as_ref().is_some_and(Vec::is_empty)),
            ("instances", self.instances.as_ref().is_some_and(Vec::is_empty)),
            ("include_tags", self.include_tags.as_ref().is_some_and(Vec::is_empty)),
            ("resource_groups", self.resource_groups.as_ref().is_some_and(BTreeSet::is_empty)),
            ("max_per_invocation", self.max_per_invocation == Some(0)),
        ] {
            if is_empty {
                return Err(format!("policy.{name} lets nothing through: leave it out"));
            }
        }
        let patterns = |texts: Vec<String>| texts.iter().map(|text| Pattern::new(text)).collect();
        let tags = |texts: Vec<TagText>| texts.into_iter().map(|text| text.0).collect();
        Ok(Rules {
            accounts: self.accounts.map(|accounts| accounts.into_iter().map(|account| account.0).collect()),
            regions: self.regions.map(patterns),
            engines: self.engines,
            instances: self.instances.map(patterns),
            include_tags: self.include_tags.map(tags),
            exempt_tags: self.exempt_tags.map(tags).unwrap_or_default(),
            resource_groups: self.resource_groups,
            max_event_age: self.max_event_age.map(|age| age.0),
            max_per_invocation: Some(self.max_per_invocation.unwrap_or(MAX_PER_INVOCATION)),
            strict: self.strict,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "a table, [accounts]")]
pub(super) struct Accounts {
    pub(super) role: Option<String>,
    /// What a door takes on instead, to read for plans: `role` may write.
    pub(super) door_role: Option<String>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    external_id: Option<Secret>,
    isolate: bool,
}

/// `[accounts]`, understood: the role to take on in the account of an instance that is not ours.
#[derive(Debug, Clone)]
pub struct AccountRole {
    /// `acs:ram::{account}:role/name`.
    pub role: String,
    pub external_id: ExternalId,
    /// One session for each instance.
    pub isolate: bool,
}

/// What the trust policy of a role asks for.
#[derive(Debug, Clone)]
pub enum ExternalId {
    None,
    Is(SecretString),
    /// It is in KMS, and has not been read.
    Unread,
}

impl Accounts {
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&Secret, Purpose)> {
        self.external_id.iter().map(|secret| (secret, Purpose::Using))
    }

    /// What a door may take on in other accounts, if anything.
    pub(super) fn for_door(self) -> Option<Self> {
        let role = self.door_role?;
        Some(Self { role: Some(role), door_role: None, ..self })
    }

    pub(super) fn role(
        self,
        lookup: Lookup<'_>,
        limited_to: Option<&BTreeSet<AccountId>>,
    ) -> Result<Option<AccountRole>, String> {
        let Some(role) = self.role else {
            let needless = if self.external_id.is_some() || self.isolate { Some(()) } else { None };
            return match needless {
                Some(()) => Err("[accounts] has no `role`, and the rest of it is of no use without one".to_owned()),
                None => Ok(None),
            };
        };
        check_template(&role).map_err(|unusable| format!("accounts.role cannot be used. {unusable}"))?;
        if limited_to.is_none() {
            return Err(
                "accounts.role needs policy.accounts, which says in which accounts it may be taken on".to_owned()
            );
        }
        let external_id = self.external_id.map(|secret| lookup.one("accounts.external_id", &secret));
        let external_id = match external_id {
            None => ExternalId::None,
            Some(Ok(value)) => ExternalId::Is(value),
            Some(Err(Flaw::Unread)) => ExternalId::Unread,
            Some(Err(Flaw::Wrong(sentence))) => return Err(sentence),
        };
        Ok(Some(AccountRole { role, external_id, isolate: self.isolate }))
    }
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "a table, [credentials]")]
pub(super) struct Credentials {
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    pub(super) source: Option<SourceText>,
    pub(super) allow_metadata_v1: bool,
}
