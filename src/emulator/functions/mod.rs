//! Function Compute: one operation, `InvokeFunction`, and the queue behind it.
//!
//! An asynchronous invocation is accepted with 202 and delivered later, as the platform would: `POST /invoke` with the
//! raw event. The delay, the retries and the dead letters all go by the stand-in's own clock, which a test may advance.
//!
//! * [`function`]: the functions there are. [`invoke`]: how one is asked for. [`answer`]: the form of FC's answers.
//! * [`queue`]: tasks from acceptance to success or dead letter, without any waiting. [`post`]: when and in which order
//!   they are delivered. [`wire`]: one delivery over HTTP.

mod answer;
mod control;
mod function;
mod invoke;
mod post;
mod queue;
mod wire;

use super::{
    ACCESS_KEY_ID, ACCESS_KEY_SECRET, ACCOUNT, Emulator,
    answer::{Answer, new_request_id},
    arrival::Arrival,
    calls::Call,
    control::{Changed, json, malformed},
    endpoint::Endpoint,
    exchange::Exchange,
    gateway::Errand,
    operations::Operation,
    refusal::Refusal,
    signature::Version,
    world::World,
};

pub(super) use answer::refusal;
pub(super) use control::routes;
pub(super) use function::{Function, Functions};
pub(super) use invoke::{are_addressed, as_call, name, operation, perform, trigger};
pub(super) use post::Post;
pub(super) use queue::Queue;
pub(super) use wire::client;
