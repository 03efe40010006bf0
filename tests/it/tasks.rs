//! A task of the relay is authentic: whoever may invoke the function can send any bytes, and forges neither how old an ask
//! is, nor what is in doubt, nor what a sink is told.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rds_seal::secret::Secret;
use serde_json::{Value, json};

use crate::world::{INSTANCE, SECRET, Setup, Told, World, request};

const SINKS: &str = r#"
[[sinks]]
name = "ops"
kind = "slack"
url = "https://captured.invalid/hook"
required = true
"#;

async fn function(toml: &str) -> World {
    World::with(Setup { named: true, toml: toml.to_owned(), ..Setup::default() }).await
}

fn with_env(name: &str, value: &str) -> Setup {
    Setup { named: true, env: vec![(name.to_owned(), value.to_owned())], ..Setup::default() }
}

/// A task of this function for an instance that is not ready.
async fn a_task() -> Value {
    let world = function("").await;
    world.instances(json!([{"id": INSTANCE, "status": "Creating"}])).await;
    world.ask().await;
    world.get("queue").await["waiting"][0]["body"].clone()
}

/// A task with other content, signed by somebody who has this secret.
pub(crate) fn signed_by(secret: &str, task: &Value, content: &str) -> String {
    let keys = Secret::new(vec![secret.into()]).unwrap().keys("relay/1");
    let [schema, deployment] = ["schema", "deployment"].map(|field| task[field].as_str().unwrap().as_bytes());
    let mac = keys.sign::<32>(&[schema, deployment, content.as_bytes()]);
    let mut task = task.clone();
    task["task"] = content.into();
    task["mac"] = BASE64_URL_SAFE_NO_PAD.encode(mac).into();
    task.to_string()
}

/// That a body was rejected for this reason, loudly, so that the platform keeps it, and that nothing came of it.
#[track_caller]
fn assert_rejected(told: &Told, sentence: &str) {
    assert_eq!(told.verdict(), "400 404 again", "{}", told.body);
    let rejection = &told.body["rejected"][0];
    let said = format!("{} {}", rejection["field"].as_str().unwrap(), rejection["reason"].as_str().unwrap());
    assert!(said.contains(sentence), "{said}");
    assert_eq!(told.body["reports"], json!([]));
}

async fn assert_untouched(world: &World) {
    assert!(world.calls().await.is_empty());
    assert!(world.taken_by("slack").await.is_empty());
    assert!(world.said().contains("ERROR a delivery is rejected: "), "{}", world.said());
}

/// What a thief of no secret would like a task to say.
fn forgeries(task: &Value) -> Vec<String> {
    let genuine: Value = serde_json::from_str(task["task"].as_str().unwrap()).unwrap();
    let with = |pointer: &str, value: Value| {
        let mut forged = genuine.clone();
        *forged.pointer_mut(pointer).unwrap() = value;
        forged.to_string()
    };
    let report = json!({"sink": "ops", "report": {
        "schema": "rds-seal.report/1", "id": "0\n{\"level\":\"ERROR\"}", "message": "<!channel> <https://evil.example>",
    }});
    vec![
        with("/first_seen", json!("2020-01-01T00:00:00Z")),
        with("/not_before", json!("2020-01-01T00:00:00Z")),
        with("/errand/request/doubt/may_have_applied", json!(true)),
        with("/errand/request/request/region", json!("cn-shanghai")),
        with("/errand/request/request/instance", json!("rm-of-another")),
        with("/errand", json!({ "report": report })),
        with("/errand", json!({"report": {"sink": "a\n{\"level\":\"ERROR\"}", "report": {}}})),
    ]
}

#[tokio::test]
async fn whatever_is_forged_is_rejected_and_nothing_comes_of_it() {
    let task = a_task().await;
    for content in forgeries(&task) {
        let world = function(SINKS).await;
        let mut changed = task.clone();
        changed["task"] = content.clone().into();
        assert_rejected(&world.deliver(changed.to_string()).await, "mac does not prove that this task is ours");
        let by_another = signed_by("somebody-elses-secret-of-32-bytes-or-more", &task, &content);
        assert_rejected(&world.deliver(by_another).await, "mac does not prove that this task is ours");
        let bare = json!({"schema": "rds-seal.task/1", "attempt": 2, "content": content}).to_string();
        assert_rejected(&world.deliver(bare).await, "schema says that this is a task of version 1: this program takes");
        assert_untouched(&world).await;
        assert!(world.said().lines().all(|line| !line.starts_with("{\"level\"")), "{}", world.said());
    }
}

