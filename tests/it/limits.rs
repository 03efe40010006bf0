//! `[policy]`: what it limits is refused by name, and nothing is read for a rule that is not there.

use jiff::SignedDuration;
use rds_seal::time::Clock;
use serde_json::{Value, json};

use crate::webhooks::{self, Call, DOORS};
use crate::world::{ACCOUNT, Setup, World, event, request};

/// A world with these rules and this instance, which has the usual name.
async fn with(rules: &str, mut instance: Value) -> World {
    let world = World::configured(&format!("[policy]\n{rules}\n")).await;
    instance["id"] = json!("rm-1");
    world.instances(json!([instance])).await;
    world
}

/// That nothing was tried, and nothing was on record as if it had been.
async fn assert_no_write(world: &World) {
    assert_eq!(world.writes().await, 0);
    assert!(world.audited("rds-seal.intent/1").is_empty());
    assert!(!world.is_sealed("rm-1").await);
}

async fn sorted_calls(world: &World) -> Vec<String> {
    let mut calls = world.calls().await;
    calls.sort_unstable();
    calls
}

/// The event of a created instance, `rm-1`, so many minutes ago.
fn created(minutes_ago: i64) -> String {
    let mut event: Value = serde_json::from_str(&event("instance-created.json")).unwrap();
    event["data"]["responseElements"]["DBInstanceId"] = json!("rm-1");
    event["data"]["eventTime"] = json!(format!("{:.0}", Clock::System.now() - SignedDuration::from_mins(minutes_ago)));
    event.to_string()
}

#[tokio::test]
async fn a_rule_that_is_broken_is_named_with_the_value_that_breaks_it() {
    let (no_calls, seen, seen_with_tags) = (
        &[][..],
        &["DescribeDBInstanceAttribute OK"][..],
        &["DescribeDBInstanceAttribute OK", "ListTagResources OK"][..],
    );
    for (rules, instance, rule, calls) in [
        ("accounts = [\"6543210987654321\"]", json!({}), ("accounts", ACCOUNT), no_calls),
        ("regions = [\"cn-shanghai\", \"ap-*\"]", json!({}), ("regions", "cn-hangzhou"), no_calls),
        ("instances = [\"pgm-*\", \"rm-11\"]", json!({}), ("instances", "rm-1"), no_calls),
        ("engines = [\"PostgreSQL\", \"MariaDB\"]", json!({}), ("engines", "MySQL"), seen),
        ("resource_groups = [\"rg-1\"]", json!({"resource_group": "rg-2"}), ("resource-groups", "rg-2"), seen),
        ("resource_groups = [\"rg-1\"]", json!({}), ("resource-groups", ""), seen),
        ("strict = true", json!({"category": "AlwaysOn"}), ("strict", "AlwaysOn"), seen),
        (
            "include_tags = [\"env=prod*\", \"seal\"]",
            json!({"tags": {"env": "test"}}),
            ("include-tags", "env=prod*, seal"),
            seen_with_tags,
        ),
        ("include_tags = [\"seal\"]", json!({}), ("include-tags", "seal"), seen_with_tags),
        (
            "exempt_tags = [\"seal:exempt\"]",
            json!({"tags": {"seal:exempt": ""}}),
            ("exempt-tags", "seal:exempt="),
            seen_with_tags,
        ),
        (
            "include_tags = [\"seal\"]\nexempt_tags = [\"seal:exempt\"]",
            json!({"tags": {"seal": "yes", "seal:exempt": "yes"}}),
            ("exempt-tags", "seal:exempt=yes"),
            seen_with_tags,
        ),
    ] {
        let world = with(rules, instance).await;
        let told = world.deliver(request("rm-1")).await;
        assert_eq!((told.outcome(), told.rule()), ("refused", rule), "{rules}");
        assert_eq!(told.verdict(), "200 200 done", "a refusal is final");
        assert!(!told.text("message").is_empty() && !told.text("next_step").is_empty(), "{rules}");
        assert_eq!(sorted_calls(&world).await, calls, "{rules}");
        assert_no_write(&world).await;

        let plan = json!({"instance": "rm-1", "region": "cn-hangzhou", "mode": "plan"}).to_string();
        let told = world.deliver(plan).await;
        assert_eq!((told.outcome(), told.rule()), ("refused", rule), "a plan says the same: {rules}");
        assert_no_write(&world).await;
    }
}

