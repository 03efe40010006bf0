//! `serve` and a standard output or error that nobody reads, or that is gone.

use std::io::{PipeReader, PipeWriter, Read as _};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rds_seal::stdio::{PIECE, Stream};
use serde_json::{Value, json};

use super::process::*;
use crate::world::request;

/// A pipe that has no room.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = std::io::pipe().unwrap();
    let stream = Stream::from(OwnedFd::from(writer.try_clone().unwrap()));
    while stream.write_some(&[b'x'; PIECE]).is_ok() {}
    (reader, writer)
}

/// A function facing a stand-in cloud that fails so, and how it is reached.
struct Function {
    process: Process,
    port: u16,
    cloud: std::net::SocketAddr,
}

impl Function {
    async fn start(faults: Value, timeout: &str, [out, err]: [Stdio; 2]) -> Self {
        let (port, cloud) = (free_port(), cloud_with(faults).await);
        let mut command = seal(&["serve"]);
        command
            .envs([("FC_FUNCTION_NAME", "seal"), ("FC_INSTANCE_ID", "c-1")])
            .env("FC_SERVER_PORT", port.to_string())
            .env("SEAL_TIMEOUT", timeout);
        let process = Process::over(for_cloud_at(cloud, &mut command), out, err).answering(port).await;
        Self { process, port, cloud }
    }

    async fn ask(&self) -> (u16, Value) {
        deliver(self.port, request("rm-demo1")).await
    }

    async fn health(&self) -> u16 {
        get(&format!("http://127.0.0.1:{}/healthz", self.port)).await.0
    }
}

fn outcome(answer: &Value) -> &str {
    answer["reports"][0]["outcome"].as_str().unwrap()
}

#[tokio::test]
async fn nothing_is_changed_while_nobody_reads_stdout_and_everything_once_somebody_does() {
    let (mut reader, writer) = full_pipe();
    let function = Function::start(json!([]), "3s", [writer.into(), Stdio::piped()]).await;

    let (asked, health) = tokio::join!(function.ask(), function.health());

    assert_eq!((asked.0, outcome(&asked.1), health), (404, "waiting", 503));
    assert_eq!(asked.1["reports"][0]["reason"]["code"], "off_the_record");
    assert_eq!(calls(function.cloud).await, Vec::<String>::new());
    let rest = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    });
    let (status, answer) = function.ask().await;
    assert_eq!((status, outcome(&answer), function.health().await), (200, "enabled", 200));
    let ended = function.process.stopped().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let said = rest.join().unwrap();
    let said = said.trim_start_matches('x');
    assert_eq!(Ended::records(said, "rds-seal.report/1"), *answer["reports"].as_array().unwrap(), "{said}");
    assert_eq!(Ended::records(said, "rds-seal.intent/1").len(), 1);
}

#[tokio::test]
async fn a_stdout_that_nobody_reads_leaves_the_queue_its_second() {
    let (_reader, writer) = full_pipe();
    let function = Function::start(json!([]), "3s", [writer.into(), Stdio::piped()]).await;
    let foreign =
        |instance: &str| json!({"instance": instance, "region": "cn-hangzhou", "account": "6543210987654321"});
    let started = Instant::now();

    let (status, answer) = deliver(function.port, json!([foreign("rm-demo1"), foreign("rm-demo2")]).to_string()).await;

    assert_eq!((status, outcome(&answer)), (404, "refused"));
    assert!(started.elapsed() < Duration::from_secs(3), "of several, another may have to wait in the queue");
}

#[tokio::test]
async fn told_to_stop_while_nobody_reads_stdout_it_answers_and_ends() {
    let (_reader, writer) = full_pipe();
    let mut function = Function::start(json!([]), "60s", [writer.into(), Stdio::piped()]).await;
    let port = function.port;
    let asking = tokio::spawn(deliver(port, request("rm-demo1")));
    within(async {
        while function.health().await != 503 {
            tokio::task::yield_now().await;
        }
    })
    .await;

    function.process.terminate();
    function.process.err.line("told to stop").await;

    let ended = function.process.ended().await;
    let (status, answer) = asking.await.unwrap();
    assert_eq!((status, outcome(&answer), ended.code), (404, "waiting", Some(0)), "{}", ended.stderr);
}

#[tokio::test]
async fn a_report_that_stdout_does_not_take_is_told_again_and_the_process_replaced() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let slow = json!([{"fault": "slow", "ms": 800}]);
    let function = Function::start(slow, "20s", [writer.into(), Stdio::piped()]).await;
    let asking = tokio::spawn(deliver(function.port, request("rm-demo1")));
    asked(function.cloud).await;
    let mut so_far = vec![0; 4096];
    let read = reader.read(&mut so_far).unwrap();
    assert!(String::from_utf8_lossy(&so_far[..read]).contains("rds-seal.intent/1"));

    drop(reader);

    let (status, answer) = asking.await.unwrap();
    assert_eq!((status, outcome(&answer)), (404, "enabled"), "it was changed, and nobody has the record");
    let ended = function.process.ended().await;
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert!(ended.stderr.contains("it finishes its work and exits, to be replaced"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_broken_stdout_costs_one_delivery_and_no_write() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let function = Function::start(json!([]), "20s", [writer.into(), Stdio::piped()]).await;
    assert_eq!(function.health().await, 503);
    let (status, answer) = function.ask().await;
    assert_eq!((status, outcome(&answer)), (404, "waiting"));
    assert_eq!(calls(function.cloud).await, Vec::<String>::new());
    assert_eq!(function.process.ended().await.code, Some(5));
}

#[tokio::test]
async fn a_log_that_nobody_reads_holds_up_nothing() {
    let (_reader, writer) = full_pipe();
    let function = Function::start(json!([]), "20s", [Stdio::piped(), writer.into()]).await;
    let (status, answer) = function.ask().await;
    assert_eq!((status, outcome(&answer), function.health().await), (200, "enabled", 200));
    assert_eq!(function.process.stopped().await.code, Some(0));
}

#[tokio::test]
async fn without_a_standard_output_it_does_not_start_and_with_one_thrown_away_it_does() {
    let shell = |line: &str, port: u16| {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", line, env!("CARGO_BIN_EXE_rds-seal")]).env_clear().env("PORT", port.to_string());
        command
    };
    for closed in [">&-", "<&- >&-"] {
        let ended = run(&mut shell(&format!("exec \"$0\" serve {closed}"), free_port())).await;
        assert!(
            ended.complaint().starts_with("standard output is closed, and the audit stream goes there: "),
            "{closed}"
        );
    }
    for thrown_away in [">/dev/null", "<>/dev/null >&0 2>&0"] {
        let port = free_port();
        Process::start(&mut shell(&format!("exec \"$0\" serve {thrown_away}"), port)).answering(port).await;
    }
}
