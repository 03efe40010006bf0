//! One message to one sink, sent until its answer is final or attempts and time are used up.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::answers::{BodyCode, Reply, Verdict, verdict};
use super::sink::{CloudAccess, Content, Message, Payload, Sink};
use super::{SinkError, Sinks};
use crate::outbound::{BodyError, ExchangeError, Post};
use crate::time::Deadline;

/// More than this is no acknowledgement, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

impl Sinks {
    pub(super) async fn send(
        &self,
        sink: &Sink,
        content: Content<'_>,
        cloud: CloudAccess<'_>,
        deadline: Deadline,
    ) -> Result<(), SinkError> {
        let (mut retries, mut unanswered) = (self.retry.start(deadline), 0);
        loop {
            let Some(payload) = sink.payload(content, self.clock.now()) else { return Ok(()) };
            if payload.size() > sink.kind.max_bytes() {
                return Err(SinkError::TooLarge);
            }
            let within = retries.within();
            let answer = match payload {
                Payload::Http(message) => self.post(sink, message, within).await,
                Payload::Event { bus, event } => bus.put(&event, &self.client, cloud, within).await,
            };
            let (error, after) = match answer {
                Ok(reply) => {
                    let error = SinkError::Status { status: reply.status, code: reply.code.clone() };
                    match verdict(sink.kind.as_str(), &reply) {
                        Verdict::Delivered => return Ok(()),
                        Verdict::Refused => return Err(self.refused(error)),
                        Verdict::Gone => return Err(self.refused(SinkError::Gone)),
                        Verdict::Again => (error, reply.retry_after),
                        Verdict::Wait(span) => (error, reply.retry_after.or(Some(span))),
                    }
                }
                Err(SinkError::NoAnswer) => {
                    unanswered += 1;
                    // It may have been shown: once more is enough.
                    if unanswered > 1 && !sink.kind.is_idempotent() {
                        return Err(SinkError::NoAnswer);
                    }
                    (SinkError::NoAnswer, None)
                }
                Err(SinkError::NotConnected) => (SinkError::NotConnected, None),
                Err(error) => return Err(error),
            };
            if !retries.next(after).await {
                return Err(error);
            }
        }
    }

    fn refused(&self, error: SinkError) -> SinkError {
        self.has_refused.store(true, Ordering::Relaxed);
        error
    }

    async fn post(&self, sink: &Sink, message: Message<'_>, within: Duration) -> Result<Reply, SinkError> {
        let post = Post {
            url: &message.url,
            stand_in_path: Some(sink.kind.as_str()),
            headers: message.headers,
            body: message.body.into(),
        };
        let answer = self.outbound.post(post, within, MAX_ANSWER).await.map_err(|error| match error {
            ExchangeError::NoAddress => SinkError::NoAddress,
            ExchangeError::NotConnected => SinkError::NotConnected,
            ExchangeError::NoAnswer => SinkError::NoAnswer,
        })?;
        let body_code = sink.kind.body_code();
        let body = match answer.body {
            Ok(body) => body,
            // Where the body says how it went, half of it says nothing.
            Err(BodyError::Cut) if body_code != BodyCode::None => return Err(SinkError::NoAnswer),
            Err(BodyError::Cut | BodyError::TooLarge) => Vec::new(),
        };
        Ok(Reply {
            status: answer.status,
            code: body_code.read(&body),
            text: String::from_utf8_lossy(&body).to_ascii_lowercase(),
            retry_after: answer.retry_after,
        })
    }
}
