//! A plan: everything that bears on a request is read, all at once, and said; nothing is changed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{ACCOUNT, Setup, Told, World, request};

const ANY_KEY: &str = "[key]\nallowed = [\"key-*\"]\n";
const ROLE: &str = "AliyunServiceRoleForRdsBackupEncryption";

/// Six reads, and the tags where a rule needs them.
const READS: [&str; 7] = [
    "CheckBackupEncryptionAuthorized",
    "CheckRegionSupportBackupEncryption",
    "DescribeBackupPolicy",
    "DescribeBackups",
    "DescribeDBInstanceAttribute",
    "DescribeKey",
    "ListTagResources",
];

/// A world with this instance, which has the usual name.
async fn with(toml: &str, mut instance: Value) -> World {
    let world = World::configured(toml).await;
    instance["id"] = json!("rm-1");
    world.instances(json!([instance])).await;
    world
}

/// Asks what would happen to that instance, with this key or none.
async fn planned(world: &World, key: Option<&str>) -> Told {
    let body = json!({"instance": "rm-1", "region": "cn-hangzhou", "mode": "plan", "key": key, "id": "ask-1"});
    let told = world.deliver(body.to_string()).await;
    assert_eq!(told.verdict(), "200 200 done");
    assert_eq!(world.writes().await, 0, "a plan changes nothing");
    told
}

/// That a plan comes to this, and says so among its reasons, each of which it gives once.
fn assert_plan(told: &Told, is: &str, reason: &str) {
    let (told_is, why) = told.plan();
    assert_eq!((told.outcome(), told_is), ("planned", is), "{}", told.report());
    assert!(why.iter().any(|why| why.contains(reason)), "{reason}: {why:#?}");
    for (index, one) in why.iter().enumerate() {
        assert!(!why[..index].contains(one), "twice: {one}");
    }
    let in_enforce = match is {
        "would enable" => "In enforce mode this would turn it on.",
        "cannot" => "In enforce mode this would fail.",
        "cannot tell" => "What enforce mode would do is not known.",
        other => panic!("no plan here comes to {other}"),
    };
    assert_eq!(told.text("message"), format!("Dry run. {in_enforce} {}", why[0]));
}

async fn without_the_role(world: &World) {
    world.has("accounts", json!([{"id": ACCOUNT, "backup_encryption_role": false}])).await;
}

#[tokio::test]
async fn a_plan_shows_everything_that_was_read() {
    let toml = format!("{ANY_KEY}[policy]\nexempt_tags = [\"seal:exempt\"]\n");
    let backup = |day: u8| json!({"id": day.to_string(), "start": format!("2026-01-0{day}T18:00:00Z"), "end": format!("2026-01-0{day}T18:10:00Z")});
    let instance = json!({
        "resource_group": "rg-1", "tags": {"env": "prod"},
        "backups": [backup(2), backup(3), backup(1)], "next_backup": "2100-01-01T18:00:00Z",
    });
    let world = with(&toml, instance).await;

    let told = planned(&world, Some("key-1")).await;

    let evidence = json!({
        "instance": {
            "status": "Running", "engine": "MySQL", "engine_version": "8.0", "category": "HighAvailability",
            "storage": "local_ssd", "instance_type": "Primary", "lock_mode": "Unlock", "region": "cn-hangzhou",
            "resource_group": "rg-1",
        },
        "tags": {"env": "prod"},
        "region_supported": true,
        "role_present": true,
        "key": {"state": "Enabled", "usage": "ENCRYPT/DECRYPT", "spec": "Aliyun_AES_256", "region": "cn-hangzhou"},
        "newest_backup": {"ended_at": "2026-01-03T18:10:00Z", "names_encryption": false},
        "next_backup_at": "2100-01-01T18:00Z",
    });
    assert_eq!(told.report()["evidence"], evidence);
    assert_plan(&told, "would enable", "The instance is Running; key key-1 would be used.");
    assert_plan(&told, "would enable", "The first encrypted backup would be the one at 2100-01-01T18:00Z.");
    assert_eq!(told.report()["next_step"], json!(null), "nothing stands in the way");
    let mut calls = world.calls().await;
    calls.sort_unstable();
    assert_eq!(calls, READS.map(|read| format!("{read} OK")));
    assert_eq!(told.report()["upstream"]["calls"], READS.len());
}

