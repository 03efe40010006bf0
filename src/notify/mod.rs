//! From a report to the sinks: render, send, check status *and* body.

pub mod audit;
mod slack;
pub mod text;
mod webhook;

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};

use crate::outbound;
use crate::outcome::{Outcome, Recorded};
use crate::time::{Clock, Deadline};

pub use webhook::SigningKey;

/// A place reports go.
#[derive(Debug, Clone)]
pub struct Sink {
    pub name: String,
    pub kind: SinkKind,
    /// A report it did not take is delivered again.
    pub required: bool,
    /// The outcomes it is told of; absent is all of them.
    pub on: Option<BTreeSet<Outcome>>,
}

/// A closed set, so an enum: adding a sink lists every place to touch. URLs of chat webhooks are secrets.
#[derive(Debug, Clone)]
pub enum SinkKind {
    Slack { url: SecretString },
    Webhook { url: SecretString, key: SigningKey },
}

/// All sinks, and how patiently they are told.
#[derive(Debug, Clone)]
pub struct Sinks {
    http: reqwest::Client,
    pub all: Vec<Sink>,
    pub patience: RetryPolicy,
    clock: Clock,
}

#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    pub attempts: u32,
    /// The pause before the second attempt; it doubles.
    pub base: Duration,
    /// The longest one attempt may take.
    pub attempt: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 3, base: Duration::from_millis(300), attempt: Duration::from_secs(5) }
    }
}

/// A report that a required sink did not take, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    pub sink: String,
    pub body: String,
}

/// Why a sink did not take a report. Never holds its URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    #[error("it could not be reached in time")]
    Unreached,
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("its status was fine but its answer refused the message")]
    Refused,
}

/// An attempt that failed, and whether another makes sense.
struct AttemptError {
    why: SinkError,
    again: bool,
    retry_after: Option<Duration>,
}

impl Sinks {
    pub fn new(http: reqwest::Client, all: Vec<Sink>, patience: RetryPolicy, clock: Clock) -> Self {
        Self { http, all, patience, clock }
    }

    /// Tells every sink that wants to hear of it, all at once. Returns what *required* ones did not take.
    pub async fn publish(&self, recorded: &Recorded, deadline: Deadline) -> Vec<Undelivered> {
        let report = &recorded.report;
        let wanted = self.all.iter().filter(|sink| sink.wants(report.outcome));
        let taken = join_all(wanted.map(|sink| async move {
            let body = sink.render(recorded);
            let result = self.send(sink, &report.id, &body, deadline).await;
            if let Err(why) = &result {
                tracing::error!(
                    sink = sink.name,
                    id = report.id,
                    required = sink.required,
                    "sink {} did not take report {}: {why}",
                    sink.name,
                    report.id
                );
            }
            (result.is_err() && sink.required).then(|| Undelivered { sink: sink.name.clone(), body })
        }));
        taken.await.into_iter().flatten().collect()
    }

    /// Whether a required one wants to hear of it.
    pub fn require(&self, outcome: Outcome) -> bool {
        self.all.iter().any(|sink| sink.required && sink.wants(outcome))
    }

    /// Tells one sink what it did not take before; nothing where there is no such sink any more.
    pub async fn tell(&self, name: &str, id: &str, body: &str, deadline: Deadline) -> Option<Result<(), SinkError>> {
        let sink = self.all.iter().find(|sink| sink.name == name)?;
        Some(self.send(sink, id, body, deadline).await)
    }

    /// Tells every sink, whatever it subscribed to, and returns what each said.
    pub async fn try_each(&self, recorded: &Recorded, deadline: Deadline) -> Vec<(&str, Result<(), SinkError>)> {
        let tried = self.all.iter().map(|sink| async move {
            {
                let body = sink.render(recorded);
                (sink.name.as_str(), self.send(sink, &recorded.report.id, &body, deadline).await)
            }
        });
        join_all(tried).await
    }

    async fn send(&self, sink: &Sink, id: &str, body: &str, deadline: Deadline) -> Result<(), SinkError> {
        let mut attempt = 1;
        loop {
            let failed = match self.attempt(sink, id, body, deadline).await {
                Ok(()) => return Ok(()),
                Err(failed) => failed,
            };
            let pause = failed.retry_after.unwrap_or(self.patience.base.saturating_mul(1 << (attempt - 1).min(16)));
            if !failed.again || attempt >= self.patience.attempts || pause >= deadline.remaining() {
                return Err(failed.why);
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, sink: &Sink, id: &str, body: &str, deadline: Deadline) -> Result<(), AttemptError> {
        let lost = |why| AttemptError { why, again: true, retry_after: None };
        let budget = deadline.remaining().min(self.patience.attempt);
        let request = sink.request(&self.http, id, body, self.clock.now()).timeout(budget);
        // The error's own text is not used: it holds the URL.
        let response = request.send().await.map_err(|_| lost(SinkError::Unreached))?;
        let (status, retry_after) = (response.status(), retry_after(response.headers()));
        if !status.is_success() {
            let again = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
            return Err(AttemptError { why: SinkError::Status(status.as_u16()), again, retry_after });
        }
        // A webhook's status is its word, and what else it says is not read.
        let accepted = match &sink.kind {
            SinkKind::Webhook { .. } => true,
            SinkKind::Slack { .. } => match outbound::body(response, ANSWER_LIMIT).await {
                Ok(answer) => status == StatusCode::OK && slack::accepted(&answer),
                Err(outbound::BodyError::TooLarge) => false,
                Err(outbound::BodyError::Cut) => return Err(lost(SinkError::Unreached)),
            },
        };
        if accepted { Ok(()) } else { Err(AttemptError { why: SinkError::Refused, again: false, retry_after: None }) }
    }
}

/// More than this is no acknowledgement.
const ANSWER_LIMIT: usize = 64 * 1024;

impl Sink {
    /// Who hears of `enabled` or `unknown` also hears that it was on already: it may be the end of a doubt.
    pub fn wants(&self, outcome: Outcome) -> bool {
        let Some(on) = &self.on else { return true };
        on.contains(&outcome)
            || (outcome == Outcome::AlreadyEnabled
                && (on.contains(&Outcome::Enabled) || on.contains(&Outcome::Unknown)))
    }

    /// The same sink at another address: a rehearsal sends nothing to real people.
    #[must_use]
    pub fn redirected(self, base: &Url) -> Self {
        let at = |kind: &str| SecretString::from(format!("{}_emulator/{kind}", base.as_str()));
        let kind = match self.kind {
            SinkKind::Slack { .. } => SinkKind::Slack { url: at("slack") },
            SinkKind::Webhook { key, .. } => SinkKind::Webhook { url: at("webhook"), key },
        };
        Self { kind, ..self }
    }

    fn render(&self, recorded: &Recorded) -> String {
        match &self.kind {
            SinkKind::Slack { .. } => slack::render(&recorded.report).to_string(),
            SinkKind::Webhook { .. } => recorded.json().to_owned(),
        }
    }

    fn request(&self, http: &reqwest::Client, id: &str, body: &str, now: Timestamp) -> RequestBuilder {
        let request = match &self.kind {
            SinkKind::Slack { url } => http.post(url.expose_secret()),
            SinkKind::Webhook { url, key } => key.sign(http.post(url.expose_secret()), id, now, body),
        };
        request.header("content-type", "application/json").body(body.to_owned())
    }
}

/// `Retry-After` in seconds, which is how chat systems send it.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}
