//! Function Compute as a host: who gets in, what is answered, and what a hang-up does not lose.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::main_job::with_sinks;
use crate::raw::{answered, connect};
use crate::webhooks::{DOORS, setup};
use crate::world::{INSTANCE, Setup, Told, World, request, told};

async fn post(world: &World, path: &str, headers: &[(&str, &str)]) -> Told {
    let http = rds_seal::outbound::client(None).unwrap();
    let mut call = http.post(format!("http://{}{path}", world.function)).body(request(INSTANCE));
    for (name, value) in headers {
        call = call.header(*name, *value);
    }
    told(call).await
}

#[tokio::test]
async fn only_the_platform_gets_in() {
    let world = World::start().await;
    for path in ["/invoke", "/initialize"] {
        for control in ["", "/http-invoke", "/invoke/", "/initialise", "/INVOKE"] {
            let told = post(&world, path, &[("x-fc-control-path", control)]).await;
            assert_eq!((told.status, told.fc_status.as_str()), (403, "200"), "{path} as {control}");
        }
        assert_eq!(post(&world, path, &[]).await.status, 403);
    }
    assert_eq!(post(&world, "/initialize", &[("x-fc-control-path", "/invoke")]).await.status, 403);
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_doubled_header_of_the_platform_is_refused() {
    let world = World::start().await;
    for name in ["x-fc-control-path", "x-fc-access-key-id", "x-fc-account-id"] {
        let headers = [("x-fc-control-path", "/invoke"), (name, "/invoke"), (name, "/invoke")];
        // To the platform it is no success, so that the event comes again.
        for (path, fc_status) in [("/invoke", "404"), ("/initialize", "200")] {
            let told = post(&world, path, &headers).await;
            assert_eq!((told.status, told.fc_status.as_str()), (400, fc_status), "{name} at {path}");
            assert!(told.body.as_str().unwrap().contains(name));
        }
    }
    let others = [("x-fc-control-path", "/invoke"), ("accept", "a/b"), ("accept", "c/d")];
    assert_eq!(post(&world, "/invoke", &others).await.status, 200, "others may be doubled");
}

#[tokio::test]
async fn every_answer_carries_the_platforms_status() {
    let world = World::start().await;
    let http = rds_seal::outbound::client(None).unwrap();
    let url = |path: &str| format!("http://{}{path}", world.function);
    for (call, status) in [
        (http.get(url("/healthz")), 200),
        (http.get(url("/pre-stop")), 200),
        (http.get(url("/invoke")), 405),
        (http.get(url("/nothing")), 404),
        (http.post(url("/")), 404),
    ] {
        let told = told(call).await;
        assert_eq!((told.status, told.fc_status.as_str()), (status, "200"));
    }
}

#[tokio::test]
async fn the_log_has_the_platforms_lines_around_each_invocation() {
    let world = World::start().await;
    world.ask().await;
    world.instances(json!([{"id": "rm-creating", "status": "Creating"}])).await;
    world.deliver_with(&[("x-fc-request-id", "R-2")], request("rm-creating")).await;
    let said = world.said();
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("FC ")).collect();
    assert_eq!(lines[..2], ["FC Invoke Start RequestId: R-1", "FC Invoke End RequestId: R-1"]);
    assert!(lines[3].ends_with(", Error: Unhandled function error"), "{}", lines[3]);
}

#[tokio::test]
async fn initialize_connects_ahead_and_does_not_mind_if_it_cannot() {
    let control = [("x-fc-control-path", "/initialize"), ("x-fc-region", "cn-hangzhou")];
    let world = World::start().await;
    assert_eq!(post(&world, "/initialize", &control).await.status, 200);
    let alone = World::at_a_dead_endpoint(Setup::default()).await;
    assert_eq!(post(&alone, "/initialize", &control).await.status, 200);
}

#[tokio::test]
async fn the_deadline_is_the_platforms_if_it_names_one() {
    let mut setup = Setup::default();
    setup.backoff.least = Duration::from_secs(1);
    let world = World::with(setup).await;
    let soon = (rds_seal::time::Clock::System.now().as_millisecond() + 900).to_string();
    let late = (rds_seal::time::Clock::System.now().as_millisecond() + 60_000).to_string();
    let (deadline, timeout) = ("x-fc-function-deadline", "x-fc-function-timeout");
    for (headers, outcome) in [
        (&[(deadline, soon.as_str())][..], "waiting"),
        (&[(timeout, "1")], "waiting"),
        // A clock of ours that is behind draws nothing out, and one that is ahead cuts nothing short.
        (&[(deadline, late.as_str()), (timeout, "1")], "waiting"),
        (&[(deadline, "1"), (timeout, "1")], "waiting"),
        (&[(deadline, "1"), (timeout, "60")], "enabled"),
        (&[(deadline, "1")], "already_enabled"),
        (&[(deadline, late.as_str())], "already_enabled"),
        (&[(timeout, "60")], "already_enabled"),
        (&[(deadline, "nonsense")], "already_enabled"),
    ] {
        let told = world.deliver_with(headers, request(INSTANCE)).await;
        assert_eq!(told.outcome(), outcome, "{headers:?}");
    }
}

