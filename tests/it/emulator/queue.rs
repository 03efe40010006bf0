//! The queue: what it delivers, when, how often, and what it does when that fails.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rds_seal::emulator::Emulator;
use serde_json::{Value, json};
use tokio::sync::{Barrier, Notify};

use super::{
    Cloud,
    function::{Act, Function, Invoke},
    seal,
};

/// A moment in one part of the queue.
fn moment(entry: &Value, name: &str) -> Timestamp {
    entry[name].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_task_arrives_as_the_platform_would_bring_it() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    let invoke = Invoke { query: "qualifier=LATEST".to_owned(), ..Invoke::later("{\"a\": 1}\n", "60") };
    let accepted = cloud.invoke(&invoke).await;
    cloud.advance(60).await;

    assert_eq!(function.events(), ["{\"a\": 1}\n"]);
    let headers = [
        ("content-type", "application/octet-stream"),
        ("x-fc-control-path", "/invoke"),
        ("x-fc-request-id", accepted.header("x-fc-request-id").unwrap()),
        ("x-fc-function-name", "seal"),
        ("x-fc-account-id", "1234567890123456"),
        ("x-fc-region", "cn-hangzhou"),
        ("x-fc-retry-count", "0"),
        ("x-fc-qualifier", "LATEST"),
        ("x-fc-access-key-id", "testAccessKeyId"),
        ("x-fc-access-key-secret", "testAccessKeySecret"),
        ("x-fc-security-token", "stand-in-role-token"),
        ("content-length", "9"),
    ];
    for (name, value) in headers {
        assert_eq!(function.header(name), [value], "{name}");
    }
}

#[tokio::test]
async fn a_role_may_be_left_to_the_environment() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({ "role_credentials": false })).await;
    cloud.enqueue("1", 1).await;
    cloud.advance(1).await;
    for name in ["x-fc-access-key-id", "x-fc-access-key-secret", "x-fc-security-token"] {
        assert_eq!(function.header(name), [""], "{name}");
    }
}

#[tokio::test]
async fn nothing_is_delivered_early() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    cloud.enqueue("1", 60).await;
    cloud.advance(30).await;

    let queue = cloud.get("queue").await;
    let waiting = &queue["waiting"][0];
    let due = &waiting["due"];
    let expected = json!({ "function": "seal", "due": due, "delay_seconds": 60, "attempt": 0, "body": 1 });
    assert_eq!(queue, json!({ "waiting": [expected], "delivered": [], "dead_letters": [] }));
    assert!(function.events().is_empty());

    cloud.advance(30).await;
    let queue = cloud.get("queue").await;
    let delivered = json!({
        "function": "seal", "at": due, "attempt": 0, "x_fc_status": "200", "http_status": 200, "answer": { "echo": "1" },
    });
    assert_eq!(queue, json!({ "waiting": [], "delivered": [delivered], "dead_letters": [] }));
    assert_eq!(function.events(), ["1"]);
}

#[tokio::test]
async fn a_queue_that_ignores_the_delay_delivers_at_once() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({ "honours_delay": false })).await;
    cloud.enqueue("1", 3599).await;
    cloud.until_delivered(1).await;
    assert_eq!(function.events(), ["1"]);
}

#[tokio::test]
async fn advancing_delivers_in_order_of_time_and_waits_for_the_answers() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    let third = Invoke::later("third", "60").v3();
    function.will([Act::Dawdle, Act::Send(cloud.address, third), Act::Dawdle, Act::Dawdle]);
    cloud.enqueue("fourth", 200).await;
    cloud.enqueue("second", 120).await;
    cloud.enqueue("first", 60).await;
    cloud.enqueue("fifth", 3599).await;
    cloud.advance(600).await;

    assert_eq!(function.events(), ["first", "second", "third", "fourth"]);
    let queue = cloud.get("queue").await;
    assert_eq!(queue["waiting"][0]["body"], "fifth");
    let at = |index: usize| moment(&queue["delivered"][index], "at");
    assert_eq!(at(2).duration_since(at(1)), SignedDuration::from_secs(60));
}

#[tokio::test]
async fn advancing_takes_no_time_and_adds_up() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({ "retry_after_ms": 3_600_000, "max_retries": 30 })).await;
    function.will((0..24).map(|_| Act::Say(404, Some("404"))));
    cloud.enqueue("1", 3599).await;
    cloud.advance(3599).await;
    cloud.advance(86_400).await;
    assert_eq!(function.events().len(), 25);
    assert_eq!(cloud.count("waiting").await, 0);
}

