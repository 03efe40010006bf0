//! The platform's timer. Its `payload` names a sweep (the form is documented, the meaning is ours).

use serde_json::Value;

use crate::ingress::Intake;
use crate::request::ignored::IgnoredReason;
use crate::request::rejection::Rejection;

use super::field::{at, required};
use super::nesting::Nesting;
use super::{a_task, holds_task, ignore};

pub(super) fn read(event: &Value, _: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    let (name, time) = (required(event, "triggerName")?, required(event, "triggerTime")?);
    if at(event, "payload").is_some_and(holds_task) {
        return Err(a_task("payload"));
    }
    ignore(intake, &format!("{name} {time}"), IgnoredReason::Sweep);
    Ok(())
}
