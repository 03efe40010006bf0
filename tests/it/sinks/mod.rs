//! Status *and* body decide whether a sink took a report; a required one that did not makes the delivery come again.

mod answers;
pub(crate) mod kinds;

use jiff::SignedDuration;
use rds_seal::time::Clock;
use serde_json::{Value, json};

use crate::main_job::{SINKS, with_sinks};
use crate::world::{INSTANCE, Setup, World, request};

fn required(sinks: &str) -> Setup {
    Setup { toml: sinks.replace("kind = \"slack\"", "kind = \"slack\"\nrequired = true"), ..with_sinks() }
}

#[tokio::test]
async fn a_slack_that_says_200_and_refuses_has_not_taken_it() {
    let world = World::with(required(SINKS)).await;
    world.script(json!([{"operation": "slack", "fault": "status", "status": 200, "body": "invalid_blocks"}])).await;

    let told = world.ask().await;

    assert_eq!(told.outcome(), "enabled", "what was done is done");
    assert_eq!(told.verdict(), "404 404 again", "and comes again until it is told");
    assert!(world.said().contains("sink ops did not take report"));
    assert!(world.said().contains("it answered with status 200 (invalid_blocks)"));
    let again = world.ask().await;
    assert_eq!((again.outcome(), again.verdict().as_str()), ("already_enabled", "200 200 done"));
    assert_eq!(world.taken_by("slack").await.len(), 1);
    assert_eq!(world.taken_by("webhook").await.len(), 2, "a redelivered event reports to all");
}

#[tokio::test]
async fn a_sink_that_is_not_required_never_brings_a_delivery_back() {
    let world = World::with(with_sinks()).await;
    world.script(json!([{"operation": "slack", "fault": "drop", "times": 9}, {"operation": "webhook", "fault": "status", "status": 404, "times": 9}])).await;
    let told = world.ask().await;
    assert_eq!(told.verdict(), "200 200 done");
    assert!(world.said().contains("sink ops did not take") && world.said().contains("sink siem did not take"));
}

#[tokio::test]
async fn a_passing_failure_is_tried_again_and_a_final_one_is_not() {
    for (status, attempts) in [(500, 2), (429, 2), (404, 1), (301, 1)] {
        let world = World::with(required(SINKS)).await;
        let fault = json!({"operation": "slack", "fault": "status", "status": status, "body": "x"});
        world.script(json!([fault])).await;
        let told = world.ask().await;
        let taken = world.taken_by("slack").await.len();
        assert_eq!(taken, attempts - 1, "{status}");
        assert_eq!(told.verdict(), if taken == 1 { "200 200 done" } else { "404 404 again" }, "{status}");
    }
}

#[tokio::test]
async fn retry_after_is_honoured_if_it_fits_and_given_up_if_not() {
    let date = |seconds: i64| {
        let moment = Clock::System.now() + SignedDuration::from_secs(seconds);
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&moment).unwrap()
    };
    for (when, taken) in [("1", 1), ("3600", 0), (&date(-60), 1), (&date(3600), 0)] {
        let world = World::with(required(SINKS)).await;
        let fault = json!({"operation": "slack", "fault": "status", "status": 429, "body": "x", "retry_after": when});
        world.script(json!([fault])).await;
        world.ask().await;
        assert_eq!(world.taken_by("slack").await.len(), taken, "{when}");
    }
}

#[tokio::test]
async fn a_slow_sink_holds_up_neither_the_others_nor_the_answer_beyond_its_slice() {
    let mut setup = required(SINKS);
    setup.retry.attempt = std::time::Duration::from_millis(100);
    let world = World::with(setup).await;
    world.script(json!([{"operation": "slack", "fault": "slow", "ms": 5000, "times": 9}])).await;
    let told = world.ask().await;
    assert_eq!(told.verdict(), "404 404 again");
    assert_eq!(world.taken_by("webhook").await.len(), 1);
}

#[tokio::test]
async fn a_sink_hears_of_what_it_subscribed_to() {
    let toml = SINKS.replace("kind = \"slack\"", "kind = \"slack\"\non = [\"enabled\", \"failed\"]");
    let world = World::with(Setup { toml, ..with_sinks() }).await;
    world
        .instances(json!([{"id": "rm-stopped", "status": "Stopped"}, {"id": "rm-creating", "status": "Creating"}]))
        .await;
    for instance in [INSTANCE, INSTANCE, "rm-stopped", "rm-creating"] {
        world.deliver(request(instance)).await;
    }
    let foreign = json!({"instance": INSTANCE, "region": "cn-hangzhou", "account": "6543210987654321"});
    world.deliver(foreign.to_string()).await;

    let outcomes = |taken: Vec<Value>| taken.iter().map(|one| one["body"]["outcome"].clone()).collect::<Vec<_>>();
    assert_eq!(world.taken_by("slack").await.len(), 3, "enabled, its repeat, and failed");
    let told = ["enabled", "already_enabled", "failed", "refused"];
    assert_eq!(outcomes(world.taken_by("webhook").await), told, "everything but the wait");
}

#[tokio::test]
async fn a_slack_card_fits_the_limits_of_blocks() {
    let world = World::with(with_sinks()).await;
    world
        .script(json!([{"fault": "code", "code": "Nasty", "status": 400, "message": "<!channel> & ".repeat(400)}]))
        .await;
    world.ask().await;
    let card = &world.taken_by("slack").await[0]["body"];
    let attachment = &card["attachments"][0];
    assert_eq!(attachment["color"], "#e01e5a");
    assert!(card.to_string().chars().count() <= 13_000);
    let blocks = attachment["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50);
    for block in blocks {
        match block["type"].as_str().unwrap() {
            "rich_text" => assert!(block.to_string().chars().count() <= 4000),
            "actions" => assert!(block["elements"].as_array().unwrap().len() <= 25),
            "context" => assert!(block["elements"].as_array().unwrap().len() <= 10),
            other => panic!("a block of another kind: {other}"),
        }
    }
    let said: Vec<_> = blocks.iter().filter(|block| block.to_string().contains("<!channel> & ")).collect();
    assert!(!said.is_empty() && said.iter().all(|block| block["type"] == "rich_text"), "{card}");
    for page in ["mrkdwn", "broadcast", "\"user\"", "usergroup"] {
        assert!(!card.to_string().contains(page), "nobody is paged by an error text: {page}");
    }
    assert!(!card["text"].as_str().unwrap().contains('<'), "the one text that is mrkdwn");
}
