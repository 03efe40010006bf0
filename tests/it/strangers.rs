//! Whoever connects to a server in the open and has nothing to say, or says it slowly: what it costs, and what it cannot
//! stop.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rds_seal::hosts::{BodyLimits, ConnectionLimits};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::chats::every_door;
use crate::raw::{answered, connect};
use crate::webhooks::{Call, DOORS, mac, setup};
use crate::world::{Host, INSTANCE, Setup, World, request};

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_mins(10);

fn plain(connections: ConnectionLimits, bodies: BodyLimits) -> Setup {
    Setup { host: Host::PlainServer, connections, bodies, ..setup(DOORS) }
}

/// A plain server that waits this long for the first head, and for the next.
async fn patient(first_head: Duration, idle: Duration) -> World {
    let connections = ConnectionLimits { most: 8, first_head, idle, undisturbed: Duration::from_millis(10) };
    World::with(plain(connections, BodyLimits::default())).await
}

async fn healthy(world: &World) -> u16 {
    world.http.get(format!("http://{}/healthz", world.function)).send().await.unwrap().status().as_u16()
}

/// A request that will be answered, and whose connection is to be kept.
const ASKING: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: f\r\n\r\n";

/// Asks on a connection, and reads the answer.
async fn ask_on(stream: &mut TcpStream) {
    stream.write_all(ASKING).await.unwrap();
    let mut answer = vec![0; 1024];
    let read = stream.read(&mut answer).await.unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer[..read]));
}

#[tokio::test]
async fn idle_connections_stop_nobody() {
    let world = patient(LONG, LONG).await;
    let mut idle = Vec::new();
    for _ in 0..30 {
        idle.push(TcpStream::connect(world.function).await.unwrap());
    }
    assert_eq!(healthy(&world).await, 200);
    // The one that was idle longest made room.
    assert_eq!(answered(idle.remove(0)).await, "");
    let said = world.said();
    let warnings: Vec<&str> = said.lines().filter(|line| line.contains("connections were taken")).collect();
    assert_eq!(warnings.len(), 1, "once a minute: {said}");
    assert!(warnings[0].contains("all 8 connections were taken when 1 more came, the first from 127.0.0.1"), "{said}");
}

#[tokio::test]
async fn a_connection_with_a_request_under_way_does_not_make_room() {
    let world = patient(LONG, LONG).await;
    world.script(json!([{"fault": "slow", "ms": 300, "times": 8}])).await;
    let calls = (0..8).map(|n| Call::signed(&world, request(&format!("rm-demo{n}"))));
    let mut busy = Vec::new();
    for call in calls {
        let framing = format!("content-length: {}", call.body.len());
        busy.push(connect(world.function, call.path, &call.headers, &framing, &call.body).await);
    }
    while world.calls().await.len() < 8 {}
    assert_eq!(healthy(&world).await, 200, "it waits for one to end");
    for stream in busy {
        assert!(answered(stream).await.contains("\"enabled\""));
    }
}

