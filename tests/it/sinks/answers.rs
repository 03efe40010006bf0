//! What a sink's answer leads to, over the wire. The tables themselves are tested beside them.

use serde_json::{Value, json};

use crate::world::{Setup, World};

/// A function with one sink of this kind that has to be reached.
async fn with_one(kind: &str) -> World {
    let rest = match kind {
        "webhook" => "secret = { env = \"SIEM_SECRET\" }",
        "eventbridge" => "bus = \"platform\"\nregion = \"cn-hangzhou\"",
        _ => "",
    };
    let url = format!("url = \"https://captured.invalid/{kind}?access_token=t&key=k&sig=s\"");
    let url = if kind == "eventbridge" { "" } else { &url };
    let toml = format!("[[sinks]]\nname = \"ops\"\nkind = \"{kind}\"\n{url}\nrequired = true\n{rest}\n");
    let env = vec![("SIEM_SECRET".to_owned(), "whsec_c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi".to_owned())];
    World::with(Setup { toml, env, ..Setup::default() }).await
}

/// Lets a sink answer so once, and says whether it took the report in the end, and what was logged.
async fn ends(kind: &str, status: u16, body: &Value) -> (bool, String) {
    let world = with_one(kind).await;
    let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
    world.script(json!([{"operation": kind, "fault": "status", "status": status, "body": body}])).await;
    world.ask().await;
    (world.taken_by(kind).await.len() == 1, world.said())
}

#[tokio::test]
async fn what_may_pass_is_sent_again_and_what_never_will_is_not() {
    for (kind, status, body, is_taken) in [
        ("feishu", 200, json!({"code": 9499, "msg": "too many request"}), true),
        ("feishu", 200, json!({"code": 9499, "msg": "Bad Request"}), false),
        ("feishu", 200, json!({"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}), true),
        ("dingtalk", 200, json!({"errcode": 310_000, "errmsg": "description:关键词不匹配"}), false),
        ("dingtalk", 200, json!({"errcode": 310_000, "errmsg": "description:timestamp is invalid"}), true),
        ("wecom", 200, json!({"errcode": 93000, "errmsg": "invalid webhook url"}), false),
        ("webhook", 410, json!("gone"), false),
        ("webhook", 503, json!("later"), true),
        ("slack", 200, json!("invalid_blocks"), false),
        ("teams", 502, json!(""), true),
    ] {
        let (taken, said) = ends(kind, status, &body).await;
        assert_eq!(taken, is_taken, "{kind} {status} {body}: {said}");
        assert_eq!(said.contains("sink ops did not take report"), !is_taken, "{kind} {status} {body}: {said}");
    }
}

#[tokio::test]
async fn a_robot_that_wants_a_keyword_is_named_in_the_log_with_its_code() {
    let (_, said) = ends("dingtalk", 200, &json!({"errcode": 310_000, "errmsg": "description:关键词不匹配"})).await;
    assert!(said.contains("it answered with status 200 (310000)"), "{said}");
    assert!(!said.contains("关键词"), "a stranger's words stay out of the log");
}

#[tokio::test]
async fn a_sink_that_is_gone_is_said_loudly_and_asked_no_more() {
    for kind in ["webhook", "cloudevents", "slack", "teams"] {
        let world = with_one(kind).await;
        world.script(json!([{"operation": kind, "fault": "status", "status": 410, "body": ""}])).await;
        let told = world.ask().await;
        assert_eq!(told.outcome(), "enabled");
        assert!(world.taken_by(kind).await.is_empty(), "{kind} would have taken a second one");
        let said = world.said();
        let loud = |line: &&str| line.contains("ERROR") && line.contains("sink ops did not take report");
        let lines: Vec<&str> = said.lines().filter(loud).collect();
        assert_eq!(lines.len(), 1, "{kind}: {said}");
        assert!(lines[0].contains("it is gone (status 410): remove it or give it a new URL"), "{}", lines[0]);
    }
}

#[tokio::test]
async fn a_required_sink_that_is_gone_is_left_to_the_failure_destination_and_not_to_the_queue() {
    let toml = "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = \"https://captured.invalid/a\"\nrequired = true\n";
    let world = World::with(Setup { named: true, toml: toml.to_owned(), ..Setup::default() }).await;
    world.script(json!([{"operation": "slack", "fault": "status", "status": 410, "body": "gone", "times": 9}])).await;
    let told = world.ask().await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("enabled", "404 404 again"));
    assert_eq!(world.get("queue").await["waiting"], json!([]), "the queue would ask it in vain");
}
/// What the calls for a bus come to that fails so, and whether it took the report in the end.
async fn puts(fault: Value) -> (Vec<String>, bool) {
    let world = with_one("eventbridge").await;
    world.script(json!([fault])).await;
    world.ask().await;
    let calls = world.calls().await.into_iter().filter(|call| call.starts_with("PutEvents"));
    (calls.collect(), world.taken_by("eventbridge").await.len() == 1)
}

#[tokio::test]
async fn a_bus_is_asked_again_like_every_sink_and_no_more_often() {
    let refused = |code: &str, status: u16, times: u32| json!({"operation": "PutEvents", "fault": "code", "code": code, "status": status, "times": times});
    let not_taken = |code: &str| {
        let data = json!({"FailedEntryCount": 1, "EntryList": [{"ErrorCode": code}]});
        json!({"operation": "PutEvents", "fault": "raw", "before": true, "body": json!({"Code": "200", "Data": data}).to_string()})
    };
    for (fault, attempts, is_taken) in [
        (refused("ServiceUnavailable", 503, 1), 2, true),
        (refused("ServiceUnavailable", 503, 20), 3, false),
        (refused("Throttling.User", 400, 1), 2, true),
        (refused("Forbidden.RAM", 403, 20), 1, false),
        (not_taken("InternalError"), 2, true),
        (not_taken("InvalidArgument"), 1, false),
    ] {
        let (calls, taken) = puts(fault.clone()).await;
        assert_eq!((calls.len(), taken), (attempts, is_taken), "{fault}: {calls:?}");
    }
}
