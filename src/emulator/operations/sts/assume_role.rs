//! `AssumeRole`: a session of a role that trusts the caller's account.

use serde_json::Value;

use super::{Identities, Invocation, Refusal, Wish};

/// Lengths of an external id (*documented*).
const EXTERNAL_ID: std::ops::RangeInclusive<usize> = 2..=1224;

/// A wrong external id is refused exactly like a lack of trust, so that nobody can guess it (*documented*).
pub(crate) fn run(call: &mut Invocation<'_>) -> Result<Value, Refusal> {
    let (caller, wish) = (call.caller()?, Wish::read(call)?);
    let external_id = call.arrival.parameter("ExternalId");
    if external_id.is_some_and(|id| !EXTERNAL_ID.contains(&id.len())) {
        return Err(Refusal::named("InvalidParameter.ExternalId"));
    }
    let role = wish.role(&call.world.identities)?;
    let is_known = role.external_id.is_none() || role.external_id.as_deref() == external_id;
    if !(role.trusts.contains(&caller.account) && is_known) {
        return Err(Identities::distrust(caller));
    }
    super::open(call, wish)
}