#[tokio::test]
async fn what_every_rule_lets_through_is_sealed_and_only_what_a_rule_needs_is_read() {
    let (write, seen) = ("EnableBackupEncryption OK", "DescribeDBInstanceAttribute OK");
    for (rules, instance, calls) in [
        ("", json!({}), &[write][..]),
        ("accounts = [\"1234567890123456\"]", json!({}), &[write]),
        ("instances = [\"pgm-*\", \"rm-*\"]", json!({}), &[write]),
        ("max_per_invocation = 1", json!({}), &[write]),
        ("strict = false", json!({"storage": "cloud_essd"}), &[write]),
        ("regions = [\"cn-*\"]", json!({}), &[seen, write]),
        ("engines = [\"mysql\"]", json!({}), &[seen, write]),
        ("resource_groups = [\"rg-1\", \"rg-2\"]", json!({"resource_group": "rg-2"}), &[seen, write]),
        ("strict = true", json!({"engine_version": "5.7"}), &[seen, write]),
        ("exempt_tags = [\"seal:exempt\"]", json!({"tags": {"env": "prod"}}), &[seen, write, "ListTagResources OK"]),
        (
            "include_tags = [\"env=prod*\"]",
            json!({"tags": {"env": "production"}}),
            &[seen, write, "ListTagResources OK"],
        ),
    ] {
        let world = with(rules, instance).await;
        let told = world.deliver(request("rm-1")).await;
        assert_eq!(told.outcome(), "enabled", "{rules}: {}", told.report());
        assert_eq!(sorted_calls(&world).await, calls, "{rules}");
        assert_eq!(told.report()["upstream"]["calls"], calls.len(), "{rules}");
    }
}

#[tokio::test]
async fn all_rules_together_cost_two_reads() {
    let rules = r#"
        accounts = ["1234567890123456"]
        regions = ["cn-hangzhou"]
        engines = ["MySQL"]
        instances = ["rm-*"]
        include_tags = ["env"]
        exempt_tags = ["seal:exempt", "seal:exempt-until"]
        resource_groups = ["rg-1"]
        max_event_age = "2h"
        max_per_invocation = 3
        strict = true
    "#;
    let world = with(rules, json!({"tags": {"env": "prod"}, "resource_group": "rg-1"})).await;
    let told = world.deliver(created(30)).await;
    assert_eq!(told.outcome(), "enabled", "{}", told.report());
    assert_eq!(world.calls().await.len(), 3);
    let evidence = &told.report()["evidence"];
    assert_eq!((&evidence["tags"]["env"], &evidence["instance"]["engine"]), (&json!("prod"), &json!("MySQL")));
}

#[tokio::test]
async fn an_exemption_until_a_day_ends_by_itself_and_one_that_cannot_be_read_does_not() {
    for (until, outcome, words) in [
        ("2020-01-31", "enabled", "is on, with RDS's automatic key"),
        ("2999-12-31", "refused", "The instance is exempt until 2999-12-31."),
        ("soon", "refused", "The tag seal:exempt-until=soon exempts the instance, but its value is not a date."),
        ("31.01.2020", "refused", "its value is not a date"),
        ("", "refused", "its value is not a date"),
    ] {
        let rules = "exempt_tags = [\"seal:exempt-until\"]";
        let world = with(rules, json!({"tags": {"seal:exempt-until": until}})).await;
        let told = world.deliver(request("rm-1")).await;
        assert_eq!(told.outcome(), outcome, "{until}");
        assert!(told.text("message").contains(words), "{until}: {}", told.text("message"));
        assert_eq!(world.writes().await, usize::from(outcome == "enabled"), "{until}");
        if outcome == "refused" {
            assert_eq!(told.rule(), ("exempt-tags", format!("seal:exempt-until={until}").as_str()));
        }
    }
}

#[tokio::test]
async fn an_event_that_is_too_old_or_has_no_time_is_refused() {
    let world = with("max_event_age = \"2h\"", json!({})).await;
    let old = world.deliver(created(125)).await;
    assert_eq!((old.outcome(), old.rule().0), ("refused", "event-age"));
    assert!(old.rule().1.ends_with('Z'), "its time is the value: {}", old.rule().1);
    assert!(old.text("message").contains("is older than `policy.max_event_age` (2 h)."), "{}", old.text("message"));
    let mut timeless: Value = serde_json::from_str(&created(30)).unwrap();
    timeless.as_object_mut().unwrap().remove("time");
    timeless["data"].as_object_mut().unwrap().remove("eventTime");
    let timeless = world.deliver(timeless.to_string()).await;
    assert_eq!((timeless.outcome(), timeless.rule()), ("refused", ("event-age", "")));
    assert!(world.calls().await.is_empty());
    assert_no_write(&world).await;

    assert_eq!(world.deliver(created(115)).await.outcome(), "enabled");
    assert_eq!(world.calls().await, ["EnableBackupEncryption OK"]);
}

