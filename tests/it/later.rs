//! What cannot be done yet waits in the platform's queue, and comes back.

use serde_json::{Value, json};

use crate::world::{INSTANCE, Setup, World, request};

async fn named() -> World {
    World::with(Setup { named: true, toml: SINK.to_owned(), ..Setup::default() }).await
}

const SINK: &str = r#"
[[sinks]]
name = "ops"
kind = "slack"
url = "https://captured.invalid/hook"
"#;

fn relay_is_off() -> Setup {
    Setup { named: true, toml: "relay = false".to_owned(), ..Setup::default() }
}

fn has_no_secret() -> Setup {
    Setup { named: true, env: vec![("SEAL_SECRET".to_owned(), String::new())], ..Setup::default() }
}

/// The outcomes that the audit stream has, in order.
fn outcomes(world: &World) -> Vec<String> {
    let reports = world.audited("rds-seal.report/1");
    reports.iter().map(|report| report["outcome"].as_str().unwrap().to_owned()).collect()
}

/// The task that waits in the queue, as it was sent.
async fn waiting(world: &World) -> Value {
    let queue = world.get("queue").await;
    assert_eq!(queue["waiting"].as_array().unwrap().len(), 1, "{queue}");
    queue["waiting"][0].clone()
}

#[tokio::test]
async fn an_instance_that_is_created_for_twenty_minutes_is_sealed_with_few_calls_and_none_while_it_waits() {
    let world = named().await;
    world.instances(json!([{"id": "rm-new", "status": "Creating", "ready_after_ms": 20 * 60_000}])).await;

    let told = world.deliver(request("rm-new")).await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "200 200 done"));
    assert_eq!(told.report()["next_step"], "Nothing to do: it is tried again automatically.");
    let time = |field: &str| told.text(field).parse::<jiff::Timestamp>().unwrap();
    let pause = time("retry_at").duration_since(time("finished_at")).as_secs();
    assert!((59..=60).contains(&pause), "{pause}");
    assert_eq!(waiting(&world).await["delay_seconds"], 60);
    world.minutes_pass(35).await;

    assert!(world.is_sealed("rm-new").await);
    assert_eq!(outcomes(&world), ["waiting", "waiting", "waiting", "waiting", "waiting", "enabled"]);
    let calls = world.calls().await;
    let writes = calls.iter().filter(|call| call.starts_with("Enable")).count();
    assert_eq!((writes, calls.len()), (6, 16), "five refusals, each explained and queued, then the one that counts");
    let told = world.taken_by("slack").await;
    let titles: Vec<String> = told.iter().map(|one| one["body"]["text"].to_string()).collect();
    assert_eq!(titles.len(), 2, "the beginning and the end: {titles:?}");
    let last = &world.audited("rds-seal.report/1")[5];
    assert_eq!(last["attempt"], 6);
    let first = &world.audited("rds-seal.report/1")[0];
    assert_eq!(last["correlation_id"], first["correlation_id"], "it is one ask");
}

#[tokio::test]
async fn what_waits_longer_than_a_day_is_given_up_and_said() {
    let world = named().await;
    world.instances(json!([{"id": "rm-never", "status": "Creating"}])).await;
    world.deliver(request("rm-never")).await;
    world.minutes_pass(26 * 60).await;
    let last = world.audited("rds-seal.report/1").pop().unwrap();
    assert_eq!(last["outcome"], "failed");
    assert!(last["message"].as_str().unwrap().starts_with("Given up after 24 h. Not done: the instance is Creating."));
    assert_eq!(world.get("queue").await["waiting"], json!([]));
    assert_eq!(world.taken_by("slack").await.len(), 2);
    let writes = world.calls().await.iter().filter(|call| call.starts_with("Enable")).count();
    assert!(writes < 40, "{writes} writes in a day");
}

#[tokio::test]
async fn throttling_and_an_outage_wait_in_the_queue_too() {
    for (fault, first) in [("Throttling.User", "waiting"), ("ServiceUnavailable", "unknown")] {
        let world = named().await;
        world.script(json!([{"fault": "code", "code": fault, "times": 5}])).await;
        assert_eq!(world.ask().await.verdict(), "200 200 done", "{fault}");
        world.minutes_pass(2).await;
        assert_eq!(outcomes(&world), [first, "enabled"], "{fault}");
    }
}

