//! What is really wrong, found out after a failure with a bounded number of reads, and what can be mended from here.

use serde_json::json;

use crate::world::{ACCOUNT, Setup, World, event, request};

const ENABLE: &str = "EnableBackupEncryption";
const ROLE: &str = "AliyunServiceRoleForRdsBackupEncryption";

/// A world where the instance `rm-1` can be sealed but for the role by which RDS uses keys.
async fn without_the_role(toml: &str) -> World {
    let world = World::configured(toml).await;
    world.instances(json!([{"id": "rm-1"}])).await;
    world.has("accounts", json!([{"id": ACCOUNT, "backup_encryption_role": false}])).await;
    world
}

#[tokio::test]
async fn a_missing_role_is_named_with_what_to_do() {
    let world = without_the_role("").await;
    let told = world.deliver(request("rm-1")).await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("failed", "200 200 done"));
    let message = format!("The account lacks the role {ROLE}. BackupAkProvenNotFound: ");
    assert!(told.text("message").starts_with(&message), "{}", told.text("message"));
    let next_step = "Call AuthorizeBackupEncryption once for the account, or set `authorize = true`.";
    assert_eq!(told.text("next_step"), next_step);
    assert_eq!(told.report()["evidence"]["role_present"], false);
    assert_eq!(told.report()["upstream"]["code"], "BackupAkProvenNotFound");
    assert_eq!(
        world.calls().await,
        ["EnableBackupEncryption BackupAkProvenNotFound", "CheckBackupEncryptionAuthorized OK"]
    );
}

#[tokio::test]
async fn a_missing_role_is_created_where_that_is_allowed_and_the_write_made_again() {
    let world = without_the_role("authorize = true").await;
    let told = world.deliver(request("rm-1")).await;
    assert_eq!((told.outcome(), &told.report()["certain"]), ("enabled", &json!(true)));
    assert_eq!(told.report()["evidence"]["role_present"], true);
    let calls = [
        "EnableBackupEncryption BackupAkProvenNotFound",
        "CheckBackupEncryptionAuthorized OK",
        "AuthorizeBackupEncryption OK",
        "EnableBackupEncryption OK",
    ];
    assert_eq!(world.calls().await, calls);
    assert_eq!(told.report()["upstream"]["calls"], 4);
    assert!(world.said().contains(&format!("the service-linked role {ROLE} was created")));
    assert!(world.is_sealed("rm-1").await);
    let intents = world.audited("rds-seal.intent/1");
    let announced: Vec<_> = intents.iter().map(|intent| intent["operation"].as_str().unwrap()).collect();
    assert_eq!(announced, ["EnableBackupEncryption", "AuthorizeBackupEncryption"], "each write is on record");
}

#[tokio::test]
async fn a_role_that_takes_a_moment_is_waited_for_here_and_then_with_the_next_delivery() {
    for (times, outcome, writes) in [(3, "enabled", 4), (20, "waiting", 5)] {
        let world = without_the_role("authorize = true").await;
        world.script(json!([{"fault": "code", "code": "BackupAkProvenNotFound", "times": times}])).await;
        let told = world.deliver(request("rm-1")).await;
        assert_eq!((told.outcome(), world.writes().await), (outcome, writes));
        let authorized = world.calls().await.iter().filter(|call| call.starts_with("Authorize")).count();
        assert_eq!(authorized, 1, "once is enough");
    }
}

#[tokio::test]
async fn a_role_that_is_there_is_not_created_again() {
    for code in ["InvalidClusterKms", "KmsApiError", "InvalidKmsKey"] {
        let world = World::configured("authorize = true").await;
        world.script(json!([{"fault": "code", "code": code, "times": 20}])).await;
        let told = world.deliver(request("rm-demo1")).await;
        assert_eq!(told.outcome(), "failed", "{code}");
        assert_eq!(world.calls().await, [format!("{ENABLE} {code}"), "CheckBackupEncryptionAuthorized OK".to_owned()]);
    }
}

/// Of several writes that miss it at the same time, the first creates it.
#[tokio::test]
async fn a_role_that_another_has_created_meanwhile_is_written_with_again() {
    for (times, outcome, writes) in [(1, "enabled", 2), (20, "waiting", 5)] {
        let world = World::configured("authorize = true").await;
        world.script(json!([{"fault": "code", "code": "BackupAkProvenNotFound", "times": times}])).await;
        let told = world.deliver(request("rm-demo1")).await;
        assert_eq!((told.outcome(), world.writes().await), (outcome, writes));
        assert!(world.calls().await.iter().all(|call| !call.starts_with("Authorize")));
    }
}