#[tokio::test]
async fn a_task_is_taken_by_the_deployment_that_made_it_while_it_has_a_relay() {
    let task = a_task().await.to_string();
    let relay_is_off = Setup { named: true, toml: "relay = false".to_owned(), ..Setup::default() };
    for (setup, sentence) in [
        (with_env("SEAL_SECRET", "another-secret-of-thirty-two-bytes-or-more"), "mac does not prove"),
        (with_env("FC_FUNCTION_NAME", "another"), "deployment names another deployment"),
        (with_env("FC_REGION", "cn-shanghai"), "deployment names another deployment"),
        (relay_is_off, "schema says that this is a task of the relay, which is off here"),
        (with_env("SEAL_SECRET", ""), "schema says that this is a task of the relay, which is off here"),
    ] {
        let world = World::with(setup).await;
        assert_rejected(&world.deliver(task.clone()).await, sentence);
        assert_untouched(&world).await;
    }
    let ours = function("").await;
    ours.it_is(ours.now() + 61).await;
    assert_eq!(ours.deliver(task).await.outcome(), "enabled");
}

#[tokio::test]
async fn a_secret_is_rotated_while_a_task_waits() {
    let task = a_task().await.to_string();
    let rotating = Setup {
        named: true,
        toml: "secret = [{ env = \"NEW\" }, { env = \"OLD\" }]\n".to_owned(),
        env: [("NEW", "another-secret-of-thirty-two-bytes-or-more"), ("OLD", SECRET), ("SEAL_SECRET", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        ..Setup::default()
    };
    let world = World::with(rotating).await;
    world.it_is(world.now() + 61).await;
    assert_eq!(world.deliver(task).await.outcome(), "enabled");
}

#[tokio::test]
async fn a_task_that_is_two_days_late_is_rejected() {
    let task = a_task().await.to_string();
    let world = function(SINKS).await;
    world.it_is(world.now() + 49 * 3600).await;
    assert_rejected(&world.deliver(task).await, "task was due more than 48 hours ago");
    assert_untouched(&world).await;
}

#[tokio::test]
async fn a_task_comes_alone_and_by_the_platform() {
    let (world, task) = (function(SINKS).await, a_task().await);
    let event =
        json!({"specversion": "1.0", "id": "e", "source": "s", "type": "rds:ActionTrail:ApiCall", "data": task});
    for (body, sentence) in [
        (json!([task]).to_string(), "only as the whole body"),
        (event.to_string(), "data.schema says that this is a task"),
    ] {
        assert_rejected(&world.deliver(body).await, sentence);
    }
    let by_trigger = [("x-fc-control-path", "/http-invoke")];
    assert_eq!(world.deliver_with(&by_trigger, task.to_string()).await.status, 403);
    assert_untouched(&world).await;
}

#[tokio::test]
async fn what_another_version_adds_to_a_task_is_passed_over() {
    let task = a_task().await;
    let mut content: Value = serde_json::from_str(task["task"].as_str().unwrap()).unwrap();
    content["more"] = json!(1);
    content["errand"]["request"]["request"]["more"] = json!({"of": "it"});
    let world = function("").await;
    world.it_is(world.now() + 61).await;
    assert_eq!(world.deliver(signed_by(SECRET, &task, &content.to_string())).await.outcome(), "enabled");
    let unreadable = signed_by(SECRET, &task, "{\"attempt\":2}");
    assert_rejected(&world.deliver(unreadable).await, "task is signed by us and does not have the form of a task");
}

#[tokio::test]
async fn a_clock_that_is_ahead_where_a_task_was_made_costs_nothing_but_time() {
    let ahead = function("").await;
    ahead.it_is(ahead.now() + 1800).await;
    ahead.instances(json!([{"id": INSTANCE, "status": "Creating"}])).await;
    ahead.ask().await;
    let task = ahead.get("queue").await["waiting"][0]["body"].to_string();
    let world = function("").await;
    let early = world.deliver(task.clone()).await;
    assert_eq!((early.outcome(), early.verdict().as_str()), ("waiting", "404 404 again"), "early, and not rejected");
    assert!(world.calls().await.is_empty());
    world.it_is(world.now() + 1861).await;
    assert_eq!(world.deliver(task).await.outcome(), "enabled");
}

#[tokio::test]
async fn a_request_that_looks_like_a_task_is_none() {
    let world = function("").await;
    let body = request("rm-demo1").replace("ask-1", "rds-seal.task/2");
    assert_eq!(world.deliver(body).await.outcome(), "enabled");
}
