//! What sinks take, refuse and remember.

use serde_json::json;

use super::{Cloud, client};

#[tokio::test]
async fn what_sinks_take_is_kept_with_its_headers() {
    let cloud = Cloud::start().await;
    let slack = cloud.request("POST", "slack", r#"{"text":"sealed"}"#).await;
    assert_eq!((slack.status, slack.body.as_str()), (200, "ok"));
    let webhook = cloud.request("POST", "webhook", "not JSON").await;
    assert_eq!((webhook.status, webhook.body.as_str()), (204, ""));

    let kept = cloud.get("notifications").await;
    assert_eq!((&kept[0]["sink"], &kept[0]["body"]), (&json!("slack"), &json!({ "text": "sealed" })));
    assert_eq!((&kept[1]["sink"], &kept[1]["body"]), (&json!("webhook"), &json!("not JSON")));
    assert_eq!(kept[1]["headers"]["content-type"], "application/json");
    assert_eq!(cloud.request("DELETE", "notifications", "").await.status, 204);
    assert_eq!(cloud.get("notifications").await, json!([]));
}

#[tokio::test]
async fn slack_refuses_what_slack_would_refuse() {
    let cloud = Cloud::start().await;
    let blocks = |count: usize| vec![json!({ "type": "divider" }); count];
    let cases = [
        ("sealed".to_owned(), "invalid_payload"),
        ("[]".to_owned(), "invalid_payload"),
        ("{}".to_owned(), "no_text"),
        (json!({ "text": "", "blocks": [] }).to_string(), "no_text"),
        (json!({ "text": "x", "blocks": blocks(51) }).to_string(), "invalid_blocks"),
        (json!({ "attachments": [{ "blocks": blocks(51) }] }).to_string(), "invalid_blocks"),
    ];
    for (body, code) in cases {
        let reply = cloud.request("POST", "slack", &body).await;
        assert_eq!((reply.status, reply.body.as_str()), (400, code), "{body}");
    }
    assert_eq!(cloud.get("notifications").await, json!([]));
    for body in [json!({ "blocks": blocks(50) }), json!({ "attachments": [{ "text": "x" }] })] {
        assert_eq!(cloud.request("POST", "slack", &body.to_string()).await.status, 200);
    }
}

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
