//! The operation of Function Compute that we use, API version 2023-03-30: an asynchronous invocation of ourselves.
//!
//! Sources: the vendor's page on deferred invocation (the delay's header and range), and its Python SDK (4.8.3: path,
//! style, headers). That a delayed invocation is taken in version 3.0 was documented by example only.

use bytes::Bytes;
use reqwest::StatusCode;
use serde::Deserialize;

use super::endpoint::{Network, fc};
use super::operation::{Operation, Shape};
use super::sign::escape;

/// The longest delay, in seconds: one copy of the page includes 3600 and one does not.
pub const MAX_DELAY: u32 = 3599;

/// The largest body of an asynchronous invocation, in bytes (documented).
pub const MAX_BODY: usize = 128 * 1024;

/// Puts a body into a function's queue, to be delivered after a delay.
#[derive(Debug)]
pub struct InvokeFunction<'a> {
    pub account: &'a str,
    pub function: &'a str,
    /// The version or alias; absent is `LATEST`.
    pub qualifier: Option<&'a str>,
    /// Seconds, at most [`MAX_DELAY`]; 0 is at once.
    pub delay: u32,
    pub body: Bytes,
}

/// Accepted.
#[derive(Debug, Deserialize)]
pub struct Queued;

impl Operation for InvokeFunction<'_> {
    const ACTION: &'static str = "InvokeFunction";
    const VERSION: &'static str = "2023-03-30";
    const RAM_ACTION: &'static str = "fc:InvokeFunction";
    const IS_REPEATABLE: bool = false;
    const IS_LAST_RESORT: bool = true;
    /// Accepted (inferred from the HTTP trigger's answer to the same header). A 200 is the result of something else.
    const DONE: Option<StatusCode> = Some(StatusCode::ACCEPTED);
    type Response = Queued;

    fn host(&self, region: &str, network: Network) -> String {
        fc(self.account, region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        self.qualifier.map(|qualifier| ("qualifier", qualifier)).into_iter().collect()
    }

    fn shape(&self) -> Shape {
        let mut headers = vec![("x-fc-invocation-type", "Async".to_owned())];
        if self.delay > 0 {
            headers.push(("x-fc-async-delay", self.delay.to_string()));
        }
        Shape::Resource {
            path: format!("/2023-03-30/functions/{}/invocations", escape(self.function)),
            headers,
            body: self.body.clone(),
        }
    }
}
