//! `PutEvents` of EventBridge.

use serde_json::{Value, json};

use super::{super::Rpc, Cloud, kept};

fn event() -> Value {
    json!({
        "Id": "01-a", "Source": "rds-seal", "Type": "rds-seal:enabled", "Subject": "rm-1", "SpecVersion": "1.0",
        "Time": "2026-01-01T00:00:00Z", "DataContentType": "application/json", "Data": { "outcome": "é" },
    })
}

/// The event with one attribute changed; a null takes it away.
fn event_with(name: &str, value: Value) -> Value {
    let mut event = event();
    event[name] = value;
    event
}

fn put(events: &Value) -> Rpc {
    let call = Rpc::new("PutEvents").at("eventbridge.cn-chengdu.aliyuncs.com");
    let call = Rpc { version: "2020-04-01".to_owned(), ..call };
    call.with("EventBusName", "audit").with("EventList", &events.to_string())
}

#[tokio::test]
async fn what_is_put_is_answered_event_by_event_and_kept() {
    for host in ["eventbridge.cn-chengdu.aliyuncs.com", "eventbridge-console.cn-hangzhou.aliyuncs.com", "127.0.0.1"] {
        let cloud = Cloud::start().await;
        let events = json!([event(), event_with("Id", json!("02"))]);
        let reply = cloud.send(&put(&events).at(host).v3_form()).await;
        let answer = reply.json();
        assert_eq!((reply.status, &answer["Success"], &answer["Code"]), (200, &json!(true), &json!("200")), "{answer}");
        assert_eq!(answer["RequestId"].as_str().unwrap().len(), 36);
        assert_eq!(answer["Data"]["FailedEntryCount"], 0);
        let ids: Vec<_> = (0..2).map(|at| &answer["Data"]["EntryList"][at]["EventId"]).collect();
        assert_eq!(ids, ["01-a", "02"]);

        let taken = cloud.get("notifications").await;
        assert_eq!((&taken[0]["sink"], &taken[0]["query"]), (&json!("eventbridge"), &json!({})));
        assert_eq!(taken[0]["body"], json!({ "EventBusName": "audit", "EventList": events }));
        assert_eq!(taken[0]["headers"]["x-acs-action"], "PutEvents");
        assert_eq!(cloud.codes().await, ["OK"]);
    }
}

#[tokio::test]
async fn an_event_that_is_not_right_fails_alone() {
    let cloud = Cloud::start().await;
    let cases = [
        (json!("x"), "The event is not an object."),
        (event_with("Id", json!(null)), "Id is missing."),
        (event_with("Source", json!("")), "Source is missing."),
        (event_with("Type", json!(5)), "Type is missing."),
        (event_with("Id", json!("x".repeat(129))), "Id is too long."),
        (event_with("Type", json!("x".repeat(65))), "Type is too long."),
        (event_with("Subject", json!("x".repeat(513))), "Subject is too long."),
        (event_with("Id", json!("a_b")), "Id has other characters than letters, digits and hyphens."),
        (event_with("Id", json!("-a")), "Id has other characters than letters, digits and hyphens."),
        (event_with("account", json!("1")), "account is no attribute of an event."),
        (event_with("Data", json!("x".repeat(64 * 1024))), "The event has more than 64 KB."),
    ];
    for (wrong, why) in cases {
        cloud.request("DELETE", "notifications", "").await;
        let data = cloud.send(&put(&json!([event(), wrong])).v3_form()).await.json()["Data"].clone();
        let (good, bad) = (&data["EntryList"][0], &data["EntryList"][1]);
        assert_eq!((&data["FailedEntryCount"], &good["EventId"]), (&json!(1), &json!("01-a")), "{why}");
        assert_eq!((&bad["ErrorCode"], &bad["ErrorMessage"]), (&json!("InvalidArgument"), &json!(why)));
        assert_eq!(cloud.get("notifications").await[0]["body"]["EventList"], json!([event()]));
    }
    cloud.request("DELETE", "notifications", "").await;
    assert_eq!(cloud.send(&put(&json!([{}])).v3_form()).await.json()["Data"]["FailedEntryCount"], 1);
    assert_eq!(kept(&cloud).await, [""; 0]);
}

