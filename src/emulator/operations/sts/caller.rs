//! `GetCallerIdentity`: whose signature this is.

use serde_json::{Value, json};

use super::{Invocation, Principal, Refusal};

/// Which fields a kind of caller has is *documented*.
pub(crate) fn run(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let caller = call.caller()?;
    let (account, id) = (&caller.account, caller.id());
    Ok(match &caller.principal {
        Principal::User { .. } => json!({
            "IdentityType": "RAMUser",
            "AccountId": account,
            "Arn": caller.arn(),
            "PrincipalId": id,
            "UserId": id,
        }),
        Principal::Session { name, .. } => json!({
            "IdentityType": "AssumedRoleUser",
            "AccountId": account,
            "Arn": caller.arn(),
            "PrincipalId": format!("{id}:{name}"),
            "RoleId": id,
        }),
    })
}
