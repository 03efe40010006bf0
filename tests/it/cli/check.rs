//! `check`: whether a deployment would work, found out without changing anything.

use std::net::SocketAddr;
use std::process::Command;

use serde_json::{Value, json};

use super::process::*;
use crate::configuration::written;
use crate::webhooks::{DOORS, setup};

const HANGZHOU: [&str; 2] = ["--region", "cn-hangzhou"];

/// The command that checks a configuration against a cloud in hangzhou, in JSON.
fn command(cloud: SocketAddr, toml: &str, words: &[&str]) -> Command {
    let mut command = seal(&[&["check", "--json"], words].concat());
    for_cloud_at(cloud, &mut command).env("SEAL_CONFIG", written(toml));
    command
}

/// The code it ends with, and its table, which says the same.
async fn checked(cloud: SocketAddr, toml: &str) -> (i32, Value) {
    of(&run(&mut command(cloud, toml, &HANGZHOU)).await)
}

fn of(ended: &Ended) -> (i32, Value) {
    let table = ended.json();
    let failed = table["checks"].as_array().unwrap().iter().any(|row| row["state"] == "failed");
    assert_eq!((&table["ok"], ended.code), (&json!(!failed), Some(if failed { 4 } else { 0 })), "{table}");
    (ended.code.unwrap(), table)
}

fn row<'t>(table: &'t Value, what: &str) -> &'t Value {
    let mut rows = table["checks"].as_array().unwrap().iter().filter(|row| row["what"] == what);
    let row = rows.next().unwrap_or_else(|| panic!("no row {what}: {table}"));
    assert!(rows.next().is_none(), "{what} twice: {table}");
    row
}

/// That a row is in this state, and says these things in its detail and its next step.
fn assert_row(table: &Value, what: &str, state: &str, detail: &str, next_step: &str) {
    let row = row(table, what);
    let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
    assert_eq!(row["state"], state, "{row}");
    assert!(text("detail").contains(detail), "{detail}: {row}");
    assert!(text("next_step").contains(next_step), "{next_step}: {row}");
}

#[tokio::test]
async fn a_rehearsal_is_a_table_for_a_person() {
    let ended = run(&mut seal(&["check", "--emulator", "--region", "cn-hangzhou"])).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    for (sign, what, detail) in [
        ('!', "mode", "not set, so it is plan on a real cloud: nothing is changed"),
        ('!', "key", "RDS's automatic key, which cannot be changed later"),
        ('!', "policy", "no rule restricts what may be sealed"),
        ('✓', "identity", "acs:ram::1234567890123456:user/testAccessKeyId of account 1234567890123456"),
        ('✓', "clock", "agrees with the service's"),
        ('✓', "cn-hangzhou  region", "the region has backup encryption"),
        ('✓', "cn-hangzhou  role", "AliyunServiceRoleForRdsBackupEncryption is there"),
        ('○', "rds:EnableBackupEncryption", "not tried: it is the change itself"),
    ] {
        let is_it = |line: &&str| line.starts_with(&format!("{sign} {what}  ")) && line.contains(detail);
        assert_eq!(ended.stdout.lines().filter(is_it).count(), 1, "{what}: {}", ended.stdout);
    }
    let columns: Vec<_> = ended.headlines().iter().filter_map(|line| line.find("  not tried")).collect();
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "in columns: {}", ended.stdout);
    assert!(ended.stderr.is_empty(), "{}", ended.stderr);
}

