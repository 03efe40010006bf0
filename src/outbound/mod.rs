//! The one HTTP client everything outgoing uses: https (loopback excepted), no redirects, bounded answers, time-outs,
//! roots compiled in. [`Outbound`] is how sinks, chats and certificates are reached; the cloud's own API has a client of its
//! own on top of the same connections.

mod exchange;
mod retry;

pub use exchange::{Answer, ExchangeError, Outbound, Post};
pub use retry::{Retries, RetryPolicy, jitter};

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// To open a connection, TLS included. Shorter than an attempt, so that "nothing was sent" is told from "no answer".
const CONNECT: Duration = Duration::from_secs(3);

/// How long sent bytes may stay unacknowledged. An instance that was frozen may hold connections whose peer is long gone
/// without a word; this notices well before an attempt is over.
const UNACKNOWLEDGED: Duration = Duration::from_secs(3);

/// Builds the client, which trusts the compiled-in roots and these.
pub fn client(extra_roots: Option<&RootCertStore>) -> Result<reqwest::Client, Unusable> {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        // Retries are earned by kind, inside a deadline, by those who know what a call does.
        .retry(reqwest::retry::never())
        // Where calls go is configured, never taken from the environment's proxies.
        .no_proxy()
        .connect_timeout(CONNECT)
        .tcp_user_timeout(UNACKNOWLEDGED)
        .tcp_nodelay(true)
        .tls_backend_preconfigured(tls(extra_roots)?)
        .build()
        .map_err(|_| Unusable("cannot be used for TLS"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(&'static str);

/// Roots from PEM text, of which there must be at least one.
pub fn parse_roots(pem: &[u8]) -> Result<RootCertStore, Unusable> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| Unusable("does not hold PEM certificates"))?;
        roots.add(certificate).map_err(|_| Unusable("holds a certificate that cannot be a root"))?;
    }
    if roots.is_empty() { Err(Unusable("holds no PEM certificate")) } else { Ok(roots) }
}

fn tls(extra_roots: Option<&RootCertStore>) -> Result<ClientConfig, Unusable> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.extend(extra_roots.into_iter().flat_map(|extra| extra.roots.iter().cloned()));
    let versions =
        ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
    Ok(versions.map_err(|_| Unusable("cannot be used for TLS"))?.with_root_certificates(roots).with_no_client_auth())
}

/// Parses an address we may send to: https, or http to this very machine.
pub fn parse_url(text: &str) -> Result<reqwest::Url, Unusable> {
    let url =
        reqwest::Url::parse(text).map_err(|_| Unusable("is not a URL: write one like https://example.com/hook"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(Unusable("must begin with https:// (http:// is for this machine only)")),
    }
}

/// Parses an address that is only a place to connect to: nothing behind the host and the port.
pub fn parse_origin(text: &str) -> Result<reqwest::Url, Unusable> {
    let url = parse_url(text)?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if is_bare { Ok(url) } else { Err(Unusable("must be scheme, host and port alone, like https://10.0.0.1:8443")) }
}

fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Why an answer's body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// Larger than the caller wanted.
    TooLarge,
    /// It broke off, or did not end in time.
    Cut,
}

/// Reads a body of at most `limit` bytes.
pub async fn body(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let announced = response.content_length().unwrap_or_default();
    if announced > limit as u64 {
        return Err(BodyError::TooLarge);
    }
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or_default());
    while let Some(chunk) = response.chunk().await.map_err(|_| BodyError::Cut)? {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_nothing_behind_the_port() {
        assert!(parse_origin("https://10.0.0.1:8443").is_ok() && parse_origin("http://127.0.0.1:1/").is_ok());
        for bad in ["https://h/path", "https://h/?q", "https://h/#f", "https://user@h", "http://h"] {
            assert!(parse_origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for fine in ["https://example.com/x", "http://127.0.0.1:9001", "http://[::1]:9001", "http://localhost:1"] {
            assert!(parse_url(fine).is_ok(), "{fine}");
        }
        for bad in ["http://example.com", "http://127.0.0.1.example.com", "ftp://127.0.0.1", "example.com", ""] {
            assert!(parse_url(bad).is_err(), "{bad}");
        }
    }
}
