//! May it happen, and how? A pure decision over one request: no clock, no network, no facts beyond its arguments.

pub mod confirm;
pub mod grants;
mod keys;
mod packed;
pub mod permit;
mod rules;
mod scope;
mod tags;

pub use crate::request::pattern::Pattern;
pub use keys::KeyRules;
pub use rules::{NeededFacts, Rules};

use jiff::Timestamp;
use jiff::tz::Offset;

use permit::Permit;

use crate::outcome::Refusal;
use crate::request::facts::Evidence;
use crate::request::ids::{AccountId, KeyId};
use crate::request::{Mode, SealRequest};

/// The rules in force.
#[derive(Debug, Clone)]
pub struct Policy {
    pub mode: Mode,
    pub keys: KeyRules,
    pub rules: Rules,
    /// A role can be taken on in other accounts.
    pub reaches_accounts: bool,
}

/// What is decided about one request, whether it may happen or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The weaker of what is configured and what is asked for.
    pub mode: Mode,
    /// The account acted in, where it is known.
    pub account: Option<AccountId>,
    /// The key to use, absent for RDS's automatic key; or the rule that refuses.
    pub key: Result<Option<KeyId>, Refusal>,
    /// What has to be seen before the write, for [`Policy::judge`] or because its region decides.
    pub needs: NeededFacts,
}

impl Policy {
    /// Decides about one request, as far as that is possible without having seen the instance.
    ///
    /// `own` is the account of the credentials, where it is known; `together`, how many requests came in the same delivery;
    /// `first_seen`, when it first arrived; `permit`, by whose leave it came in.
    pub fn decide(
        &self,
        request: &SealRequest,
        own: Option<&AccountId>,
        together: usize,
        first_seen: Timestamp,
        permit: &Permit<'_>,
    ) -> Decision {
        let account = request.account.as_ref().or(own);
        let key = permit
            .reaches(request, account)
            .and_then(|()| self.rules.of_request(request, account, together, first_seen))
            .and_then(|()| self.refuse_foreign(request.account.as_ref(), own))
            .and_then(|()| self.keys.choose(request.key.as_ref(), account, &request.region));
        let mut needs = self.rules.needs();
        needs.instance |= self.keys.depend_on_region() || permit.doubts_regions();
        let mode = self.mode.lowered_by(request.mode).lowered_by(Some(permit.mode()));
        Decision { mode, account: account.cloned(), key, needs }
    }

    /// Decides what depends on the instance itself, once it was seen.
    pub fn judge(&self, evidence: &Evidence, now: Timestamp) -> Result<(), Refusal> {
        self.rules.of_instance(evidence, Offset::UTC.to_datetime(now).date())
    }

    /// Whether a request can only be decided once the account of the credentials is known.
    pub fn needs_own_account(&self, request: &SealRequest, permit: &Permit<'_>) -> bool {
        permit.limits_accounts()
            || request.account.is_some()
            || self.rules.accounts.is_some()
            || self.keys.depend_on_account()
    }

    /// Whoever names an account has to name ours, unless a role can be taken on in it.
    fn refuse_foreign(&self, named: Option<&AccountId>, own: Option<&AccountId>) -> Result<(), Refusal> {
        match (named, own) {
            (None, _) => Ok(()),
            (Some(named), Some(own)) if named == own || self.reaches_accounts => Ok(()),
            (Some(named), Some(own)) => Err(Refusal::ForeignAccount { account: named.clone(), own: own.clone() }),
            (Some(named), None) => Err(Refusal::AccountNotComparable { account: named.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::ids::RegionId;

    const OWN: &str = "1234567890123456";

    fn policy() -> Policy {
        Policy { mode: Mode::Enforce, keys: KeyRules::default(), rules: Rules::default(), reaches_accounts: false }
    }

    fn decide(policy: &Policy, request: &SealRequest, own: Option<&AccountId>) -> Decision {
        policy.decide(request, own, 1, Timestamp::UNIX_EPOCH, &Permit::Platform)
    }

    fn account(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    #[test]
    fn a_request_without_an_account_is_about_our_own() {
        let decision = decide(&policy(), &SealRequest::sample(), Some(&account(OWN)));
        assert_eq!(decision.account, Some(account(OWN)));
        assert_eq!((decision.mode, decision.key), (Mode::Enforce, Ok(None)));
        assert_eq!(decide(&policy(), &SealRequest::sample(), None).account, None);
    }

    #[test]
    fn a_foreign_account_is_refused_and_one_that_cannot_be_compared_is_too() {
        let named = SealRequest { account: Some(account("6543210987654321")), ..SealRequest::sample() };
        for own in [Some(account(OWN)), None] {
            let decision = decide(&policy(), &named, own.as_ref());
            let refusal = decision.key.unwrap_err();
            assert_eq!((refusal.rule(), refusal.value().as_deref()), ("foreign-account", Some("6543210987654321")));
            assert_eq!(decision.account, named.account, "the report names whose it is");
        }
        let own = SealRequest { account: Some(account(OWN)), ..SealRequest::sample() };
        assert!(decide(&policy(), &own, Some(&account(OWN))).key.is_ok());
    }

    #[test]
    fn the_weaker_mode_wins() {
        let asked = |mode| SealRequest { mode: Some(mode), ..SealRequest::sample() };
        let planning = Policy { mode: Mode::Plan, ..policy() };
        assert_eq!(decide(&planning, &asked(Mode::Enforce), None).mode, Mode::Plan);
        assert_eq!(decide(&policy(), &asked(Mode::Plan), None).mode, Mode::Plan);
    }

    #[test]
    fn a_region_is_seen_first_where_it_chooses_the_key() {
        let region = RegionId::parse("cn-hangzhou").unwrap();
        let key = KeyId::parse("key-1").unwrap();
        let keys = KeyRules { defaults: [((None, region), key)].into(), ..KeyRules::default() };
        let choosing = Policy { keys, ..policy() };
        assert!(decide(&choosing, &SealRequest::sample(), None).needs.instance);
        assert!(!decide(&policy(), &SealRequest::sample(), None).needs.instance, "nothing depends on it");
    }
}