#[tokio::test]
async fn a_head_that_does_not_arrive_ends_the_connection() {
    let world = patient(SHORT, LONG).await;
    for part in ["", "POST /v1/requests HT", "POST /v1/requests HTTP/1.1\r\nhost: f\r\nauthorization: Bearer a"] {
        let mut stream = TcpStream::connect(world.function).await.unwrap();
        stream.write_all(part.as_bytes()).await.unwrap();
        assert_eq!(answered(stream).await, "", "{part}");
    }
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request_and_not_for_ever() {
    let world = patient(SHORT, LONG).await;
    let mut kept = TcpStream::connect(world.function).await.unwrap();
    ask_on(&mut kept).await;
    // The first head's time is long over when this one has been closed for it.
    assert_eq!(answered(TcpStream::connect(world.function).await.unwrap()).await, "");
    ask_on(&mut kept).await;

    let world = patient(LONG, SHORT).await;
    let mut kept = TcpStream::connect(world.function).await.unwrap();
    ask_on(&mut kept).await;
    assert_eq!(answered(kept).await, "", "it was closed");
}

#[tokio::test]
async fn a_request_that_takes_its_time_is_answered() {
    let world = patient(SHORT, SHORT).await;
    world.script(json!([{"fault": "slow", "ms": 300}])).await;
    assert_eq!(Call::signed(&world, request(INSTANCE)).send(&world).await.verdict(), "200 enabled");
}

/// A request of which everything arrives but the body.
async fn bodiless(world: &World, call: &Call, length: usize) -> String {
    answered(connect(world.function, call.path, &call.headers, &format!("content-length: {length}"), b"").await).await
}

#[tokio::test]
async fn no_body_is_waited_for_before_the_headers_may_prove_something() {
    for host in [Host::Function, Host::PlainServer] {
        let world = World::with(Setup { host, ..setup(DOORS) }).await;
        let (asked, now) = (request(INSTANCE), world.now());
        let signed = || Call::signed(&world, asked.clone());
        for (call, what) in [
            (Call::anonymous(asked.clone()), "no proof"),
            (Call::anonymous(asked.clone()).to("/v1/events"), "no proof for an event"),
            (signed().without("webhook-id"), "no id"),
            (signed().without("webhook-timestamp"), "no time"),
            (signed().without("webhook-signature"), "no signature"),
            (signed().with("webhook-signature", "v1,short"), "a signature that is none"),
            (signed().with("webhook-signature", "v9,new"), "a signature nobody knows"),
            (signed().with("webhook-timestamp", &(now - 301).to_string()), "an old one"),
            (signed().and("authorization", "Bearer a"), "two proofs"),
            (Call::hub(asked.clone()).with("x-hub-signature-256", "sha256=00"), "a short tag"),
            (Call::bearer(asked.clone()).with("authorization", "Bearer another"), "another token"),
            (Call::bearer(asked.clone()).with("authorization", "Basic YTpi"), "another scheme"),
        ] {
            let answer = bodiless(&world, &call, 200_000).await;
            assert!(answer.starts_with("HTTP/1.1 401 ") && !answer.contains("100 Continue"), "{what}: {answer}");
        }
    }
}

#[tokio::test]
async fn no_chat_s_body_is_waited_for_either() {
    let world = World::with(every_door()).await;
    let now = world.now();
    let signed = |name: &str, signature: &str, at: i64| {
        vec![
            (format!("x-{name}-request-timestamp"), at.to_string()),
            (format!("x-{name}-signature"), signature.to_owned()),
        ]
    };
    let hex = "0".repeat(64);
    for (path, headers, status) in [
        ("/chat/slack", vec![], 401),
        ("/chat/slack", signed("slack", "v0=nonsense", now), 401),
        ("/chat/slack", signed("slack", &format!("v0={hex}"), now - 301), 401),
        ("/chat/dingtalk", vec![], 401),
        ("/chat/dingtalk", dingtalk("another secret", now), 401),
        ("/chat/feishu", signed("lark", &hex, now), 401),
        // A check of the address has no signature, and few bytes.
        ("/chat/feishu", vec![], 413),
        ("/chat/wecom", vec![], 401),
        ("/chat/wecom?msg_signature=short&timestamp=1767225600&nonce=n", vec![], 401),
        ("/chat/teams", vec![], 401),
        ("/chat/teams", vec![("authorization".to_owned(), "HMAC c2hvcnQ=".to_owned())], 401),
    ] {
        let answer = answered(connect(world.function, path, &headers, "content-length: 200000", b"").await).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path} {headers:?}: {answer}");
    }
    let lines = refusals(&world);
    let paths =
        ["slack", "dingtalk", "feishu", "wecom", "teams"].map(|chat| format!("/chat/{chat} from 127.0.0.1 with "));
    assert!(paths.iter().all(|path| lines.iter().filter(|line| line.contains(path)).count() == 1), "{lines:?}");
}

/// What `DingTalk` signs without body encryption: the time.
fn dingtalk(secret: &str, now: i64) -> Vec<(String, String)> {
    let at = now * 1000;
    let sign = BASE64_STANDARD.encode(mac(secret.as_bytes(), format!("{at}\n{secret}").as_bytes()));
    vec![("timestamp".to_owned(), at.to_string()), ("sign".to_owned(), sign)]
}

#[tokio::test]
async fn a_slow_message_does_not_take_the_whole_time_of_a_delivery() {
    let bodies = BodyLimits { time: SHORT, ..BodyLimits::default() };
    let world = World::with(Setup { bodies, timeout: LONG, ..every_door() }).await;
    let headers = dingtalk("a-secret-of-dingtalk", world.now());
    let stream = connect(world.function, "/chat/dingtalk", &headers, "content-length: 100", b"{").await;
    let answer = answered(stream).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("the body did not arrive whole\n"), "{answer}");
}

