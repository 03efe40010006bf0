//! Which KMS key. The choice is final once the call is made, so it is made on purpose.

use std::collections::BTreeMap;

use crate::outcome::Refusal;
use crate::request::ids::{AccountId, KeyId, RegionId};
use crate::request::pattern::Pattern;

/// `[key]` of the configuration.
#[derive(Debug, Clone, Default)]
pub struct KeyRules {
    /// Never fall back to RDS's automatic key.
    pub required: bool,
    /// What a caller may name besides the default of its account and region.
    pub allowed: Vec<Pattern>,
    /// The key of a region, or of an account's region, which is the more specific.
    pub defaults: BTreeMap<(Option<AccountId>, RegionId), KeyId>,
}

impl KeyRules {
    /// The key for one instance: the caller's, if it may name it, else the default, else RDS's automatic key (`None`).
    pub(super) fn choose(
        &self,
        asked: Option<&KeyId>,
        account: Option<&AccountId>,
        region: &RegionId,
    ) -> Result<Option<KeyId>, Refusal> {
        let default = self.default_for(account, region);
        match asked {
            Some(key) if default == Some(key) || Pattern::any(&self.allowed, key.as_str()) => Ok(Some(key.clone())),
            Some(key) => Err(Refusal::KeyNotAllowed { key: key.clone() }),
            None if account.is_none() && self.has_default_of_an_account(region) => {
                Err(Refusal::KeyOfUnknownAccount { region: region.clone() })
            }
            None if default.is_none() && self.required => Err(Refusal::KeyRequired { region: region.clone() }),
            None => Ok(default.cloned()),
        }
    }

    /// The keys that may be used, or patterns of them, each with the account and the region that it is for, if it is for one.
    pub fn named(&self) -> impl Iterator<Item = (Option<&AccountId>, Option<&RegionId>, &str)> {
        let defaults =
            self.defaults.iter().map(|((account, region), key)| (account.as_ref(), Some(region), key.as_str()));
        defaults.chain(self.allowed.iter().map(|pattern| (None, None, pattern.as_str())))
    }

    /// Whether the choice would be another one in another region.
    pub(super) fn depend_on_region(&self) -> bool {
        !self.defaults.is_empty()
    }

    /// Whether the choice would be another one in another account.
    pub(super) fn depend_on_account(&self) -> bool {
        self.defaults.keys().any(|(account, _)| account.is_some())
    }

    fn has_default_of_an_account(&self, wanted: &RegionId) -> bool {
        self.defaults.keys().any(|(account, region)| account.is_some() && region == wanted)
    }

    fn default_for(&self, account: Option<&AccountId>, region: &RegionId) -> Option<&KeyId> {
        if self.defaults.is_empty() {
            return None;
        }
        let of_account = account.and_then(|account| self.defaults.get(&(Some(account.clone()), region.clone())));
        of_account.or_else(|| self.defaults.get(&(None, region.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> KeyRules {
        let region = |text| RegionId::parse(text).unwrap();
        let key = |text| KeyId::parse(text).unwrap();
        let account = AccountId::parse("1234567890123456").unwrap();
        KeyRules {
            required: true,
            allowed: vec![Pattern::new("key-hzz*")],
            defaults: BTreeMap::from([
                ((None, region("cn-hangzhou")), key("key-hangzhou")),
                ((Some(account), region("cn-hangzhou")), key("key-own")),
            ]),
        }
    }

    fn choose(
        rules: &KeyRules,
        key: Option<&str>,
        account: Option<&str>,
        region: &str,
    ) -> Result<Option<String>, &'static str> {
        let key = key.map(|key| KeyId::parse(key).unwrap());
        let account = account.map(|account| AccountId::parse(account).unwrap());
        let chosen = rules.choose(key.as_ref(), account.as_ref(), &RegionId::parse(region).unwrap());
        chosen.map(|key| key.map(|key| key.to_string())).map_err(|refusal| refusal.rule())
    }

    #[test]
    fn the_key_of_the_account_comes_before_the_key_of_the_region() {
        let own = Some("1234567890123456");
        assert_eq!(choose(&rules(), None, own, "cn-hangzhou"), Ok(Some("key-own".to_owned())));
        assert_eq!(
            choose(&rules(), None, Some("6543210987654321"), "cn-hangzhou"),
            Ok(Some("key-hangzhou".to_owned()))
        );
    }

    #[test]
    fn a_key_that_depends_on_an_unknown_account_is_not_guessed() {
        assert_eq!(choose(&rules(), None, None, "cn-hangzhou"), Err("key-required"));
    }

    #[test]
    fn a_required_key_is_never_replaced_by_the_automatic_one() {
        assert_eq!(choose(&rules(), None, None, "cn-shanghai"), Err("key-required"));
        let relaxed = KeyRules { required: false, ..rules() };
        assert_eq!(choose(&relaxed, None, None, "cn-shanghai"), Ok(None));
    }

    #[test]
    fn a_caller_names_an_allowed_key_or_the_default_and_no_other() {
        assert_eq!(choose(&rules(), Some("key-hzz1"), None, "cn-shanghai"), Ok(Some("key-hzz1".to_owned())));
        assert_eq!(
            choose(&rules(), Some("key-hangzhou"), Some("6543210987654321"), "cn-hangzhou"),
            Ok(Some("key-hangzhou".to_owned()))
        );
        assert_eq!(choose(&rules(), Some("key-hangzhou"), None, "cn-shanghai"), Err("key-not-allowed"));
        assert_eq!(choose(&KeyRules::default(), Some("key-hzz1"), None, "cn-hangzhou"), Err("key-not-allowed"));
    }
}
