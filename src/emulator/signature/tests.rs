//! Requests recorded from the vendor's SDKs must verify; the least change must not.

use axum::{body::Bytes, http::Request};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::{Arrival, Identities, Refusal, Verified, parse_date, verify};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/recorded/", $name))
    };
}

const BOTH: [&str; 2] = [fixture!("py_v1.recorded.json"), fixture!("py_v3.recorded.json")];

#[derive(Clone, Deserialize)]
struct Recorded {
    method: String,
    raw_target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Recorded {
    fn all() -> Vec<Self> {
        BOTH.iter().flat_map(|file| serde_json::from_str::<Vec<Self>>(file).unwrap()).collect()
    }

    fn arrival(&self) -> Arrival {
        let request = Request::builder().method(self.method.as_str()).uri(&self.raw_target);
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        Arrival::new(request.body(()).unwrap().into_parts().0, Bytes::from(self.body.clone()))
    }

    fn verify_at(&self, now: Timestamp) -> Result<Verified, Refusal> {
        verify(&self.arrival(), &Identities::default(), now)
    }

    fn verify(&self) -> Result<Verified, Refusal> {
        self.verify_at(recorded_at())
    }

    /// The code of the refusal after a change.
    fn after(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut changed = self.clone();
        change(&mut changed);
        changed.verify().unwrap_err().code
    }

    fn header(&mut self, name: &str) -> &mut String {
        &mut self.headers.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)).unwrap().1
    }
}

fn recorded_at() -> Timestamp {
    "2026-11-24T01:49:10Z".parse().unwrap()
}

fn v1() -> Recorded {
    Recorded::all().swap_remove(0)
}

fn v3() -> Recorded {
    Recorded::all().swap_remove(3)
}

#[test]
fn requests_recorded_from_the_vendors_sdks_verify() {
    let recorded = Recorded::all();
    assert_eq!(recorded.len(), 7);
    for request in recorded {
        let nonce = request.verify().unwrap_or_else(|refusal| panic!("{}: {refusal:?}", request.raw_target)).nonce;
        assert_eq!(nonce.unwrap().len(), 32);
    }
}

#[test]
fn a_changed_instance_does_not_verify() {
    for request in Recorded::all() {
        let code = request.after(|changed| {
            changed.raw_target = changed.raw_target.replace("rm-bp1abc", "rm-bp2abc");
            changed.body = changed.body.replace("rm-bp1abc", "rm-bp2abc").replace("key-1", "key-2");
        });
        assert_eq!(code, "SignatureDoesNotMatch", "{}", request.raw_target);
    }
}

#[test]
fn a_changed_method_does_not_verify() {
    for request in Recorded::all() {
        let other = if request.method == "GET" { "POST" } else { "GET" };
        assert_eq!(request.after(|changed| changed.method = other.to_owned()), "SignatureDoesNotMatch");
    }
}

#[test]
fn a_mismatch_ends_in_the_string_the_server_would_sign() {
    let mut changed = v3();
    changed.raw_target.push('0');
    let message = changed.verify().unwrap_err().message;
    let (words, string) = message.split_once("server string to sign is:").unwrap();
    assert_eq!(words, "Specified signature is not matched with our calculation. ");
    assert!(string.starts_with("ACS3-HMAC-SHA256\n"), "{string}");

    let mut changed = v1();
    changed.raw_target = changed.raw_target.replace("cn-hangzhou", "cn-shanghai");
    let message = changed.verify().unwrap_err().message;
    assert!(message.contains("server string to sign is:POST&%2F&AccessKeyId%3DtestAccessKeyId%26Action"), "{message}");
}

#[test]
fn every_header_that_matters_must_be_signed() {
    let unsign = |name: &'static str| {
        v3().after(|changed| {
            let authorization = changed.header("authorization");
            *authorization = authorization.replace(&format!("{name};"), "");
        })
    };
    for name in ["host", "x-acs-action", "x-acs-signature-nonce", "x-acs-credentials-provider"] {
        assert_eq!(unsign(name), "IncompleteSignature", "{name}");
    }
    assert_eq!(unsign("user-agent"), "SignatureDoesNotMatch");
    let smuggled = v3().after(|changed| changed.headers.push(("x-acs-extra".to_owned(), "1".to_owned())));
    assert_eq!(smuggled, "IncompleteSignature");
}

