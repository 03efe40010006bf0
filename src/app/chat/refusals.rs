//! Why somebody may not confirm.

use crate::outcome::Refusal;
use crate::policy::confirm::{Invalid, Plan};
use crate::policy::grants::{Grant, Person, needs_second_person};

/// Four eyes, where a grant that reaches the instance asks for them.
pub(super) fn second_person(grants: &[Grant], plan: &Plan, person: &Person) -> Result<(), Refusal> {
    let is_alone = plan.requester == person.user;
    if is_alone && needs_second_person(grants, person, plan.account.as_ref(), &plan.region) {
        return Err(Refusal::SecondPersonNeeded {});
    }
    Ok(())
}

pub(super) fn invalid_token(invalid: Invalid) -> Refusal {
    match invalid {
        Invalid::NotOurs => Refusal::TokenInvalid {},
        Invalid::Expired => Refusal::TokenExpired {},
    }
}
