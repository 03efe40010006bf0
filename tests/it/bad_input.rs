//! Every input is hostile. Each gets one clear sentence, the status that fits, and no call.

use serde_json::{Value, json};

use crate::world::{World, event, request};

/// Delivers a body that cannot be read and returns the field and the reason of its rejection.
async fn rejected(world: &World, body: impl Into<reqwest::Body>) -> (String, String) {
    let told = world.deliver(body).await;
    assert_eq!(told.verdict(), "400 404 again", "it has to reach the dead letter: {}", told.body);
    assert!(told.body["reports"].as_array().unwrap().is_empty());
    let text = |key: &str| told.body["rejected"][0][key].as_str().unwrap().to_owned();
    let (field, reason) = (text("field"), text("reason"));
    assert!(world.said().contains(&format!("{field} {reason}")), "the log has it too");
    (field, reason)
}

#[tokio::test]
async fn what_is_not_json_is_rejected_by_its_place() {
    let world = World::start().await;
    let deep = "[".repeat(100_000);
    for (body, reason) in [
        (b"".to_vec(), "is empty: send an event or {\"instance\":\"rm-…\"}"),
        (b" \n".to_vec(), "is empty: send an event or {\"instance\":\"rm-…\"}"),
        (b"{\"instance\":\"rm-de".to_vec(), "ends too early, at line 1, column 18"),
        (b"instance=rm-demo1".to_vec(), "is not valid JSON, at line 1, column 1"),
        (b"{\"instance\":\"\xff\xfe\"}".to_vec(), "is not valid JSON, at line 1, column 14"),
        (b"<xml/>".to_vec(), "is not valid JSON, at line 1, column 1"),
        (deep.into_bytes(), "is nested too deep, at line 1, column 128"),
        (b"[]".to_vec(), "is an empty array: there is no event in it"),
        (b"7".to_vec(), "is not a JSON object: send an event or {\"instance\":\"rm-…\"}"),
        (b"\"rm-demo1\"".to_vec(), "is not a JSON object: send an event or {\"instance\":\"rm-…\"}"),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(rejected(&world, body).await, ("body".to_owned(), reason.to_owned()), "{shown}");
    }
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_huge_body_is_rejected_unread() {
    let world = World::start().await;
    let (field, reason) = rejected(&world, "x".repeat(300 * 1024)).await;
    assert_eq!((field.as_str(), reason.as_str()), ("body", "is larger than 256 KiB"));
}

#[tokio::test]
async fn a_direct_request_names_the_field_that_is_wrong() {
    let world = World::start().await;
    let long = format!("rm-{}", "a".repeat(10_240));
    let with = |changes: Value| {
        let mut request = json!({"instance": "rm-demo1", "region": "cn-hangzhou"});
        for (name, value) in changes.as_object().unwrap() {
            request[name] = value.clone();
        }
        request.to_string()
    };
    for (changes, field) in [
        (json!({"instance": ""}), "instance"),
        (json!({"instance": null}), "instance"),
        (json!({"instance": 7}), "instance"),
        (json!({"instance": ["rm-demo1"]}), "instance"),
        (json!({"instance": "rm-demo1; reboot"}), "instance"),
        (json!({"instance": "rm-demo1\u{0}"}), "instance"),
        (json!({"instance": "rm-demo1\n"}), "instance"),
        (json!({"instance": "rm-\u{ff11}\u{ff12}"}), "instance"),
        (json!({"instance": long}), "instance"),
        (json!({"region": "evil.com/cn"}), "region"),
        (json!({"region": true}), "region"),
        (json!({"region": ""}), "region"),
        (json!({"account": "12345678901234x6"}), "account"),
        (json!({"account": 1_234_567_890_123_456_u64}), "account"),
        (json!({"key": "key with blank"}), "key"),
        (json!({"key": ""}), "key"),
        (json!({"mode": "force"}), "mode"),
        (json!({"mode": "ENFORCE"}), "mode"),
        (json!({"mode": 1}), "mode"),
        (json!({"id": 7}), "id"),
        (json!({"RegionId": "cn-hangzhou"}), "region"),
        (json!({"instanse": "rm-demo1"}), "body"),
    ] {
        let (named, reason) = rejected(&world, with(changes.clone())).await;
        assert_eq!(named, field, "{changes}");
        assert!(!reason.contains("reboot") && reason.len() < 120, "{reason}");
    }
    let (field, reason) = rejected(&world, json!({"instance": "rm-demo1"}).to_string()).await;
    assert_eq!((field.as_str(), reason.as_str()), ("region", "is missing"));
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_field_that_no_request_has_is_named() {
    let world = World::start().await;
    for (name, shown) in [("zone", "zone"), ("Instance", "Instance"), ("a\n`b\u{1b}", "a'b")] {
        let mut request = json!({"instance": "rm-demo1", "region": "cn-hangzhou"});
        request[name] = json!("secret");
        let told = world.deliver(json!([request]).to_string()).await;
        let reason =
            format!("has an unknown field \"{shown}\": a request takes instance, region, account, key, mode and id");
        let rejected = json!([{"field": "[0]", "reason": reason, "code": "unknown_field"}]);
        assert_eq!(told.body["rejected"], rejected, "{name}");
    }
    let long = json!({"instance": "rm-demo1", "x".repeat(1000): 1}).to_string();
    let (_, reason) = rejected(&world, long).await;
    assert!(reason.starts_with(&format!("has an unknown field \"{}\": ", "x".repeat(40))), "{reason}");
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_byte_order_mark_before_json_is_no_mistake() {
    let world = World::start().await;
    let told = world.deliver(format!("\u{feff}{}", request("rm-demo1"))).await;
    assert_eq!(told.outcome(), "enabled");
}

#[tokio::test]
async fn machines_go_by_a_code() {
    let world = World::start().await;
    for (body, code) in [
        ("{", "json_ends_early"),
        ("{\"instance\":\"rm-a b\",\"region\":\"cn-hangzhou\"}", "not_an_instance_id"),
        ("{\"instance\":\"rm-demo1\"}", "missing"),
        ("[]", "empty_array"),
    ] {
        assert_eq!(world.deliver(body).await.body["rejected"][0]["code"], code, "{body}");
    }
    let told = world.deliver(event("failed-create.json")).await;
    assert_eq!(told.body["ignored"][0]["code"], "failed_call");
}

#[tokio::test]
async fn an_envelope_names_the_field_that_is_wrong() {
    let world = World::start().await;
    let created: Value = serde_json::from_str(&event("instance-created.json")).unwrap();
    for (pointer, value, field) in [
        ("/specversion", json!("0.3"), "specversion"),
        ("/specversion", json!(1), "specversion"),
        ("/id", json!(null), "id"),
        ("/source", json!(""), "source"),
        ("/type", json!({}), "type"),
        ("/data", json!(null), "data"),
        ("/data", json!("text"), "data"),
        ("/data/eventName", json!(null), "data.eventName"),
        ("/data/serviceName", json!(7), "data.serviceName"),
        ("/data/acsRegion", json!("CN_HANGZHOU"), "data.acsRegion"),
        ("/data/responseElements", json!(null), "data.responseElements.DBInstanceId"),
        ("/data/responseElements/DBInstanceId", json!(null), "data.responseElements.DBInstanceId"),
        ("/data/responseElements/DBInstanceId", json!(["rm-demo1"]), "data.responseElements.DBInstanceId"),
        ("/data/responseElements/DBInstanceId", json!("rm-demo1|id"), "data.responseElements.DBInstanceId"),
        ("/aliyunoriginalaccountid", json!("someone"), "aliyunoriginalaccountid"),
    ] {
        let mut event = created.clone();
        *event.pointer_mut(pointer).unwrap() = value.clone();
        let (named, _) = rejected(&world, event.to_string()).await;
        assert_eq!(named, field, "{pointer} = {value}");
    }
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_word_from_outside_cannot_forge_a_line_of_the_log() {
    let world = World::start().await;
    let forged = "x\nFC Invoke End RequestId: R-1";
    let mut event: Value = serde_json::from_str(&event("instance-created.json")).unwrap();
    event["id"] = json!(forged);
    event["data"]["eventName"] = json!(format!("Other{forged}"));
    world.deliver(event.to_string()).await;
    let ends = world.said().lines().filter(|line| line.starts_with("FC Invoke End")).count();
    assert_eq!(ends, 1, "the host's own line and no other");
}
