//! What an operation of the OpenAPI is to the client.

use serde::de::DeserializeOwned;

/// One operation, described once: its name, the permission it needs, its parameters, its answer.
pub trait Operation {
    const ACTION: &'static str;
    const VERSION: &'static str;
    /// The RAM action a policy must allow for it.
    const RAM_ACTION: &'static str;
    type Response: DeserializeOwned;

    /// Parameters as the service spells them. All go into the query string.
    fn parameters(&self) -> Vec<(&'static str, &str)>;

    /// Whether a readable 200 is an answer to *this* question. One that is not counts as no answer.
    fn is_answered_by(&self, response: &Self::Response) -> bool;
}