#[tokio::test]
async fn a_request_that_is_not_right_is_refused_as_a_whole() {
    let cloud = Cloud::start().await;
    let bare = || Rpc { parameters: Vec::new(), ..put(&json!([])) };
    let many = json!(vec![event(); 17]);
    let cases = [
        (bare().with("EventList", "[]").v3_form(), "MissingEventBusName"),
        (bare().with("EventBusName", "audit").v3_form(), "MissingEventList"),
        // What is in the query is not looked at.
        (put(&json!([event()])).v3(), "MissingEventBusName"),
        (bare().with("EventBusName", "audit").with("EventList", "{").v3_form(), "InvalidParameter"),
        (put(&json!([])).v3_form(), "InvalidParameter"),
        (put(&many).v3_form(), "InvalidParameter"),
        (put(&json!([event()])).at("rds.aliyuncs.com").v3_form(), "InvalidApi.NotFound"),
        (Rpc { secret: "wrong".to_owned(), ..put(&json!([event()])) }.v3_form(), "SignatureDoesNotMatch"),
        // The body is part of what is signed.
        (put(&json!([event()])).v3_form().replace("rm-1", "rm-2"), "SignatureDoesNotMatch"),
    ];
    for (request, code) in cases {
        let reply = cloud.send(&request).await;
        assert_eq!(reply.code(), code, "{}", reply.body);
    }
    assert_eq!(kept(&cloud).await, [""; 0]);
}

#[tokio::test]
async fn putting_events_can_be_denied_by_bus() {
    let cloud = Cloud::start().await;
    cloud.set("denied", json!(["eventbridge:PutEvents"])).await;
    let reply = cloud.send(&put(&json!([event()])).v3_form()).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "Forbidden.RAM"));
    assert_eq!(reply.json()["AccessDeniedDetail"]["AuthAction"], "eventbridge:PutEvents");
    cloud.set("denied", json!([])).await;

    cloud
        .set(
            "accounts",
            json!([{ "id": "1234567890123456", "roles": [{ "name": "r", "trusts": ["1234567890123456"] }] }]),
        )
        .await;
    let session = async |bus: &str| {
        let statement = json!({
            "Effect": "Allow", "Action": "eventbridge:PutEvents",
            "Resource": format!("acs:eventbridge:cn-chengdu:1234567890123456:eventbus/{bus}"),
        });
        let policy = json!({ "Version": "1", "Statement": [statement] }).to_string();
        let role = Rpc::sts("AssumeRole").with("RoleArn", "acs:ram::1234567890123456:role/r");
        cloud.answer(role.with("RoleSessionName", "test").with("Policy", &policy)).await["Credentials"].clone()
    };
    for (bus, code) in [("audit", "OK"), ("other", "Forbidden.RAM")] {
        let call = put(&json!([event()])).by(&session(bus).await);
        assert_eq!(cloud.send(&call.v3_form()).await.code(), code, "{bus}");
    }
    assert_eq!(kept(&cloud).await, ["eventbridge"]);
}

#[tokio::test]
async fn a_fault_meets_the_events_that_are_put() {
    let cloud = Cloud::start().await;
    let body = json!({ "Code": "200", "Data": { "FailedEntryCount": 1, "EntryList": [{ "ErrorCode": "Busy" }] } });
    cloud
        .script(json!([
            { "operation": "PutEvents", "fault": "throttle" },
            { "operation": "PutEvents", "fault": "raw", "body": body.to_string(), "before": true },
        ]))
        .await;
    assert_eq!(cloud.send(&put(&json!([event()])).v3_form()).await.code(), "Throttling.User");
    assert_eq!(cloud.send(&put(&json!([event()])).v3_form()).await.json(), body);
    assert_eq!(kept(&cloud).await, [""; 0]);
}