#[test]
fn a_body_other_than_the_signed_one_does_not_verify() {
    assert_eq!(v3().after(|changed| changed.body = "EncryptionKey=key-2".to_owned()), "SignatureDoesNotMatch");
}

#[test]
fn missing_parts_are_named() {
    for name in ["x-acs-date", "x-acs-content-sha256"] {
        let code = v3().after(|changed| {
            changed.headers.retain(|(key, _)| key != name);
            *changed.header("authorization") = changed.header("authorization").replace(&format!("{name};"), "");
        });
        assert_eq!(code, "MissingParameter", "{name}");
    }
    for name in ["AccessKeyId", "Signature", "SignatureNonce", "Timestamp", "SignatureVersion"] {
        let code =
            v1().after(|changed| changed.raw_target = changed.raw_target.replace(&format!("&{name}="), "&Other="));
        assert_eq!(code, "MissingParameter", "{name}");
    }
    assert_eq!(v3().after(|changed| *changed.header("authorization") = "Bearer x".to_owned()), "IncompleteSignature");
    assert_eq!(v3().after(|changed| changed.headers.retain(|(key, _)| key != "Authorization")), "MissingParameter");
}

#[test]
fn dates_are_valid_for_a_quarter_of_an_hour_either_way() {
    let signed_at = recorded_at();
    for minutes in [-15, 0, 15] {
        v3().verify_at(signed_at + SignedDuration::from_mins(minutes)).unwrap();
    }
    for seconds in [-901, 901] {
        let refusal = v3().verify_at(signed_at + SignedDuration::from_secs(seconds)).unwrap_err();
        assert_eq!((refusal.status, refusal.code.as_str()), (400, "InvalidTimeStamp.Expired"));
    }
}

#[test]
fn only_one_form_of_date_is_understood() {
    assert_eq!(parse_date("2026-11-24T01:49:10Z"), Some(recorded_at()));
    for date in [
        "2026-11-24",
        "2026-11-24 01:49:10Z",
        "2026-11-24T01:49:10.5Z",
        "2026-11-24T01:49:10+00:00",
        "2026-13-24T01:49:10Z",
    ] {
        assert_eq!(parse_date(date), None, "{date}");
    }
    assert_eq!(v3().after(|changed| *changed.header("x-acs-date") = "yesterday".to_owned()), "InvalidTimeStamp.Format");
}

#[test]
fn other_keys_are_not_found() {
    let code = v3().after(|changed| {
        let authorization = changed.header("authorization");
        *authorization = authorization.replace("testAccessKeyId", "LTAI000000000000");
    });
    assert_eq!(code, "InvalidAccessKeyId.NotFound");
}

#[test]
fn an_expired_security_token_says_so() {
    let sts = Recorded::all().swap_remove(4);
    let code = sts.after(|changed| *changed.header("x-acs-security-token") = "expired".to_owned());
    assert_eq!(code, "InvalidSecurityToken.Expired");
}

/// Vectors of our own, cross-checked with the signers of the Python SDK.
#[test]
fn derived_vectors_verify() {
    let vectors: serde_json::Map<String, Value> = serde_json::from_str(fixture!("signing-derived.json")).unwrap();
    for (name, vector) in vectors {
        let request = derived(&vector);
        let refusal = request.verify_at("2026-01-02T03:04:05Z".parse().unwrap()).err();
        assert_eq!(refusal, None, "{name}");
    }
}

fn derived(vector: &Value) -> Recorded {
    let text = |name: &str| vector[name].as_str().unwrap_or_default().to_owned();
    let query = if vector["params"].is_object() {
        format!("{}&Signature={}", text("canonical_query"), super::encoding::encode(&text("signature")))
    } else {
        text("canonical_request").lines().nth(2).unwrap().to_owned()
    };
    let mut headers: Vec<(String, String)> = vector["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    if vector["authorization"].is_string() {
        headers.push(("x-acs-content-sha256".to_owned(), text("canonical_request").lines().last().unwrap().to_owned()));
        headers.push(("authorization".to_owned(), text("authorization")));
    }
    Recorded { method: text("method"), raw_target: format!("/?{query}"), headers, body: text("body") }
}
