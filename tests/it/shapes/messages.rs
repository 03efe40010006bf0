//! What carries an event: queues, topics, arrays, dead letters, and how far inwards they are followed.

use rds_seal::request::ignored::IgnoredReason;
use serde_json::{Value, json};

use super::*;
use crate::world::event;

#[test]
fn a_message_is_read_in_every_form_a_trigger_has() {
    let request = ask("rm-demo1").to_string();
    for body in [
        topic(&request),
        topic(&base64(&request)),
        queue(&request),
        queue(&base64(&request)),
        json!([queue(&request)]),
        json!({"body": request, "attrs": {"k": "v"}}),
        json!({"body": base64(&request), "attrs": {}}),
        json!({"body": ask("rm-demo1"), "attrs": null}),
    ] {
        assert_eq!(result_of(body.to_string()), ASKED, "{body}");
        assert_eq!(result_of(base64(&body.to_string())), ASKED, "the same in base64: {body}");
    }
    let many = json!([ask("rm-demo1"), ask("rm-demo1")]).to_string();
    for body in [many.clone(), topic(&many).to_string(), queue(&many).to_string()] {
        assert_eq!(result_of(body), format!("{ASKED} | {ASKED}"));
    }
}

#[test]
fn a_request_in_a_message_has_the_id_of_the_message_if_it_has_none() {
    let id = |body: Value| taken(body.to_string()).requests[0].origin.event_id.clone();
    let own = json!({"instance": "rm-demo1", "region": "cn-hangzhou", "id": "own"});
    assert_eq!(id(topic(&own.to_string())), "own");
    let request = ask("rm-demo1").to_string();
    assert_eq!(id(topic(&request)), "M-1");
    assert_eq!(id(queue(&request)), "M-2");
    assert_eq!(id(json!({"body": request, "attrs": {}})), "R-1");
    assert_eq!(id(dead_letter(&request)), "R-0");
    assert_eq!(id(dead_letter(&topic(&request).to_string())), "M-1");
}

#[test]
fn one_envelope_is_opened_and_never_two() {
    let created = event("instance-created.json");
    let request = ask("rm-demo1").to_string();
    for (body, field) in [
        (topic(&topic(&request).to_string()), "Message.TopicName"),
        (topic(&queue(&request).to_string()), "Message.specversion"),
        (queue(&topic(&request).to_string()), "data.messageBody.TopicName"),
        (queue(&created), "data.messageBody.specversion"),
        (topic(&base64(&created)), "Message.specversion"),
        (topic(&json!({"body": request, "attrs": {}}).to_string()), "Message.attrs"),
        (json!([topic(&json!([queue(&request)]).to_string())]), "[0].Message[0].specversion"),
    ] {
        let result = result_of(body.to_string());
        assert!(result.starts_with(&format!("rejected {field} says that this is an envelope inside")), "{result}");
    }
    let twice = result_of(base64(&base64(&request)));
    assert!(twice.starts_with("rejected body is not valid JSON"), "{twice}");
}

#[test]
fn an_array_holds_events_and_strings_of_them_and_each_stands_for_itself() {
    let body = json!([
        ask("rm-demo1").to_string(),
        ask("rm-demo2"),
        "no json",
        "[]",
        7,
        topic("no json"),
        {"triggerTime": "2026-11-20T02:03:04Z", "triggerName": "t", "payload": "sweep"},
        serde_json::from_str::<Value>(&event("instance-created.json")).unwrap().to_string(),
    ]);
    let intake = taken(body.to_string());
    let instances: Vec<_> = intake.requests.iter().map(|request| request.instance.as_str()).collect();
    assert_eq!(instances, ["rm-demo1", "rm-demo2", "rm-demo1bp1q2w3e4r5"]);
    assert_eq!(intake.ignored.iter().map(|one| &one.reason).collect::<Vec<_>>(), [&IgnoredReason::Sweep]);
    let fields: Vec<_> = intake.rejected.iter().map(|one| &*one.field).collect();
    assert_eq!(fields, ["[2]", "[3]", "[4]", "[5].Message"]);
}

