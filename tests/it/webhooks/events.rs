//! `CloudEvents` from whoever can prove who they are, in the three modes of their HTTP binding.

use super::*;
use crate::world::event;

const STRUCTURED: &str = "application/cloudevents+json";
const BATCHED: &str = "application/cloudevents-batch+json";

fn created() -> Value {
    serde_json::from_str(&event("instance-created.json")).unwrap()
}

fn sent(world: &World, kind: &str, body: &Value) -> Call {
    Call::signed(world, body.to_string()).to("/v1/events").with("content-type", kind)
}

/// The same event with its attributes as headers.
fn binary(world: &World, event: &Value) -> Call {
    let mut call = sent(world, "application/json", &event["data"]);
    for (name, value) in event.as_object().unwrap() {
        if let Some(text) = value.as_str().filter(|_| name != "datacontenttype") {
            call = call.with(&format!("ce-{name}"), text);
        }
    }
    call
}

#[tokio::test]
async fn the_three_modes_carry_the_same_event() {
    let world = world().await;
    let event = created();
    let calls = [sent(&world, STRUCTURED, &event), sent(&world, BATCHED, &json!([event])), binary(&world, &event)];
    let mut correlations = std::collections::BTreeSet::new();
    for (call, outcome) in calls.into_iter().zip(["200 enabled", "200 already_enabled", "200 planned"]) {
        let heard = call.send(&world).await;
        assert_eq!(heard.verdict(), outcome);
        let origin = &heard.report()["origin"];
        assert_eq!((&origin["door"], &origin["event_id"]), (&json!("webhook"), &event["id"]));
        correlations.insert(heard.report()["correlation_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(correlations.len(), 1, "one ask, whatever carried it");
}

#[tokio::test]
async fn what_no_signature_covers_can_be_changed_and_so_it_only_plans() {
    let world = world().await;
    let mut anybodys = created();
    for of_the_event in ["acsRegion", "eventTime"] {
        anybodys["data"].as_object_mut().unwrap().remove(of_the_event);
    }
    let captured = binary(&world, &anybodys);
    let named = |name: &str, value: &str| captured.clone().with(name, value);
    let elsewhere = named("ce-aliyunaccountid", OTHER_ACCOUNT).with("ce-aliyunoriginalaccountid", OTHER_ACCOUNT);
    assert_eq!(elsewhere.send(&world).await.verdict(), "200 refused");
    for call in
        [captured.clone(), named("ce-id", "another").without("ce-aliyunaccountid"), named("ce-acsregion", "cn-beijing")]
    {
        let heard = call.send(&world).await;
        assert!(heard.reports().iter().all(|report| report["mode"] == "plan"), "{heard:?}");
    }
    assert_eq!(world.writes().await, 0);
}

#[tokio::test]
async fn a_token_covers_neither_and_may_enforce_where_repeats_are_accepted() {
    let world = World::with(setup(&DOORS.replace("name = \"cron\"", "name = \"cron\"\naccept_replay = true"))).await;
    let call =
        binary(&world, &created()).without("webhook-id").without("webhook-timestamp").without("webhook-signature");
    let heard = call.with("authorization", &format!("Bearer {BEARER}")).send(&world).await;
    assert_eq!(heard.verdict(), "200 enabled");
}

#[tokio::test]
async fn the_region_of_a_sender_s_event_is_a_claim() {
    let world = world().await;
    world.instances(json!([{"id": INSTANCE, "region": "cn-shanghai"}])).await;
    for call in [sent(&world, STRUCTURED, &created()), binary(&world, &created())] {
        let heard = call.send(&world).await;
        assert_eq!((heard.verdict().as_str(), heard.rule()), ("200 refused", ("region-mismatch", "cn-shanghai")));
    }
    assert_eq!(world.writes().await, 0);
    let told = world.deliver(created().to_string()).await;
    assert_ne!(told.rule().0, "region-mismatch", "from the platform it is its word");
}

#[tokio::test]
async fn an_event_s_owner_and_the_scope_decide() {
    let world = world().await;
    let mut foreign = created();
    foreign["aliyunaccountid"] = json!(OTHER_ACCOUNT);
    foreign["aliyunoriginalaccountid"] = json!(OTHER_ACCOUNT);
    let heard = sent(&world, STRUCTURED, &foreign).send(&world).await;
    assert_eq!((heard.verdict().as_str(), heard.rule()), ("200 refused", ("webhook-accounts", OTHER_ACCOUNT)));
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn what_is_not_for_us_is_accepted_and_ignored() {
    let world = world().await;
    let mut other = created();
    other["type"] = json!("com.example.order.created");
    let heard = sent(&world, STRUCTURED, &other).send(&world).await;
    assert_eq!((heard.status, heard.body["ignored"].as_array().unwrap().len()), (200, 1));
    let mixed = sent(&world, BATCHED, &json!([other, created(), {"id": 1}])).send(&world).await;
    assert_eq!((mixed.verdict().as_str(), mixed.rejected().len()), ("200 enabled", 1));
}

#[tokio::test]
async fn an_event_that_is_none_is_400_and_another_content_type_415() {
    let world = world().await;
    let mut nameless = created();
    nameless.as_object_mut().unwrap().remove("id");
    for (call, said) in [
        (sent(&world, STRUCTURED, &json!([created()])), "body is an array"),
        (sent(&world, BATCHED, &created()), "body is not an array"),
        (sent(&world, STRUCTURED, &json!({"instance": INSTANCE})), "specversion is missing"),
        (sent(&world, STRUCTURED, &nameless), "id is missing"),
        (binary(&world, &nameless), "ce-id is missing"),
        (binary(&world, &created()).with("ce-specversion", "0.3"), "ce-specversion must be \"1.0\""),
        (binary(&world, &created()).and("ce-id", "two"), "ce-id is given twice"),
        (binary(&world, &created()).with("ce-source", "a%2"), "ce-source has a % without"),
        (sent(&world, STRUCTURED, &created()).over("{"), ""),
    ] {
        let heard = call.send(&world).await;
        if said.is_empty() {
            heard.assert_unauthorised("another body");
            continue;
        }
        assert_eq!((heard.status, heard.reports().len()), (400, 0), "{said}");
        assert!(heard.rejected()[0].starts_with(said), "{:?}", heard.rejected());
    }
    for kind in ["text/plain", "application/cloudevents+xml", "application/cloudevents", "", "application/avro"] {
        let heard = sent(&world, kind, &created()).send(&world).await;
        assert_eq!(
            heard.problem(415),
            "send application/cloudevents+json, application/cloudevents-batch+json, or ce- headers with \
             application/json"
        );
    }
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_bearer_s_event_is_planned_too() {
    let world = world().await;
    let call = Call::bearer(created().to_string()).to("/v1/events").with("content-type", STRUCTURED);
    assert_eq!(call.send(&world).await.verdict(), "200 planned");
    assert_eq!(world.writes().await, 0);
}
