use std::collections::BTreeMap;

use axum::http::{HeaderName, HeaderValue};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/fixtures/webhook/eventbridge/", $name))
    };
}

const CERTIFICATE: &[u8] = fixture!("certificate.pem");

#[derive(serde::Deserialize)]
struct Push {
    url: String,
    region: String,
    now_unix: i64,
    headers: BTreeMap<String, String>,
    signature_of_rsa_1024: String,
    body: String,
}

impl Push {
    fn read() -> Self {
        serde_json::from_slice(fixture!("push.json")).unwrap()
    }

    fn door(&self, pinned: Option<&[u8]>) -> EventBridgeDoor {
        let tokens = ["another-token-of-the-target", self.headers[TOKEN].as_str()];
        let tokens = tokens.map(|token| Token::eventbridge(token).unwrap()).to_vec();
        EventBridgeDoor::new(&self.url, RegionId::parse(&self.region).unwrap(), tokens, pinned).unwrap()
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.now_unix).unwrap()
    }

    fn headers(&self) -> HeaderMap {
        let header = |(name, value): (&String, &String)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
        };
        self.headers.iter().map(header).collect()
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    fn verify(&self, door: &EventBridgeDoor, certificate: &[u8]) -> Result<Verified, Unauthorised> {
        let pushed = door.check_headers(&self.headers(), self.now())?;
        door.verify(&pushed, certificate, Bytes::copy_from_slice(self.body.as_bytes()))
    }
}

#[test]
fn a_push_is_verified_by_the_certificate_it_names_or_by_the_pinned_one() {
    let push = Push::read();
    let door = push.door(None);
    let pushed = door.check_headers(&push.headers(), push.now()).unwrap();
    assert_eq!(
        pushed.certificate_url(),
        Some("https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x509_public_certificate_test.pem")
    );
    assert_eq!(push.verify(&door, CERTIFICATE).unwrap().as_bytes(), push.body.as_bytes());
    let pinned = push.door(Some(CERTIFICATE));
    assert!(push.verify(&pinned, b"").is_ok());
    let elsewhere = Push::read().with(URL, "https://evil.com/a.pem");
    let unfetched = pinned.check_headers(&elsewhere.headers(), push.now()).unwrap();
    assert_eq!(unfetched.certificate_url(), None, "nothing is fetched where one is pinned");
    assert!(push.verify(&push.door(Some(fixture!("of-another-key.pem"))), CERTIFICATE).is_err(), "the pin decides");
}

#[test]
fn another_certificate_verifies_nothing() {
    let push = Push::read();
    let others: [&[u8]; 6] = [
        fixture!("expired.pem"),
        fixture!("not-yet-valid.pem"),
        fixture!("of-another-key.pem"),
        fixture!("rsa-1024.pem"),
        fixture!("elliptic.pem"),
        b"",
    ];
    for certificate in others {
        assert!(push.verify(&push.door(None), certificate).is_err());
    }
    let signature = push.signature_of_rsa_1024.clone();
    let small = push.with(SIGNATURE, &signature);
    assert!(small.verify(&small.door(None), fixture!("rsa-1024.pem")).is_err(), "a small key that did sign it");
}

#[test]
fn the_six_headers_are_each_there_once() {
    let push = Push::read();
    let door = push.door(None);
    for name in [SIGNATURE, TIMESTAMP, HASH_METHOD, VERSION, URL, TOKEN] {
        let mut headers = push.headers();
        let value = headers.get(name).unwrap().clone();
        headers.append(name, value);
        assert_eq!(door.check_headers(&headers, push.now()).err(), Some(Unauthorised), "{name} twice");
        headers.remove(name);
        assert_eq!(door.check_headers(&headers, push.now()).err(), Some(Unauthorised), "no {name}");
    }
}

#[test]
fn a_minute_is_the_window_in_both_directions() {
    let push = Push::read();
    let door = push.door(None);
    for (milliseconds, is_recent) in [(60_000, true), (-60_000, true), (60_001, false), (-60_001, false)] {
        let now = push.now() + SignedDuration::from_millis(milliseconds);
        assert_eq!(door.check_headers(&push.headers(), now).is_ok(), is_recent, "{milliseconds}");
    }
}

#[test]
fn another_scheme_and_another_token_are_refused() {
    for (name, value) in [
        (HASH_METHOD, "SHA1"),
        (HASH_METHOD, "sha256"),
        (VERSION, "2.0"),
        (TOKEN, "a-token-of-the-eventbridge-target-0002"),
        (TOKEN, ""),
        (TIMESTAMP, "1767225600"),
        (TIMESTAMP, "1767225600000.0"),
        (SIGNATURE, "not base64"),
    ] {
        let push = Push::read().with(name, value);
        let door = Push::read().door(None);
        assert_eq!(door.check_headers(&push.headers(), push.now()).err(), Some(Unauthorised), "{name}: {value}");
    }
    let push = Push::read();
    let tokenless = EventBridgeDoor { tokens: Vec::new(), ..push.door(None) };
    assert!(tokenless.check_headers(&push.headers(), push.now()).is_err(), "an empty list verifies nothing");
}

