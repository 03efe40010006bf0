//! An attempt may have made the change, and its request comes back out of the queue: whatever stands in the way by then,
//! the doubt is kept and said.

use serde_json::{Value, json};

use crate::tasks::signed_by;
use crate::world::{SECRET, Setup, Told, World, request};

const SEALED: &str = "rm-sealed";
const DOUBT: &str = "An earlier attempt may have turned it on.";

async fn named(toml: &str) -> World {
    World::with(Setup { named: true, toml: toml.to_owned(), ..Setup::default() }).await
}

/// A task that waited in the queue after the change was made and every answer lost, changed like this.
async fn task_in_doubt(change: impl Fn(&mut Value)) -> String {
    let world = named("").await;
    world.instances(json!([{"id": SEALED}])).await;
    world.script(json!([{"fault": "drop"}, {"fault": "throttle", "times": 20}])).await;
    assert_eq!(world.deliver(request(SEALED)).await.outcome(), "unknown");
    assert!(world.is_sealed(SEALED).await);
    let task = world.get("queue").await["waiting"][0]["body"].clone();
    let mut content = content(&task);
    content["not_before"] = content["first_seen"].clone();
    change(&mut content);
    signed_by(SECRET, &task, &content.to_string())
}

/// What a task says, as it was signed.
fn content(task: &Value) -> Value {
    serde_json::from_str(task["task"].as_str().unwrap()).unwrap()
}

fn as_it_is(_: &mut Value) {}

fn assert_in_doubt(told: &Told, outcome: &str) {
    assert_eq!((told.outcome(), &told.report()["certain"]), (outcome, &json!(false)), "{}", told.report());
    let message = told.text("message");
    assert_eq!(message.matches(DOUBT).count(), 1, "{message}");
}

#[tokio::test]
async fn what_the_configuration_says_by_then_drops_no_doubt() {
    let task = task_in_doubt(as_it_is).await;
    for (toml, outcome) in [
        ("mode = \"plan\"", "planned"),
        ("[policy]\ninstances = [\"rm-other*\"]", "refused"),
        ("[policy]\nengines = [\"PostgreSQL\"]", "refused"),
    ] {
        let world = named(toml).await;
        world.instances(json!([{"id": SEALED}])).await;
        let told = world.deliver(task.clone()).await;
        assert_in_doubt(&told, outcome);
        assert_eq!(told.verdict(), "200 200 done", "the ending is the same, and says what is not known");
    }
}

#[tokio::test]
async fn credentials_that_are_missing_or_cannot_be_had_drop_no_doubt() {
    let nobody = World::with(Setup { named: true, credentials: Ok(None), ..Setup::default() }).await;
    assert_in_doubt(&nobody.deliver(task_in_doubt(as_it_is).await).await, "failed");

    let abroad = named("[policy]\naccounts = [\"1234567890123456\", \"6543210987654321\"]\n[accounts]\nrole = \"acs:ram::{account}:role/rds-seal\"").await;
    let abroad_in_doubt =
        task_in_doubt(|task| task["errand"]["request"]["request"]["account"] = json!("6543210987654321")).await;
    abroad
        .script(json!([{"operation": "AssumeRole", "fault": "code", "code": "ServiceUnavailable", "times": 20}]))
        .await;
    assert_in_doubt(&abroad.deliver(abroad_in_doubt).await, "waiting");
    let next = content(&abroad.get("queue").await["waiting"][0]["body"]);
    assert_eq!(
        next["errand"]["request"]["doubt"],
        json!({"may_have_applied": true, "unsettled": true}),
        "and it goes on with the task"
    );
}

#[tokio::test]
async fn a_read_that_is_refused_drops_no_doubt() {
    let world = named("[policy]\nengines = [\"MySQL\"]").await;
    world.instances(json!([{"id": SEALED}])).await;
    world.script(json!([{"operation": "DescribeDBInstanceAttribute", "fault": "code", "code": "Forbidden.RAM"}])).await;
    assert_in_doubt(&world.deliver(task_in_doubt(as_it_is).await).await, "failed");
}

#[tokio::test]
async fn giving_up_says_the_doubt_once() {
    let world = named("").await;
    world.script(json!([{"fault": "drop", "before": true}, {"fault": "throttle", "times": 100_000}])).await;
    world.ask().await;
    world.minutes_pass(26 * 60).await;
    let last = world.audited("rds-seal.report/1").pop().unwrap();
    assert_eq!((&last["outcome"], &last["certain"]), (&json!("failed"), &json!(false)));
    assert_eq!(last["message"].as_str().unwrap().matches("may have turned it on").count(), 1, "{last}");
}

#[tokio::test]
async fn a_card_says_that_it_may_be_on() {
    let toml =
        "mode = \"plan\"\n[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = \"https://captured.invalid/hook\"\n";
    let world = named(toml).await;
    world.instances(json!([{"id": SEALED}])).await;
    world.deliver(task_in_doubt(as_it_is).await).await;
    let card = world.taken_by("slack").await[0]["body"].to_string();
    assert!(card.contains("Backup encryption: outcome unknown") && card.contains(DOUBT), "{card}");
}