#[test]
fn a_dead_letter_is_replayed_as_it_is_whatever_it_holds() {
    let request = ask("rm-demo1").to_string();
    let created = event("instance-created.json");
    let sealed = "request rm-demo1bp1q2w3e4r5 cn-hangzhou 1234567890123456";
    for (payload, result) in [
        (request.clone(), ASKED),
        (created.clone(), sealed),
        (base64(&created), sealed),
        (json!([queue(&request)]).to_string(), ASKED),
        (topic(&base64(&request)).to_string(), ASKED),
    ] {
        let letter = dead_letter(&payload);
        assert_eq!(result_of(letter.to_string()), result, "{payload}");
        assert_eq!(result_of(json!([letter]).to_string()), result, "in an array: {payload}");
    }
    let unfolded = json!({"requestContext": {"condition": "x"}, "requestPayload": ask("rm-demo1")});
    assert_eq!(result_of(unfolded.to_string()), ASKED);
    let by_queue = queue(&dead_letter(&topic(&request).to_string()).to_string());
    assert_eq!(result_of(by_queue.to_string()), ASKED, "a queue is where the platform sends dead letters");
    let by_queue = queue(&dead_letter(&created).to_string());
    assert_eq!(result_of(by_queue.to_string()), sealed);
}

#[test]
fn a_dead_letter_cannot_go_in_a_circle() {
    let bad = "{\"instance\":7}";
    let mut body = bad.to_owned();
    for round in 0..5 {
        body = queue(&dead_letter(&body).to_string()).to_string();
        let result = result_of(body.clone());
        let expected = if round == 0 { "rejected data.messageBody.requestPayload.instance" } else { "ignored" };
        assert!(result.starts_with(expected), "{round}: {result}");
    }
    let twice = result_of(dead_letter(&dead_letter(&ask("rm-demo1").to_string()).to_string()).to_string());
    assert!(twice.starts_with("ignored this is a dead letter inside a dead letter"), "{twice}");
    let mut success = dead_letter(&ask("rm-demo1").to_string());
    success["requestContext"]["condition"] = "Success".into();
    assert!(result_of(success.to_string()).starts_with("ignored this is the record of an invocation that succeeded"));
}

#[test]
fn a_task_of_the_relay_is_taken_out_of_nothing() {
    let task = json!({"schema": "rds-seal.task/1", "attempt": 2, "request": ask("rm-demo1")});
    let text = task.to_string();
    let whole = "says that this is a task of the relay: it is taken only as the whole body, as it was sent";
    let mut data: Value = serde_json::from_str(&event("instance-created.json")).unwrap();
    data["data"] = task.clone();
    let timer = json!({"triggerTime": "2026-11-20T02:03:04Z", "triggerName": "t", "payload": text});
    for (body, field) in [
        (json!([task]), "[0].schema"),
        (json!([text]), "[0].schema"),
        (topic(&text), "Message.schema"),
        (topic(&base64(&text)), "Message.schema"),
        (queue(&text), "data.messageBody.schema"),
        (json!({"body": text, "attrs": {}}), "body.schema"),
        (data, "data.schema"),
        (timer, "payload"),
        (dead_letter(&json!([task]).to_string()), "requestPayload[0].schema"),
        (dead_letter(&topic(&text).to_string()), "requestPayload.Message.schema"),
    ] {
        assert_eq!(result_of(body.to_string()), format!("rejected {field} {whole}"));
    }
    assert_eq!(result_of(base64(&text)), format!("rejected schema {whole}"));
    assert_eq!(
        result_of(dead_letter(&text).to_string()),
        "rejected requestPayload.schema says that this is a task of the relay: send the dead letter's `requestPayload` \
         itself"
    );
}
