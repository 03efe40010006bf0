//! `replay`: what the sinks missed, from the audit stream.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::process::*;
use crate::configuration::written;

/// The audit lines of an event with three instances, as the function writes them.
async fn audit_lines() -> Vec<String> {
    let ended = run(&mut seal(&["invoke", "events/bulk-created.json", "--emulator"])).await;
    assert_eq!(Ended::records(&ended.stderr, "rds-seal.report/1").len(), 3);
    ended.stderr.lines().map(str::to_owned).collect()
}

/// Those that hold a report.
async fn reports() -> Vec<String> {
    audit_lines().await.into_iter().filter(|line| line.contains("rds-seal.report/1")).collect()
}

/// Replays these lines to a Slack and a webhook that stand at this address.
async fn replay(lines: &[String], words: &[&str], sinks: SocketAddr) -> Ended {
    replay_with(lines, words, &two_sinks(sinks)).await
}

async fn replay_with(lines: &[String], words: &[&str], toml: &str) -> Ended {
    let file = written(lines.join("\n"));
    let mut command = seal(&[&["replay", file.to_str().unwrap()], words].concat());
    let command = command.env("SEAL_CONFIG", written(toml)).env("SIEM_SECRET", SIEM_SECRET);
    run(command).await
}

const SIEM_SECRET: &str = "whsec_c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi";

fn two_sinks(address: SocketAddr) -> String {
    format!(
        r#"
        [[sinks]]
        name = "ops"
        kind = "slack"
        url = "http://{address}/_emulator/slack"

        [[sinks]]
        name = "siem"
        kind = "webhook"
        url = "http://{address}/_emulator/webhook"
        secret = {{ env = "SIEM_SECRET" }}
        "#
    )
}

async fn taken_by(sinks: SocketAddr, name: &str) -> Vec<Value> {
    let all = get_json(&format!("http://{sinks}/_emulator/notifications")).await;
    all.as_array().unwrap().iter().filter(|one| one["sink"] == name).map(|one| one["body"].clone()).collect()
}

