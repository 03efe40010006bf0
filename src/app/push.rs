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

impl App {
    /// Verifies a push: headers and token first, and only then is anything fetched. A certificate is kept once it has
    /// verified something.
    pub async fn admit_push(
        &self,
        headers: &HeaderMap,
        body: Bytes,
        context: &Context,
    ) -> Result<Verified, Unauthorised> {
        let door = self.eventbridge.as_ref().ok_or(Unauthorised)?;
        let pushed = door.check_headers(headers, context.asked.received_at)?;
        let Some(url) = pushed.certificate_url() else { return door.verify(&pushed, b"", body) };
        if let Some(pem) = self.certificates.get(url) {
            return door.verify(&pushed, &pem, body);
        }
        let pem = self.fetch(url, context).await.ok_or(Unauthorised)?;
        let verified = door.verify(&pushed, &pem, body)?;
        self.certificates.keep(url, &pem);
        Ok(verified)
    }

    async fn fetch(&self, url: &str, context: &Context) -> Option<Bytes> {
        let limit = self.work_until(context).remaining().min(PATIENCE);
        let response = self.http.get(url).timeout(limit).send().await.ok()?;
        let response = response.error_for_status().ok()?;
        Some(outbound::body(response, LARGEST).await.ok()?.into())
    }
}
