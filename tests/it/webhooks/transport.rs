//! What HTTP itself can do to a request: its size, its coding, its method, its connection.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::*;
use crate::main_job::with_sinks;
use crate::raw::{answered, in_chunks};

const LIMIT: usize = 256 * 1024;

/// A request of this many bytes.
fn padded(bytes: usize) -> String {
    let text = request(INSTANCE);
    format!("{text}{}", " ".repeat(bytes - text.len()))
}

#[tokio::test]
async fn a_body_up_to_the_limit_is_read_and_a_larger_one_is_not() {
    let world = world().await;
    assert_eq!(Call::signed(&world, padded(LIMIT)).send(&world).await.verdict(), "200 enabled");
    let calls = world.calls().await;
    let large = Call::signed(&world, padded(LIMIT + 1)).send(&world).await;
    assert_eq!(large.problem(413), "the body is larger than 256 KiB");
    let anonymous = Call::anonymous(padded(LIMIT + 1)).send(&world).await;
    anonymous.assert_unauthorised("nothing is read of it");
    assert_eq!(world.calls().await, calls);
}

#[tokio::test]
async fn json_is_the_only_content_type_of_a_request() {
    let world = world().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "json", ""] {
        let heard = Call::signed(&world, request(INSTANCE)).with("content-type", kind).send(&world).await;
        assert_eq!(heard.problem(415), "send application/json", "{kind}");
    }
    let none = Call::signed(&world, request(INSTANCE)).without("content-type").send(&world).await;
    assert_eq!(none.status, 415);
    let doubled = Call::signed(&world, request(INSTANCE)).and("content-type", "application/json");
    assert_eq!(doubled.send(&world).await.status, 415);
    assert!(world.calls().await.is_empty());
    let with_charset = Call::signed(&world, request(INSTANCE)).with("content-type", "application/json; charset=utf-8");
    assert_eq!(with_charset.send(&world).await.status, 200);
}

#[tokio::test]
async fn a_packed_body_is_not_unpacked() {
    let world = world().await;
    for coding in ["gzip", "br", "gzip, identity"] {
        let heard = Call::signed(&world, request(INSTANCE)).with("content-encoding", coding).send(&world).await;
        assert_eq!(heard.problem(415), "send the body without a content encoding", "{coding}");
    }
    let event = Call::signed(&world, "{}").to("/v1/events").with("content-encoding", "gzip");
    assert_eq!(event.send(&world).await.status, 415);
    assert!(world.calls().await.is_empty());
    let plain = Call::signed(&world, request(INSTANCE)).with("content-encoding", "identity").send(&world).await;
    assert_eq!(plain.status, 200);
}

#[tokio::test]
async fn other_methods_are_told_which_one_there_is() {
    let world = world().await;
    for path in ["/v1/requests", "/v1/events"] {
        for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"] {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let is_head = method == reqwest::Method::HEAD;
            let request = world.http.request(method, format!("http://{}{path}", world.function));
            let heard = heard(request.header("authorization", format!("Bearer {BEARER}"))).await;
            assert_eq!((heard.status, heard.header("allow"), heard.header("x-fc-status")), (405, "POST", "200"));
            assert!(is_head || heard.problem(405) == "this path takes POST");
        }
    }
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn json_that_cannot_be_read_is_400_and_says_where() {
    let world = world().await;
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    for (body, reason) in [
        (String::new(), "body ends too early"),
        ("{".to_owned(), "body ends too early"),
        ("no".to_owned(), "body is not valid JSON"),
        (deep, "body is nested too deep"),
        ("7".to_owned(), "body is not a JSON object"),
        ("[]".to_owned(), "body is an empty array"),
        ("{}".to_owned(), "instance is missing"),
        ("{\"instance\":\"rm-1\",\"instance\":\"rm-2\"}".to_owned(), "body names a field twice"),
        (asking(&json!({"zone": "a"})), "body has an unknown field"),
        (asking(&json!({"instance": 7})), "instance"),
        (asking(&json!({"mode": "force"})), "mode must be"),
        (json!({"instance": "rm-1", "region": "Hangzhou"}).to_string(), "region"),
        (json!({"schema": "rds-seal.task/1", "instance": "rm-1"}).to_string(), "body has an unknown field"),
    ] {
        let heard = Call::signed(&world, body).send(&world).await;
        assert_eq!((heard.status, heard.header("x-fc-status")), (400, "200"), "{reason}");
        let said = heard.rejected().join("; ");
        assert!(said.starts_with(reason), "{said}");
        assert!(heard.reports().is_empty());
    }
    assert!(world.calls().await.is_empty());
}

async fn connect(world: &World, call: &Call, framing: &str) -> TcpStream {
    crate::raw::connect(world.function, call.path, &call.headers, framing, &call.body).await
}

#[tokio::test]
async fn chunks_are_one_body_with_the_same_limit() {
    let world = world().await;
    let send = async |call: Call| in_chunks(world.function, call.path, &call.headers, &call.body).await;
    let (status, answer) = send(Call::signed(&world, request(INSTANCE))).await;
    assert!(status == 200 && answer.contains("\"enabled\""), "{answer}");
    let (status, answer) = send(Call::signed(&world, padded(LIMIT + 1))).await;
    assert_eq!(status, 413, "{answer}");
    assert_eq!(world.writes().await, 1);
}

#[tokio::test]
async fn two_lengths_that_disagree_are_no_request() {
    let world = world().await;
    let call = Call::signed(&world, request(INSTANCE));
    let length = call.body.len();
    for framing in [format!("content-length: {length}\r\ncontent-length: 1"), "content-length: -1".to_owned()] {
        let answer = answered(connect(&world, &call, &framing).await).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_body_that_breaks_off_asks_nothing() {
    let world = world().await;
    let call = Call::signed(&world, request(INSTANCE));
    let framing = format!("content-length: {}", call.body.len() + 1);
    let mut stream = connect(&world, &call, &framing).await;
    stream.shutdown().await.unwrap();
    let answer = answered(stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    world.deliveries.drain().await;
    assert!(world.calls().await.is_empty() && world.audited("rds-seal.report/1").is_empty());
}

#[tokio::test]
async fn a_sender_who_hangs_up_in_the_middle_cancels_nothing() {
    let sinks = with_sinks();
    let mut setup = setup(&format!("{}{DOORS}", sinks.toml));
    setup.env.extend(sinks.env);
    let world = World::with(setup).await;
    world.script(json!([{"fault": "slow", "ms": 200}])).await;
    let call = Call::signed(&world, request(INSTANCE));
    let stream = connect(&world, &call, &format!("content-length: {}", call.body.len())).await;
    while world.calls().await.is_empty() {}
    drop(stream);
    world.deliveries.drain().await;
    assert_eq!(world.audited("rds-seal.report/1")[0]["outcome"], "enabled");
    assert_eq!(world.taken_by("webhook").await.len(), 1, "the sinks hear of it");
}
