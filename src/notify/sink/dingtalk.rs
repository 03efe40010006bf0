//! A group's robot of `DingTalk`. With a secret its address gets a time and a signature each time.
//!
//! Source: `DingTalk`'s pages on custom robots (documented: HMAC-SHA256 over the time, a line feed and the secret, under the
//! secret; 20 messages a minute, then a block of up to ten).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use super::message::{Message, json_headers};

pub(super) fn message<'a>(
    url: &'a SecretString,
    secret: Option<&SecretString>,
    now: Timestamp,
    body: String,
) -> Message<'a> {
    let url = url.expose_secret();
    let url = match secret {
        Some(secret) => signed(url, secret, now.as_millisecond()).into(),
        None => url.into(),
    };
    Message { url, headers: json_headers(), body }
}

/// The address with `timestamp` and `sign`.
fn signed(url: &str, secret: &SecretString, milliseconds: i64) -> String {
    let Ok(mut url) = Url::parse(url) else { return url.to_owned() };
    let sign = signature(secret.expose_secret(), milliseconds);
    url.query_pairs_mut().append_pair("timestamp", &milliseconds.to_string()).append_pair("sign", &sign);
    url.into()
}

fn signature(secret: &str, milliseconds: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    BASE64_STANDARD.encode(hmac::sign(&key, format!("{milliseconds}\n{secret}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::vectors::sent_to;
    use super::*;

    #[test]
    fn an_address_is_signed_as_others_sign_it() {
        let vectors = sent_to("dingtalk");
        assert!(2 <= vectors.len());
        for vector in vectors {
            let url = "https://oapi.dingtalk.com/robot/send?access_token=XXXX".into();
            let message = message(&url, Some(&vector.secret()), vector.time(), String::new());
            assert_eq!(message.url.strip_prefix("https://oapi.dingtalk.com"), Some(&*vector.path));
        }
    }
}
