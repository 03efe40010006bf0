//! The main job, end to end: one event in, one sealed instance, one report out.

use serde_json::json;

use crate::world::{ACCOUNT, INSTANCE, Setup, World, request};

/// A Slack and a webhook sink that hear everything; the secret is base64 of 24 bytes.
pub(crate) const SINKS: &str = r#"
[[sinks]]
name = "ops"
kind = "slack"
url = "https://captured.invalid/slack"

[[sinks]]
name = "siem"
kind = "webhook"
url = "https://captured.invalid/hook"
secret = { env = "SIEM_SECRET" }
"#;

pub(crate) fn with_sinks() -> Setup {
    let secret = ("SIEM_SECRET".to_owned(), "whsec_c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi".to_owned());
    Setup { toml: SINKS.to_owned(), env: vec![secret], ..Setup::default() }
}

#[tokio::test]
async fn a_created_instance_is_sealed_with_exactly_one_signed_call() {
    let world = World::with(with_sinks()).await;

    let told = world.deliver_event("instance-created.json").await;

    assert_eq!(told.verdict(), "200 200 done");
    assert_eq!(world.calls().await, ["EnableBackupEncryption OK"]);
    let call = &world.get("calls").await[0];
    assert_eq!(call["signature"], "v3");
    assert_eq!(call["instance"], INSTANCE);
    assert!(world.is_sealed(INSTANCE).await);
}

