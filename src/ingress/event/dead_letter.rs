//! A record that the platform sends to the destination of a failed asynchronous invocation: the dead letter. Sent back as
//! it is, what it holds is asked for again.
//!
//! Sources: the fields are documented on the page of destinations. That a destination for successes says `Success` is
//! inferred from the service that this one is modelled on.

use serde_json::Value;

use crate::ingress::Intake;
use crate::request::ignored::IgnoredReason;
use crate::request::rejection::Rejection;

use super::field::{at, text};
use super::nesting::Nesting;
use super::{ignore, read_carried};

pub(super) fn read(record: &Value, nesting: Nesting<'_>, intake: &mut Intake) -> Result<(), Rejection> {
    let id = text(record, "requestContext.requestId")?;
    let shown = id.map_or_else(|| nesting.event_id(), str::to_owned);
    if at(record, "requestContext.condition").is_some_and(|condition| condition == "Success") {
        ignore(intake, &shown, IgnoredReason::Succeeded);
        return Ok(());
    }
    let Some(inside) = nesting.in_dead_letter(id) else {
        ignore(intake, &shown, IgnoredReason::DeadLetterInDeadLetter);
        return Ok(());
    };
    read_carried(record, "requestPayload", inside, intake)
}
