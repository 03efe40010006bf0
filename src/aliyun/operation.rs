//! What an operation of the OpenAPI is to the client.

use bytes::Bytes;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;

use super::endpoint::Network;

/// One operation, described once: its name, the permission it needs, its parameters, its answer.
pub trait Operation: Sync {
    const ACTION: &'static str;
    const VERSION: &'static str;
    /// The RAM action a policy must allow for it; empty where none is needed.
    const RAM_ACTION: &'static str;
    /// Whether it is made again where no answer came. A change that a repetition would make twice is not.
    const IS_REPEATABLE: bool = true;
    /// Whether it is tried however little time is left: it is no change that a late answer would leave in doubt.
    const IS_LAST_RESORT: bool = false;
    /// The one status that says it was done, whatever the body holds. Where there is none, a readable body says it.
    const DONE: Option<StatusCode> = None;
    type Response: DeserializeOwned + Send;

    /// The host that serves it for a region. It is what the signature covers, wherever the connection goes.
    fn host(&self, region: &str, network: Network) -> String;

    /// Parameters as the service spells them.
    fn parameters(&self) -> Vec<(&'static str, &str)>;

    fn shape(&self) -> Shape {
        Shape::Rpc
    }

    /// The parameter that must never be shown, should the service repeat it.
    fn secret(&self) -> Option<&str> {
        None
    }

    /// Whether a readable 200 is an answer to *this* question. One that is not counts as no answer.
    fn is_answered_by(&self, _response: &Self::Response) -> bool {
        true
    }
}

/// An operation with its parameters, as the wire needs it: one type for all of them, so that the code that signs, sends
/// and repeats exists once.
pub(super) struct Call<'a> {
    pub(super) action: &'static str,
    pub(super) version: &'static str,
    pub(super) ram_action: &'static str,
    pub(super) host: String,
    pub(super) parameters: Vec<(&'static str, &'a str)>,
    pub(super) shape: Shape,
    pub(super) secret: &'a str,
    pub(super) is_repeatable: bool,
    pub(super) is_last_resort: bool,
    pub(super) done: Option<StatusCode>,
}

impl<'a> Call<'a> {
    pub(super) fn of<O: Operation>(operation: &'a O, region: &str, network: Network) -> Self {
        Self {
            action: O::ACTION,
            version: O::VERSION,
            ram_action: O::RAM_ACTION,
            host: operation.host(region, network),
            parameters: operation.parameters(),
            shape: operation.shape(),
            secret: operation.secret().unwrap_or_default(),
            is_repeatable: O::IS_REPEATABLE,
            is_last_resort: O::IS_LAST_RESORT,
            done: O::DONE,
        }
    }
}

/// What a readable success turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Answer,
    /// An answer to another question.
    OtherRequest,
    /// It has not the form of an answer.
    Unreadable,
}

/// How an operation is put on the wire.
#[derive(Debug)]
pub enum Shape {
    /// Everything in the query string, signed.
    Rpc,
    /// Everything in a form body, signed by V3 whatever version signs the rest.
    Form,
    /// Everything in a form body, not signed: the parameters themselves prove who asks. None of them is in the URL.
    Anonymous,
    /// A path and a body of its own (ROA). V3 signs it whatever version signs the rest: the service knows no other.
    Resource {
        path: String,
        /// Headers besides those of the signature, which does not cover them.
        headers: Vec<(&'static str, String)>,
        body: Bytes,
    },
}
