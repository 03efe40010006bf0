//! Each kind of sink, as its vendor takes it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::webhooks::{BEARER, Call};
use crate::world::{INSTANCE, Setup, World, event, request};

/// A sink of every kind.
pub(crate) const EVERY_KIND: &str = r#"
[[sinks]]
name = "slack"
kind = "slack"
url = "https://captured.invalid/slack"

[[sinks]]
name = "slack-bot"
kind = "slack"
token = { env = "SLACK_TOKEN" }
channel = "C0123456789"

[[sinks]]
name = "dingtalk"
kind = "dingtalk"
url = "https://captured.invalid/robot/send?access_token=t"
secret = { env = "DINGTALK_SECRET" }

[[sinks]]
name = "feishu"
kind = "feishu"
url = "https://captured.invalid/hook"
secret = { env = "FEISHU_SECRET" }

[[sinks]]
name = "wecom"
kind = "wecom"
url = "https://captured.invalid/send?key=k"

[[sinks]]
name = "teams"
kind = "teams"
url = "https://captured.invalid/workflows?sig=s"

[[sinks]]
name = "webhook"
kind = "webhook"
url = "https://captured.invalid/webhook"
secrets = [{ env = "SIEM_SECRET" }, { env = "SIEM_SECRET_NEXT" }]

[[sinks]]
name = "cloudevents"
kind = "cloudevents"
url = "https://captured.invalid/events"
token = { env = "EVENTS_TOKEN" }

[[sinks]]
name = "eventbridge"
kind = "eventbridge"
bus = "platform"
region = "cn-hangzhou"

[[sinks]]
name = "pagerduty"
kind = "pagerduty"
routing_key = { env = "ROUTING_KEY" }
"#;

/// A door whose senders prove nothing about when they sent something.
const CRON: &str = r#"
[[doors.webhook]]
name = "cron"
bearer_tokens = [{ env = "CRON_TOKEN" }]
accounts = ["1234567890123456"]
regions = ["cn-*"]
"#;

/// As the stand-in calls them.
pub(crate) const KINDS: [&str; 10] = [
    "slack",
    "slack-bot",
    "dingtalk",
    "feishu",
    "wecom",
    "teams",
    "webhook",
    "cloudevents",
    "eventbridge",
    "pagerduty",
];

const CHATS: [&str; 6] = ["slack", "slack-bot", "dingtalk", "feishu", "wecom", "teams"];

const DINGTALK_SECRET: &str = "SEC000000000000000000000000000000000000000000000000000000000000";
const FEISHU_SECRET: &str = "a-robot-secret-of-feishu";

pub(crate) fn every_kind(more: &str) -> Setup {
    let variables = [
        ("SLACK_TOKEN", "xoxb-1-a-token-of-the-bot"),
        ("DINGTALK_SECRET", DINGTALK_SECRET),
        ("FEISHU_SECRET", FEISHU_SECRET),
        ("SIEM_SECRET", "whsec_c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi"),
        ("SIEM_SECRET_NEXT", "whsec_dGhlIG5leHQgc2VjcmV0LCAyNCBieXRlcyE="),
        ("EVENTS_TOKEN", "a-token-of-the-broker"),
        ("ROUTING_KEY", "0123456789abcdef0123456789abcdef"),
        ("CRON_TOKEN", BEARER),
    ];
    let env = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Setup { toml: format!("{more}\n{EVERY_KIND}"), env, ..Setup::default() }
}

/// A world with a sink of every kind, whose robots check what is signed for them.
async fn world(more: &str) -> World {
    let world = World::with(every_kind(more)).await;
    world.has("sink_secrets", json!({"dingtalk": DINGTALK_SECRET, "feishu": FEISHU_SECRET})).await;
    world
}

