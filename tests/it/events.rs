//! Each sample in `events/`, and what else arrives at the event door, ends in a known result.

use serde_json::{Value, json};

use crate::world::{World, event, request};

/// The outcomes, the ignored and the rejected of a sample, by number and name.
async fn result_of(name: &str) -> (Vec<String>, usize, Vec<String>) {
    let world = World::start().await;
    let told = world.deliver_event(name).await;
    let texts = |list: &str, key: &str| {
        told.body[list].as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    (texts("reports", "outcome"), texts("ignored", "reason").len(), texts("rejected", "field"))
}

#[tokio::test]
async fn every_sample_ends_as_its_readme_says() {
    let enabled = |times| vec!["enabled".to_owned(); times];
    for (name, outcomes, ignored) in [
        ("instance-created.json", enabled(1), 0),
        ("clone-created.json", enabled(1), 0),
        ("failed-create.json", vec![], 1),
        ("bulk-created.json", enabled(3), 0),
        ("direct-request.json", enabled(1), 0),
        ("direct-request-plan.json", vec!["planned".to_owned()], 0),
        ("bare-actiontrail.json", enabled(1), 0),
        ("config-noncompliant.json", enabled(1), 0),
        ("dead-letter.json", enabled(1), 0),
        ("remediation.json", enabled(2), 0),
        ("smq-queue.json", enabled(2), 0),
        ("smq-topic.json", enabled(1), 0),
        ("timer.json", vec![], 1),
    ] {
        assert_eq!(result_of(name).await, (outcomes, ignored, vec![]), "{name}");
    }
}

#[test]
fn every_sample_has_its_line_above() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/events");
    let samples = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let tested = include_str!("events.rs");
    let readme = std::fs::read_to_string(format!("{folder}/README.md")).unwrap();
    for sample in samples.filter(|name| name.to_ascii_lowercase().ends_with(".json")) {
        assert!(tested.contains(&format!("(\"{sample}\"")), "{sample} is not tested");
        assert!(readme.contains(&sample), "{sample} is not explained");
    }
}

/// The created event with changes at dotted paths; null takes a field away.
fn changed(name: &str, changes: &[(&str, Value)]) -> String {
    let mut whole: Value = serde_json::from_str(&event(name)).unwrap();
    for (path, value) in changes {
        let pointer = format!("/{}", path.replace('.', "/"));
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let parent = whole.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Value::Null => parent.remove(field),
            value => parent.insert(field.to_owned(), value.clone()),
        };
    }
    whole.to_string()
}