#[test]
fn a_certificate_is_fetched_from_the_vendor_and_from_nowhere_that_looks_like_it() {
    let host = "cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com";
    for url in [
        format!("http://{host}/a.pem"),
        format!("https://{host}"),
        format!("https://{host}/"),
        format!("https://{host}:443/a.pem"),
        format!("https://{host}:8443/a.pem"),
        format!("https://{host}./a.pem"),
        format!("https://{host}.evil.com/a.pem"),
        format!("https://evil.com/{host}/a.pem"),
        format!("https://evil.com#{host}/a.pem"),
        format!("https://evil.com\\@{host}/a.pem"),
        format!("https://me@{host}/a.pem"),
        format!("https://{host}@evil.com/a.pem"),
        format!("https://{host}/a.pem#b"),
        format!("https://{host}/a.pem?b=c"),
        format!("https://{host}/../a.pem"),
        format!("https://{host}/%2e%2e/a.pem"),
        format!("https://{host}/a b.pem"),
        format!("https://{host}/{}", "a".repeat(MAX_PATH + 1)),
        format!("https://x{host}/a.pem"),
        "https://cn-shanghai-eventbridge.oss-accelerate.aliyuncs.com/a.pem".to_owned(),
        "https://cn-hangzhou-eventbridge.oss-cn-hangzhou.aliyuncs.com/a.pem".to_owned(),
        "https://evil-cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/a.pem".to_owned(),
        "https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com.cn/a.pem".to_owned(),
        "HTTPS://CN-HANGZHOU-eventbridge.oss-accelerate.aliyuncs.com/a.pem".to_owned(),
        String::new(),
    ] {
        let push = Push::read().with(URL, &url);
        assert_eq!(push.door(None).check_headers(&push.headers(), push.now()).err(), Some(Unauthorised), "{url}");
    }
    let push = Push::read().with(URL, &format!("https://{host}/keys/a_1-b.pem"));
    assert!(push.door(None).check_headers(&push.headers(), push.now()).is_ok());
}

#[test]
fn what_is_signed_is_the_configured_address() {
    let push = Push::read();
    for url in ["https://example.cn-hangzhou.fcapp.run/v1/eventbridge", "https://example.com/v1/eventbridge?stage=prod"]
    {
        let other = EventBridgeDoor { url: url.to_owned(), ..push.door(None) };
        assert!(push.verify(&other, CERTIFICATE).is_err(), "{url}");
    }
    let region = RegionId::parse("cn-hangzhou").unwrap();
    for url in
        ["", "https://", "http://example.com/", "https://example.com/#a", "https://example.com/a b", "https://é.com"]
    {
        assert!(EventBridgeDoor::new(url, region.clone(), Vec::new(), None).is_err(), "{url}");
    }
    assert!(EventBridgeDoor::new("https://example.com/", region, Vec::new(), Some(b"no PEM")).is_err());
}

#[test]
fn nothing_shows_the_token() {
    let push = Push::read();
    let door = push.door(None);
    let pushed = door.check_headers(&push.headers(), push.now()).unwrap();
    assert!(!format!("{door:?} {pushed:?}").contains("a-token-of"));
}

#[test]
fn another_byte_anywhere_is_refused() {
    let push = Push::read();
    let door = push.door(None);
    let pushed = door.check_headers(&push.headers(), push.now()).unwrap();
    for at in 0..push.body.len() {
        let mut body = push.body.clone().into_bytes();
        body[at] ^= 1;
        assert!(door.verify(&pushed, CERTIFICATE, body.into()).is_err(), "byte {at} of the body");
    }
    for body in [format!("{}\n", push.body), String::new()] {
        assert!(door.verify(&pushed, CERTIFICATE, body.into()).is_err());
    }
    let signature = push.headers[SIGNATURE].clone();
    for at in 0..signature.len() {
        let mut other = signature.clone().into_bytes();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        let other = Push::read().with(SIGNATURE, std::str::from_utf8(&other).unwrap());
        assert!(other.verify(&door, CERTIFICATE).is_err(), "character {at} of the signature");
    }
}

proptest! {
    #[test]
    fn no_headers_and_no_bytes_make_it_panic(
        values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..64), 6),
        certificate: Vec<u8>,
        body: Vec<u8>,
    ) {
        let push = Push::read();
        let door = push.door(None);
        let mut headers = push.headers();
        let pushed = door.check_headers(&headers, push.now()).unwrap();
        prop_assert!(door.verify(&pushed, &certificate, body.into()).is_err());
        for (name, value) in [SIGNATURE, TIMESTAMP, HASH_METHOD, VERSION, URL, TOKEN].into_iter().zip(values) {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.insert(name, value);
            }
        }
        let _ = door.check_headers(&headers, push.now());
    }
}
