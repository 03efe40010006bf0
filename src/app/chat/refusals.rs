//! Why a chat seals nothing, whoever asks, and why somebody may not confirm.

use crate::policy::Refusal;
use crate::policy::confirm::{Invalid, Plan};
use crate::policy::grants::{Grant, Person, reaching};

pub(super) fn sealing_is_off() -> Refusal {
    Refusal::new(
        "sealing-off",
        "Nothing can be sealed from a chat of this deployment.",
        "Set a key under `[confirm]` to allow it.",
    )
}

pub(super) fn body_is_not_signed() -> Refusal {
    Refusal::new(
        "body-not-signed",
        "This chat's messages are not signed, so nobody can be sure who wrote them: nothing is sealed from here.",
        "Turn on body encryption of the robot; `plan` works as it is.",
    )
}

pub(super) fn only_plans() -> Refusal {
    Refusal::new(
        "only-plans",
        "This deployment only plans, so nothing can be sealed.",
        "Use `plan`; an administrator can set `mode = \"enforce\"`.",
    )
}

/// Four eyes, where the grant that reaches the instance asks for them.
pub(super) fn second_person(grants: &[&Grant], plan: &Plan, person: &Person) -> Result<(), Refusal> {
    let reached = reaching(grants, plan.account.as_ref(), &plan.region)?;
    if !reached.second_person || plan.requester != person.user {
        return Ok(());
    }
    Err(Refusal::new(
        "second-person",
        "You asked for this plan, so somebody else has to confirm it.",
        "Let another person with a `seal` grant confirm with the same token.",
    ))
}

pub(super) fn invalid_token(invalid: Invalid) -> Refusal {
    let (name, message) = match invalid {
        Invalid::NotOurs => {
            ("plan-token", "This token is not one of this chat: it was changed, cut short, or made somewhere else.")
        }
        Invalid::Expired => ("plan-expired", "This plan is too old to be confirmed."),
    };
    let next_step = "This confirmation did nothing. Say `seal <instance>` to see how it stands, and for a new plan.";
    Refusal::new(name, message, next_step)
}
