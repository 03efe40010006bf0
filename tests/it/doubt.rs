//! What an answer that is missing, late or unreadable comes to: nothing is lost, and nothing is claimed that is not known.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{INSTANCE, Setup, World, request};

async fn after(faults: Value) -> (World, crate::world::Told) {
    let world = World::start().await;
    world.script(faults).await;
    let told = world.ask().await;
    (world, told)
}

#[tokio::test]
async fn already_after_an_attempt_without_an_answer_is_enabled_but_not_certain() {
    for fault in ["drop", "garbage", "truncated", "empty"] {
        let (world, told) = after(json!([{"fault": fault}])).await;
        assert_eq!(told.outcome(), "enabled", "{fault}");
        assert_eq!(told.report()["certain"], false, "{fault}");
        assert_eq!(told.verdict(), "200 200 done");
        assert_eq!(told.report()["upstream"]["code"], "BackupEncryptionAlreadyEnabled");
        assert!(world.is_sealed(INSTANCE).await);
    }
}

#[tokio::test]
async fn success_after_an_attempt_that_changed_nothing_is_certain() {
    for fault in ["drop", "garbage", "truncated"] {
        let (_world, told) = after(json!([{"fault": fault, "before": true}])).await;
        assert_eq!((told.outcome(), &told.report()["certain"]), ("enabled", &json!(true)), "{fault}");
        assert_eq!(told.report()["upstream"]["calls"], 2, "{fault}");
    }
}

#[tokio::test]
async fn attempts_that_never_get_an_answer_end_unknown_and_come_again() {
    for fault in [json!({"fault": "drop"}), json!({"fault": "garbage"}), json!({"fault": "huge", "bytes": 10_485_760})]
    {
        let mut fault = fault;
        fault["times"] = json!(20);
        let (world, told) = after(json!([fault])).await;
        assert_eq!(told.outcome(), "unknown");
        assert_eq!(told.report()["certain"], false);
        assert_eq!(told.verdict(), "404 404 again");

        let again = world_without_faults(&world).await;
        assert_eq!(again.outcome(), "already_enabled", "the repeat settles it");
        assert_eq!(again.report()["correlation_id"], told.report()["correlation_id"]);
    }
}

async fn world_without_faults(world: &World) -> crate::world::Told {
    world.forget("faults").await;
    world.ask().await
}

#[tokio::test]
async fn an_answer_about_the_instance_settles_an_earlier_doubt() {
    let (_world, told) =
        after(json!([{"fault": "drop", "before": true}, {"fault": "code", "code": "IncorrectEngineVersion"}])).await;
    assert_eq!((told.outcome(), &told.report()["certain"]), ("failed", &json!(true)));
}

#[tokio::test]
async fn a_refusal_that_comes_before_any_look_at_the_instance_settles_nothing() {
    for (code, outcome) in [
        ("Forbidden.RAM", "failed"),
        ("InvalidAccessKeyId.NotFound", "failed"),
        ("SignatureDoesNotMatch", "failed"),
        ("Forbidden.RiskControl", "failed"),
        ("IllegalTimestamp", "waiting"),
    ] {
        let (world, told) = after(json!([{"fault": "drop"}, {"fault": "code", "code": code}])).await;
        assert_eq!((told.outcome(), &told.report()["certain"]), (outcome, &json!(false)), "{code}");
        assert!(
            told.text("message").ends_with(" An earlier attempt may have turned it on."),
            "{}",
            told.text("message")
        );
        assert!(world.is_sealed(INSTANCE).await);
    }
}

#[tokio::test]
async fn a_doubt_is_remembered_even_where_a_state_error_came_in_between() {
    for code in ["IncorrectDBInstanceState", "BackupGetAkError"] {
        let (_world, told) = after(json!([{"fault": "drop"}, {"fault": "code", "code": code}])).await;
        assert_eq!(told.report()["upstream"]["code"], "BackupEncryptionAlreadyEnabled", "{code}");
        assert_eq!((told.outcome(), &told.report()["certain"]), ("enabled", &json!(false)), "{code}");
    }
}

#[tokio::test]
async fn throttling_settles_nothing() {
    let faults = json!([{"fault": "drop", "before": true}, {"fault": "throttle", "retry_after_ms": 1, "times": 20}]);
    let (_world, told) = after(faults).await;
    assert_eq!(told.outcome(), "unknown");
}

#[tokio::test]
async fn throttling_alone_is_a_wait_and_the_pause_the_service_asks_for_is_kept() {
    let (world, told) = after(json!([{"fault": "throttle", "retry_after_ms": 120}])).await;
    assert_eq!(told.outcome(), "enabled");
    assert_eq!(world.calls().await, ["EnableBackupEncryption Throttling.User", "EnableBackupEncryption OK"]);
    assert!(told.report()["upstream"]["ms"].as_u64().unwrap() >= 120);
}

#[tokio::test]
async fn an_answer_about_another_instance_or_an_error_with_status_200_does_not_count() {
    let other = json!({"DBInstanceId": "rm-other", "RequestId": "R"}).to_string();
    let (_world, told) = after(json!([{"fault": "raw", "status": 200, "body": other, "times": 20}])).await;
    assert_eq!(told.outcome(), "unknown");

    let refused = json!({"Code": "Forbidden.RAM", "Message": "no", "RequestId": "R"}).to_string();
    let (_world, told) = after(json!([{"fault": "raw", "status": 200, "body": refused, "before": true}])).await;
    assert_eq!((told.outcome(), &told.report()["upstream"]["code"]), ("failed", &json!("Forbidden.RAM")));
}

