//! Signs requests both ways. It shares nothing with the stand-in.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
};

use aws_lc_rs::{digest, hmac};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::{SignedDuration, Timestamp};
use rds_seal::emulator::{ACCESS_KEY_ID, ACCESS_KEY_SECRET};

static NONCE: AtomicU64 = AtomicU64::new(0);

/// A call of an operation, signed only when it is sent.
#[derive(Clone)]
pub(crate) struct Rpc {
    pub(crate) method: &'static str,
    pub(crate) host: String,
    pub(crate) action: String,
    pub(crate) version: String,
    pub(crate) key_id: String,
    pub(crate) secret: String,
    pub(crate) security_token: Option<String>,
    pub(crate) date: String,
    pub(crate) nonce: String,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Rpc {
    pub(crate) fn new(action: &str) -> Self {
        Self {
            method: "POST",
            host: "rds.aliyuncs.com".to_owned(),
            action: action.to_owned(),
            version: "2014-08-15".to_owned(),
            key_id: ACCESS_KEY_ID.to_owned(),
            secret: ACCESS_KEY_SECRET.to_owned(),
            security_token: None,
            date: date(0),
            nonce: nonce(),
            parameters: Vec::new(),
        }
    }

    /// An operation of KMS, at the host of a region.
    pub(crate) fn kms(action: &str) -> Self {
        Self { version: "2016-01-20".to_owned(), ..Self::new(action).at("kms.cn-hangzhou.aliyuncs.com") }
    }

    /// An operation of STS.
    pub(crate) fn sts(action: &str) -> Self {
        Self { version: "2015-04-01".to_owned(), ..Self::new(action).at("sts.aliyuncs.com") }
    }

    /// The same, signed with a session as STS and ECS give it out.
    pub(crate) fn by(self, session: &serde_json::Value) -> Self {
        let text = |name: &str| session[name].as_str().unwrap().to_owned();
        let (key_id, secret) = (text("AccessKeyId"), text("AccessKeySecret"));
        Self { key_id, secret, security_token: Some(text("SecurityToken")), ..self }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn at(self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self }
    }

    /// The whole request, signed with ACS3-HMAC-SHA256. Parameters go into the query.
    pub(crate) fn v3(&self) -> String {
        self.signed_v3(&canonical(&self.parameters), "")
    }

    /// The same with the parameters in a form.
    pub(crate) fn v3_form(&self) -> String {
        self.signed_v3("", &canonical(&self.parameters))
    }

    fn signed_v3(&self, query: &str, form: &str) -> String {
        let method = self.method;
        let body_hash = sha256(form.as_bytes());
        let mut headers = self.headers(&body_hash);
        if !form.is_empty() {
            headers.insert(0, ("content-type", "application/x-www-form-urlencoded"));
        }
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let canonical = format!("{method}\n/\n{query}\n{}\n{names}\n{body_hash}", lines(&headers, ":", "\n"));
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256(canonical.as_bytes()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signature = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
        format!(
            "{method} /?{query} HTTP/1.1\r\n{}authorization: ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},\
             Signature={signature}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{form}",
            lines(&headers, ": ", "\r\n"),
            self.key_id,
            form.len()
        )
    }

    /// The whole request without a signature, everything in a form.
    pub(crate) fn unsigned(&self) -> String {
        let common = [("Action", &self.action), ("Version", &self.version)];
        let common = common.map(|(name, value)| (name.to_owned(), value.clone()));
        let form = canonical(&[&common, self.parameters.as_slice()].concat());
        format!(
            "POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.host,
            form.len()
        )
    }

    /// The whole request, signed with HMAC-SHA1. The operation's own parameters go into a form if it is a POST.
    pub(crate) fn v1(&self) -> String {
        let (method, common) = (self.method, self.common());
        let all = canonical(&[common.as_slice(), &self.parameters].concat());
        let to_sign = format!("{method}&%2F&{}", encode(&all));
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, format!("{}&", self.secret).as_bytes());
        let signature = encode(&BASE64.encode(hmac::sign(&key, to_sign.as_bytes())));
        let (query, form) =
            if method == "POST" { (canonical(&common), canonical(&self.parameters)) } else { (all, String::new()) };
        format!(
            "{method} /?{query}&Signature={signature} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.host,
            form.len()
        )
    }

    fn headers<'a>(&'a self, body_hash: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut headers = vec![
            ("host", self.host.as_str()),
            ("x-acs-action", &self.action),
            ("x-acs-content-sha256", body_hash),
            ("x-acs-date", &self.date),
            ("x-acs-signature-nonce", &self.nonce),
            ("x-acs-version", &self.version),
        ];
        headers.extend(self.security_token.as_deref().map(|token| ("x-acs-security-token", token)));
        headers.sort_unstable();
        headers
    }

    fn common(&self) -> Vec<(String, String)> {
        let mut common = vec![
            ("AccessKeyId", self.key_id.as_str()),
            ("Action", &self.action),
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", &self.nonce),
            ("SignatureVersion", "1.0"),
            ("Timestamp", &self.date),
            ("Version", &self.version),
        ];
        common.extend(self.security_token.as_deref().map(|token| ("SecurityToken", token)));
        common.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// One that was never used.
pub(super) fn nonce() -> String {
    format!("nonce-{}", NONCE.fetch_add(1, Ordering::Relaxed))
}

/// Now and some seconds, in the only form that is understood.
pub(crate) fn date(offset_seconds: i64) -> String {
    let now = Timestamp::now() + SignedDuration::from_secs(offset_seconds);
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn canonical(pairs: &[(String, String)]) -> String {
    let mut parts: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    parts.sort();
    parts.join("&")
}

fn encode(text: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if bare(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

pub(super) fn lines(headers: &[(&str, &str)], between: &str, end: &str) -> String {
    headers.iter().map(|(name, value)| [*name, between, *value, end].concat()).collect()
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}
