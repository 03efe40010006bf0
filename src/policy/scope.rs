//! The scope of a webhook credential: deny by default, like a grant.

use crate::outcome::Refusal;
use crate::request::SealRequest;
use crate::request::ids::AccountId;
use crate::request::pattern::Pattern;
use crate::request::scope::Scope;

impl Scope {
    /// Whether a request may be about what it names. `account` is the one acted in, where it is known; the mode is not
    /// judged here, it is lowered.
    pub fn admits(&self, request: &SealRequest, account: Option<&AccountId>) -> Result<(), Refusal> {
        let is_admitted = match account {
            Some(account) => Pattern::any(&self.accounts, account.as_str()),
            None => !self.limits_accounts(),
        };
        if !is_admitted {
            return Err(Refusal::CredentialAccount { account: account.cloned() });
        }
        if Pattern::any(&self.regions, request.region.as_str()) {
            return Ok(());
        }
        Err(Refusal::CredentialRegion { region: request.region.clone() })
    }

    /// Whether the account has to be known before a request can be admitted.
    pub fn limits_accounts(&self) -> bool {
        Pattern::limit(&self.accounts)
    }

    /// Whether a region has to be seen at the instance before it is believed.
    pub fn limits_regions(&self) -> bool {
        Pattern::limit(&self.regions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Mode;

    fn scope(accounts: &[&str], regions: &[&str]) -> Scope {
        let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::new(text)).collect();
        Scope { accounts: patterns(accounts), regions: patterns(regions), mode: Mode::Enforce }
    }

    /// The rule that refuses the request in account 1234567890123456.
    fn refusing(scope: &Scope) -> Option<(&'static str, Option<String>)> {
        let account = AccountId::parse("1234567890123456").unwrap();
        let refusal = scope.admits(&SealRequest::sample(), Some(&account)).err()?;
        Some((refusal.rule(), refusal.value()))
    }

    #[test]
    fn an_empty_list_admits_nothing() {
        let refused = |name, value: &str| Some((name, Some(value.to_owned())));
        assert_eq!(refusing(&scope(&[], &["*"])), refused("webhook-accounts", "1234567890123456"));
        assert_eq!(refusing(&scope(&["*"], &[])), refused("webhook-regions", "cn-hangzhou"));
        assert_eq!(refusing(&scope(&["1234567890123456"], &["cn-*"])), None);
        assert_eq!(refusing(&scope(&["6543210987654321"], &["cn-*"])), refused("webhook-accounts", "1234567890123456"));
        assert_eq!(refusing(&scope(&["*"], &["ap-*", ""])), refused("webhook-regions", "cn-hangzhou"));
    }

    #[test]
    fn an_unknown_account_is_admitted_only_where_any_is() {
        let refusal = scope(&["1234567890123456"], &["*"]).admits(&SealRequest::sample(), None).unwrap_err();
        assert_eq!((refusal.rule(), refusal.value()), ("webhook-accounts", None));
        assert!(scope(&[], &["*"]).admits(&SealRequest::sample(), None).is_err());
        assert!(scope(&["*"], &["*"]).admits(&SealRequest::sample(), None).is_ok());
    }

    #[test]
    fn a_scope_limits_unless_it_says_a_star() {
        assert!(!scope(&["*"], &["*"]).limits_regions() && !scope(&["*"], &["*"]).limits_accounts());
        for few in [scope(&[], &[]), scope(&["12*"], &["cn-*"])] {
            assert!(few.limits_regions() && few.limits_accounts());
        }
    }
}
