//! The cloud's OpenAPI: signed calls, retried inside a deadline, with every answer turned into success or a failure with
//! a kind. Operations take plain text, so the folder could be lifted out as a library.

pub mod credentials;
pub mod endpoint;
mod endpoint_table;
pub mod error;
mod error_table;
pub mod eventbridge;
pub mod fc;
pub mod kms;
mod operation;
pub mod ram;
pub mod rds;
mod retry;
pub mod secrets;
pub mod sign;
pub mod sts;
mod wire;

use std::time::Duration;

use jiff::SignedDuration;

use tokio::time::Instant;

use credentials::Credentials;
use endpoint::Network;
use error::Failure;
use retry::Spent;
use sign::SignatureVersion;

use crate::kind::{Kind, NoAnswer};
use crate::outbound;
use crate::time::{Clock, Deadline};

use operation::{Call, Read};
pub use operation::{Operation, Shape};
pub use retry::Backoff;

/// How the cloud is reached.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub signature: SignatureVersion,
    pub network: Network,
    /// Where to connect instead of the region's host. The host that is signed stays the region's.
    pub endpoint: Option<reqwest::Url>,
    pub backoff: Backoff,
    pub clock: Clock,
}

/// Calls operations. Holds connections and nothing about any request.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    settings: Settings,
}

/// As whom, where and until when.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Absent where a call is made that nobody signs.
    pub credentials: Option<&'a Credentials>,
    pub region: &'a str,
    pub deadline: Deadline,
}

/// What the calls for one request have come to so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trace {
    pub calls: u32,
    pub took: Duration,
    /// Some attempt of ours may have made the change, whatever was answered since.
    pub doubted: bool,
    /// And no later answer settled whether it did.
    pub unsettled: bool,
}

impl Trace {
    /// Counts calls that were made on the side, which cast no doubt on the change.
    pub fn count(&mut self, aside: &Self) {
        self.calls += aside.calls;
        self.took += aside.took;
    }
}

impl Client {
    pub fn new(http: reqwest::Client, settings: Settings) -> Self {
        Self { http, settings }
    }

    /// The same, for who counts the attempts: each call is made once, in all the time there is.
    #[must_use]
    pub fn without_retries(self) -> Self {
        let backoff = Backoff { retries: 0, least: Duration::from_millis(1), ..self.settings.backoff };
        Self { settings: Settings { backoff, ..self.settings }, ..self }
    }

    /// The clock that dates are taken from, and that says what has expired.
    pub fn clock(&self) -> &Clock {
        &self.settings.clock
    }

    /// Calls an operation until it succeeds, may not be repeated, or the deadline leaves no room. A change should be
    /// asked for with `trace` of the request it belongs to, so that doubt about one attempt is remembered by the next.
    pub async fn call<O: Operation>(
        &self,
        operation: &O,
        target: Target<'_>,
        trace: &mut Trace,
    ) -> Result<O::Response, Failure> {
        let call = Call::of(operation, target.region, self.settings.network);
        let mut answer = None;
        let mut read = |body: &[u8]| match serde_json::from_slice(body) {
            Ok(response) if operation.is_answered_by(&response) => {
                answer = Some(response);
                Read::Answer
            }
            Ok(_) => Read::OtherRequest,
            Err(_) => Read::Unreadable,
        };
        self.repeat(&call, target, trace, &mut read).await?;
        answer.ok_or_else(|| Failure::unanswered(NoAnswer::Unreadable, None))
    }

    /// Makes a call, and makes it again where that may help, until `read` has taken an answer.
    async fn repeat(
        &self,
        call: &Call<'_>,
        target: Target<'_>,
        trace: &mut Trace,
        read: &mut (dyn FnMut(&[u8]) -> Read + Send),
    ) -> Result<(), Failure> {
        let started = Instant::now();
        let (mut spent, mut last) = (Spent::default(), None);
        let needed = if call.is_last_resort { Duration::from_millis(1) } else { self.settings.backoff.least };
        let result = loop {
            if target.deadline.remaining() < needed {
                break Err(last.unwrap_or_else(|| Failure::unsent(NoAnswer::NoTime)));
            }
            let result = wire::attempt(&self.http, &self.settings, call, target, read).await;
            trace.calls += 1;
            let Err(failure) = result else {
                trace.unsettled = false;
                break result;
            };
            trace.doubted |= failure.may_have_applied;
            trace.unsettled = failure.may_have_applied || (trace.unsettled && !failure.settles());
            if failure.kind == Kind::Ambiguous && !call.is_repeatable {
                break Err(failure);
            }
            match self.settings.backoff.pause(&failure, &mut spent, outbound::jitter(), target.deadline) {
                None => break Err(failure),
                Some(pause) => tokio::time::sleep(pause).await,
            }
            last = Some(failure);
        };
        trace.took += started.elapsed();
        result
    }

    /// The pause before the `round`th repetition of something that may succeed a moment later, in full: what is waited for
    /// takes its time. Nothing where it does not fit the deadline.
    pub fn pause(&self, round: u32, deadline: Deadline) -> Option<Duration> {
        self.settings.backoff.pause_of(round, deadline)
    }

    /// How far the service's clock is ahead of ours, if it says what time it is.
    pub async fn clock_ahead(&self, region: &str, deadline: Deadline) -> Option<SignedDuration> {
        let host = endpoint::rds(region, self.settings.network);
        let limit = self.settings.backoff.attempt_within(deadline);
        let date = wire::connect(&self.http, &self.settings, &host, limit).await?;
        Some(date.duration_since(self.settings.clock.now()))
    }

    /// Opens a connection to RDS in a region, so that the first call finds it open. Best effort.
    pub async fn connect_ahead(&self, region: &str, limit: Duration) {
        let host = endpoint::rds(region, self.settings.network);
        wire::connect(&self.http, &self.settings, &host, limit).await;
    }
}
