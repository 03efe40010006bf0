//! One attempt: sign, send, read.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use secrecy::ExposeSecret;

use super::credentials::Credentials;
use super::error::{Answer, Failure, failure};
use super::operation::{Call, Read};
use super::sign::{SignatureVersion, canonical_query, v1, v3};
use super::{Settings, Shape, Target};
use crate::kind::NoAnswer;
use crate::outbound;

/// An answer of these operations is at most a page of a hundred instances; more than this is not one.
const ANSWER_LIMIT: usize = 1024 * 1024;

pub(super) async fn attempt(
    http: &reqwest::Client,
    settings: &Settings,
    call: &Call<'_>,
    target: Target<'_>,
    read: &mut (dyn FnMut(&[u8]) -> Read + Send),
) -> Result<(), Failure> {
    let message = message(settings, call, target.credentials);
    let message = message.ok_or_else(|| Failure::unsent(NoAnswer::NoCredentials))?;
    let request = request(Method::POST, settings, &call.host, message);
    let mut request = request.ok_or_else(|| Failure::unsent(NoAnswer::NotBuilt))?;
    *request.timeout_mut() = Some(settings.backoff.attempt_within(target.deadline));
    let mut response = http.execute(request).await.map_err(|error| lost(&error, &call.host))?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let body = outbound::body(response, ANSWER_LIMIT).await.map_err(|unread| match unread {
        outbound::BodyError::TooLarge => Failure::unanswered(NoAnswer::TooLarge, Some(status.as_u16())),
        outbound::BodyError::Cut => Failure::unanswered(NoAnswer::Cut, Some(status.as_u16())),
    })?;
    let read = match call.done {
        Some(done) if status == done => read(b"null"),
        None if status.is_success() => read(&body),
        Some(_) | None => Read::Unreadable,
    };
    match read {
        Read::Answer => return Ok(()),
        Read::OtherRequest => return Err(Failure::unanswered(NoAnswer::OtherRequest, Some(status.as_u16()))),
        Read::Unreadable => {}
    }
    Err(failure(&Answer {
        http_status: status.as_u16(),
        retry_after: retry_after(&headers),
        date: date(&headers),
        now: settings.clock.now(),
        body: &body,
        ram_action: call.ram_action,
        secrets: secrets(target.credentials, call.secret),
    }))
}

/// What the service must not make us repeat.
fn secrets<'a>(credentials: Option<&'a Credentials>, parameter: &'a str) -> [&'a str; 3] {
    let secret = credentials.map_or("", |credentials| credentials.access_key_secret.expose_secret());
    let token = credentials.and_then(|credentials| credentials.security_token.as_ref());
    [secret, token.map_or("", ExposeSecret::expose_secret), parameter]
}

