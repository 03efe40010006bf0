//! The service-linked role that backup encryption needs: is it there, and let it be there (*documented*).

use serde_json::{Value, json};

use super::{Invocation, Refusal};

const ROLE: &str = "AliyunServiceRoleForRdsBackupEncryption";

/// `CheckBackupEncryptionAuthorized`: the state is a string here.
pub(crate) fn check(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    call.region()?;
    let account = call.account();
    let state = if has_role(call) { "1" } else { "0" };
    Ok(json!({ "AuthorizationState": state, "RoleARN": role_arn(account) }))
}

/// `AuthorizeBackupEncryption`: the state is a number here. The page's sample of a success has this very message.
pub(crate) fn grant(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    call.region()?;
    let account = call.account();
    if let Some(account) = call.world.identities.accounts.find_mut(account) {
        account.backup_encryption_role = true;
    }
    Ok(json!({
        "AuthorizationState": 1,
        "Message": "create backup encrypt service linked role error.",
        "RoleARN": role_arn(account),
    }))
}

pub(crate) fn has_role(call: &Invocation<'_>) -> bool {
    call.world.identities.accounts.find(call.account()).is_some_and(|account| account.backup_encryption_role)
}

fn role_arn(account: &str) -> String {
    format!("acs:ram::{account}:role/{ROLE}")
}
