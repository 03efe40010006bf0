//! The robots of `DingTalk`, Feishu and `WeCom`, and a workflow of Teams. Their signatures are another file.

use serde_json::{Value, json};

use super::{Case, Cloud, case, kept, services::card};

/// A text of `DingTalk` and of `WeCom`.
fn text(of: usize) -> Value {
    json!({ "msgtype": "text", "text": { "content": "é".repeat(of / 2) } })
}

#[tokio::test]
async fn what_robots_take_is_answered_as_each_does_and_kept() {
    let cloud = Cloud::start().await;
    let ok = json!({ "errcode": 0, "errmsg": "ok" });
    let success = json!({ "code": 0, "msg": "success", "StatusCode": 0 });
    let markdown = |kind: &str| json!({ "msgtype": kind, kind: { "title": "t", "text": "x", "content": "x" } });
    let cases = [
        (case("dingtalk?access_token=t", &text(2)), &ok),
        (case("dingtalk?access_token=t", &markdown("markdown")), &ok),
        (case("dingtalk?access_token=t", &markdown("actionCard")), &ok),
        (
            case("dingtalk?access_token=t", &markdown("markdown"))
                .with("content-type: application/json;charset=utf-8\r\n"),
            &ok,
        ),
        (case("feishu", &json!({ "msg_type": "text", "content": { "text": "x" } })), &success),
        (case("feishu", &json!({ "msg_type": "interactive", "card": { "elements": [] } })), &success),
        (case("wecom?key=k", &text(2048)), &ok),
        (case("wecom?key=k", &markdown("markdown")), &ok),
        (case("wecom?key=k", &markdown("markdown_v2")), &ok),
        (case("wecom?key=k", &json!({ "msgtype": "template_card", "template_card": {} })), &ok),
    ];
    for (case, answer) in &cases {
        let reply = case.send(&cloud).await;
        assert_eq!((reply.status, &reply.json()), (200, *answer), "{}: {}", case.path, case.body);
    }
    let sinks: Vec<_> = cases.iter().map(|(case, _)| case.path.split('?').next().unwrap()).collect();
    assert_eq!(kept(&cloud).await, sinks);
}

#[tokio::test]
async fn dingtalk_refuses_by_its_own_codes() {
    let cloud = Cloud::start().await;
    let to = |body: &Value| case("dingtalk?access_token=t", body);
    let cases = [
        (case("dingtalk", &text(2)), 40035, "missing param access_token"),
        (to(&json!({ "text": { "content": "x" } })), 40035, "missing param msgtype"),
        (Case { body: "{".to_owned(), ..to(&json!({})) }, 40035, "missing param msgtype"),
        (to(&json!({ "msgtype": "text" })), 40035, "missing param text.content"),
        (to(&json!({ "msgtype": "markdown", "markdown": { "title": "t" } })), 40035, "missing param markdown.text"),
        (to(&json!({ "msgtype": "card", "card": {} })), 400_105, "unsupported message type"),
        (to(&text(20_000)), 460_101, "message too long, exceed 20000 bytes"),
        (to(&text(2)).with("content-type: text/plain\r\n"), 43004, "the Content-Type has to be application/json"),
    ];
    for (case, code, why) in cases {
        let reply = case.send(&cloud).await;
        assert_eq!((reply.status, reply.json()), (200, json!({ "errcode": code, "errmsg": why })), "{}", case.path);
    }
    assert_eq!(kept(&cloud).await, [""; 0]);
}

#[tokio::test]
async fn feishu_refuses_by_its_own_codes() {
    let cloud = Cloud::start().await;
    let to = |body: &Value| case("feishu", body);
    let long = json!({ "msg_type": "text", "content": { "text": "x".repeat(20 * 1024) } });
    let cases = [
        (Case { body: "{".to_owned(), ..to(&json!({})) }, 9499, "Bad Request"),
        (to(&json!([])), 9499, "Bad Request"),
        (to(&long), 9499, "Bad Request"),
        (to(&json!({ "content": { "text": "x" } })), 19002, "params error, msg_type need"),
        (to(&json!({ "msg_type": "card", "card": {} })), 19002, "params error, unknown msg_type"),
        (to(&json!({ "msg_type": "interactive", "content": {} })), 19002, "params error, card need"),
    ];
    for (case, code, why) in cases {
        let reply = case.send(&cloud).await;
        assert_eq!((reply.status, reply.json()), (200, json!({ "code": code, "msg": why })), "{why}");
    }
    assert_eq!(kept(&cloud).await, [""; 0]);
}