#[tokio::test]
async fn json_is_one_line_and_nothing_is_changed() {
    let cloud = cloud_with(json!([])).await;
    has(cloud, "instances", json!([{"id": "rm-1"}, {"id": "rm-2"}, {"id": "rm-far", "region": "cn-chengdu"}])).await;
    let (code, table) = checked(cloud, "").await;
    assert_eq!(code, 0);
    assert_row(&table, "mode", "ok", "enforce: instances are sealed, which cannot be undone", "");
    assert_row(&table, "cn-hangzhou  rds:DescribeDBInstances", "ok", "allowed; instances: 2", "");
    for read in ["DescribeDBInstanceAttribute", "DescribeBackups", "DescribeBackupPolicy", "ListTagResources"] {
        assert_row(&table, &format!("cn-hangzhou  rds:{read}"), "ok", "allowed on rm-1", "");
    }
    assert_row(&table, "fc:InvokeFunction", "untried", "it would put something into the queue", "");
    assert_row(&table, "queue", "ok", "what cannot be done yet waits in the function's queue, signed", "");
    let calls = calls(cloud).await;
    let changes = ["Enable", "Authorize", "Invoke"];
    assert!(calls.iter().all(|call| !changes.iter().any(|change| call.starts_with(change))), "{calls:?}");
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named_and_fails_where_nothing_works_without_it() {
    for (action, toml, state) in [
        ("rds:DescribeDBInstances", "", "note"),
        ("rds:DescribeDBInstanceAttribute", "", "failed"),
        ("rds:DescribeBackups", "", "note"),
        ("rds:DescribeBackupPolicy", "", "note"),
        ("rds:ListTagResources", "", "note"),
        ("rds:ListTagResources", "[policy]\nexempt_tags = [\"seal:exempt\"]\n", "failed"),
    ] {
        let cloud = cloud_with(json!([])).await;
        has(cloud, "instances", json!([{"id": "rm-1"}])).await;
        has(cloud, "denied", json!([action])).await;
        let (_, table) = checked(cloud, toml).await;
        let what = format!("cn-hangzhou  {action}");
        assert_row(&table, &what, state, "Forbidden.RAM: ", &format!("\"{action}\""));
        let on = "\"Resource\":[\"acs:rds:cn-hangzhou:1234567890123456:dbinstance/*\"]";
        assert_row(&table, &what, state, "", on);
    }
    for (action, what) in [
        ("rds:CheckRegionSupportBackupEncryption", "cn-hangzhou  region"),
        ("rds:CheckBackupEncryptionAuthorized", "cn-hangzhou  role"),
        ("kms:DescribeKey", "cn-hangzhou  key key-1"),
    ] {
        let cloud = cloud_with(json!([])).await;
        has(cloud, "denied", json!([action])).await;
        let (code, table) = checked(cloud, "[key.default]\n\"cn-hangzhou\" = \"key-1\"\n").await;
        assert_eq!(code, 0, "sealing works without it");
        assert_row(&table, what, "note", "Forbidden.RAM: ", &format!("\"{action}\""));
        let on = if action.starts_with("kms") { "acs:kms:cn-hangzhou:1234567890123456:key/key-1" } else { "*" };
        assert_row(&table, what, "note", "", &format!("\"Resource\":[\"{on}\"]"));
    }
}

#[tokio::test]
async fn by_what_the_age_of_a_request_is_known_is_said_for_each_door() {
    let cloud = cloud_with(json!([])).await;
    let toml =
        format!("[policy]\nmax_event_age = \"2h\"\n{DOORS}[doors.slack]\nsigning_secrets = [{{ env = \"SLACK\" }}]\n");
    let setup = setup("");
    let mut command = command(cloud, &toml, &HANGZHOU);
    command.envs(setup.env).env("SLACK", "a-secret-of-slack");
    let (_, table) = of(&run(&mut command).await);
    for (door, state, known_by) in [
        ("event", "ok", "by the event's own time"),
        ("webhook ci", "ok", "by the signed webhook-timestamp"),
        ("webhook cron", "note", "by its arrival, for its sender signs no time"),
        ("webhook hub", "note", "a repeat is as young as the first"),
        ("slack", "ok", "by the signed x-slack-request-timestamp"),
    ] {
        assert_row(&table, &format!("age at {door}"), state, known_by, "");
    }
    let (_, table) = checked(cloud, "").await;
    assert!(!table.to_string().contains("age at"), "nothing is said where no age is limited");
}

#[tokio::test]
async fn a_role_that_is_missing_fails_unless_it_would_be_created() {
    let cloud = cloud_with(json!([])).await;
    has(cloud, "accounts", json!([{"id": "1234567890123456", "backup_encryption_role": false}])).await;
    let (code, table) = checked(cloud, "").await;
    assert_eq!(code, 4);
    assert_row(&table, "cn-hangzhou  role", "failed", "is missing", "Call AuthorizeBackupEncryption once");
    let (code, table) = checked(cloud, "authorize = true").await;
    assert_eq!(code, 0);
    assert_row(&table, "cn-hangzhou  role", "note", "is missing and would be created", "");
    assert!(calls(cloud).await.iter().all(|call| !call.starts_with("Authorize")));
}

#[tokio::test]
async fn a_key_that_cannot_be_used_fails() {
    let toml = "[key.default]\n\"cn-hangzhou\" = \"key-1\"\n\"cn-shanghai\" = \"key-2\"\n\"6543210987654321/cn-hangzhou\" = \"key-3\"\n";
    for (keys, detail, next_step) in [
        (json!([{"id": "key-1", "state": "Disabled"}]), "Key key-1 is Disabled.", "Enable the key"),
        (json!([{"id": "key-1", "usage": "SIGN/VERIFY"}]), "Key key-1 is for SIGN/VERIFY.", "Choose a symmetric key"),
        (json!([]), "Key key-1 does not exist in this region and account.", "Check the key's id"),
    ] {
        let cloud = cloud_with(json!([])).await;
        has(cloud, "keys", keys).await;
        let (code, table) = checked(cloud, toml).await;
        assert_eq!(code, 4);
        assert_row(&table, "cn-hangzhou  key key-1", "failed", detail, next_step);
        assert!(!table.to_string().contains("key-3"), "of an account that is not asked about");
    }
}

#[tokio::test]
async fn a_clock_that_is_off_is_said_with_by_how_much() {
    for (offset, detail) in [(3600, "s behind the service's"), (-3600, "s ahead of the service's")] {
        let cloud = cloud_with(json!([])).await;
        has(cloud, "clock", json!({"offset_seconds": offset})).await;
        let (code, table) = checked(cloud, "").await;
        assert_eq!(code, 4);
        assert_row(&table, "clock", "failed", detail, "Set the clock");
        assert_row(&table, "identity", "failed", "", "");
        let seconds =
            row(&table, "clock")["detail"].as_str().unwrap().split(' ').next().unwrap().parse::<i64>().unwrap();
        assert!((3580..=3620).contains(&seconds), "{seconds}");
    }
}

#[tokio::test]
async fn a_region_without_the_feature_fails_and_the_others_are_still_looked_at() {
    let cloud = cloud_with(json!([])).await;
    has(cloud, "unsupported_regions", json!(["cn-chengdu"])).await;
    let toml = "[policy]\nregions = [\"cn-chengdu\", \"cn-hangzhou\", \"ap-*\"]\n";
    let (code, table) = of(&run(&mut command(cloud, toml, &[])).await);
    assert_eq!(code, 4);
    assert_row(&table, "cn-chengdu  region", "failed", "no backup encryption", "Leave the region out under [policy]");
    assert_row(&table, "cn-hangzhou  region", "ok", "", "");
}

#[tokio::test]
async fn accounts_whose_role_cannot_be_taken_on_fail_each_by_itself() {
    let cloud = cloud_with(json!([])).await;
    let role = |trusts: &str| json!([{"name": "rds-seal", "trusts": [trusts]}]);
    let accounts = json!([
        {"id": "6543210987654321", "roles": role("1234567890123456")},
        {"id": "1111222233334444", "roles": role("6543210987654321")},
    ]);
    has(cloud, "accounts", accounts).await;
    let toml = "[policy]\naccounts = [\"1234567890123456\", \"6543210987654321\", \"1111222233334444\"]\n\
                [accounts]\nrole = \"acs:ram::{account}:role/rds-seal\"\n";
    let (code, table) = checked(cloud, toml).await;
    assert_eq!(code, 4);
    assert_row(&table, "account 6543210987654321", "ok", "its role can be taken on", "");
    assert_row(&table, "account 1111222233334444", "failed", " NoPermission: ", "in the trust policy");
    let rows = table["checks"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["what"] != "account 1234567890123456"), "its own is never taken on");
}

