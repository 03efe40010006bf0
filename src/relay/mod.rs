//! Later: a function must not sleep, start work behind its answer, or remember. The platform has a durable queue with a
//! delay, and a request that cannot be met yet waits there as a [`Task`].

mod codec;
mod confirmed;
mod task;

pub use codec::TaskCodec;
pub use confirmed::Confirmed;
pub use task::{Task, TaskKind};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::aliyun::credentials::Credentials;
use crate::aliyun::error::Failure;
use crate::aliyun::fc::{InvokeFunction, MAX_BODY};
use crate::aliyun::{Client, Target, Trace};
use crate::outcome::ServiceError;
use crate::request::ids::{AccountId, RegionId};
use crate::time::Deadline;
use crate::words::Language;

/// For how long a request is kept waiting.
pub const MAX_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// For how long a change that somebody confirmed in a chat is: they remember what they confirmed.
pub const CONFIRMED_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// The way into the queue of a function: of this very one, or of the worker that a door hands its work to.
#[derive(Debug, Clone, Copy)]
pub struct Relay<'a> {
    pub codec: &'a TaskCodec,
    pub client: &'a Client,
    /// Whoever may invoke the function: our own role.
    pub credentials: &'a Credentials,
    pub account: &'a AccountId,
    pub region: &'a RegionId,
    pub function: &'a str,
    /// The version or alias that serves this delivery; absent is the latest.
    pub qualifier: Option<&'a str>,
    pub deadline: Deadline,
}

/// Why the queue did not take a task.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EnqueueError {
    #[error("there is no queue here")]
    NoQueue,
    #[error("the task is larger than the 128 KiB that an asynchronous invocation may hold")]
    TooLarge,
    #[error("{}", said(.0))]
    Refused(Failure),
}

fn said(failure: &Failure) -> String {
    let error = ServiceError {
        code: failure.code.clone(),
        kind: failure.kind,
        message: failure.message.clone(),
        no_answer: failure.no_answer.clone(),
    };
    let permission = failure.denied.as_ref().map(|denied| format!(" (allow {} on this function)", denied.action));
    format!("{}{}", Language::En.error(&error), permission.unwrap_or_default())
}

impl Relay<'_> {
    /// Puts a task into the queue, to be delivered no earlier than it says.
    pub async fn send(&self, task: &Task, now: Timestamp) -> Result<(), EnqueueError> {
        let body = Bytes::from(self.codec.encode(task));
        if body.len() > MAX_BODY {
            return Err(EnqueueError::TooLarge);
        }
        let operation = InvokeFunction {
            account: self.account.as_str(),
            function: self.function,
            qualifier: self.qualifier,
            delay: task.delay(now),
            body,
        };
        let region = self.region.as_str();
        let target = Target { credentials: Some(self.credentials), region, deadline: self.deadline };
        let answer = self.client.call(&operation, target, &mut Trace::default()).await;
        answer.map(|_| ()).map_err(EnqueueError::Refused)
    }
}