#[tokio::test]
async fn a_doubt_travels_with_the_task_and_so_does_the_key() {
    let setup = Setup { named: true, toml: "[key]\nallowed = [\"key-*\"]".to_owned(), ..Setup::default() };
    let world = World::with(setup).await;
    world.script(json!([{"fault": "drop"}, {"fault": "drop", "before": true, "times": 4}])).await;
    let body = json!({"instance": INSTANCE, "region": "cn-hangzhou", "key": "key-1", "id": "ask-1"}).to_string();
    let told = world.deliver(body).await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("unknown", "200 200 done"));
    let asked = &content(&waiting(&world).await["body"])["errand"]["request"];
    assert_eq!((&asked["doubt"]["may_have_applied"], &asked["request"]["key"]), (&json!(true), &json!("key-1")));

    world.minutes_pass(2).await;

    let last = world.audited("rds-seal.report/1").pop().unwrap();
    assert_eq!((&last["outcome"], &last["certain"]), (&json!("enabled"), &json!(false)));
}

#[tokio::test]
async fn a_queue_that_refuses_leaves_the_waiting_to_the_sender() {
    for refusal in ["AccessDenied", "ResourceThrottled", "InternalServerError"] {
        let world = named().await;
        world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
        world.script(json!([{"operation": "InvokeFunction", "fault": "code", "code": refusal, "times": 20}])).await;
        let told = world.deliver(request("rm-new")).await;
        assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"), "{refusal}");
        assert!(world.said().contains("the queue did not take rm-new"), "{refusal}");
        assert!(world.taken_by("slack").await.is_empty(), "each delivery would say it again");
    }
}

#[tokio::test]
async fn a_queue_that_loses_a_task_cannot_be_noticed_but_the_wait_is_on_record() {
    let world = named().await;
    world.queue_behaves(json!({"loses": true})).await;
    world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    assert_eq!(world.deliver(request("rm-new")).await.verdict(), "200 200 done");
    world.minutes_pass(3).await;
    assert_eq!(outcomes(&world), ["waiting"]);
    assert_eq!(world.taken_by("slack").await.len(), 1, "people know that it waits");
}

#[tokio::test]
async fn a_queue_that_ignores_the_delay_burns_no_attempt_and_ends_in_the_dead_letters() {
    let world = named().await;
    world.queue_behaves(json!({"honours_delay": false, "max_retries": 2, "retry_after_ms": 0})).await;
    world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    world.deliver(request("rm-new")).await;
    let calls = world.calls().await;
    world.queue_delivers_what_is_due().await;
    assert_eq!(world.calls().await, calls, "nothing was called early");
    let queue = world.get("queue").await;
    let attempts: Vec<&Value> = queue["delivered"].as_array().unwrap().iter().map(|one| &one["x_fc_status"]).collect();
    assert_eq!(attempts, ["404", "404", "404"]);
    let letter = queue["dead_letters"][0]["requestPayload"].as_str().unwrap().to_owned();
    let task = content(&serde_json::from_str(&letter).unwrap());
    assert_eq!(
        (&task["attempt"], &task["errand"]["request"]["request"]["instance"]),
        (&json!(2), &json!("rm-new")),
        "as it was sent"
    );
    world.instances(json!([{"id": "rm-new"}])).await;
    world.it_is(world.now() + 3600).await;
    assert_eq!(world.deliver(letter).await.outcome(), "enabled", "and it can be sent again by hand");
}

#[tokio::test]
async fn a_deployment_without_a_name_without_a_secret_or_with_the_relay_off_does_not_ask_the_queue() {
    for setup in [Setup::default(), relay_is_off(), has_no_secret()] {
        let world = World::with(setup).await;
        world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
        assert_eq!(world.deliver(request("rm-new")).await.verdict(), "404 404 again");
        assert!(!world.calls().await.iter().any(|call| call.starts_with("Invoke")));
    }
}

/// What a task says, as it was signed.
fn content(task: &Value) -> Value {
    serde_json::from_str(task["task"].as_str().unwrap()).unwrap()
}

/// A task as the function itself writes it.
async fn a_task(world: &World) -> Value {
    world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    world.deliver(request("rm-new")).await;
    let task = waiting(world).await["body"].clone();
    world.forget("calls").await;
    task
}

#[tokio::test]
async fn a_task_that_comes_early_is_not_acted_on() {
    let world = named().await;
    let task = a_task(&world).await;
    let told = world.deliver(task.to_string()).await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"));
    let message = told.report()["message"].as_str().unwrap();
    assert!(
        message.starts_with("The task came ") && message.ends_with(" s early, so nothing was called."),
        "{message}"
    );
    assert!(world.calls().await.is_empty());
    assert_eq!(world.taken_by("slack").await.len(), 1, "only the wait itself was said");
}

