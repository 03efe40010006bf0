use axum::http::header::CONTENT_TYPE;
use proptest::prelude::*;

use super::*;
use crate::request::ids::RegionId;
use crate::request::{Door, SealRequest};

const RECORD: &str = r#"{"eventName":"CreateDBInstance","serviceName":"Rds","acsRegion":"cn-hangzhou",
    "responseElements":{"DBInstanceId":"rm-bp1q2w3e4r5t6y7u8"}}"#;

fn event() -> String {
    format!(r#"{{"specversion":"1.0","id":"e-1","source":"acs.rds","type":"rds:ActionTrail:ApiCall","data":{RECORD}}}"#)
}

fn of_type(kind: &str) -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_str(kind).unwrap())])
}

fn binary() -> HeaderMap {
    let mut headers = of_type("application/json");
    for (name, value) in [
        ("ce-specversion", "1.0"),
        ("ce-id", "e%201"),
        ("ce-source", "\"acs.\\rds\""),
        ("ce-type", "rds:ActionTrail:ApiCall"),
        ("ce-aliyunaccountid", "1234567890123456"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}

fn delivery() -> DeliveryId {
    let vector = Vector::named("v1a");
    vector.admit(&[vector.credential()]).unwrap()
}

const SIGNED: Proof = Proof::StandardWebhooks { secrets: Vec::new() };

fn try_read(kind: Kind<'_>, headers: &HeaderMap, body: &[u8]) -> Result<Intake, WrongContentType> {
    let defaults = DeliveryDefaults { request_id: Some("r-1".to_owned()), ..DeliveryDefaults::default() };
    read(kind, headers, &Verified::by_proof(Bytes::copy_from_slice(body)), &EventDoor::default(), &defaults)
}

fn requests(body: &str) -> Intake {
    try_read(Kind::Requests(&delivery()), &of_type("application/json; charset=utf-8"), body.as_bytes()).unwrap()
}

fn events(headers: &HeaderMap, body: &str) -> Intake {
    try_read(Kind::Events(&SIGNED), headers, body.as_bytes()).unwrap()
}

fn only(intake: Intake) -> SealRequest {
    assert!(intake.rejected.is_empty() && intake.ignored.is_empty(), "{intake:?}");
    let [request] = <[_; 1]>::try_from(intake.requests).unwrap();
    request
}

/// The one field that is wrong.
fn wrong(intake: &Intake) -> String {
    assert!(intake.requests.is_empty() && intake.rejected.len() == 1, "{intake:?}");
    intake.rejected[0].field.clone().into_owned()
}

#[test]
fn a_request_is_named_by_its_own_id_else_by_the_delivery() {
    let request = only(requests(r#"{"instance":"rm-demo1","region":"cn-hangzhou","account":"1234567890123456"}"#));
    assert_eq!((request.origin.door, request.origin.event_id.as_str()), (Door::Webhook, "msg_v1a_0001"));
    let own = only(requests(r#"{"instance":"rm-demo1","region":"cn-hangzhou","id":"mine","mode":"plan"}"#));
    assert_eq!((own.origin.event_id.as_str(), own.mode), ("mine", Some(Mode::Plan)));
}

#[test]
fn a_credential_caps_what_its_requests_may_do() {
    assert_eq!(signing("ci", &[]).mode_cap(), Mode::Enforce);
    assert_eq!(bearer().mode_cap(), Mode::Plan, "a bearer token signs no time");
    assert_eq!(WebhookCredential { accept_replay: true, ..bearer() }.mode_cap(), Mode::Enforce);
}

#[test]
fn of_an_array_each_request_stands_for_itself() {
    let intake = requests(r#"[{"instance":"rm-demo1","region":"cn-hangzhou"},{"instance":"rm-demo2"},7]"#);
    assert_eq!(intake.requests.len(), 1);
    let fields: Vec<_> = intake.rejected.iter().map(|rejection| rejection.field.as_ref()).collect();
    assert_eq!(fields, ["[1].region", "[2]"]);
}

#[test]
fn the_door_of_requests_takes_requests_only() {
    let task = r#"{"schema":"rds-seal.task/1","instance":"rm-demo1","region":"cn-hangzhou"}"#;
    for body in [event().as_str(), task, "", "[]", "7", "\"rm-demo1\"", r#"{"instance":"rm-a","instance":"rm-b"}"#] {
        assert_eq!(wrong(&requests(body)), "body", "{body}");
    }
    for kind in ["text/plain", "application/cloudevents+json", "application/json; charset=utf-16", ""] {
        assert!(try_read(Kind::Requests(&delivery()), &of_type(kind), b"{}").is_err(), "{kind}");
    }
}

#[test]
fn the_three_modes_of_an_event_say_the_same() {
    let structured = only(events(&of_type("application/cloudevents+json; charset=UTF-8"), &event()));
    let batch = only(events(&of_type("application/cloudevents-batch+json"), &format!("[{}]", event())));
    let in_headers = only(events(&binary(), RECORD));
    for request in [&structured, &batch, &in_headers] {
        assert_eq!(request.instance.as_str(), "rm-bp1q2w3e4r5t6y7u8");
        assert_eq!(request.region, RegionId::parse("cn-hangzhou").unwrap());
        assert_eq!((request.origin.door, request.origin.source.as_str()), (Door::Webhook, "acs.rds"));
    }
    assert_eq!(in_headers.origin.event_id, "e 1", "percent-decoded once");
    assert_eq!(in_headers.account.unwrap().as_str(), "1234567890123456");
}

#[test]
fn headers_that_a_signature_does_not_cover_ask_for_a_plan_alone() {
    let github = Proof::GitHub { secrets: Vec::new() };
    let bearer = Proof::Bearer { tokens: Vec::new() };
    let mode = |proof: &Proof, headers: &HeaderMap, body: &str| {
        only(try_read(Kind::Events(proof), headers, body.as_bytes()).unwrap()).mode
    };
    let structured = of_type("application/cloudevents+json");
    for proof in [&SIGNED, &github] {
        assert_eq!(mode(proof, &binary(), RECORD), Some(Mode::Plan));
        assert_eq!(mode(proof, &structured, &event()), None);
    }
    assert_eq!(mode(&bearer, &binary(), RECORD), None, "a token signs neither");
}

#[test]
fn what_the_bus_pushes_came_in_by_the_webhook_door() {
    let pushed = only(try_read(Kind::Pushed, &HeaderMap::new(), event().as_bytes()).unwrap());
    assert_eq!(pushed.origin.door, Door::Webhook);
}

#[test]
fn the_door_of_events_takes_events_only() {
    let direct = r#"{"instance":"rm-demo1","region":"cn-hangzhou"}"#;
    let structured = of_type("application/cloudevents+json");
    assert_eq!(wrong(&events(&structured, direct)), "specversion");
    assert_eq!(wrong(&events(&structured, &format!("[{}]", event()))), "body");
    assert_eq!(wrong(&events(&of_type("application/cloudevents-batch+json"), &event())), "body");
    assert_eq!(wrong(&events(&of_type("application/json"), direct)), "ce-specversion");
    let task = event().replace("{\"eventName\"", "{\"schema\":\"rds-seal.task/1\",\"eventName\"");
    assert_eq!(wrong(&events(&structured, &task)), "data.schema");
    for kind in ["text/plain", "application/cloudevents+avro", "application/xml", ""] {
        assert!(try_read(Kind::Events(&SIGNED), &of_type(kind), event().as_bytes()).is_err(), "{kind}");
    }
}

#[test]
fn a_rejection_names_the_header() {
    for name in ["ce-specversion", "ce-id", "ce-source", "ce-type"] {
        let mut headers = binary();
        headers.remove(name);
        assert_eq!(wrong(&events(&headers, RECORD)), name);
        headers.insert(name, HeaderValue::from_static(""));
        assert_eq!(wrong(&events(&headers, RECORD)), name);
        headers.append(name, HeaderValue::from_static("1.0"));
        assert_eq!(wrong(&events(&headers, RECORD)), name);
    }
    for (name, value) in [
        ("ce-specversion", "0.3"),
        ("ce-id", "100%"),
        ("ce-id", "%zz"),
        ("ce-id", "%ff"),
        ("ce-subject", "é"),
        ("ce-data", "{}"),
        ("ce-datacontenttype", "application/json"),
        ("ce-aliyunregionid", "not a region"),
        ("ce-aliyunaccountid", "x"),
        ("ce-schema", "rds-seal.task/1"),
    ] {
        let mut headers = binary();
        headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        assert_eq!(wrong(&events(&headers, RECORD)), name, "{value}");
    }
    let mut headers = binary();
    headers.insert("ce-a-b", HeaderValue::from_static("x"));
    assert_eq!(wrong(&events(&headers, RECORD)), "headers");
    assert_eq!(wrong(&events(&binary(), "")), "data");
    assert_eq!(wrong(&events(&binary(), "{")), "body");
}

#[test]
fn a_genuine_event_of_another_kind_is_ignored() {
    let mut headers = binary();
    headers.insert("ce-type", HeaderValue::from_static("com.example.greeting"));
    let intake = events(&headers, "");
    assert_eq!((intake.ignored.len(), intake.rejected.len()), (1, 0));
}

proptest! {
    #[test]
    fn no_request_makes_it_panic(
        kind in "(application/(json|cloudevents(-batch)?\\+json))?.{0,12}",
        attributes in proptest::collection::btree_map("ce-[a-z]{1,6}", "[ -~]{0,12}", 0..6),
        base: bool,
        body in proptest::collection::vec(any::<u8>(), 0..64),
        json in "[\\[{](\"(data|id|specversion|instance)\":)?.{0,12}[\\]}]",
    ) {
        let mut headers = if base { binary() } else { HeaderMap::new() };
        if let Ok(kind) = HeaderValue::from_str(&kind) {
            headers.insert(CONTENT_TYPE, kind);
        }
        for (name, value) in attributes {
            headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(&value).unwrap());
        }
        let delivery = delivery();
        for kind in [Kind::Requests(&delivery), Kind::Events(&SIGNED), Kind::Pushed] {
            let _ = (try_read(kind, &headers, &body), try_read(kind, &headers, json.as_bytes()));
        }
    }
}
