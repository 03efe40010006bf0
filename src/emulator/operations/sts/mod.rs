//! STS, version 2015-04-01: sessions of roles, and who am I.

pub(super) mod assume_role;
pub(super) mod caller;
pub(super) mod oidc;

use serde_json::{Value, json};

use super::{
    Invocation, Refusal,
    identities::{Identities, Policy, Principal, Role, Session, Terms},
};

/// The shortest session (*documented*).
const SHORTEST_SECONDS: u32 = 900;
const USUAL_SECONDS: u32 = 3600;

/// What both ways into a role are told the same way.
struct Wish<'a> {
    account: &'a str,
    role: &'a str,
    session: &'a str,
    /// None if the caller did not say.
    seconds: Option<u32>,
    policy: Option<Policy>,
}

impl<'a> Wish<'a> {
    fn read(call: &Invocation<'a>) -> Result<Self, Refusal> {
        let arn = call.required("RoleArn")?;
        let session = call.required("RoleSessionName")?;
        let (account, role) = role_of(arn).ok_or_else(|| Refusal::named("InvalidParameter.RoleArn"))?;
        if !Terms::is_name(session) {
            return Err(Refusal::named("InvalidParameter.RoleSessionName"));
        }
        let seconds = call.arrival.parameter("DurationSeconds").map(|text| {
            let seconds = text.parse().ok().filter(|seconds| *seconds >= SHORTEST_SECONDS);
            seconds.ok_or_else(|| Refusal::named("InvalidParameter.DurationSeconds"))
        });
        let policy = call
            .arrival
            .parameter("Policy")
            .map(|text| Policy::parse(text).ok_or_else(|| Refusal::named("InvalidParameter.PolicyGrammar")));
        Ok(Self { account, role, session, seconds: seconds.transpose()?, policy: policy.transpose()? })
    }

    /// The role that is asked for, as it is listed.
    fn role<'r>(&self, identities: &'r Identities) -> Result<&'r Role, Refusal> {
        identities.accounts.role(self.account, self.role).ok_or_else(|| Refusal::named("EntityNotExist.Role"))
    }
}

/// Grants a wish of somebody the role trusts.
fn open(call: &mut Invocation<'_>, wish: Wish<'_>) -> Result<Value, Refusal> {
    let role = wish.role(&call.world.identities)?;
    let longest = role.max_session_seconds;
    let seconds = wish.seconds.unwrap_or(USUAL_SECONDS.min(longest));
    if seconds > longest {
        return Err(Refusal::named("InvalidParameter.DurationSeconds"));
    }
    let name = role.name.clone();
    let terms = Terms { account: wish.account, role: &name, name: wish.session, seconds, policy: wish.policy };
    let session = call.world.identities.sessions.issue(terms, call.now);
    Ok(json!({ "AssumedRoleUser": user(&session), "Credentials": session.credentials() }))
}

fn user(session: &Session) -> Value {
    json!({ "Arn": session.arn(), "AssumedRoleId": format!("{}:{}", session.role_id(), session.name) })
}

/// Account and role of `acs:ram::{account}:role/{name}`.
fn role_of(arn: &str) -> Option<(&str, &str)> {
    let (account, role) = arn.strip_prefix("acs:ram::")?.split_once(":role/")?;
    (!account.is_empty() && !role.is_empty()).then_some((account, role))
}
