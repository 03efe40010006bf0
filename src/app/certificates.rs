//! The certificate of the platform's event bus, once it has been fetched.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;

/// The certificate that last verified something: the bus of a region has one at a time.
#[derive(Debug, Default)]
pub struct Certificates(Mutex<Option<Kept>>);

#[derive(Debug, Clone)]
pub(super) struct Kept {
    url: String,
    pub(super) pem: Bytes,
    pub(super) asked_at: Timestamp,
}

impl Certificates {
    pub(super) fn get(&self, url: &str) -> Option<Kept> {
        self.lock().as_ref().filter(|kept| kept.url == url).cloned()
    }

    pub(super) fn keep(&self, url: &str, pem: Bytes, asked_at: Timestamp) {
        *self.lock() = Some(Kept { url: url.to_owned(), pem, asked_at });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
