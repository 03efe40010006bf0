//! `plan`: what would happen to some instances, told to the person who asks and to nobody else.

use serde_json::json;

use super::process::*;
use crate::configuration::written;

const HANGZHOU: [&str; 2] = ["--region", "cn-hangzhou"];

#[tokio::test]
async fn a_plan_prints_verdict_reasons_and_evidence() {
    let ended = run(&mut seal(&["plan", "rm-demo1", "--region", "cn-hangzhou", "--emulator"])).await;
    assert_eq!(ended.headlines(), ["? planned  rm-demo1  cn-hangzhou"]);
    for line in [
        "  Dry run. In enforce mode this would turn it on. The instance is Running; RDS's automatic key would be used.",
        "  · The first encrypted backup would be the one at ",
        "  instance    Running, MySQL 8.0, HighAvailability, local_ssd, Primary, Unlock",
        "  supported   yes",
        "  role        present",
        "  next backup ",
        "  5 calls, ",
    ] {
        assert!(ended.stdout.lines().any(|printed| printed.starts_with(line)), "{line}\n{}", ended.stdout);
    }
    assert_eq!(ended.code, Some(0));
    assert!(Ended::records(&ended.stderr, "rds-seal.intent/1").is_empty());
}

#[tokio::test]
async fn what_stands_in_the_way_is_printed_with_what_to_do() {
    let cloud = cloud_with(json!([])).await;
    let backup =
        json!({"id": "1", "start": "2026-01-01T18:00:00Z", "end": "2026-01-01T18:10:00Z", "encryption": "{\"a\":1}"});
    has(cloud, "instances", json!([{"id": "rm-1", "backups": [backup], "lock_mode": "ManualLock"}])).await;
    has(cloud, "keys", json!([{"id": "key-1", "state": "Disabled"}])).await;
    let file = written("[key]\nallowed = [\"key-*\"]\n[policy]\nexempt_tags = [\"seal:exempt\"]\n");
    let mut command = seal(&["plan", "rm-1", "--region", "cn-hangzhou", "--key", "key-1"]);
    let ended = run(for_cloud_at(cloud, &mut command).env("SEAL_CONFIG", file)).await;
    for line in [
        "  Dry run. In enforce mode this would fail. Key key-1 is Disabled.",
        "  · The instance is Running; key key-1 would be used.",
        "  · It is probably on already: the newest backup has encryption information.",
        "  · The instance is locked: ManualLock.",
        "  key         Disabled, ENCRYPT/DECRYPT, Aliyun_AES_256",
        "  backup      2026-01-01T18:10:00Z, names encryption",
        "  next: Enable the key, or choose another.",
    ] {
        assert!(ended.stdout.lines().any(|printed| printed == line), "{line}\n{}", ended.stdout);
    }
    assert_eq!(ended.code, Some(0), "a plan that says no is still a plan");
}

#[tokio::test]
async fn several_instances_are_planned_in_the_order_in_which_they_are_named_and_json_is_one_line() {
    let words = [&["plan", "rm-demo3", "rm-absent", "rm-demo1"], &HANGZHOU[..], &["--emulator", "--json"]].concat();
    let ended = run(&mut seal(&words)).await;
    assert_eq!(ended.outcomes(), ["planned"; 3]);
    let told = ended.json();
    let reports = told["reports"].as_array().unwrap();
    let verdicts =
        reports.iter().map(|one| (one["instance"].as_str().unwrap(), one["verdict"]["is"].as_str().unwrap()));
    let wanted = [("rm-demo3", "would enable"), ("rm-absent", "cannot"), ("rm-demo1", "would enable")];
    assert_eq!(verdicts.collect::<Vec<_>>(), wanted);
    assert_eq!((ended.code, &told["delivery"]), (Some(0), &json!("done")));
    assert_eq!(Ended::records(&ended.stderr, "rds-seal.report/1"), *reports);
}

#[tokio::test]
async fn words_that_cannot_be_asked_about_end_with_2_and_hide_no_other() {
    let bad = "✗ rejected  [0].instance is not an RDS instance id: write one like rm-bp1q2w3e4r5t6y7u8";
    for (words, headlines) in [
        (&["rm a", "rm-demo1", "--region", "cn-hangzhou"][..], &["? planned  rm-demo1  cn-hangzhou", bad][..]),
        (&["rm-demo1"], &["✗ rejected  [0].region is missing"]),
        (
            &["rm-demo1", "--region", "cn hangzhou"],
            &["✗ rejected  [0].region is not a region id: write one like cn-hangzhou"],
        ),
        (
            &["rm-demo1", "--region", "cn-hangzhou", "--account", "me"],
            &["✗ rejected  [0].account is not an account id: write its digits, like 1234567890123456"],
        ),
    ] {
        let ended = run(&mut seal(&[&["plan", "--emulator"], words].concat())).await;
        assert_eq!((ended.code, ended.headlines().as_slice()), (Some(2), headlines), "{words:?}");
    }
    let nothing = run(&mut seal(&["plan", "--emulator"])).await;
    assert!(nothing.code == Some(2) && nothing.stderr.contains("<INSTANCE>"), "{}", nothing.stderr);
}

#[tokio::test]
async fn on_function_compute_the_region_may_be_left_out() {
    let ended = run(seal(&["plan", "rm-demo1", "--emulator"]).env("FC_REGION", "cn-shanghai")).await;
    assert_eq!((ended.code, ended.headlines().as_slice()), (Some(0), &["? planned  rm-demo1  cn-shanghai"][..]));
}

#[tokio::test]
async fn a_refused_plan_ends_with_3() {
    let words = ["plan", "rm-demo1", "--region", "cn-hangzhou", "--account", "6543210987654321", "--emulator"];
    let foreign = run(&mut seal(&words)).await;
    assert_eq!((foreign.code, foreign.headlines().as_slice()), (Some(3), &["✗ refused  rm-demo1  cn-hangzhou"][..]));

    let file = written("[key]\nallowed = [\"key-*\"]\n");
    let words = ["plan", "rm-demo1", "--region", "cn-hangzhou", "--key", "other-1", "--emulator", "--json"];
    let key = run(seal(&words).env("SEAL_CONFIG", file)).await;
    assert_eq!((key.code, &key.json()["reports"][0]["rule"]["name"]), (Some(3), &json!("key-not-allowed")));
}

#[tokio::test]
async fn a_plan_changes_nothing_and_tells_no_sink_whatever_the_mode() {
    let (cloud, elsewhere) = (cloud_with(json!([])).await, Elsewhere::new());
    let mut command = seal(&["plan", "rm-demo1", "rm-demo2", "--region", "cn-hangzhou"]);
    let command = for_cloud_at(cloud, &mut command)
        .env("SEAL_SLACK_URL", elsewhere.url())
        .env("SEAL_WEBHOOK_URL", elsewhere.url())
        .env("SEAL_WEBHOOK_SINK_SECRET", "whsec_c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi");
    let ended = run(command).await;
    assert_eq!((ended.code, ended.headlines().len()), (Some(0), 2), "{}", ended.stdout);
    elsewhere.assert_is_untouched();
    let calls = calls(cloud).await;
    assert!(!calls.is_empty() && calls.iter().all(|call| !call.starts_with("Enable")), "{calls:?}");
}