#[tokio::test]
async fn wecom_refuses_by_its_own_codes() {
    let cloud = Cloud::start().await;
    let to = |body: &Value| case("wecom?key=k", body);
    let long = |kind: &str| json!({ "msgtype": kind, kind: { "content": "x".repeat(4097) } });
    let cases = [
        (case("wecom", &text(2)), 93000, "invalid webhook url"),
        (case("wecom?key=", &text(2)), 93000, "invalid webhook url"),
        (to(&json!({})), 40008, "invalid message type"),
        (to(&json!({ "msgtype": "card" })), 40008, "invalid message type"),
        (to(&text(2050)), 40058, "text.content exceed max length 2048. invalid Request Parameter"),
        (to(&long("markdown")), 40058, "markdown.content exceed max length 4096. invalid Request Parameter"),
        (to(&long("markdown_v2")), 40058, "markdown_v2.content exceed max length 4096. invalid Request Parameter"),
        (to(&json!({ "msgtype": "markdown" })), 40058, "markdown missing. invalid Request Parameter"),
        (to(&text(0)), 40058, "text.content missing. invalid Request Parameter"),
    ];
    for (case, code, why) in cases {
        let reply = case.send(&cloud).await;
        assert_eq!((reply.status, reply.json()), (200, json!({ "errcode": code, "errmsg": why })), "{why}");
    }
    assert_eq!(kept(&cloud).await, [""; 0]);
}

#[tokio::test]
async fn teams_takes_a_card_without_a_word_and_refuses_all_else() {
    let cloud = Cloud::start().await;
    let reply = case("teams?api-version=1&sig=s", &card(4)).send(&cloud).await;
    assert_eq!((reply.status, reply.body.as_str()), (202, ""));
    let cases = [
        case("teams", &card(4)),
        case("teams?sig=", &card(4)),
        case("teams?sig=s", &json!({ "text": "sealed" })),
        case("teams?sig=s", &json!({ "type": "message", "attachments": [] })),
        case("teams?sig=s", &json!({ "type": "message", "attachments": [{ "contentType": "text/html" }] })),
        Case { body: "{".to_owned(), ..case("teams?sig=s", &json!({})) },
    ];
    for case in cases {
        let reply = case.send(&cloud).await;
        assert_eq!((reply.status, reply.json()["error"]["code"].is_string()), (400, true), "{}", case.body);
    }
    assert_eq!(kept(&cloud).await, ["teams"]);
    assert_eq!(cloud.get("notifications/dropped").await, json!([]));
}

#[tokio::test]
async fn teams_says_yes_to_what_it_cannot_show_and_that_is_dropped() {
    let cloud = Cloud::start().await;
    let mut long = card(4);
    long["attachments"][0]["content"]["body"] = json!([{ "type": "TextBlock", "text": "x".repeat(28 * 1024) }]);
    let mut other = card(4);
    other["attachments"][0]["content"]["type"] = json!("Card");
    for (body, why) in [
        (long, "Request Entity Too Large: the message has more than 28 KB"),
        (other, "InvalidBotAdaptiveCard: Property 'type' must be 'AdaptiveCard'"),
        (card(5), "InvalidBotAdaptiveCard: the version of the card is none up to 1.4"),
    ] {
        let reply = case("teams?sig=s", &body).send(&cloud).await;
        assert_eq!((reply.status, reply.body.as_str()), (202, ""));
        let dropped = cloud.get("notifications/dropped").await;
        let one = &dropped.as_array().unwrap()[0];
        assert_eq!((&one["sink"], &one["why"], &one["body"]), (&json!("teams"), &json!(why), &body));
        assert_eq!(cloud.get("notifications").await, json!([]));
        assert_eq!(cloud.request("DELETE", "notifications", "").await.status, 204);
    }
    assert_eq!(cloud.get("notifications/dropped").await, json!([]));
}
