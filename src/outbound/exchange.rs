//! One exchange with a place outside: bounded in time and size, and in a rehearsal with the stand-in instead.

use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{RequestBuilder, Url};

use super::{BodyError, body};

/// The way to everything outside but the cloud's own API.
#[derive(Debug, Clone)]
pub struct Outbound {
    http: reqwest::Client,
    /// What is asked instead of anybody's host, in a rehearsal: it reaches nobody.
    stand_in: Option<Url>,
}

/// A message to be sent. Its address may be a secret.
#[derive(Clone, Default)]
pub struct Post<'a> {
    pub url: &'a str,
    /// The path under which the stand-in takes it. Absent: under the host's own name and path.
    pub stand_in_path: Option<&'static str>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// How long the other side wants to be left alone.
    pub retry_after: Option<Duration>,
    /// What the status may need; the status alone counts where nobody reads it.
    pub body: Result<Vec<u8>, BodyError>,
}

/// Why nothing came back. Never holds the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    #[error("it is not an address")]
    NoAddress,
    /// Nothing was sent.
    #[error("no connection could be opened")]
    NotConnected,
    #[error("no answer came in time")]
    NoAnswer,
}

impl Outbound {
    pub fn new(http: reqwest::Client, stand_in: Option<Url>) -> Self {
        Self { http, stand_in }
    }

    /// Fetches something. The time is for the whole exchange, `limit` the most bytes of an answer.
    pub async fn get(&self, url: &str, within: Duration, limit: usize) -> Result<Answer, ExchangeError> {
        exchange(self.http.get(self.address(url, None)?), within, limit).await
    }

    /// Sends something. The time is for the whole exchange, `limit` the most bytes of an answer.
    pub async fn post(&self, post: Post<'_>, within: Duration, limit: usize) -> Result<Answer, ExchangeError> {
        let url = self.address(post.url, post.stand_in_path)?;
        exchange(self.http.post(url).headers(post.headers).body(post.body), within, limit).await
    }

    fn address(&self, url: &str, stand_in_path: Option<&str>) -> Result<Url, ExchangeError> {
        let url = Url::parse(url).map_err(|_| ExchangeError::NoAddress)?;
        let Some(stand_in) = &self.stand_in else { return Ok(url) };
        let path = match stand_in_path {
            Some(path) => format!("/_emulator/{path}"),
            None => format!("/_emulator/hosts/{}{}", url.host_str().unwrap_or_default(), url.path()),
        };
        let mut address = stand_in.join(&path).map_err(|_| ExchangeError::NoAddress)?;
        address.set_query(url.query());
        Ok(address)
    }
}

async fn exchange(request: RequestBuilder, within: Duration, limit: usize) -> Result<Answer, ExchangeError> {
    // The error's own text is not used: it holds the address.
    let response = request.timeout(within).send().await;
    let response = response
        .map_err(|error| if error.is_connect() { ExchangeError::NotConnected } else { ExchangeError::NoAnswer })?;
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers());
    Ok(Answer { status, retry_after, body: body(response, limit).await })
}

/// `Retry-After`: seconds, or a moment by the clock of whoever answers (RFC 9110, 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    if let Ok(seconds) = headers.get(RETRY_AFTER)?.to_str().ok()?.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (then, now) = (date(headers, RETRY_AFTER)?, date(headers, DATE)?);
    Some(then.duration_since(now).max(SignedDuration::ZERO).unsigned_abs())
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(headers.get(name)?.to_str().ok()?).ok().map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn retry_after_is_seconds_or_a_date_by_the_same_clock_as_the_answer() {
        let headers = |pairs: &[(HeaderName, &'static str)]| {
            pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect::<HeaderMap>()
        };
        let now = (DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        for (value, wait) in [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:49:07 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let read = retry_after(&headers(&[now.clone(), (RETRY_AFTER, value)]));
            assert_eq!(read, wait.map(Duration::from_secs), "{value}");
        }
        assert_eq!(retry_after(&headers(&[(RETRY_AFTER, now.1)])), None, "nobody says what time it is there");
    }
}
