//! The work split over functions: a door that strangers reach and that may change nothing, and a worker that takes its tasks
//! alone.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rds_seal::secret::Secret;
use serde_json::{Value, json};

use crate::webhooks::{Call, DOORS, setup};
use crate::world::{DOOR_SECRET, INSTANCE, SECRET, World, request};

const SINK: &str = "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = \"https://captured.invalid/hook\"\n";

/// A door and its worker, with the same file.
async fn split() -> (World, World) {
    let of = |role: &str| setup(&format!("{DOORS}{SINK}")).in_role(role);
    let door = World::with(of("door")).await;
    let worker = World::facing(door.cloud, of("worker")).await;
    worker.is_worker(json!({})).await;
    (door, worker)
}

/// The body of the one task that a door has handed over.
async fn handed_over() -> Value {
    let (door, _worker) = split().await;
    assert_eq!(Call::signed(&door, request(INSTANCE)).send(&door).await.status, 202);
    door.get("queue").await["waiting"][0]["body"].clone()
}

/// The same task with other content, signed by whoever has captured a door.
fn by_a_captured_door(task: &Value, change: impl FnOnce(&mut Value)) -> String {
    let mut content: Value = serde_json::from_str(task["task"].as_str().unwrap()).unwrap();
    change(&mut content);
    let content = content.to_string();
    let keys = Secret::new(vec![DOOR_SECRET.into()]).unwrap().keys("hand-over/1");
    let [schema, deployment] = ["schema", "deployment"].map(|field| task[field].as_str().unwrap().as_bytes());
    let mac = keys.sign::<32>(&[schema, deployment, content.as_bytes()]);
    let mut task = task.clone();
    task["task"] = content.into();
    task["mac"] = BASE64_URL_SAFE_NO_PAD.encode(mac).into();
    task.to_string()
}

#[tokio::test]
async fn a_webhook_behind_a_door_is_accepted_once_the_queue_has_it_and_done_by_the_worker() {
    let (door, worker) = split().await;
    let heard = Call::signed(&door, request(INSTANCE)).send(&door).await;
    assert_eq!(heard.status, 202, "{}", heard.body);
    let report = &heard.body["reports"][0];
    assert_eq!((&report["outcome"], &report["reason"]["code"]), (&json!("waiting"), &json!("handed_over")));
    worker.its_turn_comes().await;
    let done = worker.audited("rds-seal.report/1").pop().unwrap();
    assert_eq!((&done["outcome"], &done["correlation_id"]), (&json!("enabled"), &report["correlation_id"]));
    assert_eq!((&done["origin"]["door"], &done["attempt"]), (&json!("webhook"), &json!(1)));
    assert_eq!(worker.taken_by("slack").await.len(), 1, "the worker tells, the door has no sinks");
    assert_eq!(door.writes().await, 1);
    assert!(door.audited("rds-seal.intent/1").is_empty(), "a door writes nothing");
}

#[tokio::test]
async fn without_the_worker_s_queue_a_webhook_is_told_to_come_again() {
    let (door, worker) = split().await;
    worker.has("functions", json!([])).await;
    let heard = Call::signed(&door, request(INSTANCE)).send(&door).await;
    assert_eq!((heard.status, &heard.headers["retry-after"]), (503, &"60".parse().unwrap()), "{}", heard.body);
    assert_eq!(heard.body["reports"][0]["reason"]["code"], "not_handed_over");
    assert_eq!(door.writes().await, 0);
}

#[tokio::test]
async fn the_worker_holds_a_webhook_to_its_credential_s_scope() {
    let (door, worker) = split().await;
    let elsewhere = json!({"instance": INSTANCE, "region": "ap-northeast-1", "id": "ask-1"}).to_string();
    assert_eq!(Call::signed(&door, elsewhere).send(&door).await.status, 202);
    assert_eq!(Call::bearer(request("rm-demo1")).send(&door).await.status, 202, "which signs no time, and so plans");
    worker.its_turn_comes().await;
    let outcomes: Vec<_> = worker.audited("rds-seal.report/1").iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, [json!("refused"), json!("planned")]);
    assert_eq!(door.writes().await, 0);
}

#[tokio::test]
async fn a_worker_takes_tasks_and_nothing_else_and_a_door_takes_no_events() {
    let (door, worker) = split().await;
    for (world, sentence) in [
        (&worker, "is not a task, and this function is a worker: it takes tasks alone"),
        (&door, "is an event, and this function is a door: send events to the function whose role is events"),
    ] {
        let told = world.deliver(request(INSTANCE)).await;
        assert_eq!(
            (told.verdict().as_str(), &told.body["rejected"][0]["code"]),
            ("400 404 again", &json!("not_for_role"))
        );
        assert_eq!(told.body["rejected"][0]["reason"], sentence);
    }
    for path in ["/v1/requests", "/v1/events", "/chat/slack"] {
        let url = format!("http://{}{path}", worker.function);
        assert_eq!(worker.http.post(url).body(request(INSTANCE)).send().await.unwrap().status(), 404, "{path}");
    }
    assert_eq!(door.writes().await, 0);
}

type Change<'c> = &'c dyn Fn(&mut Value);