#[tokio::test]
async fn nobody_to_sign_and_no_region_to_ask_in_are_rows() {
    let words = ["check", "--json", "--region", "cn-hangzhou"];
    let (code, table) = of(&run(&mut seal(&words)).await);
    assert_eq!(code, 4);
    assert_row(&table, "identity", "failed", "There are no credentials", "ALIBABA_CLOUD_ACCESS_KEY_ID");

    let (code, table) = of(&run(&mut seal(&["check", "--json", "--emulator"])).await);
    assert_eq!(code, 4);
    assert_row(&table, "region", "failed", "no region is named", "--region");
    let (code, _) = of(&run(seal(&["check", "--json", "--emulator"]).env("FC_REGION", "cn-hangzhou")).await);
    assert_eq!(code, 0, "a function's own");
    let wrong = run(&mut seal(&["check", "--emulator", "--region", "cn hangzhou"])).await;
    assert!(wrong.complaint().starts_with("--region is not a region id"), "{}", wrong.stderr);
}

#[tokio::test]
async fn every_sink_is_told_that_it_is_a_test_and_one_that_refuses_fails() {
    let answers = |status: u16| json!([{"operation": "slack", "fault": "status", "status": status}]);
    for (refusal, detail, next_step) in [
        (json!([]), "", ""),
        (answers(403), "it answered with status 403", "Check its address and secret"),
        (answers(410), "it is gone: it answers with status 410", "Remove the sink or give it a new URL."),
    ] {
        let cloud = cloud_with(refusal.clone()).await;
        let toml = format!(
            "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\non = [\"failed\"]\nurl = \"http://{cloud}/_emulator/slack\"\n\
             [[sinks]]\nname = \"siem\"\nkind = \"webhook\"\nurl = \"http://{cloud}/_emulator/webhook\"\n\
             secret = {{ env = \"SIEM\" }}\n"
        );
        let notified = async || get_json(&format!("http://{cloud}/_emulator/notifications")).await;
        let mut untried = command(cloud, &toml, &HANGZHOU);
        let (_, table) = of(&run(untried.env("SIEM", "whsec_c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi")).await);
        assert_row(&table, "sink ops", "untried", "--notify sends a test report", "");
        assert_eq!(notified().await, json!([]));

        let mut told = command(cloud, &toml, &[&HANGZHOU[..], &["--notify"]].concat());
        let (code, table) = of(&run(told.env("SIEM", "whsec_c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi")).await);
        assert_row(&table, "sink siem", "ok", "took the test report", "");
        let taken = notified().await;
        let webhook = taken.as_array().unwrap().iter().find(|one| one["sink"] == "webhook").unwrap();
        assert!(webhook["body"]["message"].as_str().unwrap().starts_with("This is a test message."), "{webhook}");
        assert_eq!(webhook["body"]["reason"]["code"], "test");
        if refusal == json!([]) {
            assert_eq!((code, taken.as_array().unwrap().len()), (0, 2));
            assert_row(&table, "sink ops", "ok", "took the test report", "");
        } else {
            assert_eq!((code, taken.as_array().unwrap().len()), (4, 1));
            assert_row(&table, "sink ops", "failed", detail, next_step);
        }
    }
}

