//! A push of the platform's event bus: its certificate is fetched once, from the vendor's host alone.

use std::sync::Mutex;
use std::time::Duration;

use axum::http::HeaderMap;
use bytes::Bytes;

use super::{App, Context};
use crate::ingress::Verified;
use crate::ingress::webhook::Unauthorised;
use crate::outbound;

/// A certificate is a few kilobytes.
const LARGEST: usize = 64 * 1024;

/// How long the vendor's host may take to hand it out.
const PATIENCE: Duration = Duration::from_secs(3);

/// The certificate that was fetched last, by its address: the bus of a region has one at a time.
#[derive(Debug, Default)]
pub struct Certificates(Mutex<Option<(String, Bytes)>>);

impl Certificates {
    fn get(&self, url: &str) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.as_ref().filter(|(known, _)| known == url).map(|(_, pem)| pem.clone())
    }

    fn keep(&self, url: &str, pem: &Bytes) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some((url.to_owned(), pem.clone()));
    }
}

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
        let pushed = door.check_headers(headers, context.asked.received_at)?;
        let Some(url) = pushed.certificate_url() else { return Ok(door.verify(&pushed, b"", body)?) };
        if let Some(pem) = self.certificates.get(url)
            && let Ok(verified) = door.verify(&pushed, &pem, body.clone())
        {
            return Ok(verified);
        }
        let pem = self.fetch(url, context).await.ok_or(NotAdmitted::NoCertificate)?;
        let verified = door.verify(&pushed, &pem, body)?;
        self.certificates.keep(url, &pem);
        Ok(verified)
    }

    async fn fetch(&self, url: &str, context: &Context) -> Option<Bytes> {
        let limit = self.work_until(context).remaining().min(PATIENCE);
        let response = self.http.get(self.address(url)?).timeout(limit).send().await.ok()?;
        let response = response.error_for_status().ok()?;
        Some(outbound::body(response, LARGEST).await.ok()?.into())
    }
}