/// What goes on the wire besides method and host.
#[derive(Default)]
struct Message {
    path: Option<String>,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// The message of one attempt, with a date and a nonce of its own; nothing where it cannot be signed.
fn message(settings: &Settings, call: &Call<'_>, credentials: Option<&Credentials>) -> Option<Message> {
    let moment = Moment { date: timestamp(settings.clock.now()), nonce: nonce() };
    Some(match (&call.shape, settings.signature) {
        (Shape::Anonymous, _) => anonymous(call, &moment),
        (Shape::Rpc, SignatureVersion::V1) => {
            Message { query: signed_v1(call, credentials?, &moment), ..Message::default() }
        }
        (Shape::Rpc | Shape::Form | Shape::Resource { .. }, _) => signed_v3(call, credentials?, &moment),
    })
}

/// What makes an attempt different from every other.
struct Moment {
    date: String,
    nonce: String,
}

/// Opens a connection and leaves it in the pool. Of the answer to the bare request only its date matters.
pub(super) async fn connect(
    http: &reqwest::Client,
    settings: &Settings,
    host: &str,
    limit: Duration,
) -> Option<Timestamp> {
    let mut request = request(Method::HEAD, settings, host, Message::default())?;
    *request.timeout_mut() = Some(limit);
    date(http.execute(request).await.ok()?.headers())
}

/// A request to a host, wherever the connection goes, with the query exactly as it was signed.
fn request(method: Method, settings: &Settings, host: &str, message: Message) -> Option<Request> {
    let mut url = match &settings.endpoint {
        Some(endpoint) => endpoint.clone(),
        None => Url::parse(&format!("https://{host}/")).ok()?,
    };
    if let Some(path) = &message.path {
        url.set_path(path);
    }
    url.set_query(Some(&message.query).filter(|query| !query.is_empty()).map(String::as_str));
    let mut headers = message.headers;
    headers.insert(HOST, HeaderValue::from_str(host).ok()?);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let mut request = Request::new(method, url);
    *request.headers_mut() = headers;
    if !message.body.is_empty() {
        *request.body_mut() = Some(message.body.into());
    }
    Some(request)
}

/// A call signed with V3: the query, the headers, and the body where there is one.
fn signed_v3(call: &Call<'_>, credentials: &Credentials, moment: &Moment) -> Message {
    let (path, extra, body) = match &call.shape {
        Shape::Resource { path, headers, body } => (Some(path.as_str()), headers.as_slice(), body.clone()),
        Shape::Form => (None, [].as_slice(), canonical_query(&call.parameters).into()),
        Shape::Rpc | Shape::Anonymous => (None, [].as_slice(), Bytes::new()),
    };
    let (query, content_type) = match &call.shape {
        Shape::Form => ([].as_slice(), FORM),
        Shape::Rpc | Shape::Anonymous | Shape::Resource { .. } => (call.parameters.as_slice(), OPAQUE),
    };
    let body_hash = if body.is_empty() { Cow::Borrowed(v3::EMPTY_BODY_HASH) } else { v3::body_hash(&body).into() };
    let token = credentials.security_token.as_ref().map(ExposeSecret::expose_secret);
    let mut signed = Vec::with_capacity(8);
    signed.extend((!body.is_empty()).then_some(("content-type", content_type)));
    signed.extend([
        ("host", call.host.as_str()),
        ("x-acs-action", call.action),
        ("x-acs-content-sha256", &*body_hash),
        ("x-acs-date", &moment.date),
    ]);
    signed.extend(token.map(|token| ("x-acs-security-token", token)));
    signed.extend([("x-acs-signature-nonce", moment.nonce.as_str()), ("x-acs-version", call.version)]);
    let signature = v3::sign(v3::Input {
        method: "POST",
        path: path.unwrap_or("/"),
        query,
        headers: &signed,
        body_hash: &body_hash,
        key_id: &credentials.access_key_id,
        secret: credentials.access_key_secret.expose_secret(),
    });
    let mut headers = HeaderMap::with_capacity(12);
    // A value that is no header value is left out, and the service then refuses the signature.
    let mut insert = |name, value: &str| HeaderValue::from_str(value).map(|value| headers.insert(name, value));
    for (name, value) in signed.into_iter().filter(|(name, _)| *name != "host") {
        let _ = insert(HeaderName::from_static(name), value);
    }
    for (name, value) in extra {
        let _ = insert(HeaderName::from_static(name), value);
    }
    let _ = insert(AUTHORIZATION, &signature.authorization);
    Message { path: path.map(str::to_owned), query: signature.canonical_query, headers, body }
}

/// The body of an event is nobody's business on the way.
const OPAQUE: &str = "application/octet-stream";

const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters every RPC call has, whether it is signed or not.
fn common<'m>(call: &Call<'_>, moment: &'m Moment) -> [(&'static str, &'m str); 5] {
    [
        ("Action", call.action),
        ("Format", "JSON"),
        ("SignatureNonce", &moment.nonce),
        ("Timestamp", &moment.date),
        ("Version", call.version),
    ]
}

/// The query of a call signed with V1, which covers no header.
fn signed_v1(call: &Call<'_>, credentials: &Credentials, moment: &Moment) -> String {
    let mut parameters = call.parameters.clone();
    parameters.extend(common(call, moment));
    parameters.extend([
        ("AccessKeyId", credentials.access_key_id.as_str()),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
    ]);
    parameters.extend(credentials.security_token.as_ref().map(|token| ("SecurityToken", token.expose_secret())));
    v1::signed_query(&v1::sign("POST", &parameters, credentials.access_key_secret.expose_secret()))
}

/// A call that nobody signs.
fn anonymous(call: &Call<'_>, moment: &Moment) -> Message {
    let mut parameters = call.parameters.clone();
    parameters.extend(common(call, moment));
    let form = HeaderValue::from_static(FORM);
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, form)]);
    Message { headers, body: canonical_query(&parameters).into(), ..Message::default() }
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
fn lost(error: &reqwest::Error, host: &str) -> Failure {
    if error.is_connect() {
        Failure::unsent(NoAnswer::NotConnected { host: host.to_owned() })
    } else if error.is_timeout() {
        Failure::unanswered(NoAnswer::TimedOut, None)
    } else {
        Failure::unanswered(NoAnswer::Disconnected, None)
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
