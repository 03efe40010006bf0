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
    let refused = Call::signed(&door, elsewhere).send(&door).await;
    assert_eq!(
        (refused.status, &refused.body["reports"][0]["outcome"]),
        (200, &json!("refused")),
        "already at the door"
    );
    assert_eq!(Call::bearer(request("rm-demo1")).send(&door).await.status, 202, "which signs no time, and so plans");
    worker.its_turn_comes().await;
    let forged = by_a_captured_door(&handed_over().await, |content| {
        content["errand"]["hand_over"]["requests"][0]["region"] = json!("ap-northeast-1");
    });
    worker.deliver(forged).await;
    let outcomes: Vec<_> = worker.audited("rds-seal.report/1").iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, [json!("planned"), json!("refused")]);
    assert_eq!(door.writes().await, 0);
}

#[tokio::test]
async fn a_delivery_of_many_is_handed_over_and_limited_as_a_whole() {
    let of = |role: &str| setup(&format!("[policy]\nmax_per_invocation = 3\n{DOORS}{SINK}")).in_role(role);
    let door = World::with(of("door")).await;
    let worker = World::facing(door.cloud, of("worker")).await;
    worker.is_worker(json!({})).await;
    let many = |count: usize| {
        let requests = (0..count).map(|n| json!({"instance": format!("rm-demo{n}"), "region": "cn-hangzhou"}));
        Value::Array(requests.collect()).to_string()
    };
    let heard = Call::anonymous(many(3)).signed_at("msg_1", door.now()).send(&door).await;
    assert_eq!((heard.status, heard.body["reports"].as_array().unwrap().len()), (202, 3));
    assert_eq!(door.get("queue").await["waiting"].as_array().unwrap().len(), 1, "one task for a delivery");
    worker.its_turn_comes().await;
    for count in [4, 499] {
        let heard = Call::anonymous(many(count)).signed_at("msg_2", door.now()).send(&door).await;
        assert_eq!(heard.status, 200);
        let reports = heard.body["reports"].as_array().unwrap();
        assert!(reports.iter().all(|report| report["rule"]["name"] == "max-per-invocation"), "{reports:?}");
    }
    assert_eq!((door.writes().await, door.get("queue").await["waiting"].clone()), (3, json!([])));
}

#[tokio::test]
async fn a_worker_does_no_more_than_its_door_may() {
    let mut planning = setup(&format!("{DOORS}{SINK}")).in_role("door");
    planning.env.push(("SEAL_MODE".to_owned(), "plan".to_owned()));
    let door = World::with(planning).await;
    let worker = World::facing(door.cloud, setup(&format!("{DOORS}{SINK}")).in_role("worker")).await;
    worker.is_worker(json!({})).await;
    assert_eq!(Call::signed(&door, request(INSTANCE)).send(&door).await.status, 202);
    worker.its_turn_comes().await;
    assert_eq!(worker.audited("rds-seal.report/1").pop().unwrap()["outcome"], "planned");
    assert_eq!(door.writes().await, 0);
}

#[tokio::test]
async fn a_queue_that_does_not_answer_may_have_it_all_the_same() {
    let (door, worker) = split().await;
    worker.script(json!([{"operation": "InvokeFunction", "fault": "drop", "times": 1}])).await;
    let heard = Call::signed(&door, request(INSTANCE)).send(&door).await;
    let report = &heard.body["reports"][0];
    assert_eq!((heard.status, &report["certain"]), (503, &json!(false)), "{report}");
    assert!(report["message"].as_str().unwrap().contains("the worker may have the request"), "{report}");
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
    let doubt = |content: &mut Value| {
        let request = content["errand"]["hand_over"]["requests"][0].clone();
        let doubt = json!({"may_have_applied": true, "unsettled": true});
        content["errand"] = json!({"request": {"doubt": doubt, "credential": "ci", "request": request}});
    };
    let event = |content: &mut Value| {
        content["errand"]["hand_over"]["requests"][0]["origin"]["door"] = json!("event");
    };
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
async fn a_task_that_is_replayed_a_hundred_times_seals_once() {
    let task = handed_over().await.to_string();
    let (_door, worker) = split().await;
    let mut outcomes = Vec::new();
    for _ in 0..100 {
        outcomes.push(worker.deliver(task.clone()).await.outcome().to_owned());
    }
    assert_eq!((outcomes[0].as_str(), outcomes[1..].iter().all(|one| one == "already_enabled")), ("enabled", true));
}

#[tokio::test]
async fn a_door_of_another_secret_is_not_believed_and_its_task_is_kept_for_people() {
    let (door, _) = split().await;
    let mut other = setup(&format!("{DOORS}{SINK}")).in_role("worker");
    other.env.push(("SEAL_DOOR_SECRET".to_owned(), "a-secret-of-another-door-altogether!".to_owned()));
    let worker = World::facing(door.cloud, other).await;
    worker.is_worker(json!({"max_retries": 1, "retry_after_ms": 1})).await;
    assert_eq!(Call::signed(&door, request(INSTANCE)).send(&door).await.status, 202);
    worker.its_turn_comes().await;
    worker.minutes_pass(1).await;
    assert!(worker.said().contains("mac does not prove that this task is ours"), "{}", worker.said());
    assert_eq!(worker.get("queue").await["dead_letters"].as_array().map(Vec::len), Some(1));
    assert_eq!(door.writes().await, 0);
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
    for (toml, more, sentence) in [
        (named, &[door_secret, worker, secret][..], "SEAL_SECRET is set at a door, which must not have"),
        (named, &[door_secret, worker, ("FC_FUNCTION_NAME", "rds-seal-worker")], "SEAL_WORKER is this function itself"),
    ] {
        let said = complaint("door", toml, more);
        assert!(said.starts_with(sentence), "{said:?}");
    }
    let short = [secret, ("SEAL_DOOR_SECRET", "short")];
    assert_eq!(complaint("events", named, &short), "", "what it does not serve it does not read");
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