#[tokio::test]
async fn every_sink_is_told_again_what_the_audit_stream_holds_and_the_cloud_is_asked_for_nothing() {
    let (lines, sinks) = (audit_lines().await, cloud_with(json!([])).await);

    let ended = replay(&lines, &[], sinks).await;

    let printed: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(
        printed,
        ["✓ ops  3 taken, 0 not taken", "✓ siem  3 taken, 0 not taken", "read 3 reports; skipped 0 lines"]
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let wanted = Ended::records(&lines.join("\n"), "rds-seal.report/1");
    assert_eq!(taken_by(sinks, "webhook").await, wanted, "as they were, in their order");
    assert_eq!(taken_by(sinks, "slack").await.len(), 3);
    assert_eq!(calls(sinks).await, [""; 0]);
}

#[tokio::test]
async fn a_line_cut_in_half_is_named_and_skipped_and_one_that_is_there_twice_is_sent_once() {
    let (lines, sinks) = (reports().await, cloud_with(json!([])).await);
    let half = lines[0].get(..lines[0].len() / 2).unwrap().to_owned();
    let behind_words = format!("2026-11-20T03:23:00Z 1-5f INFO {}", lines[1]);
    let other_version = lines[2].replace("rds-seal.report/1", "rds-seal.report/9");
    let forged = lines[2].replace("\"id\":\"", "\"id\":\"\\n");
    let (rest, begun) = (lines[2][40..].to_owned(), lines[2][..20].to_owned());
    let long = format!("{{\"schema\":\"rds-seal.report/1\"{}", " ".repeat(300_000));
    let lines = [half, lines[0].clone(), behind_words, lines[0].clone(), long, other_version, forged, rest, begun];

    let ended = replay(&lines, &["--sink", "siem"], sinks).await;

    assert_eq!(taken_by(sinks, "webhook").await.len(), 2);
    assert!(taken_by(sinks, "slack").await.is_empty(), "it is not the one that is named");
    for (line, why) in [
        (1, "is cut off"),
        (5, "is longer than 256 KiB"),
        (6, "is no report of this version"),
        (7, "is no report of this version"),
        (8, "is cut off"),
        (9, "is cut off"),
    ] {
        let wanted = format!("skipped: line {line} of ");
        let printed = ended.stderr.lines().find(|printed| printed.starts_with(&wanted));
        assert!(printed.is_some_and(|printed| printed.contains(why)), "{why}\n{}", ended.stderr);
    }
    let printed: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(printed, ["✓ siem  2 taken, 0 not taken", "read 2 reports; skipped 6 lines"]);
    assert_eq!(ended.code, Some(0));
}

#[tokio::test]
async fn a_line_that_a_collector_wrote_anew_is_read_and_one_that_it_damaged_is_named() {
    let (lines, sinks) = (reports().await, cloud_with(json!([])).await);
    let spaced = lines[0].replace("\":", "\": ").replace('{', "{ ");
    let other_order = lines[1].replacen("{\"schema\":\"rds-seal.report/1\",", "{", 1);
    let other_order = other_order.strip_suffix('}').unwrap().to_owned() + ",\"schema\":\"rds-seal.report/1\"}";
    let broken = spaced.get(..spaced.len() / 2).unwrap().to_owned();
    let bent = lines[2].replace("{\"schema\"", "{ \"schema\"").replace("\"outcome\":", "\"outcome\" ");
    let quoted = json!({ "message": lines[2] }).to_string();

    let ended = replay(&[spaced, other_order, broken, bent, quoted], &["--sink", "siem"], sinks).await;

    assert_eq!(taken_by(sinks, "webhook").await.len(), 2, "{}", ended.stderr);
    for (line, why) in [(3, "is cut off"), (4, "is damaged"), (5, "is no report of this version")] {
        let wanted = format!("skipped: line {line} of ");
        let printed = ended.stderr.lines().find(|printed| printed.starts_with(&wanted));
        assert!(printed.is_some_and(|printed| printed.contains(why)), "{line} {why}\n{}", ended.stderr);
    }
}

#[tokio::test]
async fn that_something_still_waits_is_not_told_twice() {
    let (lines, sinks) = (reports().await, cloud_with(json!([])).await);
    let waits = |id: &str| {
        let (old, _) = lines[0].split_once("\"id\":\"").unwrap().1.split_once('"').unwrap();
        lines[0].replace(old, &id.repeat(32)).replace("\"outcome\":\"enabled\"", "\"outcome\":\"waiting\"")
    };
    let ended = replay(&[waits("0"), waits("1"), waits("2"), lines[0].clone()], &["--sink", "siem"], sinks).await;
    let outcomes: Vec<Value> =
        taken_by(sinks, "webhook").await.iter().map(|report| report["outcome"].clone()).collect();
    assert_eq!(outcomes, ["waiting", "enabled"]);
    assert!(
        ended.stdout.contains("read 2 reports; skipped 0 lines; left out 2 repeated waits, which are no news"),
        "{}",
        ended.stdout
    );
}

#[tokio::test]
async fn a_report_that_is_larger_than_a_bus_takes_is_not_sent_there() {
    let (lines, cloud) = (reports().await, cloud_with(json!([])).await);
    let large = lines[0].replace("\"message\":\"", &format!("\"message\":\"{}", "x".repeat(64_000)));
    let file = written([large, lines[1].clone()].join("\n"));
    let toml = "[[sinks]]\nname = \"bus\"\nkind = \"eventbridge\"\nbus = \"platform\"\nregion = \"cn-hangzhou\"\n";
    let mut command = seal(&["replay", file.to_str().unwrap()]);
    let ended = run(for_cloud_at(cloud, &mut command).env("SEAL_CONFIG", written(toml))).await;
    assert!(ended.stderr.contains("the message is larger than it takes"), "{}", ended.stderr);
    assert!(ended.stdout.contains("✗ bus  1 taken, 1 not taken"), "{}", ended.stdout);
    assert_eq!(calls(cloud).await, ["PutEvents OK"]);
}

#[tokio::test]
async fn a_sink_that_still_takes_nothing_is_given_up_and_the_others_get_theirs() {
    let sinks = cloud_with(json!([{"operation": "slack", "fault": "status", "status": 404, "times": 9}])).await;
    let mut lines = reports().await;
    let (id, _) = lines[0].split_once("\"id\":\"").unwrap().1.split_once('"').unwrap();
    lines.push(lines[0].replace(id, &"0".repeat(32)));

    let ended = replay(&lines, &[], sinks).await;

    assert_eq!(ended.stderr.matches("not taken: sink ops did not take report ").count(), 3, "{}", ended.stderr);
    assert!(ended.stderr.contains("it answered with status 404"), "{}", ended.stderr);
    assert!(ended.stdout.contains("✗ ops  0 taken, 4 not taken"), "{}", ended.stdout);
    assert!(ended.stdout.contains("✓ siem  4 taken, 0 not taken"));
    assert_eq!(ended.code, Some(4));
}

#[tokio::test]
async fn a_sink_is_told_again_only_of_what_it_subscribed_to() {
    let (lines, sinks) = (audit_lines().await, cloud_with(json!([])).await);
    let toml = two_sinks(sinks).replace("kind = \"slack\"", "kind = \"slack\"\non = [\"failed\"]");
    let ended = replay_with(&lines, &[], &toml).await;
    assert!(ended.stdout.contains("✓ ops  0 taken, 0 not taken"), "{}", ended.stdout);
    assert_eq!(taken_by(sinks, "webhook").await.len(), 3);
    assert_eq!(ended.code, Some(0));
}

#[tokio::test]
async fn a_dry_run_of_a_sender_who_could_repeat_it_unnoticed_stays_with_the_sinks_that_want_such() {
    let sinks = cloud_with(json!([])).await;
    let planned = reports().await[0].replace("\"outcome\":\"enabled\"", "\"outcome\":\"planned\"");
    let lines = [planned.replace("\"door\":\"event\"", "\"door\":\"webhook\"")];
    let toml = two_sinks(sinks).replace("kind = \"slack\"", "kind = \"slack\"\nreplayable = true");
    let ended = replay_with(&lines, &[], &toml).await;
    assert!(ended.stdout.contains("ops  1 taken") && ended.stdout.contains("siem  0 taken"), "{}", ended.stdout);
}

#[tokio::test]
async fn what_cannot_be_replayed_is_one_sentence() {
    let lines = audit_lines().await;
    let anywhere = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let nowhere = replay(&lines, &["--sink", "opps"], anywhere).await;
    assert_eq!(nowhere.complaint(), "no sink is named opps: there are ops, siem");
    let nothing = replay(&["FC Invoke Start RequestId: 1".to_owned()], &[], anywhere).await;
    assert_eq!(
        nothing.complaint(),
        "there is no report in what was read: give the audit lines that the function wrote"
    );
    let no_sinks = replay_with(&lines, &[], "mode = \"plan\"").await;
    assert_eq!(no_sinks.complaint(), "no sink is configured: add one as [[sinks]]");
    let absent = run(seal(&["replay", "absent.log"])
        .env("SEAL_CONFIG", written(two_sinks(anywhere)))
        .env("SIEM_SECRET", SIEM_SECRET))
    .await;
    assert_eq!(absent.complaint(), "absent.log cannot be read: No such file or directory (os error 2)");
}