#[tokio::test]
async fn a_body_that_was_not_read_does_not_cost_its_sender_the_answer() {
    let world = World::with(Setup { host: Host::PlainServer, ..setup(DOORS) }).await;
    let call = Call::anonymous(" ".repeat(600_000));
    for _ in 0..20 {
        let framing = format!("content-length: {}", call.body.len());
        let answer = answered(connect(world.function, call.path, &call.headers, &framing, &call.body).await).await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_not_waited_for() {
    let bodies = BodyLimits { time: SHORT, ..BodyLimits::default() };
    let world = World::with(plain(ConnectionLimits::default(), bodies)).await;
    let answer = bodiless(&world, &Call::signed(&world, request(INSTANCE)), 100).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("\"incomplete\""), "{answer}");
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn what_is_held_of_bodies_is_bounded_and_set_free_again() {
    let bodies = BodyLimits { time: Duration::from_millis(200), bytes: 300_000 };
    let world = World::with(plain(ConnectionLimits::default(), bodies)).await;
    let large = Call::signed(&world, padded(200_000));
    let slowly = async || connect(world.function, large.path, &large.headers, "content-length: 200000", b"{").await;
    let holding = slowly().await;
    assert_eq!(healthy(&world).await, 200, "the room is taken");
    // It waits for as long as the first holds it, and by then its own time is nearly over.
    let chunks = ["e\r\n", &" ".repeat(14), "\r\n"].concat().repeat(2000);
    let waiting = connect(world.function, large.path, &large.headers, "transfer-encoding: chunked", chunks.as_bytes());
    let waiting = waiting.await;
    assert_eq!(Call::signed(&world, request(INSTANCE)).send(&world).await.verdict(), "200 enabled", "it is small");
    assert!(answered(holding).await.starts_with("HTTP/1.1 400 "));
    assert!(answered(waiting).await.starts_with("HTTP/1.1 400 "), "its last chunk never came");
    assert_eq!(large.send(&world).await.verdict(), "200 already_enabled", "there is room again");
}

#[tokio::test]
async fn whoever_finds_no_room_is_told_to_come_again() {
    let bodies = BodyLimits { time: SHORT, bytes: 100_000 };
    let world = World::with(plain(ConnectionLimits::default(), bodies)).await;
    let call = Call::signed(&world, padded(200_000));
    let answer = bodiless(&world, &call, 200_000).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 60\r\n"), "{answer}");
    assert!(refusals(&world)[0].ends_with("with 503: too many bodies arrive at once"), "{:?}", refusals(&world));
}

/// The usual request, with this many bytes.
fn padded(bytes: usize) -> String {
    let text = request(INSTANCE);
    format!("{text}{}", " ".repeat(bytes - text.len()))
}

/// The lines about refusals so far.
fn refusals(world: &World) -> Vec<String> {
    let said = world.said();
    let parts = said.lines().filter_map(|line| Some(line[line.find("refused ")?..].to_owned()));
    parts.collect()
}

#[tokio::test]
async fn a_refusal_leaves_a_line_with_its_source_and_others_in_the_same_minute_none() {
    let world = World::with(plain(ConnectionLimits::default(), BodyLimits::default())).await;
    let forged = |call: Call| call.and("x-forwarded-for", "203.0.113.9").and("x-fc-client-ip", "203.0.113.9");
    for _ in 0..5 {
        forged(Call::anonymous("{}")).send(&world).await.assert_unauthorised("no proof");
    }
    assert_eq!(Call::signed(&world, " ".repeat(300_000)).to("/v1/events").send(&world).await.status, 413);
    assert_eq!(
        refusals(&world),
        [
            "refused a request to /v1/requests from 127.0.0.1 with 401: the request does not show that it is from a sender \
             this deployment knows",
            "refused a request to /v1/events from 127.0.0.1 with 413: the body is larger than 256 KiB",
        ]
    );
}

#[tokio::test]
async fn on_the_platform_the_source_is_by_its_own_word() {
    let world = World::with(setup(DOORS)).await;
    let from = |call: Call| call.and("x-forwarded-for", "203.0.113.9, 192.0.2.7");
    assert_eq!(from(Call::anonymous("{}").to("/invoke")).send(&world).await.status, 403);
    let initialize = Call::anonymous("{}").to("/initialize").and("x-fc-client-ip", "198.51.100.3");
    assert_eq!(from(initialize).send(&world).await.status, 403);
    assert_eq!(from(Call::anonymous("{}")).send(&world).await.status, 401);
    assert_eq!(
        Call::signed(&world, "{}").to("/v1/events").and("content-encoding", "gzip").send(&world).await.status,
        415
    );
    let unknown = "the request does not show that it is from a sender this deployment knows";
    assert_eq!(
        refusals(&world),
        [
            "refused a request to /invoke from 192.0.2.7 with 403: only the platform may call this path".to_owned(),
            "refused a request to /initialize from 198.51.100.3 with 403: only the platform may call this path".to_owned(),
            format!("refused a request to /v1/requests from 192.0.2.7 with 401: {unknown}"),
            "refused a request to /v1/events from an unknown address with 415: send the body without a content encoding"
                .to_owned(),
        ]
    );
}

#[tokio::test]
async fn a_doubled_header_of_the_platform_leaves_a_line() {
    let world = World::with(setup(DOORS)).await;
    let doubled = Call::anonymous("{}").to("/invoke").and("x-fc-region", "a").and("x-fc-region", "b");
    assert_eq!(doubled.and("x-fc-client-ip", "192.0.2.7").send(&world).await.status, 400);
    let line = "refused a request to /invoke from 192.0.2.7 with 400: the header x-fc-region is there more than once";
    assert_eq!(refusals(&world), [line]);
}

#[tokio::test]
async fn a_request_in_which_nothing_is_accepted_leaves_a_line() {
    let world = World::with(plain(ConnectionLimits::default(), BodyLimits::default())).await;
    assert_eq!(Call::signed(&world, "{}").send(&world).await.status, 400);
    assert_eq!(
        refusals(&world),
        ["refused a request to /v1/requests from 127.0.0.1 with 400: nothing in it is accepted"]
    );
}