#[tokio::test]
async fn a_captured_door_asks_for_no_more_than_a_door_may() {
    let task = handed_over().await;
    let old = |content: &mut Value| content["first_seen"] = json!("2026-11-24T00:00:00Z");
    let doubt = |content: &mut Value| content["errand"]["request"]["doubt"]["may_have_applied"] = json!(true);
    let event = |content: &mut Value| content["errand"]["request"]["request"]["origin"]["door"] = json!("event");
    let attempt = |content: &mut Value| content["attempt"] = json!(7);
    let report = |content: &mut Value| {
        content["errand"] = json!({"report": {"sink": "ops", "report": {
            "schema": "rds-seal.report/1", "id": "0", "message": "<!channel>",
        }}});
    };
    let changes: [(Change<'_>, &str); 5] = [
        (&old, "handed_over_late"),
        (&doubt, "not_of_door"),
        (&event, "not_of_door"),
        (&attempt, "not_of_door"),
        (&report, "not_a_task"),
    ];
    for (change, code) in changes {
        let (door, worker) = split().await;
        let told = worker.deliver(by_a_captured_door(&task, change)).await;
        assert_eq!((told.verdict().as_str(), &told.body["rejected"][0]["code"]), ("400 404 again", &json!(code)));
        assert_eq!(door.writes().await, 0);
        assert!(worker.taken_by("slack").await.is_empty());
    }
    let (_door, worker) = split().await;
    let told = worker.deliver(by_a_captured_door(&task, |_| ())).await;
    assert_eq!(told.outcome(), "enabled", "as any credential, inside the policy: {}", told.body);
}

#[tokio::test]
async fn what_waits_at_a_worker_is_its_own_and_comes_back_to_it() {
    let (door, worker) = split().await;
    worker.instances(json!([{"id": "rm-new", "status": "Creating", "ready_after_ms": 5 * 60_000}])).await;
    assert_eq!(Call::signed(&door, request("rm-new")).send(&door).await.status, 202);
    worker.its_turn_comes().await;
    worker.minutes_pass(10).await;
    assert!(worker.is_sealed("rm-new").await);
}

/// What the function says that cannot start with these.
fn complaint(role: &str, toml: &str, more: &[(&str, &str)]) -> String {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = dir.join(format!("roles-{}-{}.toml", std::process::id(), more.len()));
    std::fs::write(&file, toml).unwrap();
    let path = file.display().to_string();
    let pairs = [("SEAL_CONFIG", path.as_str()), ("SEAL_ROLE", role)].into_iter().chain(more.iter().copied());
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let env = rds_seal::env::Env::Fixed(std::sync::Arc::new(pairs));
    match rds_seal::config::load(&env, None) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_role_says_what_it_cannot_do_without() {
    let (named, secret, door_secret) =
        ("deployment = \"split\"", ("SEAL_SECRET", SECRET), ("SEAL_DOOR_SECRET", DOOR_SECRET));
    let worker = ("SEAL_WORKER", "rds-seal-worker");
    assert_eq!(complaint("doors", named, &[]), "SEAL_ROLE must be all, events, door or worker");
    for (role, toml, more, sentence) in [
        ("door", "", &[door_secret, worker][..], "SEAL_ROLE is door, which needs a name that all functions"),
        ("door", named, &[worker], "SEAL_ROLE is door, which needs the secret by which a door signs"),
        ("door", named, &[door_secret], "SEAL_ROLE is door, which needs the function to hand its work to"),
        ("worker", named, &[secret], "SEAL_ROLE is worker, which needs the secret by which a door signs"),
        ("worker", named, &[door_secret], "SEAL_ROLE is worker, which needs the secret of the deployment"),
        (
            "worker",
            named,
            &[secret, ("SEAL_DOOR_SECRET", SECRET)],
            "SEAL_DOOR_SECRET is the secret of the deployment too",
        ),
        (
            "door",
            "deployment = \"s\"\nrelay = false",
            &[door_secret, worker],
            "SEAL_ROLE is door, which needs the queue",
        ),
        ("door", named, &[door_secret, ("SEAL_WORKER", "a b")], "SEAL_WORKER must be the name of a function"),
    ] {
        let said = complaint(role, toml, more);
        assert!(said.starts_with(sentence), "{said:?}");
    }
    for (role, more) in
        [("events", &[secret][..]), ("door", &[door_secret, worker]), ("worker", &[secret, door_secret])]
    {
        assert_eq!(complaint(role, named, more), "", "{role}");
    }
}

#[test]
fn a_role_reads_no_setting_that_it_does_not_serve() {
    let toml = format!(
        "deployment = \"split\"\nsecret = {{ env = \"OWN\" }}\ndoor_secret = {{ env = \"DOOR\" }}\nworker = \"w\"\n\
         [doors.slack]\nsigning_secrets = [{{ env = \"SLACK\" }}]\n{DOORS}\
         [[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = {{ env = \"SINK\" }}\n"
    );
    let of_doors = [
        ("SLACK", "s"),
        ("CI_SECRET_OLD", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("CI_SECRET", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("CI_KEY", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("CRON_TOKEN", "a-bearer-token-of-the-nightly-cron-0001"),
        ("HUB_SECRET", "a-secret-of-a-repository-0001"),
    ];
    let (own, door, sink) = (("OWN", SECRET), ("DOOR", DOOR_SECRET), ("SINK", "https://example.com/hook"));
    assert_eq!(complaint("events", &toml, &[own, sink]), "");
    assert_eq!(complaint("worker", &toml, &[own, door, sink]), "", "it hears nobody");
    assert_eq!(complaint("door", &toml, &[&of_doors[..], &[door]].concat()), "", "it tells no sink");
    assert_eq!(complaint("all", &toml, &[&of_doors[..], &[own, sink]].concat()), "", "it has no door of its own");
}

#[tokio::test]
async fn a_function_of_the_role_events_has_no_door() {
    let events = World::with(setup(&format!("{DOORS}{SINK}")).in_role("events")).await;
    let url = format!("http://{}/v1/requests", events.function);
    assert_eq!(events.http.post(url).body(request(INSTANCE)).send().await.unwrap().status(), 404);
    assert_eq!(events.deliver(request(INSTANCE)).await.outcome(), "enabled");
}