#[tokio::test]
async fn a_role_that_may_not_be_created_names_the_permission_on_everything() {
    let world = without_the_role("authorize = true").await;
    world.has("denied", json!(["rds:AuthorizeBackupEncryption"])).await;
    let told = world.deliver(request("rm-1")).await;
    assert_eq!(told.outcome(), "failed");
    assert_eq!(world.calls().await.len(), 3, "no second write without the role");
    let wanted = json!({"Effect": "Allow", "Action": ["rds:AuthorizeBackupEncryption"], "Resource": ["*"]});
    assert_eq!(told.statement(), wanted, "the operation knows no resource");
    assert_eq!(told.report()["upstream"]["operation"], "AuthorizeBackupEncryption", "whose answer decided");
}

#[tokio::test]
async fn whether_a_role_was_created_is_told_by_the_state_alone() {
    let world = without_the_role("authorize = true").await;
    // The documented sample of success has the message of an error.
    let refused = json!({"AuthorizationState": 0, "Message": "ok", "RequestId": "R"}).to_string();
    let raw = json!({"operation": "AuthorizeBackupEncryption", "fault": "raw", "status": 200, "body": refused, "before": true});
    world.script(json!([raw])).await;
    let told = world.deliver(request("rm-1")).await;
    assert_eq!((told.outcome(), world.writes().await), ("failed", 1));
    let next_step = "Call AuthorizeBackupEncryption as an administrator: this identity could not create the role.";
    assert_eq!(told.text("next_step"), next_step);
    assert!(!world.said().contains("was created"));
}

#[tokio::test]
async fn an_instance_that_is_elsewhere_is_found_among_the_places_that_are_worth_a_look() {
    let lost = |region: &str| json!([{"id": "rm-lost", "region": region}]);
    let ask = |region: &str| json!({"instance": "rm-lost", "region": region}).to_string();
    let created = event("instance-created.json").replace("rm-demo1bp1q2w3e4r5", "rm-lost");
    let named = "[policy]\nregions = [\"cn-hangzhou\", \"ap-southeast-1\"]\n";
    let by_key = "[key.default]\n\"ap-southeast-1\" = \"key-1\"\n";
    for (toml, is_in, asked, body, most) in [
        ("", "cn-shanghai", "cn-chengdu", ask("cn-chengdu"), 3),
        (named, "ap-southeast-1", "cn-hangzhou", ask("cn-hangzhou"), 2),
        (named, "ap-southeast-1", "cn-hangzhou", created.clone(), 2),
        (by_key, "ap-southeast-1", "cn-hangzhou", created, 2),
    ] {
        let world = World::configured(toml).await;
        world.instances(lost(is_in)).await;
        let told = world.deliver(body).await;
        assert_eq!((told.outcome(), told.verdict().as_str()), ("failed", "200 200 done"), "{toml}");
        let message = format!("rm-lost is in {is_in}, not in {asked}. InvalidDBInstanceId.NotFound: ");
        assert!(told.text("message").starts_with(&message), "{}", told.text("message"));
        assert_eq!(told.text("next_step"), format!("Send the request again with region {is_in}."));
        assert_eq!(world.calls().await.len(), most, "{toml}: {:?}", world.calls().await);
        assert!(!world.is_sealed("rm-lost").await, "it is not moved there");
    }
}

#[tokio::test]
async fn a_search_for_a_lost_instance_is_bounded_and_never_a_success() {
    let regions: Vec<_> = (1..=30).map(|number| format!("\"ap-made-{number}\"")).collect();
    let world = World::configured(&format!("[policy]\nregions = [\"cn-chengdu\", {}]\n", regions.join(","))).await;
    let told = world.deliver(json!({"instance": "rm-lost", "region": "cn-chengdu"}).to_string()).await;
    assert_eq!(told.outcome(), "failed");
    assert!(told.text("message").starts_with("There is no rm-lost in cn-chengdu in this account."));
    let calls = world.calls().await.len();
    assert_eq!((calls, &told.report()["upstream"]["calls"]), (9, &json!(9)), "itself and eight places");
}

#[tokio::test]
async fn a_key_that_was_refused_is_explained() {
    for (keys, code, words, next_step) in [
        (json!([{"id": "key-1", "state": "Disabled"}]), "InvalidKmsKey", "is Disabled.", "Enable the key"),
        (
            json!([{"id": "key-1", "usage": "SIGN/VERIFY"}]),
            "InvalidKmsKey",
            "is for SIGN/VERIFY.",
            "Choose a symmetric",
        ),
        (
            json!([{"id": "key-1", "region": "cn-shanghai"}]),
            "KmsApiError",
            "does not exist in this region and account.",
            "Check the key",
        ),
        (json!([]), "KmsApiError", "does not exist in this region and account.", "Check the key"),
    ] {
        let world = World::configured("[key]\nallowed = [\"key-*\"]\n").await;
        world.instances(json!([{"id": "rm-1"}])).await;
        world.has("keys", keys.clone()).await;
        let body = json!({"instance": "rm-1", "region": "cn-hangzhou", "key": "key-1"}).to_string();
        let told = world.deliver(body).await;
        assert_eq!(told.outcome(), "failed", "{keys}");
        assert!(told.text("message").starts_with(&format!("Key key-1 {words}")), "{}", told.text("message"));
        assert!(told.text("message").contains(&format!(" {code}: ")), "the service's own words are kept");
        assert!(told.text("next_step").starts_with(next_step), "{}", told.text("next_step"));
        let evidence = &told.report()["evidence"];
        assert_eq!((evidence["key"].is_object(), &evidence["role_present"]), (code == "InvalidKmsKey", &json!(true)));
        assert_eq!(world.calls().await.len(), 3, "the write, the role, the key");
    }
}