#[tokio::test]
async fn in_a_rehearsal_it_is_the_stand_in_that_took_the_test_report() {
    let toml = "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = \"https://captured.invalid/hook\"\n";
    let mut command = seal(&["check", "--json", "--notify", "--emulator", "--region", "cn-hangzhou"]);
    let (_, table) = of(&run(command.env("SEAL_CONFIG", written(toml))).await);
    assert_row(&table, "sink ops", "note", "the stand-in took the test report in place of slack", "");
}

/// How many pages of the list a cloud was asked for.
async fn pages(cloud: SocketAddr) -> usize {
    calls(cloud).await.iter().filter(|call| call.starts_with("DescribeDBInstances ")).count()
}

#[tokio::test]
async fn instances_on_several_pages_are_counted() {
    let cloud = cloud_with(json!([])).await;
    let instances: Vec<_> = (0..250).map(|number| json!({"id": format!("rm-{number}")})).collect();
    has(cloud, "instances", json!(instances)).await;
    let (_, table) = checked(cloud, "").await;
    assert_row(&table, "cn-hangzhou  rds:DescribeDBInstances", "ok", "instances: 250", "");
    assert_eq!(pages(cloud).await, 3);
}

#[tokio::test]
async fn ten_thousand_instances_are_counted() {
    let page = |number: usize| {
        let ids = (0..100).map(|id| json!({"DBInstanceId": format!("rm-{number}x{id}")})).collect::<Vec<_>>();
        let next = if number == 99 { Value::Null } else { json!(format!("page-{number}")) };
        let page = json!({"Items": {"DBInstance": ids}, "NextToken": next, "RequestId": "R"});
        json!({"operation": "DescribeDBInstances", "fault": "raw", "body": page.to_string()})
    };
    let cloud = cloud_with((0..100).map(page).collect()).await;
    let (code, table) = checked(cloud, "").await;
    assert_row(&table, "cn-hangzhou  rds:DescribeDBInstances", "ok", "instances: 10000", "");
    assert_eq!((code, pages(cloud).await), (0, 100));
}

