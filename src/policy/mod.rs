//! May it happen, and how? A pure decision over one request: no clock, no network, no facts beyond its arguments.

mod keys;

pub use keys::{KeyRules, Pattern};

use crate::request::ids::{AccountId, KeyId};
use crate::request::{Mode, SealRequest};

/// The rules in force.
#[derive(Debug, Clone)]
pub struct Policy {
    pub mode: Mode,
    pub keys: KeyRules,
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
    /// The key depends on a region that is only claimed: the instance has to be seen there before the write.
    pub see_region_first: bool,
}

/// Which of our own rules refused, and the value that broke it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub name: &'static str,
    pub value: Option<String>,
    pub message: String,
    pub next_step: String,
}

impl Policy {
    /// Decides about one request. `own` is the account of the credentials, where it is known.
    pub fn decide(&self, request: &SealRequest, own: Option<&AccountId>) -> Decision {
        let key = refuse_foreign(request.account.as_ref(), own)
            .and_then(|()| self.keys.choose(request.key.as_ref(), own, &request.region.id));
        Decision {
            mode: self.mode.lowered_by(request.mode),
            account: request.account.as_ref().or(own).cloned(),
            key,
            see_region_first: !request.region.attested && self.keys.depend_on_region(),
        }
    }
}

/// Whoever names an account has to name ours.
fn refuse_foreign(named: Option<&AccountId>, own: Option<&AccountId>) -> Result<(), Refusal> {
    match (named, own) {
        (None, _) => Ok(()),
        (Some(named), Some(own)) if named == own => Ok(()),
        (Some(named), Some(own)) => Err(foreign(
            named,
            format!("The instance belongs to account {named}; the credentials are of account {own}."),
            "Deploy the function in the account that owns the instance.",
        )),
        (Some(named), None) => Err(foreign(
            named,
            format!("The request names account {named}, and the account of the credentials is not known."),
            "Leave the account out where the credentials are certain to be its own.",
        )),
    }
}

fn foreign(named: &AccountId, message: String, next_step: &str) -> Refusal {
    Refusal { name: "foreign-account", value: Some(named.to_string()), message, next_step: next_step.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::ids::{InstanceId, RegionId};
    use crate::request::{Door, Origin, Region};

    const OWN: &str = "1234567890123456";

    fn request() -> SealRequest {
        SealRequest {
            instance: InstanceId::parse("rm-bp1q2w3e4r5t6y7u8").unwrap(),
            account: None,
            region: Region { id: RegionId::parse("cn-hangzhou").unwrap(), attested: false },
            key: None,
            mode: None,
            happened_at: None,
            origin: Origin {
                door: Door::Event,
                source: String::new(),
                event_id: "e-1".to_owned(),
                event_name: None,
                actor: None,
            },
        }
    }

    fn policy() -> Policy {
        Policy { mode: Mode::Enforce, keys: KeyRules::default() }
    }

    fn account(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    #[test]
    fn a_request_without_an_account_is_about_our_own() {
        let decision = policy().decide(&request(), Some(&account(OWN)));
        assert_eq!(decision.account, Some(account(OWN)));
        assert_eq!((decision.mode, decision.key), (Mode::Enforce, Ok(None)));
        assert_eq!(policy().decide(&request(), None).account, None);
    }

    #[test]
    fn a_foreign_account_is_refused_and_one_that_cannot_be_compared_is_too() {
        let named = SealRequest { account: Some(account("6543210987654321")), ..request() };
        for own in [Some(account(OWN)), None] {
            let decision = policy().decide(&named, own.as_ref());
            let refusal = decision.key.unwrap_err();
            assert_eq!((refusal.name, refusal.value.as_deref()), ("foreign-account", Some("6543210987654321")));
            assert_eq!(decision.account, named.account, "the report names whose it is");
        }
        let own = SealRequest { account: Some(account(OWN)), ..request() };
        assert!(policy().decide(&own, Some(&account(OWN))).key.is_ok());
    }

    #[test]
    fn the_weaker_mode_wins() {
        let asked = |mode| SealRequest { mode: Some(mode), ..request() };
        let planning = Policy { mode: Mode::Plan, ..policy() };
        assert_eq!(planning.decide(&asked(Mode::Enforce), None).mode, Mode::Plan);
        assert_eq!(policy().decide(&asked(Mode::Plan), None).mode, Mode::Plan);
    }

    #[test]
    fn a_claimed_region_is_seen_first_where_it_chooses_the_key() {
        let region = RegionId::parse("cn-hangzhou").unwrap();
        let key = KeyId::parse("key-1").unwrap();
        let keys = KeyRules { defaults: [((None, region.clone()), key)].into(), ..KeyRules::default() };
        let choosing = Policy { keys, ..policy() };
        assert!(choosing.decide(&request(), None).see_region_first);
        assert!(!policy().decide(&request(), None).see_region_first, "nothing depends on it");
        let attested = SealRequest { region: Region { id: region, attested: true }, ..request() };
        assert!(!choosing.decide(&attested, None).see_region_first);
    }
}