/// The most that the platform lets through: 8 KB of names and values.
/// The HTTP library refuses these by itself. The platform must not take one for done.
#[tokio::test]
async fn what_the_http_library_refuses_is_a_failure_to_the_platform() {
    let world = World::with(setup(DOORS)).await;
    let platform = [("x-fc-control-path".to_owned(), "/invoke".to_owned())];
    let fields = |count: usize| vec![("n".to_owned(), "1234".to_owned()); count];
    let unreadable = [("content-length".to_owned(), "none".to_owned())];
    let long = format!("/{}", "p".repeat(80_000));
    for (path, more, status) in [
        ("/invoke", &fields(150)[..], 431),
        ("/v1/requests", &fields(1500), 431),
        ("/invoke", &unreadable, 400),
        (&long, &[], 414),
    ] {
        let headers = [&platform[..], more].concat();
        let answer = answered(connect(world.function, path, &headers, "content-length: 2", b"{}").await).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("\r\nx-fc-status: 404\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn as_long_a_head_as_the_platform_lets_through_is_read() {
    let world = World::with(setup(DOORS)).await;
    let platform = ("x-fc-control-path".to_owned(), "/invoke".to_owned());
    let headers = [platform, ("n".to_owned(), "v".repeat(8 * 1024))];
    for (path, status, fc_status) in [("/invoke", 400, 404), ("/v1/requests", 401, 200), ("/nothing", 404, 200)] {
        let answer = answered(connect(world.function, path, &headers, "content-length: 2", b"{}").await).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "at {path}: {answer}");
        assert!(answer.contains(&format!("x-fc-status: {fc_status}\r\n")), "at {path}: {answer}");
    }
}

#[tokio::test]
async fn the_platforms_retry_count_is_in_the_report() {
    let world = World::start().await;
    let told = world.deliver_with(&[("x-fc-retry-count", "2")], request(INSTANCE)).await;
    assert_eq!(told.report()["attempt"], 3);
}

/// Sends a whole request and hangs up once the cloud is at work on it.
async fn hang_up_in_the_middle(world: &World) {
    let mut stream = send(world, &request(INSTANCE)).await;
    while world.calls().await.is_empty() {}
    stream.shutdown().await.unwrap();
    drop(stream);
}

async fn send(world: &World, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.function).await.unwrap();
    let head = format!(
        "POST /invoke HTTP/1.1\r\nhost: f\r\nx-fc-control-path: /invoke\r\nx-fc-request-id: R-9\r\ncontent-length: {}\r\n\r\n",
        request(INSTANCE).len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_caller_who_hangs_up_in_the_middle_cancels_nothing() {
    let world = World::with(with_sinks()).await;
    world.script(json!([{"fault": "slow", "ms": 200}])).await;

    hang_up_in_the_middle(&world).await;
    world.deliveries.drain().await;

    assert_eq!(world.audited("rds-seal.report/1")[0]["outcome"], "enabled");
    assert_eq!(world.taken_by("webhook").await.len(), 1, "the sinks hear of it");
    assert!(world.said().contains("FC Invoke End RequestId: R-9"));
}

#[tokio::test]
async fn a_caller_who_hangs_up_before_the_body_is_whole_has_asked_nothing() {
    let world = World::start().await;
    let mut stream = send(&world, "{\"instance\"").await;
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    world.deliveries.drain().await;
    assert!(world.audited("rds-seal.report/1").is_empty());
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_caller_who_hangs_up_after_the_write_changes_nothing_about_the_report() {
    let world = World::with(with_sinks()).await;
    world.script(json!([{"operation": "webhook", "fault": "slow", "ms": 200}])).await;
    let mut stream = send(&world, &request(INSTANCE)).await;
    while world.audited("rds-seal.report/1").is_empty() {
        world.calls().await;
    }
    stream.shutdown().await.unwrap();
    drop(stream);
    world.deliveries.drain().await;
    assert_eq!(world.taken_by("webhook").await.len(), 1);
}

#[tokio::test]
async fn a_connection_that_died_while_the_instance_was_frozen_costs_a_retry_and_not_the_event() {
    let world = World::start().await;
    world.deliver(request("rm-demo1")).await;
    // The kept connection breaks under the next request, as one does that the peer has long forgotten.
    world.script(json!([{"fault": "drop", "before": true}])).await;
    let told = world.deliver(request("rm-demo2")).await;
    assert_eq!((told.outcome(), &told.report()["upstream"]["calls"]), ("enabled", &json!(2)));
}