#[tokio::test]
async fn a_delivery_that_fails_is_repeated_and_ends_as_a_dead_letter() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({ "max_retries": 2 })).await;
    function.will([Act::Say(404, Some("404")), Act::Say(200, Some("500")), Act::Say(200, Some("404"))]);
    let accepted = cloud.invoke(&Invoke::later("{\"a\":1}", "60")).await;
    cloud.advance(59).await;
    cloud.advance(10).await;

    assert_eq!(function.header("x-fc-retry-count"), ["0", "1", "2"]);
    let queue = cloud.get("queue").await;
    assert_eq!((&queue["waiting"], queue["delivered"].as_array().unwrap().len()), (&json!([]), 3));
    let at = |index: usize| moment(&queue["delivered"][index], "at");
    assert!(at(1).duration_since(at(0)) == SignedDuration::from_secs(1));
    let letter = json!({
        "timestamp": at(2).as_millisecond(),
        "requestContext": {
            "requestId": accepted.header("x-fc-request-id").unwrap(),
            "functionArn": "acs:fc:cn-hangzhou:1234567890123456:functions/seal",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": "{\"a\":1}",
        "responseContext": { "statusCode": 200, "functionError": "UnhandledInvocationError" },
        "responsePayload": r#"{"echo":"{\"a\":1}"}"#,
    });
    assert_eq!(queue["dead_letters"], json!([letter]));
}

#[tokio::test]
async fn without_a_word_from_the_function_any_status_is_a_success() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    function.will([Act::Say(500, None)]);
    cloud.enqueue("1", 1).await;
    cloud.advance(60).await;
    let delivered = &cloud.get("queue").await["delivered"];
    assert_eq!((&delivered[0]["http_status"], &delivered[0]["x_fc_status"]), (&json!(500), &json!(null)));
    assert_eq!((delivered.as_array().unwrap().len(), cloud.count("waiting").await), (1, 0));
}

#[tokio::test]
async fn a_function_that_cannot_be_reached_has_failed() {
    let function = Function::nowhere();
    let cloud = Cloud::serving(&function, json!({ "max_retries": 1 })).await;
    cloud.enqueue("1", 1).await;
    cloud.advance(10).await;

    let queue = cloud.get("queue").await;
    let delivered = &queue["delivered"][1];
    assert_eq!((&delivered["attempt"], &delivered["http_status"]), (&json!(1), &json!(null)));
    assert!(delivered["answer"].as_str().unwrap().contains("refused"), "{delivered}");
    assert_eq!(queue["dead_letters"][0]["requestContext"]["approximateInvokeCount"], 2);
}

#[tokio::test]
async fn a_queue_that_loses_tasks_accepts_them_all_the_same() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({ "loses": true })).await;
    cloud.enqueue("1", 1).await;
    cloud.advance(3600).await;
    assert_eq!(cloud.get("queue").await, json!({ "waiting": [], "delivered": [], "dead_letters": [] }));
    assert!(function.events().is_empty());
    assert_eq!(cloud.codes().await, ["OK"]);
}

#[tokio::test]
async fn the_clock_need_not_be_advanced_for_a_task_to_arrive() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({ "retry_after_ms": 20 })).await;
    function.will([Act::Say(404, Some("404"))]);
    cloud.enqueue("1", 600).await;
    assert_eq!(cloud.put("clock", &json!({ "offset_seconds": 600 })).await.status, 204);
    cloud.until_delivered(2).await;
    assert_eq!(function.header("x-fc-retry-count"), ["0", "1"]);
}

#[tokio::test]
async fn a_second_passes_by_itself() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    cloud.enqueue("late", 3000).await;
    cloud.enqueue("1", 1).await;
    assert!(function.events().is_empty());
    cloud.until_delivered(1).await;
    assert_eq!(function.events(), ["1"]);
}

#[tokio::test]
async fn what_is_due_together_is_delivered_once_each_and_side_by_side() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({ "honours_delay": false })).await;
    let all = Arc::new(Barrier::new(8));
    function.will((0..8).map(|_| Act::Meet(Arc::clone(&all))));
    for number in 0..8 {
        cloud.enqueue(&number.to_string(), 1).await;
    }
    cloud.advance(60).await;

    let mut events = function.events();
    events.sort_unstable();
    assert_eq!(events, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!((cloud.count("delivered").await, cloud.count("waiting").await), (8, 0));
}