#[tokio::test]
async fn without_a_key_and_rules_neither_keys_nor_tags_are_read() {
    let world = with("", json!({})).await;
    let told = planned(&world, None).await;
    assert_plan(&told, "would enable", "The instance is Running; RDS's automatic key would be used.");
    assert_eq!(world.calls().await.len(), 5);
    let evidence = &told.report()["evidence"];
    assert_eq!((&evidence["key"], &evidence["tags"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn all_that_a_plan_reads_is_read_at_once() {
    let toml = format!("mode = \"plan\"\n{ANY_KEY}[policy]\nexempt_tags = [\"seal:exempt\"]\n");
    let mut setup = Setup { toml, ..Setup::default() };
    setup.backoff.attempt = Duration::from_secs(15);
    let world = World::with(setup).await;
    world.instances(json!([{"id": "rm-1"}])).await;
    let slow = READS.map(|read| json!({"operation": read, "fault": "slow", "ms": 1500, "before": true}));
    world.script(json!(slow)).await;

    let open = async || {
        let calls = world.get("calls").await;
        calls.as_array().unwrap().iter().filter(|call| call["http_status"].is_null()).count()
    };
    let all_open = async {
        while open().await < READS.len() {
            tokio::task::yield_now().await;
        }
    };
    let (told, waited) =
        tokio::join!(planned(&world, Some("key-1")), tokio::time::timeout(Duration::from_secs(12), all_open));

    assert!(waited.is_ok(), "not all reads were under way at the same time");
    assert_eq!(told.report()["evidence"]["tags"], json!({}));
}

#[tokio::test]
async fn an_instance_without_backups_of_its_own_is_refused_wherever_it_is_seen() {
    for kind in ["Readonly", "Guard", "Temp"] {
        let copy = |status: &str| json!([{"id": "rm-1", "type": kind, "master": "rm-primary", "status": status}, {"id": "rm-primary"}]);
        let refused = |told: &Told| {
            assert_eq!((told.outcome(), told.rule()), ("refused", ("instance-type", kind)), "{}", told.report());
            let message = format!("This is a {kind} instance; only primary instances have backups of their own.");
            assert_eq!(told.text("message"), message);
            assert!(told.text("next_step").starts_with("Name the primary instance"));
            assert_eq!(told.report()["evidence"]["instance"]["instance_type"], kind);
        };
        let world = World::start().await;
        world.instances(copy("Running")).await;
        let plan = planned(&world, None).await;
        refused(&plan);
        let evidence = &plan.report()["evidence"];
        assert_eq!((&evidence["region_supported"], &evidence["role_present"]), (&json!(true), &json!(true)));

        world.instances(copy("Creating")).await;
        world.forget("calls").await;
        refused(&world.deliver(request("rm-1")).await);
        let calls = ["EnableBackupEncryption IncorrectDBInstanceState", "DescribeDBInstanceAttribute OK"];
        assert_eq!(world.calls().await, calls, "after a refusal by its state");

        let looking = World::configured("[policy]\nengines = [\"MySQL\"]\n").await;
        looking.instances(copy("Running")).await;
        refused(&looking.deliver(request("rm-1")).await);
        assert_eq!(looking.calls().await, ["DescribeDBInstanceAttribute OK"]);

        for world in [&world, &looking] {
            let calls = world.get("calls").await;
            assert!(calls.as_array().unwrap().iter().all(|call| call["instance"] == "rm-1"), "nobody asked: {calls}");
            assert!(!world.is_sealed("rm-1").await && !world.is_sealed("rm-primary").await);
        }
    }
}

#[tokio::test]
async fn in_enforce_a_running_instance_of_any_type_is_left_to_the_service_with_one_call() {
    let world = with("", json!({"type": "Readonly"})).await;
    assert_eq!(world.deliver(request("rm-1")).await.outcome(), "enabled");
    assert_eq!(world.calls().await, ["EnableBackupEncryption OK"]);
}

#[tokio::test]
async fn a_region_without_the_feature_is_said() {
    let world = with("", json!({})).await;
    world.has("unsupported_regions", json!(["cn-hangzhou"])).await;
    let told = planned(&world, None).await;
    assert_plan(&told, "cannot", "RDS says that cn-hangzhou has no backup encryption for this instance.");
    assert_eq!(told.report()["evidence"]["region_supported"], false);
    assert!(told.text("next_step").starts_with("Leave the instance out"));
}

#[tokio::test]
async fn a_missing_role_is_in_the_way_of_a_key_and_a_hint_without_one() {
    let missing = format!("The role {ROLE} is missing");
    let world = with(ANY_KEY, json!({})).await;
    without_the_role(&world).await;
    let with_key = planned(&world, Some("key-1")).await;
    assert_plan(&with_key, "cannot", &missing);
    assert!(with_key.text("next_step").starts_with("Call AuthorizeBackupEncryption once for the account"));
    assert_plan(&planned(&world, None).await, "would enable", &missing);

    let creating = with(&format!("authorize = true\n{ANY_KEY}"), json!({})).await;
    without_the_role(&creating).await;
    for key in [Some("key-1"), None] {
        let told = planned(&creating, key).await;
        assert_plan(&told, "would enable", &format!("{missing} and would be created"));
        assert_eq!(told.report()["evidence"]["role_present"], false);
    }
    assert!(creating.calls().await.iter().all(|call| !call.starts_with("Authorize")), "a plan creates nothing");
}

#[tokio::test]
async fn a_key_that_cannot_be_used_is_said_with_what_to_do() {
    let elsewhere = json!({"KeyMetadata": {
        "KeyId": "key-1", "KeyState": "Enabled", "KeyUsage": "ENCRYPT/DECRYPT",
        "Arn": format!("acs:kms:cn-shanghai:{ACCOUNT}:key/key-1"),
    }, "RequestId": "R"});
    let elsewhere = json!([{"operation": "DescribeKey", "fault": "raw", "body": elsewhere.to_string()}]);
    for (key, faults, reason, next_step) in [
        (json!([{"id": "key-1", "state": "Disabled"}]), json!([]), "is Disabled.", "Enable the key"),
        (json!([{"id": "key-1", "state": "PendingDeletion"}]), json!([]), "is PendingDeletion.", "Enable the key"),
        (json!([{"id": "key-1", "state": "PendingImport"}]), json!([]), "is PendingImport.", "Enable the key"),
        (
            json!([{"id": "key-1", "usage": "SIGN/VERIFY", "spec": "RSA_2048"}]),
            json!([]),
            "is for SIGN/VERIFY.",
            "Choose a symmetric",
        ),
        (json!([{"id": "key-1"}]), elsewhere, "is in cn-shanghai.", "Choose a key in the instance's region"),
        (
            json!([{"id": "key-1", "region": "cn-shanghai"}]),
            json!([]),
            "does not exist in this region and account.",
            "Check the key's id",
        ),
        (
            json!([{"id": "key-1", "account": "6543210987654321"}]),
            json!([]),
            "does not exist in this region and account.",
            "Check the key's id",
        ),
        (json!([]), json!([]), "does not exist in this region and account.", "Check the key's id"),
    ] {
        let world = with(ANY_KEY, json!({})).await;
        world.has("keys", key).await;
        world.script(faults).await;
        let told = planned(&world, Some("key-1")).await;
        assert_plan(&told, "cannot", &format!("Key key-1 {reason}"));
        assert!(told.text("next_step").starts_with(next_step), "{}", told.report());
    }
}

#[tokio::test]
async fn what_the_guide_does_not_name_is_a_hint_and_with_strict_refused() {
    for (instance, (what, value)) in [
        (json!({"storage": "cloud_essd"}), ("storage", "cloud_essd")),
        (json!({"engine": "PostgreSQL", "engine_version": "15.0"}), ("engine", "PostgreSQL 15.0")),
        (json!({"engine_version": "5.5"}), ("engine", "MySQL 5.5")),
        (json!({"category": "cluster"}), ("edition", "cluster")),
    ] {
        let hinting = with("", instance.clone()).await;
        let hint = format!("The vendor's guide does not name this instance ({what} {value}); RDS decides.");
        assert_plan(&planned(&hinting, None).await, "would enable", &hint);

        let strict = with("[policy]\nstrict = true\n", instance).await;
        let told = planned(&strict, None).await;
        assert_eq!((told.outcome(), told.rule()), ("refused", ("strict", value)));
        assert_eq!(told.report()["evidence"]["role_present"], true, "what was read for the plan is told");
        strict.forget("calls").await;
        let told = strict.deliver(request("rm-1")).await;
        assert_eq!((told.outcome(), told.rule()), ("refused", ("strict", value)));
        assert_eq!(strict.calls().await, ["DescribeDBInstanceAttribute OK"]);
        assert!(strict.audited("rds-seal.intent/1").is_empty(), "before any intent");
    }
}

#[tokio::test]
async fn a_backup_that_names_encryption_is_a_sign_and_no_proof() {
    let backup = |encryption: &str| json!({"backups": [{"id": "1", "start": "2026-01-01T18:00:00Z", "end": "2026-01-01T18:10:00Z", "encryption": encryption}]});
    let sign = "It is probably on already: the newest backup has encryption information.";
    let world = with("", backup(r#"{"EncryptionKey":"ServiceKey"}"#)).await;
    let told = planned(&world, None).await;
    assert_plan(&told, "would enable", sign);
    assert_eq!(told.report()["evidence"]["newest_backup"]["names_encryption"], true);
    assert_eq!(world.deliver(request("rm-1")).await.outcome(), "enabled", "it was not taken for a proof");

    for plain in ["{}", "", "null"] {
        let told = planned(&with("", backup(plain)).await, None).await;
        assert!(!told.plan().1.contains(&sign), "{plain:?}");
    }
}

#[tokio::test]
async fn a_lock_is_a_hint() {
    for lock in ["ManualLock", "LockByExpiration", "LockByDiskQuota"] {
        let told = planned(&with("", json!({"lock_mode": lock})).await, None).await;
        assert_plan(&told, "would enable", &format!("The instance is locked: {lock}."));
    }
}

#[tokio::test]
async fn a_read_on_the_side_that_fails_only_adds_a_reason() {
    for (operation, action, what) in [
        (READS[0], "rds:CheckBackupEncryptionAuthorized", "Whether the role exists"),
        (READS[1], "rds:CheckRegionSupportBackupEncryption", "Whether the region has backup encryption"),
        (READS[2], "rds:DescribeBackupPolicy", "The time of the next backup"),
        (READS[3], "rds:DescribeBackups", "The newest backup"),
        (READS[5], "kms:DescribeKey", "The key"),
    ] {
        let world = with(ANY_KEY, json!({})).await;
        world.has("denied", json!([action])).await;
        let told = planned(&world, Some("key-1")).await;
        assert_plan(&told, "would enable", &format!("{what} could not be read. Forbidden.RAM: "));
        assert!(told.report()["evidence"]["instance"].is_object(), "{operation}");

        world.has("denied", json!([])).await;
        world.script(json!([{"operation": operation, "fault": "throttle", "times": 20}])).await;
        let told = planned(&world, Some("key-1")).await;
        assert_plan(&told, "would enable", &format!("{what} could not be read. Throttling.User: "));
    }
}

#[tokio::test]
async fn an_instance_that_cannot_be_read_is_not_judged_and_the_missing_permission_is_ready_to_paste() {
    let world = with("", json!({})).await;
    world.has("denied", json!(["rds:DescribeDBInstanceAttribute"])).await;
    let told = planned(&world, None).await;
    assert_plan(&told, "cannot tell", "The instance could not be read. Forbidden.RAM: ");
    let statement = told.statement();
    let resource = format!("acs:rds:cn-hangzhou:{ACCOUNT}:dbinstance/rm-1");
    let wanted = json!({"Effect": "Allow", "Action": ["rds:DescribeDBInstanceAttribute"], "Resource": [resource]});
    assert_eq!(statement, wanted);
    assert_eq!(told.report()["evidence"]["region_supported"], true, "the rest was read all the same");

    let world = with("", json!({})).await;
    world.script(json!([{"operation": "DescribeDBInstanceAttribute", "fault": "throttle", "times": 20}])).await;
    assert_plan(&planned(&world, None).await, "cannot tell", "The instance could not be read. Throttling.User: ");
}
