//! One attempt: sign, send, read.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, DATE, HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use secrecy::ExposeSecret;

use super::endpoint::host;
use super::error::{Answer, Failure, failure};
use super::sign::{SignatureVersion, v1, v3};
use super::{Operation, Settings, Target};
use crate::outbound;
use crate::time::now;

/// An answer of these operations is a few hundred bytes; more than this is not one.
const ANSWER_LIMIT: usize = 1024 * 1024;

pub(super) async fn attempt<O: Operation>(
    http: &reqwest::Client,
    settings: &Settings,
    operation: &O,
    target: Target<'_>,
) -> Result<O::Response, Failure> {
    let host = host(target.region, settings.network);
    let (query, headers) = match settings.signature {
        SignatureVersion::V3 => signed_v3(operation, target, &host),
        SignatureVersion::V1 => (signed_v1(operation, target), HeaderMap::new()),
    };
    let request = request(Method::POST, settings, &host, &query, headers);
    let mut request = request.ok_or_else(|| Failure::not_sent("The request could not be built."))?;
    *request.timeout_mut() = Some(settings.backoff.attempt_within(target.deadline));
    let mut response = http.execute(request).await.map_err(|error| lost(&error))?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let body = outbound::body(response, ANSWER_LIMIT).await.map_err(|unread| match unread {
        outbound::Unread::TooLarge => Failure::ambiguous("The answer was too large to be one.", Some(status.as_u16())),
        outbound::Unread::Cut => Failure::ambiguous("The answer was cut short.", Some(status.as_u16())),
    })?;
    if status.is_success()
        && let Ok(response) = serde_json::from_slice(&body)
    {
        return if operation.is_answered_by(&response) {
            Ok(response)
        } else {
            Err(Failure::ambiguous("The answer is about another instance.", Some(status.as_u16())))
        };
    }
    let token = target.credentials.security_token.as_ref().map_or("", ExposeSecret::expose_secret);
    Err(failure(&Answer {
        http_status: status.as_u16(),
        retry_after: retry_after(&headers),
        date: date(&headers),
        now: now(),
        body: &body,
        secrets: [target.credentials.access_key_secret.expose_secret(), token],
    }))
}

/// Opens a connection and leaves it in the pool. The answer to the bare request does not matter.
pub(super) async fn connect(http: &reqwest::Client, settings: &Settings, region: &str, limit: Duration) {
    let host = host(region, settings.network);
    let Some(mut request) = request(Method::HEAD, settings, &host, "", HeaderMap::new()) else { return };
    *request.timeout_mut() = Some(limit);
    let _ = http.execute(request).await;
}

/// A number in 0..1 for a pause.
pub(super) fn jitter() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness the longest pause is taken.
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}

/// A request to a host, wherever the connection goes, with the query exactly as it was signed.
fn request(method: Method, settings: &Settings, host: &str, query: &str, mut headers: HeaderMap) -> Option<Request> {
    let mut url = match &settings.endpoint {
        Some(endpoint) => endpoint.clone(),
        None => Url::parse(&format!("https://{host}/")).ok()?,
    };
    url.set_query(Some(query));
    headers.insert(HOST, HeaderValue::from_str(host).ok()?);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let mut request = Request::new(method, url);
    *request.headers_mut() = headers;
    Some(request)
}

/// The query and the headers of a call signed with V3.
fn signed_v3<O: Operation>(operation: &O, target: Target<'_>, host: &str) -> (String, HeaderMap) {
    let credentials = target.credentials;
    let (date, nonce) = (timestamp(now()), nonce());
    let token = credentials.security_token.as_ref().map(ExposeSecret::expose_secret);
    let mut signed = vec![
        ("host", host),
        ("x-acs-action", O::ACTION),
        ("x-acs-content-sha256", v3::EMPTY_BODY_HASH),
        ("x-acs-date", &date),
    ];
    signed.extend(token.map(|token| ("x-acs-security-token", token)));
    signed.extend([("x-acs-signature-nonce", nonce.as_str()), ("x-acs-version", O::VERSION)]);
    let signature = v3::sign(v3::Input {
        method: "POST",
        path: "/",
        query: &operation.parameters(),
        headers: &signed,
        body_hash: v3::EMPTY_BODY_HASH,
        key_id: &credentials.access_key_id,
        secret: credentials.access_key_secret.expose_secret(),
    });
    let token = token.map(HeaderValue::from_str);
    let mut headers = HeaderMap::with_capacity(10);
    headers.insert("x-acs-action", HeaderValue::from_static(O::ACTION));
    headers.insert("x-acs-version", HeaderValue::from_static(O::VERSION));
    headers.insert("x-acs-content-sha256", HeaderValue::from_static(v3::EMPTY_BODY_HASH));
    // A value that is no header value is left out, and the service then refuses the signature.
    let values = [
        ("x-acs-date", HeaderValue::try_from(date)),
        ("x-acs-signature-nonce", HeaderValue::try_from(nonce)),
        ("authorization", HeaderValue::try_from(signature.authorization)),
    ];
    headers.extend(values.into_iter().filter_map(|(name, value)| Some((HeaderName::from_static(name), value.ok()?))));
    if let Some(Ok(token)) = token {
        headers.insert("x-acs-security-token", token);
    }
    (signature.canonical_query, headers)
}

/// The query of a call signed with V1, which covers no header.
fn signed_v1<O: Operation>(operation: &O, target: Target<'_>) -> String {
    let credentials = target.credentials;
    let (date, nonce) = (timestamp(now()), nonce());
    let mut parameters = operation.parameters();
    parameters.extend([
        ("AccessKeyId", credentials.access_key_id.as_str()),
        ("Action", O::ACTION),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", &nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", &date),
        ("Version", O::VERSION),
    ]);
    parameters.extend(credentials.security_token.as_ref().map(|token| ("SecurityToken", token.expose_secret())));
    v1::signed_query(&v1::sign("POST", &parameters, credentials.access_key_secret.expose_secret()))
}

fn timestamp(time: Timestamp) -> String {
    format!("{time:.0}")
}

/// 128 random bits in hex. Not from aws-lc's generator, whose first use may cost milliseconds.
fn nonce() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness once it runs processes");
    base16ct::lower::encode_string(&bytes)
}

/// What a failed exchange means. The error's own text is not used: it holds the URL.
fn lost(error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        Failure::not_sent("No connection to the endpoint could be opened.")
    } else if error.is_timeout() {
        Failure::ambiguous("No answer came in time.", None)
    } else {
        Failure::ambiguous("The connection broke before an answer came.", None)
    }
}

/// `x-acs-retry-after`, in milliseconds (read in the vendor's Python SDK; longer than its cap of 120 s is not believed).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let ms = headers.get("x-acs-retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_millis(ms).min(Duration::from_mins(2)))
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(headers.get(DATE)?.to_str().ok()?).ok().map(|date| date.timestamp())
}
