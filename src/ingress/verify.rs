//! Verified is a type: there is no way from bytes to requests around it.

use bytes::Bytes;

/// Bytes whose sender is known.
#[derive(Debug, Clone)]
pub struct Verified(Bytes);

impl Verified {
    /// Bytes the platform itself handed over: it authenticated the sender. To be called by a host that has made sure of
    /// that, and by the command line, where the person at the keyboard is the sender.
    pub fn by_platform(body: Bytes) -> Self {
        Self(body)
    }

    /// Bytes that came over HTTP with a proof of who sent them, which `ingress::webhook` has checked.
    pub(super) fn by_proof(body: Bytes) -> Self {
        Self(body)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