#[tokio::test]
async fn a_permission_that_is_missing_is_ready_to_paste() {
    for named in [false, true] {
        let world = World::with(Setup { named, whose_is_unknown: !named, ..Setup::default() }).await;
        world.instances(json!([{"id": "rm-1"}])).await;
        world.has("denied", json!(["rds:EnableBackupEncryption"])).await;
        let told = world.deliver(request("rm-1")).await;
        assert_eq!((told.outcome(), told.verdict().as_str()), ("failed", "200 200 done"));
        let account = if named { ACCOUNT } else { "*" };
        let resource = format!("acs:rds:cn-hangzhou:{account}:dbinstance/rm-1");
        let wanted = json!({"Effect": "Allow", "Action": ["rds:EnableBackupEncryption"], "Resource": [resource]});
        assert_eq!(told.statement(), wanted);
        assert_eq!(world.calls().await, ["EnableBackupEncryption Forbidden.RAM"]);
    }
}

#[tokio::test]
async fn a_permission_that_is_denied_on_purpose_is_to_be_taken_out() {
    let body = json!({
        "Code": "Forbidden.RAM", "Message": "User not authorized to operate on the specified resource.", "RequestId": "R",
        "AccessDeniedDetail": {"AuthAction": "kms:TagResource", "NoPermissionType": "ExplicitDeny", "PolicyType": "ControlPolicy"},
    });
    let world = World::start().await;
    world.script(json!([{"fault": "raw", "status": 403, "body": body.to_string(), "before": true}])).await;
    let told = world.ask().await;
    assert_eq!(told.outcome(), "failed");
    let next_step = "Remove the statement that denies kms:TagResource (ControlPolicy).";
    assert_eq!(told.text("next_step"), next_step);
    assert_eq!(world.calls().await.len(), 1);
}

#[tokio::test]
async fn states_that_pass_are_waited_for_and_states_that_last_are_not() {
    let passing = [
        "Creating",
        "Rebooting",
        "DBInstanceClassChanging",
        "TRANSING",
        "EngineVersionUpgrading",
        "TransingToOthers",
        "GuardDBInstanceCreating",
        "Restoring",
        "Importing",
        "ImportingFromOthers",
        "DBInstanceNetTypeChanging",
        "GuardSwitching",
        "INS_CLONING",
        "CONFIG_ENCRYPTING",
        "SSL_MODIFYING",
        "TDE_MODIFYING",
        "NobodyKnowsThis",
    ];
    let lasting = [
        ("Stopped", "Start the instance, then send the request again."),
        ("Stopping", "Start the instance, then send the request again."),
        ("Deleting", "Nothing to do: the instance is being deleted or has been released."),
        ("Released", "Remove the instance from whatever requests this."),
    ];
    let cases = passing.map(|status| (status, "waiting", None)).into_iter();
    for (status, outcome, next_step) in cases.chain(lasting.map(|(status, step)| (status, "failed", Some(step)))) {
        let world = World::start().await;
        world.instances(json!([{"id": "rm-1", "status": status}])).await;
        let told = world.deliver(request("rm-1")).await;
        assert_eq!(told.outcome(), outcome, "{status}");
        assert_eq!(told.report()["evidence"]["instance"]["status"], status);
        assert!(told.text("message").contains(status), "{}", told.text("message"));
        assert!(next_step.is_none_or(|step| told.text("next_step") == step), "{status}: {}", told.text("next_step"));
        assert_eq!(world.calls().await.len(), 2, "{status}: the write and one read");
    }
}

#[tokio::test]
async fn a_running_instance_that_is_refused_by_its_state_is_asked_for_once_more() {
    for (times, outcome, calls) in [(1, "enabled", 3), (20, "waiting", 3)] {
        let world = World::start().await;
        world.script(json!([{"fault": "code", "code": "IncorrectDBInstanceState", "times": times}])).await;
        let told = world.ask().await;
        assert_eq!((told.outcome(), world.calls().await.len()), (outcome, calls));
    }
}
