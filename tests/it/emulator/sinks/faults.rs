//! Sinks that are told to fail.

use serde_json::json;

use super::{super::seal, Cloud, client};

/// Every sink with a path of its own, and a message it takes.
const SINKS: [&str; 9] =
    ["slack", "slack-bot", "dingtalk", "feishu", "wecom", "teams", "webhook", "cloudevents", "pagerduty"];

#[tokio::test]
async fn a_sink_can_be_told_to_refuse() {
    let cloud = Cloud::start().await;
    cloud
        .script(
            json!([{ "operation": "webhook", "fault": "status", "status": 503, "body": "busy", "retry_after": "1" }]),
        )
        .await;
    assert_eq!(cloud.request("POST", "slack", r#"{"text":"x"}"#).await.status, 200);

    let refused = cloud.request("POST", "webhook", "{}").await;
    assert_eq!((refused.status, refused.body.as_str(), refused.header("retry-after")), (503, "busy", Some("1")));
    assert_eq!(cloud.request("POST", "webhook", "{}").await.status, 204);
    assert_eq!(cloud.get("notifications").await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn every_sink_can_be_told_to_refuse_with_a_200() {
    let cloud = Cloud::start().await;
    let body = json!({ "errcode": 130_101, "errmsg": "send too fast, exceed 20 times per minute" });
    for sink in SINKS {
        let fault = json!({ "operation": sink, "fault": "status", "status": 200, "body": body.to_string() });
        cloud.script(json!([fault])).await;
        let reply = cloud.request("POST", sink, "{}").await;
        assert_eq!((reply.status, reply.json()), (200, body.clone()), "{sink}");
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{sink}");
    }
    assert_eq!(cloud.get("faults").await, json!([]));
    assert_eq!(cloud.get("notifications").await, json!([]));
}

#[tokio::test]
async fn a_sink_can_be_told_to_hang_up_with_or_without_the_message() {
    for before in [false, true] {
        let cloud = Cloud::start().await;
        cloud.script(json!([{ "operation": "slack", "fault": "drop", "before": before }])).await;
        let request = "POST /_emulator/slack HTTP/1.1\r\nhost: x\r\ncontent-length: 12\r\n\r\n{\"text\":\"x\"}";
        assert_eq!(client::send(cloud.address, request).await.unwrap(), b"");
        assert_eq!(cloud.get("notifications").await.as_array().unwrap().len(), usize::from(!before));
    }
}

#[tokio::test]
async fn a_sink_can_be_told_to_be_slow() {
    let cloud = Cloud::start().await;
    cloud.script(json!([{ "operation": "slack", "fault": "slow", "ms": 20 }])).await;
    let start = std::time::Instant::now();
    assert_eq!(cloud.request("POST", "slack", r#"{"text":"x"}"#).await.body, "ok");
    assert!(start.elapsed().as_millis() >= 20);
}

#[tokio::test]
async fn faults_that_wait_are_listed_as_one_could_script_them() {
    let cloud = Cloud::start().await;
    let script = json!([
        { "operation": "EnableBackupEncryption", "fault": "throttle", "retry_after_ms": 5, "times": 2, "before": false },
        { "operation": "PutEvents", "fault": "code", "code": "Throttling", "times": 1, "before": true },
        { "operation": "wecom", "fault": "status", "status": 200, "body": "x", "times": 1, "before": false },
        { "operation": "teams", "fault": "drop", "times": 3, "before": true },
    ]);
    cloud.script(script.clone()).await;
    assert_eq!(cloud.get("faults").await, script);
    cloud.call(seal("rm-demo")).await;
    assert_eq!(cloud.get("faults").await[0]["times"], 1);

    let waiting = cloud.get("faults").await;
    cloud.script(json!([])).await;
    assert_eq!(cloud.get("faults").await, json!([]));
    cloud.script(waiting.clone()).await;
    assert_eq!(cloud.get("faults").await, waiting);
}

#[tokio::test]
async fn an_empty_script_clears_what_waits() {
    let cloud = Cloud::start().await;
    cloud.script(json!([{ "fault": "drop", "times": 9 }, { "operation": "slack", "fault": "drop" }])).await;
    cloud.script(json!([])).await;
    assert_eq!(cloud.call(seal("rm-demo")).await.code(), "OK");
    assert_eq!(cloud.request("POST", "slack", r#"{"text":"x"}"#).await.body, "ok");
}