#[tokio::test]
async fn its_report_says_who_asked_what_was_done_and_how_it_ended() {
    let world = World::with(with_sinks()).await;

    let told = world.deliver_event("instance-created.json").await;

    let report = told.report();
    assert_eq!(report["schema"], "rds-seal.report/1");
    assert_eq!(report["outcome"], "enabled");
    assert_eq!(report["certain"], true);
    assert_eq!(report["mode"], "enforce");
    assert_eq!(report["instance"], INSTANCE);
    assert_eq!(report["account"], ACCOUNT);
    assert_eq!(report["region"], "cn-hangzhou");
    assert_eq!(report["key"], json!(null));
    assert_eq!(report["origin"]["door"], "event");
    assert_eq!(report["origin"]["event_name"], "CreateDBInstance");
    assert_eq!(report["attempt"], 1);
    assert_eq!(report["upstream"]["operation"], "EnableBackupEncryption");
    assert_eq!(report["upstream"]["calls"], 1);
    assert_eq!(report["upstream"]["http_status"], 200);
    assert!(report["upstream"]["request_id"].is_string());
    assert_eq!(report["id"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn the_audit_stream_has_the_intent_before_the_write_and_the_report_after_it() {
    let world = World::start().await;

    let told = world.ask().await;

    let intents = world.audited("rds-seal.intent/1");
    let reports = world.audited("rds-seal.report/1");
    assert_eq!((intents.len(), reports.len()), (1, 1));
    assert_eq!(intents[0]["correlation_id"], reports[0]["correlation_id"]);
    assert_eq!(&reports[0], told.report(), "what is answered is what is on record");
    let said = world.said();
    assert!(said.find("rds-seal.intent/1") < said.find("rds-seal.report/1"));
}

#[tokio::test]
async fn every_sink_gets_the_report() {
    let world = World::with(with_sinks()).await;

    let told = world.deliver_event("instance-created.json").await;

    let webhook = &world.taken_by("webhook").await[0];
    assert_eq!(&webhook["body"], told.report());
    assert_eq!(webhook["headers"]["webhook-id"], told.report()["id"]);
    let slack = &world.taken_by("slack").await[0];
    assert!(slack["body"]["text"].as_str().unwrap().contains(INSTANCE));
}

#[tokio::test]
async fn asking_again_is_harmless_and_recognisable() {
    let world = World::start().await;

    let first = world.deliver_event("instance-created.json").await;
    let again = world.deliver_event("instance-created.json").await;

    assert_eq!(again.outcome(), "already_enabled");
    assert_eq!(again.verdict(), "200 200 done");
    assert_eq!(again.report()["correlation_id"], first.report()["correlation_id"]);
    assert_ne!(again.report()["id"], first.report()["id"], "another result of the same ask");
    let third = world.deliver_event("instance-created.json").await;
    assert_eq!(third.report()["id"], again.report()["id"], "the same result of the same ask");
}

#[tokio::test]
async fn the_old_signature_works_as_well() {
    let world = World::configured("signature = \"v1\"").await;

    assert_eq!(world.ask().await.outcome(), "enabled");

    assert_eq!(world.get("calls").await[0]["signature"], "v1");
}

#[tokio::test]
async fn plan_mode_reads_and_changes_nothing() {
    let world = World::configured("mode = \"plan\"").await;

    let told = world.ask().await;

    assert_eq!(told.outcome(), "planned");
    assert_eq!(told.report()["verdict"]["is"], "would enable");
    assert_eq!(told.report()["evidence"]["instance"]["status"], "Running");
    assert!(!world.calls().await.iter().any(|call| call.starts_with("Enable")));
    assert!(!world.is_sealed(INSTANCE).await);
}

#[tokio::test]
async fn a_plan_says_what_stands_in_the_way() {
    let world = World::configured("mode = \"plan\"").await;
    world
        .instances(json!([
            {"id": "rm-creating", "status": "Creating"},
            {"id": "rm-stopped", "status": "Stopped"},
            {"id": "rm-deleting", "status": "Deleting"},
        ]))
        .await;
    for (instance, verdict) in
        [("rm-creating", "would wait"), ("rm-stopped", "cannot"), ("rm-deleting", "cannot"), ("rm-absent", "cannot")]
    {
        let told = world.deliver(request(instance)).await;
        assert_eq!(told.report()["verdict"]["is"], verdict, "{instance}");
        assert_eq!(told.verdict(), "200 200 done");
    }
    world.script(json!([{"operation": "DescribeDBInstanceAttribute", "fault": "code", "code": "Forbidden.RAM"}])).await;
    let told = world.deliver(request("rm-creating")).await;
    assert_eq!(told.report()["verdict"]["is"], "cannot tell");
}

#[tokio::test]
async fn a_request_lowers_the_mode_and_cannot_raise_it() {
    let enforcing = World::start().await;
    assert_eq!(enforcing.deliver_event("direct-request-plan.json").await.outcome(), "planned");
    assert!(enforcing.calls().await.iter().all(|call| !call.starts_with("Enable")));

    let planning = World::configured("mode = \"plan\"").await;
    assert_eq!(planning.deliver_event("direct-request.json").await.outcome(), "planned");
    assert!(planning.calls().await.iter().all(|call| !call.starts_with("Enable")));
}

#[tokio::test]
async fn the_configured_key_is_used_and_no_other() {
    let world = World::configured(
        "[key]\nrequired = true\nallowed = [\"key-hzz*\"]\n[key.default]\n\"cn-hangzhou\" = \"key-default\"\n",
    )
    .await;
    let ask = |instance: &str, region: &str, key: Option<&str>| {
        json!({"instance": instance, "region": region, "key": key}).to_string()
    };

    let default = world.deliver(ask("rm-demo1", "cn-hangzhou", None)).await;
    assert_eq!((default.outcome(), &default.report()["key"]), ("enabled", &json!("key-default")));
    let named = world.deliver(ask("rm-demo2", "cn-hangzhou", Some("key-hzz9"))).await;
    assert_eq!((named.outcome(), &named.report()["key"]), ("enabled", &json!("key-hzz9")));
    let calls = world.get("calls").await;
    let writes = calls.as_array().unwrap().iter().filter(|call| call["operation"] == "EnableBackupEncryption");
    let sent: Vec<_> = writes.map(|call| call["key"].clone()).collect();
    assert_eq!(sent, ["key-default", "key-hzz9"]);

    let foreign = world.deliver(ask("rm-demo3", "cn-hangzhou", Some("key-other"))).await;
    assert_eq!((foreign.outcome(), &foreign.report()["rule"]["name"]), ("refused", &json!("key-not-allowed")));
    let missing = world.deliver(ask("rm-demo3", "cn-shanghai", None)).await;
    assert_eq!((missing.outcome(), &missing.report()["rule"]["name"]), ("refused", &json!("key-required")));
    assert_eq!(world.calls().await.len(), calls.as_array().unwrap().len(), "a refusal calls nobody");
}

const KEY_OF_HANGZHOU: &str = "[key.default]\n\"cn-hangzhou\" = \"key-hangzhou\"\n";

#[tokio::test]
async fn a_key_is_not_chosen_by_a_region_that_was_not_seen() {
    let world = World::configured(KEY_OF_HANGZHOU).await;
    world.instances(json!([{"id": "rm-elsewhere", "region": "cn-shanghai"}])).await;

    let told = world.deliver(request("rm-elsewhere")).await;

    assert_eq!(told.outcome(), "refused");
    assert_eq!(told.report()["rule"], json!({"name": "region-mismatch", "value": "cn-shanghai"}));
    assert_eq!(world.calls().await, ["DescribeDBInstanceAttribute OK"]);
}

#[tokio::test]
async fn an_instance_that_cannot_be_seen_first_is_never_written_and_what_passes_is_waited_for() {
    let throttled = json!([{"operation": "DescribeDBInstanceAttribute", "fault": "throttle", "times": 20}]);
    let denied = json!([{"operation": "DescribeDBInstanceAttribute", "fault": "code", "code": "Forbidden.RAM"}]);
    let empty = json!({"Items": {"DBInstanceAttribute": []}, "RequestId": "R"}).to_string();
    let none = json!([{"operation": "DescribeDBInstanceAttribute", "fault": "raw", "status": 200, "body": empty}]);
    for (faults, instance, outcome, verdict) in [
        (throttled, INSTANCE, "waiting", "404 404 again"),
        (denied, INSTANCE, "failed", "200 200 done"),
        (none, INSTANCE, "failed", "200 200 done"),
        (json!([]), "rm-unheardof", "failed", "200 200 done"),
    ] {
        let world = World::configured(KEY_OF_HANGZHOU).await;
        world.script(faults).await;
        let told = world.deliver(request(instance)).await;
        assert_eq!((told.outcome(), told.verdict().as_str()), (outcome, verdict));
        assert_eq!(told.report()["upstream"]["operation"], "DescribeDBInstanceAttribute", "what decided is named");
        assert!(world.calls().await.iter().all(|call| !call.starts_with("Enable")), "no write");
    }
}

#[tokio::test]
async fn an_event_chooses_no_key_by_a_region_that_was_not_seen_either() {
    let world = World::configured(KEY_OF_HANGZHOU).await;
    let told = world.deliver_event("instance-created.json").await;
    assert_eq!((told.outcome(), &told.report()["key"]), ("enabled", &json!("key-hangzhou")));
    assert_eq!(world.calls().await, ["DescribeDBInstanceAttribute OK", "EnableBackupEncryption OK"]);
}

#[tokio::test]
async fn a_plan_says_of_an_instance_that_is_elsewhere_what_enforce_would_do() {
    let elsewhere = json!([{"id": "rm-elsewhere", "region": "cn-shanghai"}]);
    let no_rule = World::configured("mode = \"plan\"").await;
    no_rule.instances(elsewhere.clone()).await;
    let told = no_rule.deliver(request("rm-elsewhere")).await;
    assert_eq!(told.report()["verdict"]["is"], "would enable", "the central endpoint finds it by its id");
    let why = told.report()["verdict"]["why"].to_string();
    assert!(why.contains("The instance is in cn-shanghai, not in cn-hangzhou; no policy forbids this."), "{why}");

    let ruled = World::configured("mode = \"plan\"\n[policy]\nregions = [\"cn-hangzhou\"]").await;
    ruled.instances(elsewhere).await;
    let told = ruled.deliver(request("rm-elsewhere")).await;
    assert_eq!((told.outcome(), &told.report()["rule"]["name"]), ("refused", &json!("region-mismatch")));
}

#[tokio::test]
async fn nothing_is_tried_off_the_record() {
    let mut world = World::with(Setup { records: 0, ..Setup::default() }).await;
    let told = world.ask().await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"));
    assert!(world.calls().await.is_empty());
    world.ended().await;
}

#[tokio::test]
async fn an_instance_of_a_foreign_account_is_refused_without_a_call() {
    let world = World::start().await;

    let ask = json!({"instance": INSTANCE, "region": "cn-hangzhou", "account": "6543210987654321"});
    let told = world.deliver(ask.to_string()).await;

    assert_eq!(told.outcome(), "refused");
    assert_eq!(told.report()["rule"], json!({"name": "foreign-account", "value": "6543210987654321"}));
    assert_eq!(told.verdict(), "200 200 done", "a refusal is final: the platform must not repeat it");
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn one_slow_item_of_a_batch_holds_up_no_other() {
    let world = World::with(Setup { timeout: std::time::Duration::from_secs(3), ..Setup::default() }).await;
    world.script(json!([{"fault": "slow", "ms": 2000, "before": true}])).await;
    let batch: Vec<_> = (0..30).map(|index| request(&format!("rm-demo{index}"))).collect();

    let told = world.deliver(format!("[{}]", batch.join(","))).await;

    let reports = told.body["reports"].as_array().unwrap();
    let enabled = reports.iter().filter(|report| report["outcome"] == "enabled").count();
    assert!(enabled >= 29, "{enabled}");
    assert_eq!(reports[29]["instance"], "rm-demo29", "in the order in which they were asked");
}

#[tokio::test]
async fn items_of_a_batch_stand_for_themselves() {
    let world = World::start().await;
    world.instances(json!([{"id": "rm-good"}, {"id": "rm-creating", "status": "Creating"}])).await;

    let batch = format!("[{},{},{{\"instance\":\"nonsense\"}}]", request("rm-good"), request("rm-creating"));
    let told = world.deliver(batch).await;

    let outcomes: Vec<_> = told.body["reports"].as_array().unwrap().iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, ["enabled", "waiting"]);
    assert_eq!(told.body["rejected"][0]["field"], "[2].instance");
    assert_eq!(told.verdict(), "404 404 again");
    assert!(world.is_sealed("rm-good").await);
}