#[tokio::test]
async fn what_is_genuine_and_not_for_us_is_ignored_with_the_reason() {
    let world = World::start().await;
    for (changes, reason) in [
        (vec![("data.serviceName", json!("Ecs"))], "CreateDBInstance is a call of Ecs, not of Rds"),
        (vec![("data.eventName", json!("EnableBackupEncryption"))], "our own call"),
        (vec![("data.eventName", json!("RestartDBInstance"))], "is not one of the configured creating calls"),
        (vec![("data.errorCode", json!("OrderFailed"))], "this CreateDBInstance failed with OrderFailed"),
        (
            vec![("type", json!("rds:CloudMonitor:InstanceFailover"))],
            "events of type rds:CloudMonitor:InstanceFailover",
        ),
        (vec![("type", json!("ecs:ActionTrail:Something"))], "are not for us"),
    ] {
        let told = world.deliver(changed("instance-created.json", &changes)).await;
        assert_eq!(told.verdict(), "200 200 done");
        let said = told.body["ignored"][0]["reason"].as_str().unwrap();
        assert!(said.contains(reason), "{said}");
        assert!(told.body["ignored"][0]["event_id"].is_string());
    }
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn every_action_trail_type_and_any_product_spelling_is_read() {
    for kind in ["rds:ActionTrail:ApiCall", "rds:ActionTrail:ConsoleOperation", "x:ActionTrail:AliyunServiceEvent"] {
        let world = World::start().await;
        let changes = [("type", json!(kind)), ("data.serviceName", json!("RDS"))];
        assert_eq!(world.deliver(changed("instance-created.json", &changes)).await.outcome(), "enabled", "{kind}");
    }
}

#[tokio::test]
async fn the_source_of_a_copy_is_never_sealed_for_the_copy() {
    let world = World::start().await;
    let source = json!("rm-demo1source000001");
    let told = world.deliver(changed("clone-created.json", &[("data.responseElements.DBInstanceId", source)])).await;
    assert!(told.body["reports"].as_array().unwrap().is_empty());
    assert!(told.body["ignored"][0]["reason"].as_str().unwrap().contains("is the source"));
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_copy_whose_source_cannot_be_told_is_rejected_or_found_wherever_it_is_named() {
    let source = "rm-demo1source000001";
    for parameters in [json!({"a": {"b": [format!("x, {source}")]}}), json!({"Ids": format!("{source},rm-x")})] {
        let world = World::start().await;
        let ids = ("data.responseElements.DBInstanceId", json!(source));
        let told = world.deliver(changed("clone-created.json", &[ids, ("data.requestParameters", parameters)])).await;
        assert_eq!(told.body["ignored"].as_array().unwrap().len(), 1);
    }
    for parameters in [json!(null), json!("{\"DBInstanceId\":\"rm-demo1source000001\"}")] {
        let world = World::start().await;
        let told = world.deliver(changed("clone-created.json", &[("data.requestParameters", parameters)])).await;
        assert_eq!(told.body["rejected"][0]["field"], "data.requestParameters");
        assert!(world.calls().await.is_empty());
    }
}

#[tokio::test]
async fn an_empty_field_says_nothing() {
    let world = World::start().await;
    let empty = [("data.errorCode", json!("")), ("aliyunoriginalaccountid", json!("")), ("aliyunregionid", json!(""))];
    assert_eq!(world.deliver(changed("instance-created.json", &empty)).await.outcome(), "enabled");
}

#[tokio::test]
async fn ids_that_differ_in_what_cannot_be_shown_are_different_asks() {
    let world = World::start().await;
    let correlation = async |id: &str| {
        let body = json!({"instance": "rm-demo1", "region": "cn-hangzhou", "id": id}).to_string();
        world.deliver(body).await.report()["correlation_id"].clone()
    };
    assert_ne!(correlation("变更-1").await, correlation("回滚-1").await);
    assert_ne!(correlation("a\u{200b}").await, correlation("a").await);
}

#[tokio::test]
async fn a_delivery_holds_at_most_five_hundred() {
    let world = World::configured("mode = \"plan\"").await;
    let ids: Vec<_> = (0..501).map(|index| format!("rm-demo{index}")).collect();
    let told = world
        .deliver(changed("instance-created.json", &[("data.responseElements.DBInstanceId", json!(ids.join(",")))]))
        .await;
    assert_eq!(told.body["rejected"][0]["reason"], "asks for 501 instances at once; the limit is 500");
    let bad = changed("instance-created.json", &[("data.responseElements.DBInstanceId", json!(",".repeat(100_000)))]);
    let told = world.deliver(bad).await;
    assert_eq!(told.body["rejected"].as_array().unwrap().len(), 1, "one sentence, not one for each");
    let told = world.deliver(format!("[{}]", vec!["{}"; 501].join(","))).await;
    assert_eq!(told.body["rejected"][0]["reason"], "has 501 items; the limit is 500");
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_bulk_create_asks_once_for_each_and_a_bad_id_stops_no_other() {
    let world = World::start().await;
    let ids = json!("rm-demo1, rm-demo2,rm-demo1,RM-BAD");
    let told = world.deliver(changed("instance-created.json", &[("data.responseElements.DBInstanceId", ids)])).await;
    assert_eq!(told.body["reports"].as_array().unwrap().len(), 2);
    assert_eq!(told.body["rejected"][0]["field"], "data.responseElements.DBInstanceId");
    assert_eq!(world.calls().await.len(), 2);
    assert_eq!(told.verdict(), "400 404 again");
}

#[tokio::test]
async fn the_owner_of_the_event_decides_the_account_and_the_actor_does_not() {
    let world = World::start().await;
    let foreign = json!("6543210987654321");
    let other_actor = [("data.userIdentity.accountId", foreign.clone())];
    assert_eq!(world.deliver(changed("instance-created.json", &other_actor)).await.outcome(), "enabled");
    let other_owner = [("aliyunoriginalaccountid", foreign)];
    let told = world.deliver(changed("instance-created.json", &other_owner)).await;
    assert_eq!((told.outcome(), &told.report()["rule"]["name"]), ("refused", &json!("foreign-account")));
}

#[tokio::test]
async fn configured_creating_calls_replace_the_usual_ones() {
    let world = World::configured("[doors.event]\ncreating_calls = [\"CreateReadOnlyDBInstance\"]").await;
    let read_only = [("data.eventName", json!("CreateReadOnlyDBInstance"))];
    assert_eq!(world.deliver(changed("instance-created.json", &read_only)).await.outcome(), "enabled");
    let told = world.deliver_event("instance-created.json").await;
    assert_eq!(told.body["ignored"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_direct_request_takes_the_names_of_the_api_too() {
    let world = World::configured("[key]\nallowed = [\"key-*\"]").await;
    let request = json!({"DBInstanceName": "rm-demo1", "RegionId": "cn-hangzhou", "EncryptionKey": "key-1"});
    let told = world.deliver(request.to_string()).await;
    assert_eq!((told.outcome(), &told.report()["key"]), ("enabled", &json!("key-1")));
}

#[tokio::test]
async fn the_id_of_a_direct_request_is_its_own_or_that_of_the_invocation() {
    let world = World::start().await;
    let own =
        world.deliver(json!({"instance": "rm-demo1", "region": "cn-hangzhou", "id": "change-1"}).to_string()).await;
    assert_eq!(own.report()["origin"]["event_id"], "change-1");
    let none = world.deliver(json!({"instance": "rm-demo1", "region": "cn-hangzhou"}).to_string()).await;
    assert_eq!(none.report()["origin"]["event_id"], "R-1");
}

#[tokio::test]
async fn a_dead_letter_sent_back_is_the_same_ask_again() {
    let world = World::start().await;
    let asked = world.deliver_with(&[("x-fc-request-id", "R-7")], request("rm-demo1")).await;
    let letter = json!({
        "requestContext": {"requestId": "R-7", "condition": "UnhandledInvocationError"},
        "requestPayload": request("rm-demo1"),
    });
    let again = world.deliver_with(&[("x-fc-request-id", "R-8")], letter.to_string()).await;
    assert_eq!((asked.outcome(), again.outcome()), ("enabled", "already_enabled"));
    assert_eq!(asked.report()["correlation_id"], again.report()["correlation_id"]);
}

#[tokio::test]
async fn a_task_in_a_dead_letter_reaches_nobody() {
    let world = World::start().await;
    let task = json!({"schema": "rds-seal.task/1", "attempt": 2, "request": {}}).to_string();
    let letter = json!({"requestContext": {"requestId": "R-7"}, "requestPayload": task});
    let told = world.deliver(letter.to_string()).await;
    assert_eq!(told.verdict(), "400 404 again");
    assert_eq!(told.body["rejected"][0]["field"], "requestPayload.schema");
    assert!(told.body["rejected"][0]["reason"].as_str().unwrap().contains("send the dead letter's `requestPayload`"));
    assert!(world.calls().await.is_empty());
}
