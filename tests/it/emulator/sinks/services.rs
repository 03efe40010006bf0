//! `CloudEvents` and `PagerDuty`.

use serde_json::{Value, json};

use super::{Case, Cloud, case, kept};

const STRUCTURED: &str = "content-type: application/cloudevents+json; charset=UTF-8\r\n";

/// A message of Teams with a card of version `1.{minor}`.
pub(super) fn card(minor: u8) -> Value {
    let content = json!({ "type": "AdaptiveCard", "version": format!("1.{minor}"), "body": [] });
    let kind = "application/vnd.microsoft.card.adaptive";
    json!({ "type": "message", "attachments": [{ "contentType": kind, "contentUrl": null, "content": content }] })
}

pub(super) fn trigger() -> Value {
    json!({
        "routing_key": "0123456789abcdef0123456789ABCDEF", "event_action": "trigger", "dedup_key": "rds-seal/rm-1",
        "payload": { "summary": "not sealed", "source": "rm-1", "severity": "error" },
    })
}

fn event() -> Value {
    json!({
        "specversion": "1.0", "id": "1", "source": "//seal", "type": "a.b", "subject": "rm-1",
        "time": "2026-01-01T00:00:00.5Z", "datacontenttype": "application/json", "data": { "outcome": "enabled" },
    })
}

/// The same with these fields instead; a null takes one away.
fn changed(whole: Value, fields: &Value) -> Value {
    let Value::Object(mut whole) = whole else { unreachable!() };
    whole.extend(fields.as_object().unwrap().clone());
    whole.into_iter().filter(|(_, value)| !value.is_null()).collect::<serde_json::Map<_, _>>().into()
}

#[tokio::test]
async fn a_structured_event_is_taken_without_a_word() {
    let cloud = Cloud::start().await;
    let binary = changed(event(), &json!({ "data": null, "data_base64": "AA==", "myextension1": 5 }));
    let small = json!({ "specversion": "1.0", "id": "1", "source": "s", "type": "t" });
    for (event, headers) in [
        (event(), STRUCTURED),
        (small, "content-type: Application/CloudEvents+JSON\r\n"),
        (binary, "content-type: application/cloudevents+json\r\n"),
    ] {
        let reply = case("cloudevents", &event).with(headers).send(&cloud).await;
        assert_eq!((reply.status, reply.body.as_str()), (204, ""));
    }
    assert_eq!(kept(&cloud).await, ["cloudevents"; 3]);
}

#[tokio::test]
async fn what_is_no_structured_event_is_refused_in_a_sentence() {
    let cloud = Cloud::start().await;
    let to = |body: &Value| case("cloudevents", body).with(STRUCTURED);
    let other = "the Content-Type is not application/cloudevents+json";
    let cases = [
        (case("cloudevents", &event()), 415, other),
        (case("cloudevents", &json!([])).with("content-type: application/cloudevents-batch+json\r\n"), 415, other),
        (Case { body: "{".to_owned(), ..to(&json!({})) }, 400, "the event is not a JSON object"),
        (to(&changed(event(), &json!({ "specversion": null }))), 400, "the attribute specversion is missing"),
        (to(&changed(event(), &json!({ "id": "" }))), 400, "the attribute id is missing"),
        (to(&changed(event(), &json!({ "source": null }))), 400, "the attribute source is missing"),
        (to(&changed(event(), &json!({ "type": 5 }))), 400, "the attribute type is missing"),
        (to(&changed(event(), &json!({ "specversion": "0.3" }))), 400, "the attribute specversion is not 1.0"),
        (to(&changed(event(), &json!({ "subject": 5 }))), 400, "the attribute subject is not a text"),
        (to(&changed(event(), &json!({ "time": "today" }))), 400, "the attribute time is not a time of RFC 3339"),
        (to(&changed(event(), &json!({ "data_base64": "AA==" }))), 400, "there are both data and data_base64"),
        (
            to(&changed(event(), &json!({ "myExtension": "x" }))),
            400,
            "the attribute myExtension is not named in lower-case letters and digits",
        ),
    ];
    for (case, status, why) in cases {
        let reply = case.send(&cloud).await;
        assert_eq!((reply.status, reply.body.as_str()), (status, why));
    }
    assert_eq!(kept(&cloud).await, [""; 0]);
}

#[tokio::test]
async fn pagerduty_takes_an_event_and_says_by_which_key() {
    let cloud = Cloud::start().await;
    let answer = |key: &str| json!({ "status": "success", "message": "Event processed", "dedup_key": key });
    let resolve = changed(trigger(), &json!({ "event_action": "resolve", "payload": null }));
    for event in [trigger(), resolve] {
        let reply = case("pagerduty", &event).send(&cloud).await;
        assert_eq!((reply.status, reply.json()), (202, answer("rds-seal/rm-1")));
    }
    let anonymous = case("pagerduty", &changed(trigger(), &json!({ "dedup_key": null }))).send(&cloud).await;
    assert_eq!((anonymous.status, anonymous.json()["dedup_key"].as_str().unwrap().len()), (202, 32));
    assert_eq!(kept(&cloud).await, ["pagerduty"; 3]);
}

#[tokio::test]
async fn pagerduty_names_what_is_wrong_with_an_event() {
    let cloud = Cloud::start().await;
    let payload = |fields: &Value| json!({ "payload": changed(trigger()["payload"].clone(), fields) });
    let cases = [
        (json!({ "routing_key": null }), "'routing_key'"),
        (json!({ "routing_key": "0123" }), "'routing_key'"),
        (json!({ "event_action": "close" }), "'event_action'"),
        (json!({ "dedup_key": "x".repeat(256) }), "'dedup_key'"),
        (json!({ "dedup_key": 5 }), "'dedup_key'"),
        (json!({ "event_action": "resolve", "dedup_key": null }), "'dedup_key'"),
        (json!({ "payload": null }), "'payload.summary'"),
        (payload(&json!({ "summary": "x".repeat(1025) })), "'payload.summary'"),
        (payload(&json!({ "source": null })), "'payload.source'"),
        (payload(&json!({ "severity": "bad" })), "'payload.severity'"),
    ];
    for (fields, start) in cases {
        let reply = case("pagerduty", &changed(trigger(), &fields)).send(&cloud).await;
        assert_eq!((reply.status, &reply.json()["status"]), (400, &json!("invalid event")), "{fields}");
        assert!(reply.json()["errors"][0].as_str().unwrap().starts_with(start), "{fields}: {}", reply.body);
    }
    let garbage = Case { body: "{".to_owned(), ..case("pagerduty", &json!({})) }.send(&cloud).await;
    assert_eq!((garbage.status, &garbage.json()["errors"][0]), (400, &json!("the event is not a JSON object")));
    let long = changed(trigger(), &json!({ "client": "x".repeat(512 * 1024) }));
    assert_eq!(case("pagerduty", &long).send(&cloud).await.status, 400);
    assert_eq!(kept(&cloud).await, [""; 0]);
}