#[tokio::test]
async fn what_has_no_time_of_its_own_is_as_old_as_its_signature_or_else_new() {
    let rule = "[policy]\nmax_event_age = \"1m\"\n";
    let world = World::with(webhooks::setup(&format!("{rule}{DOORS}"))).await;
    let told = world.deliver(request("rm-demo1")).await;
    assert_eq!(told.outcome(), "enabled", "the platform's own: {}", told.report());
    let signed = |seconds: i64| Call::anonymous(request("rm-demo2")).signed_at("msg_1", world.now() - seconds);
    let old = signed(90).send(&world).await;
    assert_eq!((old.verdict().as_str(), old.rule().0), ("200 refused", "event-age"));
    assert_eq!(signed(30).send(&world).await.verdict(), "200 enabled");
    assert_eq!(Call::bearer(request("rm-demo3")).send(&world).await.verdict(), "200 planned", "it has just arrived");
}

#[tokio::test]
async fn waiting_in_the_queue_makes_no_event_too_old() {
    let toml = "[policy]\nmax_event_age = \"2h\"\n".to_owned();
    let world = World::with(Setup { named: true, toml, ..Setup::default() }).await;
    world.instances(json!([{"id": "rm-1", "ready_after_ms": 20 * 60_000}])).await;
    assert_eq!(world.deliver(created(115)).await.outcome(), "waiting");
    world.minutes_pass(35).await;
    assert!(world.is_sealed("rm-1").await, "it was young enough when it first arrived");
}

