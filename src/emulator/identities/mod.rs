//! Who there is, who calls, and what they may do.

mod accounts;
mod caller;
mod policy;
mod sessions;

use jiff::Timestamp;
use serde_json::json;

use super::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, ACCOUNT, encoding, refusal::Refusal};

use policy::Verdict;

pub(super) use accounts::{Accounts, Role};
pub(super) use caller::{Caller, Principal};
pub(super) use policy::Policy;
pub(super) use sessions::{Session, Sessions, Terms, random_text};

/// Everybody who can call, and what nobody may.
#[derive(Default)]
pub(super) struct Identities {
    pub(super) accounts: Accounts,
    pub(super) sessions: Sessions,
    /// Actions that RAM denies everybody. `*` and `?` mean what they mean in a policy.
    pub(super) denied: Vec<String>,
}

/// Someone who may have signed: the secret and the tokens that go with the key id.
pub(super) struct Signer {
    pub(super) secret: String,
    pub(super) caller: Caller,
    token: Token,
}

enum Token {
    /// Any or none: the convention of the test pair.
    Any,
    None,
    /// This one, for a while.
    Session {
        token: String,
        expires: Timestamp,
    },
}

impl Identities {
    /// Who signs with this key. `STS.` before the test pair's id changes nothing.
    pub(super) fn signer(&self, key_id: &str) -> Option<Signer> {
        if let Some(session) = self.sessions.find(key_id) {
            let token = Token::Session { token: session.token.clone(), expires: session.expires };
            return Some(Signer { secret: session.secret.clone(), caller: Caller::session(session), token });
        }
        let is_test_pair = key_id.strip_prefix("STS.").unwrap_or(key_id) == ACCESS_KEY_ID;
        let (account, key) = self.accounts.key(if is_test_pair { ACCESS_KEY_ID } else { key_id })?;
        let token = if is_test_pair { Token::Any } else { Token::None };
        Some(Signer { secret: key.secret.clone(), caller: Caller::user(&account.id, &key.id), token })
    }

    /// The account a key acts in.
    pub(super) fn account_of(&self, key_id: &str) -> Option<String> {
        self.signer(key_id).map(|signer| signer.caller.account)
    }

    /// Whether RAM lets the caller do this to that. `action` is like `rds:DescribeBackups`, `resource` like
    /// `acs:rds:cn-hangzhou:1234567890123456:dbinstance/rm-1`.
    pub(super) fn may(&self, caller: &Caller, action: &str, resource: &str) -> Result<(), Refusal> {
        let deny = |policy_type, verdict| Err(denial(caller, action, policy_type, verdict));
        let is_listed = |patterns: &[String]| patterns.iter().any(|pattern| policy::fits(pattern, action));
        if is_listed(&self.denied) || is_listed(self.denied_to(caller)) {
            return deny("AccountLevelIdentityBasedPolicy", Verdict::Implicit);
        }
        match caller.policy().map_or(Verdict::Allowed, |policy| policy.judge(action, resource)) {
            Verdict::Allowed => Ok(()),
            verdict @ (Verdict::Implicit | Verdict::Explicit) => deny("SessionPolicy", verdict),
        }
    }

    /// What the caller's role may not do, by the role as it is now.
    fn denied_to(&self, caller: &Caller) -> &[String] {
        let role = caller.role().and_then(|role| self.accounts.role(&caller.account, role));
        role.map_or(&[][..], |role| role.denied.as_slice())
    }

    /// The refusal of a role that does not trust the caller.
    pub(super) fn distrust(caller: &Caller) -> Refusal {
        denial(caller, "sts:AssumeRole", "AssumeRolePolicy", Verdict::Implicit)
    }
}

impl Signer {
    /// Whether the security token that came along is the right one at this moment.
    pub(super) fn check_token(&self, token: Option<&str>, now: Timestamp) -> Result<(), Refusal> {
        let code = match (&self.token, token) {
            (Token::Any, Some("expired")) => "InvalidSecurityToken.Expired",
            (Token::Any, _) | (Token::None, None) => return Ok(()),
            (Token::Session { .. }, None) => "MissingSecurityToken",
            (Token::Session { token: own, expires }, Some(token)) if own == token => {
                if now < *expires {
                    return Ok(());
                }
                "InvalidSecurityToken.Expired"
            }
            (Token::None | Token::Session { .. }, Some(_)) => "InvalidSecurityToken.MismatchWithAccessKey",
        };
        Err(Refusal::named(code))
    }
}

/// The code is each product's own, the detail everywhere the same (*documented*).
fn denial(caller: &Caller, action: &str, policy_type: &str, verdict: Verdict) -> Refusal {
    let code = match action.split_once(':') {
        Some(("sts", _)) => "NoPermission",
        Some(("fc", _)) => "AccessDenied",
        Some(_) | None => "Forbidden.RAM",
    };
    let kind = if verdict == Verdict::Explicit { "ExplicitDeny" } else { "ImplicitDeny" };
    let detail = json!({
        "AuthAction": action,
        "AuthPrincipalType": caller.kind(),
        "AuthPrincipalDisplayName": caller.display_name(),
        "AuthPrincipalOwnerId": caller.account,
        "NoPermissionType": kind,
        "PolicyType": policy_type,
        "EncodedDiagnosticMessage": encoding::hex(format!("{action} {kind} {policy_type}").as_bytes()),
    });
    Refusal { access_denied: Some(detail), ..Refusal::named(code) }
}
