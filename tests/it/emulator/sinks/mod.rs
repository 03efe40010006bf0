//! What sinks take, refuse and remember.

mod chats;
mod eventbridge;
mod faults;
mod services;
mod signed;
mod slack;

use serde_json::{Value, json};

use super::{Cloud, client};

/// What is sent to a sink: where, with which headers, and what.
struct Case {
    path: &'static str,
    headers: &'static str,
    body: String,
}

fn case(path: &'static str, body: &Value) -> Case {
    Case { path, headers: "", body: body.to_string() }
}

impl Case {
    fn with(self, headers: &'static str) -> Self {
        Self { headers, ..self }
    }

    /// Sends it with the content type it has, else as JSON.
    async fn send(&self, cloud: &Cloud) -> client::Reply {
        let path = format!("/_emulator/{}", self.path);
        let json = if self.headers.contains("content-type") { "" } else { "content-type: application/json\r\n" };
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{json}{}content-length: {}\r\n\r\n{}",
            cloud.address,
            self.headers,
            self.body.len(),
            self.body
        );
        cloud.send(&request).await
    }
}

/// The messages that were kept, by sink.
async fn kept(cloud: &Cloud) -> Vec<String> {
    let kept = cloud.get("notifications").await;
    kept.as_array().unwrap().iter().map(|one| one["sink"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_sinks_take_is_kept_with_its_query_and_headers() {
    let cloud = Cloud::start().await;
    let slack = cloud.request("POST", "slack", r#"{"text":"sealed"}"#).await;
    assert_eq!((slack.status, slack.body.as_str()), (200, "ok"));
    let webhook = cloud.request("POST", "webhook?to=ops&note=a+b%2Bc", "not JSON").await;
    assert_eq!((webhook.status, webhook.body.as_str()), (204, ""));

    let kept = cloud.get("notifications").await;
    assert_eq!((&kept[0]["sink"], &kept[0]["body"]), (&json!("slack"), &json!({ "text": "sealed" })));
    assert_eq!(kept[0]["query"], json!({}));
    assert_eq!((&kept[1]["sink"], &kept[1]["body"]), (&json!("webhook"), &json!("not JSON")));
    assert_eq!(kept[1]["query"], json!({ "to": "ops", "note": "a b+c" }));
    assert_eq!(kept[1]["headers"]["content-type"], "application/json");
    assert_eq!(cloud.request("DELETE", "notifications", "").await.status, 204);
    assert_eq!(cloud.get("notifications").await, json!([]));
}

#[tokio::test]
async fn reports_are_taken_at_the_vendors_own_addresses_too() {
    let cloud = Cloud::start().await;
    let text = json!({ "msgtype": "text", "text": { "content": "sealed" } });
    let feishu = json!({ "msg_type": "text", "content": { "text": "sealed" } });
    let trigger = services::trigger();
    let cases = [
        (case("hosts/oapi.dingtalk.com/robot/send?access_token=t", &text), "dingtalk"),
        (case("hosts/open.feishu.cn/open-apis/bot/v2/hook/t", &feishu), "feishu"),
        (case("hosts/open.larksuite.com/open-apis/bot/v2/hook/t", &feishu), "feishu"),
        (case("hosts/qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", &text), "wecom"),
        (case("hosts/events.pagerduty.com/v2/enqueue", &trigger), "pagerduty"),
        (
            case("hosts/slack.com/api/chat.postMessage", &json!({ "channel": "C1", "text": "sealed" }))
                .with("authorization: Bearer xoxb-1\r\n"),
            "slack-bot",
        ),
        (case("hosts/prod-01.westeurope.logic.azure.com/workflows/invoke?sig=s", &services::card(4)), "teams"),
        (case("hosts/default1.02.environment.api.powerplatform.com/a/b?sig=s", &services::card(4)), "teams"),
    ];
    for (case, sink) in cases {
        let reply = case.send(&cloud).await;
        assert!([200, 202].contains(&reply.status), "{}: {}", case.path, reply.body);
        assert_eq!(kept(&cloud).await, [sink], "{}", case.path);
        cloud.request("DELETE", "notifications", "").await;
    }
    for path in ["hosts/oapi.dingtalk.com/robot", "hosts/open.feishu.cn/open-apis/bot/v2/hook/", "hosts/example.com/x"]
    {
        assert_eq!(case(path, &text).send(&cloud).await.status, 404, "{path}");
    }
}
