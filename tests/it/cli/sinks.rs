//! Sinks that a stranger holds: what they answer is bounded, checked and said.

use std::io::{Read as _, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use super::process::*;
use crate::configuration::written;

/// Answers each connection so, until the test ends.
fn answering(answer: impl Fn(std::net::TcpStream) -> std::io::Result<()> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // Who is answered may leave at any time: that is the point.
            let _ = answer(stream.unwrap());
        }
    });
    address
}

fn redirecting_to(url: String) -> SocketAddr {
    answering(move |mut stream| {
        let _ = stream.read(&mut [0; 16_384])?;
        write!(stream, "HTTP/1.1 307 x\r\nlocation: {url}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    })
}

/// Says that it took it, and breaks off in its body.
fn breaking_off() -> SocketAddr {
    answering(|mut stream| {
        let _ = stream.read(&mut [0; 16_384])?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\no")
    })
}

/// Never ends its body.
fn endless() -> SocketAddr {
    answering(|mut stream| {
        let _ = stream.read(&mut [0; 16_384])?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n")?;
        loop {
            stream.write_all(&[b'x'; 8192])?;
        }
    })
}

/// Has a certificate that it has signed itself.
pub(crate) fn self_signed() -> SocketAddr {
    let file = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name);
    let certificate = CertificateDer::from_pem_file(file("self-signed.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("self-signed.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    answering(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let _ = stream.read(&mut [0; 16_384])?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
    })
}

/// What `check --notify` says of one Slack at this address.
async fn told(url: &str) -> String {
    told_of("slack", url).await
}

/// What it says of one sink of this kind.
async fn told_of(kind: &str, url: &str) -> String {
    let cloud = cloud_with(json!([])).await;
    let toml = format!("[[sinks]]\nname = \"ops\"\nkind = \"{kind}\"\nurl = \"{url}\"\n");
    let mut command = seal(&["check", "--region", "cn-hangzhou", "--notify"]);
    let ended = run(for_cloud_at(cloud, &mut command).env("SEAL_CONFIG", written(toml))).await;
    let line = ended.stdout.lines().find(|line| line.contains("sink ops"));
    line.unwrap_or_else(|| panic!("{}{}", ended.stdout, ended.stderr)).to_owned()
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Elsewhere::new();
    let told = told(&format!("http://{}/hook", redirecting_to(elsewhere.url()))).await;
    assert!(told.starts_with('✗') && told.contains("status 307"), "{told}");
    elsewhere.assert_is_untouched();
}

#[tokio::test]
async fn a_bad_certificate_is_not_talked_to() {
    let told = told(&format!("https://{}/hook", self_signed())).await;
    assert!(told.starts_with('✗') && told.contains("check its address and its certificate"), "{told}");
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut() {
    let told = told(&format!("http://{}/hook", endless())).await;
    assert!(told.starts_with('✗') && told.contains("status 200"), "{told}");
}

#[tokio::test]
async fn a_body_that_breaks_off_spoils_only_the_answer_that_needs_it() {
    let taken = told_of("cloudevents", &format!("http://{}/hook", breaking_off())).await;
    assert!(taken.starts_with('✓') && taken.contains("took the test report"), "{taken}");
    let not_known = told_of("slack", &format!("http://{}/hook", breaking_off())).await;
    assert!(not_known.starts_with('✗') && not_known.contains("no answer came"), "{not_known}");
}