#[tokio::test]
async fn a_list_that_turns_in_a_circle_is_a_sentence() {
    let page = |token: &str| json!({"Items": {"DBInstance": [{"DBInstanceId": "rm-1"}]}, "NextToken": token, "RequestId": "R"});
    let raw = |token: &str, times: u32| json!({"operation": "DescribeDBInstances", "fault": "raw", "body": page(token).to_string(), "times": times});
    for faults in [json!([raw("again", 99)]), json!([raw("a", 1), raw("b", 1), raw("c", 1), raw("a", 99)])] {
        let cloud = cloud_with(faults).await;
        let (_, table) = checked(cloud, "").await;
        assert_row(
            &table,
            "cn-hangzhou  rds:DescribeDBInstances",
            "note",
            "does not end: a page's token came twice",
            "",
        );
        assert!(pages(cloud).await <= 4);
    }
}

#[tokio::test]
async fn a_secret_of_kms_is_tried_by_a_dry_run_and_its_value_is_never_seen() {
    let cloud = cloud_with(json!([])).await;
    has(cloud, "secrets", json!([{"name": "pager", "data": "hush"}, {"name": "own", "data": "hush", "key": "key-1"}]))
        .await;
    has(cloud, "denied", json!(["kms:Decrypt"])).await;
    let toml = "[doors.slack]\nsigning_secrets = [{ secret = \"gone\" }, { secret = \"own\" }]\n\
                [[sinks]]\nname = \"pager\"\nkind = \"pagerduty\"\nrouting_key = { secret = \"pager\" }\n";
    let (code, table) = checked(cloud, toml).await;
    assert_eq!(code, 4);
    assert_row(&table, "secret pager", "ok", "could be read", "");
    assert_row(&table, "secret gone", "failed", "Forbidden.ResourceNotFound", "Check the name");
    assert_row(&table, "secret own", "failed", "Forbidden.RAM", "kms:Decrypt");
    assert_row(&table, "sink pager", "untried", "its secrets are in KMS", "");
    assert_row(&table, "doors.slack", "untried", "its secrets are in KMS", "");
    let calls = calls(cloud).await;
    assert!(calls.contains(&"GetSecretValue DryRunOperationError".to_owned()), "{calls:?}");
    assert!(!calls.contains(&"GetSecretValue OK".to_owned()), "{calls:?}");
    assert!(!table.to_string().contains("hush"));
}