async fn how_many(world: &World, sinks: &[&'static str]) -> Vec<(&'static str, usize)> {
    let mut counted = Vec::new();
    for sink in sinks {
        counted.push((*sink, world.taken_by(sink).await.len()));
    }
    counted
}

#[tokio::test]
async fn a_result_reaches_every_kind_of_sink() {
    let world = world("").await;
    let told = world.ask().await;
    assert_eq!(told.verdict(), "200 200 done");
    assert_eq!(how_many(&world, &KINDS).await, KINDS.map(|sink| (sink, 1)), "{}", world.said());
    assert!(!world.said().contains("did not take"), "{}", world.said());
    assert_eq!(world.get("notifications/dropped").await, json!([]));

    let report = told.report();
    assert_eq!(&world.taken_by("webhook").await[0]["body"], report);
    let event = &world.taken_by("cloudevents").await[0];
    assert_eq!((&event["body"]["data"], &event["body"]["id"]), (report, &report["id"]));
    let put = &world.taken_by("eventbridge").await[0]["body"];
    assert_eq!(put["EventBusName"], "platform");
    assert_eq!(&serde_json::from_str::<Value>(put["EventList"][0]["Data"].as_str().unwrap()).unwrap(), report);
    for chat in CHATS {
        let card = world.taken_by(chat).await[0]["body"].to_string();
        assert!(card.contains(INSTANCE) && card.contains("is on"), "{chat}: {card}");
    }
}

#[tokio::test]
async fn while_secrets_are_rotated_a_webhook_is_signed_by_each() {
    let world = world("").await;
    world.ask().await;
    let headers = &world.taken_by("webhook").await[0]["headers"];
    let signatures: Vec<&str> = headers["webhook-signature"].as_str().unwrap().split(' ').collect();
    assert_eq!(signatures.len(), 2);
    assert!(signatures[0] != signatures[1] && signatures.iter().all(|one| one.starts_with("v1,")));
}

#[tokio::test]
async fn a_failure_opens_an_alert_and_the_success_of_the_same_instance_resolves_it() {
    let world = world("").await;
    world.script(json!([{"fault": "code", "code": "Nasty", "status": 400, "message": "no"}])).await;
    assert_eq!(world.ask().await.outcome(), "failed");
    assert_eq!(world.ask().await.outcome(), "enabled");
    let foreign = json!({"instance": INSTANCE, "region": "cn-hangzhou", "account": "6543210987654321"});
    assert_eq!(world.deliver(foreign.to_string()).await.outcome(), "refused");

    let events: Vec<Value> = world.taken_by("pagerduty").await.into_iter().map(|one| one["body"].clone()).collect();
    let actions: Vec<&Value> = events.iter().map(|event| &event["event_action"]).collect();
    assert_eq!(actions, ["trigger", "resolve"], "a refusal is nobody's emergency");
    assert_eq!(events[0]["dedup_key"], events[1]["dedup_key"]);
    assert_eq!(events[0]["payload"]["severity"], "error");
}

#[tokio::test]
async fn ten_sinks_cost_no_more_than_the_slowest() {
    let world = world("").await;
    let slow = |sink| json!({"operation": sink, "fault": "slow", "ms": 400});
    let sinks = KINDS.map(|sink| if sink == "eventbridge" { "PutEvents" } else { sink });
    world.script(sinks.map(slow).to_vec().into()).await;
    let before = Instant::now();
    world.ask().await;
    let took = before.elapsed();
    assert_eq!(how_many(&world, &KINDS).await, KINDS.map(|sink| (sink, 1)));
    assert!(took < Duration::from_millis(1200), "{took:?}");
}

#[tokio::test]
async fn people_get_one_card_of_a_delivery_of_several_requests_and_machines_every_report() {
    let world = world("").await;
    world.deliver(event("bulk-created.json")).await;
    assert_eq!(how_many(&world, &CHATS).await, CHATS.map(|sink| (sink, 1)), "{}", world.said());
    for machine in ["webhook", "cloudevents", "eventbridge", "pagerduty"] {
        assert_eq!(world.taken_by(machine).await.len(), 3, "{machine}");
    }
    let card = world.taken_by("slack").await[0]["body"].to_string();
    for instance in ["rm-demo1bulk0000001", "rm-demo1bulk0000002", "rm-demo1bulk0000003"] {
        assert!(card.contains(instance), "{card}");
    }
}

#[tokio::test]
async fn a_card_speaks_the_language_of_its_sink_and_goes_by_its_clock() {
    let world = World::with(Setup {
        toml: "language = \"zh\"\nutc_offset = \"+08:00\"\n".to_owned()
            + &EVERY_KIND.replace("kind = \"teams\"", "kind = \"teams\"\nlanguage = \"ja\"\nutc_offset = \"+09:00\""),
        ..every_kind("")
    })
    .await;
    let told = world.ask().await;
    assert!(told.text("message").contains("is on"), "machines read English");
    for chat in CHATS {
        let card = world.taken_by(chat).await[0]["body"].to_string();
        let (words, zone) =
            if chat == "teams" { ("有効", "UTC+09:00") } else { ("备份加密已开启", "UTC+08:00") };
        assert!(card.contains(words) && card.contains(zone), "{chat}: {card}");
    }
}

#[tokio::test]
async fn routes_go_by_account_region_door_and_tag() {
    for (route, hears) in [
        ("accounts = [\"1234567890123456\"]", true),
        ("accounts = [\"6543210987654321\"]", false),
        ("regions = [\"cn-*\"]", true),
        ("regions = [\"ap-*\"]", false),
        ("doors = [\"event\"]", true),
        ("doors = [\"chat\", \"webhook\"]", false),
        ("tags = [\"team=payments\"]", true),
        ("tags = [\"team\"]", true),
        ("tags = [\"team=search\", \"tier=1\"]", false),
    ] {
        let toml =
            format!("[[sinks]]\nname = \"a\"\nkind = \"wecom\"\nurl = \"https://captured.invalid/a?key=k\"\n{route}\n");
        let world = World::configured(&toml).await;
        world.instances(json!([{"id": INSTANCE, "tags": {"team": "payments"}}])).await;
        world.deliver(request(INSTANCE)).await;
        assert_eq!(world.taken_by("wecom").await.len(), usize::from(hears), "{route}");
        let reads_tags = world.calls().await.iter().any(|call| call.contains("Tag"));
        assert_eq!(reads_tags, route.starts_with("tags"), "{route}: {:?}", world.calls().await);
    }
}

#[tokio::test]
async fn a_result_whose_account_is_not_known_is_lost_by_no_route() {
    let toml =
        "[[sinks]]\nname = \"a\"\nkind = \"wecom\"\nurl = \"https://captured.invalid/a?key=k\"\naccounts = [\"1*\"]\n";
    let world = World::with(Setup { toml: toml.to_owned(), credentials: Ok(None), ..Setup::default() }).await;
    let told = world.ask().await;
    assert_eq!(told.report()["account"], json!(null));
    assert_eq!(world.taken_by("wecom").await.len(), 1, "{}", world.said());
}

#[tokio::test]
async fn alerts_are_resolved_whatever_a_route_says() {
    let toml =
        "[[sinks]]\nname = \"a\"\nkind = \"pagerduty\"\nrouting_key = { env = \"ROUTING_KEY\" }\non = [\"failed\"]\n";
    let world = World::with(Setup { toml: toml.to_owned(), ..every_kind("") }).await;
    world.script(json!([{"fault": "code", "code": "Nasty", "status": 400, "message": "no"}])).await;
    world.ask().await;
    world.ask().await;
    let events = world.taken_by("pagerduty").await;
    assert_eq!(events.iter().map(|one| &one["body"]["event_action"]).collect::<Vec<_>>(), ["trigger", "resolve"]);
}

#[tokio::test]
async fn tags_that_cannot_be_read_stop_neither_the_change_nor_the_report() {
    let toml = "[[sinks]]\nname = \"a\"\nkind = \"wecom\"\nurl = \"https://captured.invalid/a?key=k\"\ntags = [\"team=search\"]\n";
    let world = World::configured(toml).await;
    world
        .script(json!([{"operation": "ListTagResources", "fault": "code", "code": "NoPermission", "status": 403}]))
        .await;
    assert_eq!(world.ask().await.outcome(), "enabled");
    assert_eq!(world.calls().await, ["EnableBackupEncryption OK", "ListTagResources NoPermission"]);
    assert_eq!(world.taken_by("wecom").await.len(), 1);
}

#[tokio::test]
async fn a_dry_run_that_could_be_repeated_unnoticed_reaches_only_the_sinks_that_say_so() {
    let sinks = EVERY_KIND.replace("kind = \"wecom\"", "kind = \"wecom\"\nreplayable = true");
    let world = World::with(Setup { toml: format!("{CRON}{sinks}"), ..every_kind("") }).await;
    let planned = json!({"instance": INSTANCE, "region": "cn-hangzhou", "mode": "plan"});
    let told = Call::bearer(planned.to_string()).send(&world).await;
    assert_eq!(told.report()["outcome"], "planned");
    let told: Vec<_> = how_many(&world, &KINDS).await.into_iter().filter(|(_, count)| 0 < *count).collect();
    assert_eq!(told, [("wecom", 1)]);
}