#[tokio::test]
async fn a_slow_answer_is_given_up_and_asked_for_again() {
    let mut setup = Setup::default();
    setup.backoff.attempt = Duration::from_millis(150);
    let world = World::with(setup).await;
    world.script(json!([{"fault": "slow", "ms": 600}])).await;
    let told = world.ask().await;
    assert_eq!((told.outcome(), &told.report()["certain"]), ("enabled", &json!(false)));
}

#[tokio::test]
async fn an_endpoint_nobody_listens_at_is_a_wait() {
    let world = World::at_a_dead_endpoint(Setup::default()).await;
    let told = world.ask().await;
    assert_eq!(told.verdict(), "404 404 again");
    assert_eq!(told.outcome(), "waiting", "nothing was sent, so nothing is in doubt");
    assert_eq!(told.report()["upstream"]["calls"], 5);
}

#[tokio::test]
async fn no_write_starts_when_there_is_no_time_for_it() {
    let mut setup = Setup { timeout: Duration::from_millis(300), ..Setup::default() };
    setup.backoff.least = Duration::from_secs(1);
    let world = World::with(setup).await;
    let told = world.ask().await;
    assert_eq!(told.outcome(), "waiting");
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn an_instance_that_is_not_ready_is_read_before_it_is_judged() {
    let world = World::start().await;
    world
        .instances(json!([
            {"id": "rm-creating", "status": "Creating"},
            {"id": "rm-odd", "status": "SOMETHING_NEW"},
            {"id": "rm-stopped", "status": "Stopped"},
            {"id": "rm-deleting", "status": "Deleting"},
            {"id": "rm-justready", "status": "Creating", "ready_after_calls": 1},
        ]))
        .await;
    for (instance, outcome, delivery) in [
        ("rm-creating", "waiting", "again"),
        ("rm-odd", "waiting", "again"),
        ("rm-stopped", "failed", "done"),
        ("rm-deleting", "failed", "done"),
        ("rm-justready", "enabled", "done"),
    ] {
        let told = world.deliver(request(instance)).await;
        assert_eq!((told.outcome(), &told.body["delivery"]), (outcome, &json!(delivery)), "{instance}");
        assert!(told.report()["evidence"]["instance"]["status"].is_string(), "{instance}");
    }
    let stopped = world.deliver(request("rm-stopped")).await;
    assert_eq!(stopped.report()["next_step"], "Start the instance, then send the request again.");
}

#[tokio::test]
async fn an_instance_that_is_not_found_is_waited_for_only_while_its_event_is_young() {
    let world = World::start().await;
    let created = |time: String| {
        let mut event: Value = serde_json::from_str(&crate::world::event("instance-created.json")).unwrap();
        event["data"]["responseElements"]["DBInstanceId"] = json!("rm-unheardof");
        event["data"]["eventTime"] = json!(time);
        event.to_string()
    };
    let minutes_ago =
        |minutes| format!("{:.0}", rds_seal::time::Clock::System.now() - jiff::SignedDuration::from_mins(minutes));

    let young = world.deliver(created(minutes_ago(1))).await;
    assert_eq!((young.outcome(), young.verdict().as_str()), ("waiting", "404 404 again"));
    assert_eq!(world.calls().await.len(), 1, "a young one is not even read");
    let old = world.deliver(created(minutes_ago(11))).await;
    assert_eq!((old.outcome(), old.verdict().as_str()), ("failed", "200 200 done"));
    let future = world.deliver(created(minutes_ago(-60))).await;
    assert_eq!(future.outcome(), "failed", "a time an hour ahead is no youth");
    let timeless = world.deliver(request("rm-unheardof")).await;
    assert_eq!(timeless.outcome(), "failed");
    assert!(timeless.report()["message"].as_str().unwrap().contains("There is no rm-unheardof in cn-hangzhou"));
}

#[tokio::test]
async fn a_plan_for_a_young_instance_that_is_not_visible_yet_would_wait() {
    let world = World::configured("mode = \"plan\"").await;
    let mut event: Value = serde_json::from_str(&crate::world::event("instance-created.json")).unwrap();
    event["data"]["responseElements"]["DBInstanceId"] = json!("rm-unheardof");
    event["data"]["eventTime"] = json!(rds_seal::time::Clock::System.now().to_string());
    let told = world.deliver(event.to_string()).await;
    assert_eq!(told.report()["verdict"]["is"], "would wait");
    assert_eq!(told.report()["upstream"]["code"], "InvalidDBInstanceId.NotFound", "what was answered is told");
}

#[tokio::test]
async fn a_clock_that_is_off_is_said_with_by_how_much_and_has_not_the_last_word() {
    for mode in ["enforce", "plan"] {
        let mut world = World::configured(&format!("mode = \"{mode}\"")).await;
        world.cloud_clock_is_ahead_by(3600).await;
        let told = world.ask().await;
        assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"), "{mode}");
        let message = told.text("message");
        assert!(message.starts_with("This machine's clock is 3") && message.contains(" s behind RDS's."), "{message}");
        world.ended().await;
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_for_the_one_who_hands_out_roles_has_not_the_last_word_either() {
    let toml = "[policy]\naccounts = [\"1234567890123456\", \"6543210987654321\"]\n[accounts]\nrole = \"acs:ram::{account}:role/rds-seal\"\n";
    let mut world = World::configured(toml).await;
    world.script(json!([{"operation": "AssumeRole", "fault": "code", "code": "InvalidTimeStamp.Expired"}])).await;
    let ask = json!({"instance": INSTANCE, "region": "cn-hangzhou", "account": "6543210987654321"}).to_string();
    assert_eq!(world.deliver(ask).await.verdict(), "404 404 again");
    world.ended().await;
}
