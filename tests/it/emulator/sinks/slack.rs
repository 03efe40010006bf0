//! Slack: incoming webhooks, and `chat.postMessage` of an app.

use serde_json::{Value, json};

use super::{Case, Cloud, case, kept};

const BEARER: &str = "authorization: Bearer xoxb-1-2\r\n";

fn blocks(count: usize) -> Vec<Value> {
    vec![json!({ "type": "divider" }); count]
}

#[tokio::test]
async fn a_webhook_refuses_what_slack_would_refuse() {
    let cloud = Cloud::start().await;
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
async fn a_bot_s_message_is_answered_with_its_channel_and_moment() {
    let cloud = Cloud::start().await;
    let said = case("slack-bot", &json!({ "channel": "C012", "text": "sealed" })).with(BEARER).send(&cloud).await;
    assert_eq!((said.status, &said.json()["ok"], &said.json()["channel"]), (200, &json!(true), &json!("C012")));
    let (seconds, micros) =
        said.json()["ts"].as_str().unwrap().split_once('.').map(|(a, b)| (a.len(), b.len())).unwrap();
    assert_eq!((seconds, micros), (10, 6));
    assert_eq!(said.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(kept(&cloud).await, ["slack-bot"]);
}

#[tokio::test]
async fn a_bot_s_message_is_refused_with_a_200_and_a_word() {
    let cloud = Cloud::start().await;
    let good = json!({ "channel": "C012", "text": "sealed" });
    let to = |body: Value| case("slack-bot", &body).with(BEARER);
    let cases = [
        (case("slack-bot", &good), "not_authed"),
        (case("slack-bot", &good).with("authorization: Bearer secret\r\n"), "invalid_auth"),
        (case("slack-bot", &good).with("authorization: xoxb-1-2\r\n"), "invalid_auth"),
        (
            case("slack-bot", &good).with("authorization: Bearer xoxb-1-2\r\ncontent-type: text/plain\r\n"),
            "invalid_post_type",
        ),
        (Case { body: "{".to_owned(), ..to(json!({})) }, "invalid_json"),
        (to(json!({ "text": "sealed" })), "channel_not_found"),
        (to(json!({ "channel": "", "text": "sealed" })), "channel_not_found"),
        (to(json!({ "channel": "C012" })), "no_text"),
        (to(json!({ "channel": "C012", "text": "x", "blocks": blocks(51) })), "invalid_blocks"),
        (to(json!({ "channel": "C012", "text": "x", "blocks": {} })), "invalid_blocks"),
    ];
    for (case, error) in cases {
        let reply = case.send(&cloud).await;
        assert_eq!((reply.status, reply.json()), (200, json!({ "ok": false, "error": error })), "{}", case.body);
    }
    assert_eq!(kept(&cloud).await, [""; 0]);
}
