//! From a report to the sinks: render, send, check status *and* body.

pub mod audit;
mod slack;
pub mod text;
mod webhook;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use crate::outbound::{Answer, Outbound, Post, RetryPolicy};
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
    outbound: Outbound,
    pub all: Vec<Sink>,
    retry: RetryPolicy,
    clock: Clock,
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

impl Sinks {
    pub fn new(outbound: Outbound, all: Vec<Sink>, retry: RetryPolicy, clock: Clock) -> Self {
        Self { outbound, all, retry, clock }
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
        let mut retries = self.retry.start(deadline);
        loop {
            let post = sink.post(id, body, self.clock.now());
            let answer = self.outbound.post(post, retries.within(), MAX_ANSWER).await;
            let (error, after) = match answer {
                Ok(answer) if sink.accepts(&answer) => return Ok(()),
                Ok(Answer { status: status @ (429 | 500..), retry_after, .. }) => {
                    (SinkError::Status(status), retry_after)
                }
                Ok(Answer { status: 200..300, .. }) => return Err(SinkError::Refused),
                Ok(Answer { status, .. }) => return Err(SinkError::Status(status)),
                Err(_) => (SinkError::Unreached, None),
            };
            if !retries.next(after).await {
                return Err(error);
            }
        }
    }
}

/// More than this is no acknowledgement.
const MAX_ANSWER: usize = 64 * 1024;

impl Sink {
    /// Who hears of `enabled` or `unknown` also hears that it was on already: it may be the end of a doubt.
    pub fn wants(&self, outcome: Outcome) -> bool {
        let Some(on) = &self.on else { return true };
        on.contains(&outcome)
            || (outcome == Outcome::AlreadyEnabled
                && (on.contains(&Outcome::Enabled) || on.contains(&Outcome::Unknown)))
    }

    fn render(&self, recorded: &Recorded) -> String {
        match &self.kind {
            SinkKind::Slack { .. } => slack::render(&recorded.report).to_string(),
            SinkKind::Webhook { .. } => recorded.json().to_owned(),
        }
    }

    fn post<'a>(&'a self, id: &str, body: &str, now: Timestamp) -> Post<'a> {
        let json = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut headers = HeaderMap::from_iter([json]);
        let (url, path) = match &self.kind {
            SinkKind::Slack { url } => (url, "slack"),
            SinkKind::Webhook { url, key } => {
                headers.extend(key.headers(id, now, body));
                (url, "webhook")
            }
        };
        Post { url: url.expose_secret(), stand_in_path: Some(path), headers, body: body.to_owned().into() }
    }

    /// A webhook's status is its word, and what else it says does not count.
    fn accepts(&self, answer: &Answer) -> bool {
        match &self.kind {
            SinkKind::Webhook { .. } => (200..300).contains(&answer.status),
            SinkKind::Slack { .. } => answer.status == 200 && answer.body.as_deref().is_some_and(slack::accepted),
        }
    }
}
