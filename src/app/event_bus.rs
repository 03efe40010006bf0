//! A push of the platform's event bus: its certificate is fetched once, from the vendor's host alone.

use std::time::Duration;

use axum::http::HeaderMap;
use bytes::Bytes;
use jiff::SignedDuration;

use super::context::Context;
use super::deployment::App;
use crate::ingress::Verified;
use crate::ingress::webhook::Unauthorised;
use crate::outbound::{Answer, ExchangeError, RetryPolicy};

/// A certificate is a few kilobytes.
const MAX_CERTIFICATE: usize = 64 * 1024;

/// How long the vendor's host may take to hand it out.
const TIMEOUT: Duration = Duration::from_secs(3);

/// One that is kept is not fetched anew more often than this: whoever sends what it does not verify causes no more calls.
const REFETCH_INTERVAL: SignedDuration = SignedDuration::from_mins(1);

/// Why a push is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAdmitted {
    Unauthorised,
    /// It may be genuine, and what would show it cannot be had now.
    NoCertificate,
}

impl From<Unauthorised> for NotAdmitted {
    fn from(_: Unauthorised) -> Self {
        Self::Unauthorised
    }
}

impl App {
    /// Verifies a push: headers and token first, and only then is anything fetched. A certificate is kept once it has
    /// verified something; where the one that was kept verifies no more, it may have been replaced at its address.
    pub async fn admit_push(
        &self,
        headers: &HeaderMap,
        body: Bytes,
        context: &Context,
    ) -> Result<Verified, NotAdmitted> {
        let door = self.eventbridge.as_ref().ok_or(NotAdmitted::Unauthorised)?;
        let pushed = door.check_headers(headers, context.attempt.received_at)?;
        let Some(url) = pushed.certificate_url() else { return Ok(door.verify(&pushed, b"", body)?) };
        let now = context.attempt.received_at;
        if let Some(kept) = self.certificates.get(url) {
            if let Ok(verified) = door.verify(&pushed, &kept.pem, body.clone()) {
                return Ok(verified);
            }
            if now.duration_since(kept.asked_at).abs() < REFETCH_INTERVAL {
                return Err(NotAdmitted::Unauthorised);
            }
            // It stays until another verifies, and whoever comes within the minute asks nobody.
            self.certificates.keep(url, kept.pem, now);
        }
        let pem = self.fetch(url, context).await.ok_or(NotAdmitted::NoCertificate)?;
        let verified = door.verify(&pushed, &pem, body)?;
        self.certificates.keep(url, pem, now);
        Ok(verified)
    }

    async fn fetch(&self, url: &str, context: &Context) -> Option<Bytes> {
        let policy = RetryPolicy { attempts: 2, attempt: TIMEOUT, ..RetryPolicy::default() };
        let mut retries = policy.start(context.work_deadline(self.notify_slice));
        loop {
            let after = match self.outbound.get(url, retries.within(), MAX_CERTIFICATE).await {
                Ok(Answer { status: 200, body, .. }) => return body.ok().map(Bytes::from),
                Ok(Answer { status: 500.., retry_after, .. }) => retry_after,
                Err(ExchangeError::NotConnected) => None,
                Ok(_) | Err(_) => return None,
            };
            if !retries.next(after).await {
                return None;
            }
        }
    }
}
