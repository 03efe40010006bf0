//! The plain server as a process, among more strangers than it has room for.

use std::net::SocketAddr;
use std::process::Command;

use futures_util::future::{join, join_all};
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

/// Makes what is resident now the most that ever was (documented: proc(5), `clear_refs`).
fn forget_the_most(process: &Process) {
    std::fs::write(format!("/proc/{}/clear_refs", process.child.id()), "5").unwrap();
}

/// Headers that might prove something, and do not.
fn forged() -> Vec<(String, String)> {
    let now = Clock::System.now().as_second().to_string();
    let signature = format!("v1,{}=", "A".repeat(43));
    [("webhook-id", "msg_1"), ("webhook-timestamp", &now), ("webhook-signature", &signature)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// The limits are the defaults, and the strangers hold their connections for as long as the server lets them. The code that
/// serves them is read into memory before, by a few of them: it counts as resident, and is large in a build for tests.
#[tokio::test]
async fn full_bodies_of_300_strangers_take_at_most_16_mib() {
    static BODY: [u8; 256 * 1024] = [b' '; 256 * 1024];
    let (port, file) = (free_port(), written(DOORS));
    let mut command = seal(&["serve"]);
    command.env("SEAL_CONFIG", &file).env("PORT", port.to_string()).env("CRON_TOKEN", BEARER).env("HUB_SECRET", GITHUB);
    command.envs(["CI_SECRET_OLD", "CI_SECRET", "CI_KEY"].map(|name| (name, SIGNING)));
    let server = Process::start(&mut command).answering(port).await;
    for headers in [forged(), Vec::new(), forged()] {
        stranger(port, &headers, &BODY).await;
    }
    forget_the_most(&server);
    let before = resident(&server, "VmRSS:");
    let (whole, unfinished) = (&BODY[..], &BODY[1..]);
    for (what, headers, body, answers) in [
        ("proof that does not hold", forged(), whole, ["401", "503"]),
        // A connection that makes room for another may be cut while the rest of its body is thrown away.
        ("no proof", Vec::new(), whole, ["401", "none"]),
        ("a body that never ends", forged(), unfinished, ["400", "503"]),
    ] {
        let heard = within(join_all((0..300).map(|_| stranger(port, &headers, body)))).await;
        for answer in heard {
            assert!(answers.contains(&answer.as_str()), "{what}: {answer}");
        }
        let most = resident(&server, "VmHWM:");
        assert!(most - before <= 16 * 1024, "{what}: {} KiB more", most - before);
    }
}

/// The status that somebody is answered who announces 256 KiB and sends this much of them.
async fn stranger(port: u16, headers: &[(String, String)], body: &[u8]) -> String {
    let mut stream = TcpStream::connect(at(port)).await.unwrap();
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
    let head = format!("POST /v1/requests HTTP/1.1\r\nhost: f\r\n{headers}content-length: {}\r\n\r\n", 256 * 1024);
    let mut answer = vec![0; 1024];
    let (mut from, mut to) = stream.split();
    let sending = async {
        // Whoever is refused is not listened to until the end.
        let _ = to.write_all(head.as_bytes()).await;
        let _ = to.write_all(body).await;
    };
    let (read, ()) = join(from.read(&mut answer), sending).await;
    let answer = String::from_utf8_lossy(&answer[..read.unwrap_or(0)]).into_owned();
    answer.split(' ').nth(1).unwrap_or("none").to_owned()
}