#[tokio::test]
async fn a_delivery_that_asks_for_too_many_is_refused_as_a_whole() {
    let world = World::configured("[policy]\nmax_per_invocation = 2\n").await;
    let batch = |count: usize| {
        let requests: Vec<_> = (0..count).map(|index| request(&format!("rm-demo{index}"))).collect();
        format!("[{}]", requests.join(","))
    };
    let told = world.deliver(batch(3)).await;
    let reports = told.body["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 3);
    for report in reports {
        assert_eq!(
            (&report["outcome"], &report["rule"]),
            (&json!("refused"), &json!({"name": "max-per-invocation", "value": "3"}))
        );
    }
    assert_eq!(told.verdict(), "200 200 done");
    assert!(world.calls().await.is_empty());

    world.deliver(batch(2)).await;
    assert_eq!(world.calls().await, ["EnableBackupEncryption OK"; 2]);
}

#[tokio::test]
async fn no_region_is_believed_before_the_instance_was_seen_there_whoever_names_it() {
    let record = serde_json::from_str::<Value>(&created(30)).unwrap()["data"].to_string();
    for body in [created(30), record, request("rm-1")] {
        let world = with("regions = [\"cn-hangzhou\"]", json!({})).await;
        assert_eq!(world.deliver(body.clone()).await.outcome(), "enabled");
        assert_eq!(world.calls().await, ["DescribeDBInstanceAttribute OK", "EnableBackupEncryption OK"], "{body}");

        let world = with("regions = [\"cn-shanghai\"]", json!({})).await;
        let outside = world.deliver(body.clone()).await;
        assert_eq!((outside.outcome(), outside.rule()), ("refused", ("regions", "cn-hangzhou")));
        assert!(world.calls().await.is_empty(), "a region outside needs no look: {body}");

        let world = with("regions = [\"cn-hangzhou\"]", json!({"region": "cn-shanghai"})).await;
        let elsewhere = world.deliver(body.clone()).await;
        assert_eq!((elsewhere.outcome(), elsewhere.rule()), ("refused", ("region-mismatch", "cn-shanghai")));
        assert_eq!(world.calls().await, ["DescribeDBInstanceAttribute OK"], "{body}");
        assert_eq!(elsewhere.report()["evidence"]["instance"]["region"], "cn-shanghai");
        assert_no_write(&world).await;

        let world = with("", json!({"region": "cn-shanghai"})).await;
        assert_eq!(world.deliver(body.clone()).await.outcome(), "enabled");
        assert_eq!(world.calls().await, ["EnableBackupEncryption OK"], "nothing limits regions: {body}");
    }
}

#[tokio::test]
async fn a_rule_that_cannot_be_evaluated_lets_nothing_through() {
    let tags = "exempt_tags = [\"seal:exempt\"]";
    let of_another = json!({"TagResources": {"TagResource": [
        {"ResourceId": "rm-2", "ResourceType": "INSTANCE", "TagKey": "env", "TagValue": "prod"},
    ]}, "RequestId": "R"});
    let nameless = json!({"Items": {"DBInstanceAttribute": [
        {"DBInstanceId": "rm-1", "DBInstanceStatus": "Running", "RegionId": "cn-hangzhou"},
    ]}, "RequestId": "R"});
    let (describe, list) = ("DescribeDBInstanceAttribute", "ListTagResources");
    let denied = |operation| json!([{"operation": operation, "fault": "code", "code": "Forbidden.RAM"}]);
    let throttled = |operation| json!([{"operation": operation, "fault": "throttle", "times": 20}]);
    let raw = |operation, body: &Value| json!([{"operation": operation, "fault": "raw", "body": body.to_string(), "times": 20}]);
    for (rules, faults, outcome, rule, upstream) in [
        (tags, denied(list), "failed", "", list),
        (tags, throttled(list), "waiting", "", list),
        (tags, raw(list, &of_another), "waiting", "", list),
        (tags, denied(describe), "failed", "", describe),
        ("engines = [\"MySQL\"]", denied(describe), "failed", "", describe),
        ("engines = [\"MySQL\"]", throttled(describe), "waiting", "", describe),
        ("engines = [\"MySQL\"]", raw(describe, &nameless), "refused", "engines", describe),
        ("strict = true", raw(describe, &nameless), "refused", "strict", describe),
    ] {
        let world = with(rules, json!({})).await;
        world.script(faults.clone()).await;
        let told = world.deliver(request("rm-1")).await;
        assert_eq!((told.outcome(), told.rule().0), (outcome, rule), "{rules} {faults}");
        assert_eq!(told.report()["upstream"]["operation"], upstream, "what decided is named: {faults}");
        assert_no_write(&world).await;
    }
}

#[tokio::test]
async fn tags_that_may_not_be_read_name_the_permission() {
    let world = with("include_tags = [\"env\"]", json!({"tags": {"env": "prod"}})).await;
    world.has("denied", json!(["rds:ListTagResources"])).await;
    let told = world.deliver(request("rm-1")).await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("failed", "200 200 done"));
    assert!(told.text("next_step").contains("\"rds:ListTagResources\""), "{}", told.text("next_step"));
    assert_no_write(&world).await;
    world.has("denied", json!([])).await;
    assert_eq!(world.deliver(request("rm-1")).await.outcome(), "enabled");
}

#[tokio::test]
async fn tags_that_were_not_all_seen_exempt_nobody_and_nothing_is_sealed() {
    let tag = json!({"ResourceId": "rm-demo1", "TagKey": "env", "TagValue": "prod"});
    for body in [
        json!({"RequestId": "R"}),
        json!({"RequestId": "R", "TagResources": {}}),
        json!({"RequestId": "R", "TagResources": {"TagResource": [tag]}, "NextToken": "more"}),
    ] {
        let world = World::configured("[policy]\nexempt_tags = [\"seal:exempt\"]").await;
        let fault = json!({"operation": "ListTagResources", "fault": "raw", "status": 200, "body": body.to_string(), "times": 20});
        world.script(json!([fault])).await;
        let told = world.deliver(request("rm-demo1")).await;
        assert_ne!(told.outcome(), "enabled", "{body}");
        assert_eq!(world.writes().await, 0, "{body}");
    }
}

#[tokio::test]
async fn an_event_from_the_future_has_no_age_that_could_be_limited() {
    let world = World::configured("[policy]\nmax_event_age = \"2h\"").await;
    let told = world.deliver(event("instance-created.json").replace("2026-", "2099-")).await;
    assert_eq!((told.outcome(), &told.report()["rule"]["name"]), ("refused", &json!("event-age")));
    assert_eq!(world.writes().await, 0);
}
