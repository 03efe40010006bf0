//! Why somebody may not confirm.

use crate::outcome::Refusal;
use crate::policy::confirm::{Invalid, Plan};
use crate::policy::grants::{Grant, Person, reaching};

/// Four eyes, where the grant that reaches the instance asks for them.
pub(super) fn second_person(grants: &[&Grant], plan: &Plan, person: &Person) -> Result<(), Refusal> {
    let reached = reaching(grants, plan.account.as_ref(), &plan.region)?;
    if reached.second_person && plan.requester == person.user { Err(Refusal::SecondPersonNeeded {}) } else { Ok(()) }
}

pub(super) fn invalid_token(invalid: Invalid) -> Refusal {
    match invalid {
        Invalid::NotOurs => Refusal::TokenInvalid {},
        Invalid::Expired => Refusal::TokenExpired {},
    }
}
