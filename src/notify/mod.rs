//! From a report to the sinks: render, send, check status *and* body.

pub mod answers;
pub mod audit;
mod send;
pub mod sink;
mod sink_error;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;

use crate::aliyun::Client;
use crate::outbound::{Outbound, RetryPolicy};
use crate::outcome::{Outcome, Recorded, Report};
use crate::time::{Clock, Deadline};

use sink::{Content, Sink};

pub use sink::CloudAccess;
pub use sink_error::SinkError;

/// All sinks, and how patiently they are told.
#[derive(Debug, Clone)]
pub struct Sinks {
    outbound: Outbound,
    /// For sinks that are the cloud's own.
    client: Client,
    pub all: Vec<Sink>,
    retry: RetryPolicy,
    clock: Clock,
    /// One of them has refused what it was sent for good: with another secret or address it may not.
    has_refused: Arc<AtomicBool>,
}

/// A required sink that did not take something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    pub sink: String,
    /// It takes nothing any more: waiting does not help.
    pub is_gone: bool,
}

/// What is around a report, as far as it decides who hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportContext {
    /// Others came with it: people get one digest of them all instead.
    pub is_one_of_many: bool,
    /// Its sender could send it again unnoticed.
    pub is_replayable: bool,
}

impl Sinks {
    pub fn new(outbound: Outbound, client: Client, all: Vec<Sink>, retry: RetryPolicy, clock: Clock) -> Self {
        // The attempts are counted here, for every kind alike.
        let has_refused = Arc::default();
        Self { outbound, client: client.without_retries(), all, retry, clock, has_refused }
    }

    /// Tells every sink that wants to hear of it, all at once. Returns the *required* ones that did not take it.
    pub async fn publish(
        &self,
        recorded: &Recorded,
        report_context: ReportContext,
        cloud: CloudAccess<'_>,
        deadline: Deadline,
    ) -> Vec<Undelivered> {
        let wanted = self.all.iter().filter(|sink| {
            sink.wants(&recorded.report, report_context.is_replayable)
                && (!report_context.is_one_of_many || !sink.kind.is_chat())
        });
        let content = Content::Report(recorded);
        let told = join_all(wanted.map(|sink| self.tell_logged(sink, content, &recorded.report.id, cloud, deadline)));
        told.await.into_iter().flatten().collect()
    }

    /// Tells people of several reports of one delivery, in one message. Returns as [`Self::publish`] does.
    pub async fn publish_digest(
        &self,
        reports: &[(&Recorded, ReportContext)],
        cloud: CloudAccess<'_>,
        deadline: Deadline,
    ) -> Vec<Undelivered> {
        let told = self.all.iter().filter(|sink| sink.kind.is_chat()).map(|sink| async move {
            let wanted = reports
                .iter()
                .filter(|(recorded, report_context)| sink.wants(&recorded.report, report_context.is_replayable));
            let wanted: Vec<&Recorded> = wanted.map(|(recorded, _)| *recorded).collect();
            let reports: Vec<&Report> = wanted.iter().map(|recorded| &*recorded.report).collect();
            match wanted[..] {
                [] => None,
                [one] => self.tell_logged(sink, Content::Report(one), &one.report.id, cloud, deadline).await,
                [first, ..] => {
                    self.tell_logged(sink, Content::Digest(&reports), &first.report.id, cloud, deadline).await
                }
            }
        });
        join_all(told).await.into_iter().flatten().collect()
    }

    /// Whether a required one wants to hear of it.
    pub fn require(&self, outcome: Outcome) -> bool {
        self.all.iter().any(|sink| sink.required && sink.wants_outcome(outcome))
    }

    /// Whether one of them goes by tags, so that they have to be read.
    pub fn go_by_tags(&self) -> bool {
        self.all.iter().any(|sink| sink.route.tags.is_some())
    }

    /// Whether one has refused something for good since [`Self::forget_refusals`].
    pub fn have_refused(&self) -> bool {
        self.has_refused.load(Ordering::Relaxed)
    }

    pub fn forget_refusals(&self) {
        self.has_refused.store(false, Ordering::Relaxed);
    }

    pub fn named(&self, name: &str) -> Option<&Sink> {
        self.all.iter().find(|sink| sink.name == name)
    }

    /// Tells one sink what it did not take before.
    pub async fn tell(
        &self,
        sink: &Sink,
        recorded: &Recorded,
        cloud: CloudAccess<'_>,
        deadline: Deadline,
    ) -> Result<(), SinkError> {
        self.send(sink, Content::Report(recorded), cloud, deadline).await
    }

    /// Tells every sink, whatever it subscribed to, and returns what each said.
    pub async fn try_each(
        &self,
        recorded: &Recorded,
        cloud: CloudAccess<'_>,
        deadline: Deadline,
    ) -> Vec<(&Sink, Result<(), SinkError>)> {
        join_all(self.all.iter().map(|sink| async move { (sink, self.tell(sink, recorded, cloud, deadline).await) }))
            .await
    }

    /// A required sink that did not take it.
    async fn tell_logged(
        &self,
        sink: &Sink,
        content: Content<'_>,
        id: &str,
        cloud: CloudAccess<'_>,
        deadline: Deadline,
    ) -> Option<Undelivered> {
        let why = self.send(sink, content, cloud, deadline).await.err()?;
        let (name, required) = (&sink.name, sink.required);
        tracing::error!(sink = name, id, required, "sink {name} did not take report {id}: {why}");
        required.then(|| Undelivered { sink: name.clone(), is_gone: why == SinkError::Gone })
    }
}
