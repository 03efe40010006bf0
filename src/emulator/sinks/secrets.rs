//! The secrets by which robots sign what is sent to them. Without one a signature need only look like one.

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far a signed time may be off, either way (*documented* for both).
const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// The body of `PUT /_emulator/sink_secrets`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Secrets {
    dingtalk: Option<String>,
    feishu: Option<String>,
}

impl Secrets {
    pub(super) fn dingtalk(&self) -> Option<&str> {
        self.dingtalk.as_deref()
    }

    pub(super) fn feishu(&self) -> Option<&str> {
        self.feishu.as_deref()
    }
}

/// The tag of a text under a key.
pub(super) fn tag(key: &str, text: &str) -> String {
    BASE64_STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), text.as_bytes()))
}

/// Whether it could be the tag of anything.
pub(super) fn is_tag(sign: &str) -> bool {
    BASE64_STANDARD.decode(sign).is_ok_and(|tag| tag.len() == 32)
}

pub(super) fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).abs() <= WINDOW
}
