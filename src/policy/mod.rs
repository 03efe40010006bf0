//! May it happen? A pure decision over one request: no clock, no network, no facts beyond its arguments.

mod keys;

pub use keys::{KeyRules, Pattern};

use crate::request::ids::{AccountId, InstanceId, KeyId, RegionId};
use crate::request::{Mode, SealRequest};

/// The rules in force.
#[derive(Debug, Clone)]
pub struct Policy {
    pub mode: Mode,
    pub keys: KeyRules,
}

/// What may be done, with every choice made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub instance: InstanceId,
    pub account: Option<AccountId>,
    pub region: RegionId,
    /// The key to use; absent is RDS's automatic key.
    pub key: Option<KeyId>,
    pub mode: Mode,
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
    pub fn decide(&self, request: &SealRequest, own: Option<&AccountId>) -> Result<Order, Refusal> {
        let account = whose(request, own)?;
        Ok(Order {
            instance: request.instance.clone(),
            key: self.keys.choose(request.key.as_ref(), account, &request.region)?,
            account: account.cloned(),
            region: request.region.clone(),
            mode: self.mode.lowered_by(request.mode),
        })
    }
}

/// The account acted in: the one that was named, if it is ours, else ours.
fn whose<'a>(request: &'a SealRequest, own: Option<&'a AccountId>) -> Result<Option<&'a AccountId>, Refusal> {
    match (request.account.as_ref(), own) {
        (None, own) => Ok(own),
        (Some(named), Some(own)) if named == own => Ok(Some(own)),
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
pub(crate) mod tests {
    use super::*;
    use crate::request::{Door, Origin};

    pub(crate) const OWN: &str = "1234567890123456";

    pub(crate) fn request() -> SealRequest {
        SealRequest {
            instance: InstanceId::parse("rm-bp1q2w3e4r5t6y7u8").unwrap(),
            account: None,
            region: RegionId::parse("cn-hangzhou").unwrap(),
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
        let order = policy().decide(&request(), Some(&account(OWN))).unwrap();
        assert_eq!(order.account, Some(account(OWN)));
        assert_eq!(order.mode, Mode::Enforce);
        assert_eq!(policy().decide(&request(), None).unwrap().account, None);
    }

    #[test]
    fn a_foreign_account_is_refused_and_one_that_cannot_be_compared_is_too() {
        let named = SealRequest { account: Some(account("6543210987654321")), ..request() };
        for own in [Some(account(OWN)), None] {
            let refusal = policy().decide(&named, own.as_ref()).unwrap_err();
            assert_eq!(refusal.name, "foreign-account");
            assert_eq!(refusal.value.as_deref(), Some("6543210987654321"));
        }
        let own = SealRequest { account: Some(account(OWN)), ..request() };
        assert!(policy().decide(&own, Some(&account(OWN))).is_ok());
    }

    #[test]
    fn the_weaker_mode_wins() {
        let asked = |mode| SealRequest { mode: Some(mode), ..request() };
        let planning = Policy { mode: Mode::Plan, ..policy() };
        assert_eq!(planning.decide(&asked(Mode::Enforce), None).unwrap().mode, Mode::Plan);
        assert_eq!(policy().decide(&asked(Mode::Plan), None).unwrap().mode, Mode::Plan);
    }
}
