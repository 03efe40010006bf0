//! Faults are data: scripted ahead, taken one per request, first match first.
//!
//! A script is an array of objects: `{"fault": "slow", "ms": 800}`, to which may come `"operation"` (else it is for the
//! write), `"times"` (else once) and `"before": true` (else it strikes after the change). An `operation` is one of the
//! cloud's or a sink's name. What a vendor refuses with a 200 is `"fault": "status"` with that status and a `body`.

mod play;
mod script;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    answer::Answer, codes, exchange::Exchange, gateway::Errand, line::Peer, operations::Operation, refusal::Refusal,
    sinks::Sink,
};

pub(super) use play::play;

/// What can go wrong with a request to the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum CloudFault {
    /// A refusal; status and message are needed only for codes that no table has.
    Code {
        code: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// `Throttling.User`, optionally saying when to come back.
    Throttle {
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// The connection is closed without an answer.
    Drop {},
    /// The right answer, late.
    Slow { ms: u64 },
    /// A web page instead of an answer.
    Garbage {},
    /// The first half of the right answer; then the connection breaks.
    Truncated {},
    /// Status 200 and nothing else.
    Empty {},
    /// Status 200 and this much of nothing useful, without a `Content-Length`.
    Huge { bytes: usize },
    /// Any answer word for word.
    Raw {
        #[serde(default = "ok")]
        status: u16,
        #[serde(default)]
        body: String,
    },
}

/// What can go wrong with a message to a sink.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum SinkFault {
    /// The sink refuses; it did not take the message.
    Status {
        status: u16,
        #[serde(default)]
        body: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<String>,
    },
    /// The connection is closed without an answer.
    Drop {},
    /// The right answer, late.
    Slow { ms: u64 },
}

/// Whether a fault spoils the answer only, or strikes before anything was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Before,
    After,
}

/// A fault whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken<F> {
    pub(super) fault: F,
    pub(super) moment: Moment,
}

/// Faults that wait for their request.
#[derive(Default)]
pub(super) struct Faults {
    cloud: Vec<Scripted<Operation, CloudFault>>,
    sinks: Vec<Scripted<Sink, SinkFault>>,
}

struct Scripted<T, F> {
    target: T,
    times: u32,
    taken: Taken<F>,
}

impl Faults {
    /// Reads a script; what is wrong with it is one sentence.
    pub(super) fn parse(script: &[u8]) -> Result<Self, String> {
        script::parse(script)
    }

    /// Puts others behind those that still wait. An empty script means that nothing shall go wrong any more.
    pub(super) fn take_in(&mut self, others: Self) {
        if others.cloud.is_empty() && others.sinks.is_empty() {
            *self = others;
        } else {
            self.cloud.extend(others.cloud);
            self.sinks.extend(others.sinks);
        }
    }

    /// Takes back what is the same fault for the same operation, however often it would still strike.
    pub(super) fn take_back(&mut self, others: &Self) {
        self.cloud.retain(|waiting| !others.cloud.iter().any(|other| other.is_as(waiting)));
        self.sinks.retain(|waiting| !others.sinks.iter().any(|other| other.is_as(waiting)));
    }

    /// Those that wait as one could script them, the cloud's before the sinks'.
    pub(super) fn waiting(&self) -> Vec<Value> {
        let cloud = self.cloud.iter().map(|scripted| scripted.described(scripted.target.name()));
        cloud.chain(self.sinks.iter().map(|scripted| scripted.described(scripted.target.name()))).collect()
    }

    pub(super) fn for_cloud(&mut self, operation: Operation) -> Option<Taken<CloudFault>> {
        take(&mut self.cloud, &operation)
    }

    pub(super) fn for_sink(&mut self, sink: Sink) -> Option<Taken<SinkFault>> {
        take(&mut self.sinks, &sink)
    }
}

impl<T: PartialEq, F: PartialEq> Scripted<T, F> {
    fn is_as(&self, other: &Self) -> bool {
        self.target == other.target && self.taken == other.taken
    }
}

impl<T, F: Serialize> Scripted<T, F> {
    fn described(&self, operation: &str) -> Value {
        let mut fault = serde_json::to_value(&self.taken.fault).expect("a fault has string keys");
        fault["operation"] = Value::from(operation);
        fault["times"] = Value::from(self.times);
        fault["before"] = Value::from(self.taken.moment == Moment::Before);
        fault
    }
}

fn take<T: PartialEq, F: Clone>(waiting: &mut Vec<Scripted<T, F>>, target: &T) -> Option<Taken<F>> {
    let first = waiting.iter().position(|scripted| scripted.target == *target)?;
    waiting[first].times -= 1;
    if waiting[first].times == 0 { Some(waiting.remove(first).taken) } else { Some(waiting[first].taken.clone()) }
}

fn ok() -> u16 {
    200
}