#[tokio::test]
async fn a_delivery_that_is_forgotten_meanwhile_leaves_no_trace() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({ "honours_delay": false })).await;
    let answer = Arc::new(Notify::new());
    function.will([Act::Hold(Arc::clone(&answer))]);
    cloud.enqueue("1", 1).await;
    function.is_asked().await;
    assert_eq!(cloud.request("DELETE", "queue", "").await.status, 204);
    assert_eq!(cloud.put("functions", &json!([])).await.status, 204);
    answer.notify_one();
    cloud.advance(1).await;
    assert_eq!(cloud.get("queue").await, json!({ "waiting": [], "delivered": [], "dead_letters": [] }));
}

#[tokio::test]
async fn advancing_goes_on_when_nobody_waits_for_it() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    let answer = Arc::new(Notify::new());
    function.will([Act::Hold(Arc::clone(&answer))]);
    cloud.enqueue("1", 60).await;
    cloud.enqueue("2", 120).await;
    tokio::select! {
        () = cloud.advance(120) => panic!("the first delivery is not over"),
        () = function.is_asked() => {}
    }
    answer.notify_one();
    cloud.until_delivered(2).await;
    assert_eq!(function.events(), ["1", "2"]);
    cloud.enqueue("3", 60).await;
    cloud.advance(60).await;
    assert_eq!(function.events().len(), 3);
}

#[tokio::test]
async fn a_task_goes_to_where_its_function_listens_by_then() {
    let (old, new) = (Function::start().await, Function::start().await);
    let cloud = Cloud::serving(&old, json!({})).await;
    cloud.enqueue("1", 60).await;
    cloud.list(&new, json!({})).await;
    cloud.advance(60).await;
    assert_eq!((old.events().len(), new.events().len()), (0, 1));

    cloud.enqueue("2", 60).await;
    cloud.put("functions", &json!([])).await;
    cloud.advance(60).await;
    assert_eq!(cloud.get("queue").await["dead_letters"][0]["requestContext"]["condition"], "FunctionNotFound");
}

#[tokio::test]
async fn instances_become_ready_as_the_clock_advances() {
    let cloud = Cloud::with(json!([{ "id": "rm-1", "ready_after_ms": 300_000 }])).await;
    cloud.advance(200).await;
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "IncorrectDBInstanceState");
    cloud.advance(100).await;
    assert_eq!(cloud.get("instances").await[0]["status"], "Running");
}

#[tokio::test]
async fn a_function_can_be_registered_without_a_request() {
    let (function, emulator) = (Function::start().await, Emulator::new());
    emulator.deliver_to("seal", "http://127.0.0.1:1".to_owned());
    emulator.deliver_to("seal", function.url.clone());
    let cloud = Cloud::serve(emulator).await;
    cloud.enqueue("1", 1).await;
    cloud.advance(1).await;
    assert_eq!(function.events(), ["1"]);

    let listed = json!({
        "name": "seal", "url": function.url, "region": "cn-hangzhou", "account": "1234567890123456", "honours_delay": true,
        "latency_ms": 0, "loses": false, "max_retries": 8, "retry_after_ms": 1000, "role_credentials": true,
    });
    assert_eq!(cloud.get("functions").await, json!([listed]));
}

#[tokio::test]
async fn a_malformed_listing_or_step_is_answered_with_one_clear_sentence() {
    let cloud = Cloud::start().await;
    let named = |name: &str, url: &str| json!([{ "name": name, "url": url }]).to_string();
    let twice = r#"[{"name": "a", "url": "http://x"}, {"name": "a", "url": "http://y"}]"#;
    let cases = [
        ("PUT", "functions", "{}".to_owned(), "invalid type: map, expected a sequence"),
        ("PUT", "functions", r#"[{"name": "a"}]"#.to_owned(), "missing field `url`"),
        ("PUT", "functions", named("a/b", "http://x"), "function `a/b`: name, region and account hold letters"),
        ("PUT", "functions", named("a", "https://x"), "function `a`: `url` must be like http://127.0.0.1:9000"),
        ("PUT", "functions", twice.to_owned(), "the function `a` is listed twice"),
        ("POST", "clock/advance", "{}".to_owned(), "missing field `seconds`"),
        ("POST", "clock/advance", r#"{"seconds": -1}"#.to_owned(), "invalid value: integer `-1`"),
        ("POST", "clock/advance", r#"{"seconds": 9000000000}"#.to_owned(), "the clock may be off by at most"),
    ];
    for (method, path, body, start) in cases {
        let reply = cloud.request(method, path, &body).await;
        assert_eq!(reply.status, 400, "{body}");
        assert!(reply.body.starts_with(start) && !reply.body.contains('\n'), "{body}: {}", reply.body);
    }
}
