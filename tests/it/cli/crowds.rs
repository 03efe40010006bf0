//! The plain server as a process, among more strangers than it has room for.

use std::net::SocketAddr;
use std::process::Command;

use futures_util::future::join_all;
use rds_seal::time::Clock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::process::*;
use crate::configuration::written;
use crate::webhooks::{BEARER, DOORS, GITHUB, SIGNING};

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

#[tokio::test]
async fn with_256_descriptors_260_idle_sockets_stop_nobody() {
    let port = free_port();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 256 && exec \"$0\" serve", env!("CARGO_BIN_EXE_rds-seal")]).env_clear();
    let server = Process::start(command.env("PORT", port.to_string())).answering(port).await;
    let mut idle = Vec::new();
    for _ in 0..260 {
        idle.push(TcpStream::connect(at(port)).await.unwrap());
    }
    assert_eq!(get(&format!("http://127.0.0.1:{port}/healthz")).await, (200, "ok\n".to_owned()));
    let ended = server.stopped().await;
    assert!(ended.stderr.contains("all 128 connections were taken"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("cannot be accepted"), "{}", ended.stderr);
}

/// How many KiB of its memory are resident, or were at the most.
fn resident(process: &Process, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let line = status.lines().find_map(|text| text.strip_prefix(line)).unwrap();
    line.trim_end_matches(" kB").trim().parse().unwrap()
}

/// Headers that might prove something, and do not.
fn forged() -> Vec<(String, String)> {
    let now = Clock::System.now().as_second().to_string();
    let signature = format!("v1,{}=", "A".repeat(43));
    [("webhook-id", "msg_1"), ("webhook-timestamp", &now), ("webhook-signature", &signature)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

#[tokio::test]
async fn full_bodies_of_300_strangers_take_at_most_16_mib() {
    static BODY: [u8; 256 * 1024] = [b' '; 256 * 1024];
    let (port, file) = (free_port(), written(DOORS));
    let mut command = seal(&["serve"]);
    command.env("SEAL_CONFIG", &file).env("PORT", port.to_string()).env("CRON_TOKEN", BEARER).env("HUB_SECRET", GITHUB);
    command.envs(["CI_SECRET_OLD", "CI_SECRET", "CI_KEY"].map(|name| (name, SIGNING)));
    let server = Process::start(&mut command).answering(port).await;
    let before = resident(&server, "VmRSS:");
    for (headers, may_be_cut) in [(forged(), false), (Vec::new(), true)] {
        let answers = within(join_all((0..300).map(|_| stranger(port, &headers, &BODY)))).await;
        for answer in answers {
            let refused = answer.starts_with("HTTP/1.1 401 ") || answer.starts_with("HTTP/1.1 503 ");
            assert!(refused || (may_be_cut && answer.is_empty()), "{answer}");
        }
        let most = resident(&server, "VmHWM:");
        assert!(most - before <= 16 * 1024, "{} KiB more", most - before);
    }
}

/// What somebody hears who sends all of a body. A connection that makes room for another may be cut while the rest of a
/// body is thrown away.
async fn stranger(port: u16, headers: &[(String, String)], body: &[u8]) -> String {
    let mut stream = TcpStream::connect(at(port)).await.unwrap();
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
    let head = format!("POST /v1/requests HTTP/1.1\r\nhost: f\r\n{headers}content-length: {}\r\n\r\n", body.len());
    let mut answer = vec![0; 1024];
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body).await;
    let read = stream.read(&mut answer).await.unwrap_or(0);
    String::from_utf8_lossy(&answer[..read]).into_owned()
}