#[tokio::test]
async fn a_task_forged_through_an_http_trigger_is_turned_away() {
    let world = named().await;
    let task = a_task(&world).await;
    let told = world.deliver_with(&[("x-fc-control-path", "/http-invoke")], task.to_string()).await;
    assert_eq!(told.status, 403);
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn mode_and_policy_are_judged_anew_when_a_task_comes_back() {
    let enforcing = named().await;
    let task = a_task(&enforcing).await.to_string();
    let deployed = async |toml: &str| {
        let world = World::with(Setup { named: true, toml: toml.to_owned(), ..Setup::default() }).await;
        world.it_is(enforcing.now() + 61).await;
        world
    };
    assert_eq!(deployed("mode = \"plan\"").await.deliver(task.clone()).await.outcome(), "planned");
    let limited = deployed("[policy]\ninstances = [\"pgm-*\"]").await;
    let told = limited.deliver(task).await;
    assert_eq!((told.outcome(), &told.report()["rule"]["name"]), ("refused", &json!("instances")));
    assert!(limited.calls().await.is_empty());
}

#[tokio::test]
async fn a_report_that_a_required_sink_does_not_take_waits_for_that_sink_alone() {
    let toml = format!(
        "{SINK}required = true\n\n[[sinks]]\nname = \"other\"\nkind = \"slack\"\nurl = \"https://captured.invalid/2\"\n"
    );
    let world = World::with(Setup { named: true, toml, ..Setup::default() }).await;
    world.script(json!([{"operation": "slack", "fault": "status", "status": 403, "times": 1}])).await;

    let told = world.ask().await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("enabled", "200 200 done"), "the queue holds what is left");
    let calls = world.calls().await;
    world.minutes_pass(2).await;

    let writes = |calls: &[String]| calls.iter().filter(|call| call.starts_with("Enable")).count();
    assert_eq!((writes(&calls), writes(&world.calls().await)), (1, 1), "the cloud is not asked for a report's sake");
    assert_eq!(world.taken_by("slack").await.len(), 2, "each sink has it once");
    assert_eq!(world.get("queue").await["waiting"], json!([]));
}

#[tokio::test]
async fn a_report_is_told_again_until_its_sink_takes_it_or_the_day_is_over() {
    for (times, taken) in [(8, 1), (10_000, 0)] {
        let world =
            World::with(Setup { named: true, toml: format!("{SINK}required = true\n"), ..Setup::default() }).await;
        world.script(json!([{"operation": "slack", "fault": "status", "status": 403, "times": times}])).await;
        assert_eq!(world.ask().await.verdict(), "200 200 done");
        world.minutes_pass(26 * 60).await;
        assert_eq!(world.taken_by("slack").await.len(), taken);
        assert_eq!(world.get("queue").await["waiting"], json!([]));
        assert_eq!(world.said().contains("is given up for sink ops"), taken == 0);
        let lost = world.get("queue").await["dead_letters"].as_array().unwrap().len();
        assert_eq!(lost, 1 - taken, "what is given up is where failures go");
    }
}

#[tokio::test]
async fn a_report_without_a_queue_brings_the_delivery_back() {
    let world = World::configured(&format!("{SINK}required = true\n")).await;
    world.script(json!([{"operation": "slack", "fault": "status", "status": 403, "times": 1}])).await;
    assert_eq!(world.ask().await.verdict(), "404 404 again");
}

#[tokio::test]
async fn a_wait_that_begins_with_a_repeated_delivery_is_news_and_a_minute_long() {
    let world = named().await;
    world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    let told = world.deliver_with(&[("x-fc-retry-count", "2")], request("rm-new")).await;
    assert_eq!((told.outcome(), &told.report()["attempt"]), ("waiting", &json!(3)));
    assert_eq!(waiting(&world).await["delay_seconds"], 60);
    assert_eq!(world.taken_by("slack").await.len(), 1);
}

#[tokio::test]
async fn an_answer_of_the_queue_that_is_lost_makes_no_second_task() {
    let world = named().await;
    world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    world.script(json!([{"operation": "InvokeFunction", "fault": "drop"}])).await;
    assert_eq!(world.deliver(request("rm-new")).await.verdict(), "404 404 again", "nobody knows whether it was taken");
    waiting(&world).await;
}

#[tokio::test]
async fn a_doubt_that_nothing_settles_is_unknown_in_every_turn_and_said_at_the_end() {
    let world = named().await;
    world.script(json!([{"fault": "drop", "before": true, "times": 5}])).await;
    assert_eq!(world.ask().await.outcome(), "unknown");
    world.script(json!([{"fault": "throttle", "times": 100_000}])).await;
    world.minutes_pass(2).await;
    let second = world.audited("rds-seal.report/1").pop().unwrap();
    assert_eq!((&second["outcome"], &second["certain"]), (&json!("unknown"), &json!(false)), "{second}");
    world.minutes_pass(26 * 60).await;
    let last = world.audited("rds-seal.report/1").pop().unwrap();
    assert_eq!((&last["outcome"], &last["certain"]), (&json!("failed"), &json!(false)));
    assert!(last["message"].as_str().unwrap().starts_with("Given up after 24 h. An attempt may have turned it on."));
}
