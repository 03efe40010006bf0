//! `invoke` and `explain`: what they print, and the code they end with.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use super::process::*;
use crate::configuration::written;
use crate::world::{ACCOUNT, INSTANCE, event, request};

#[tokio::test]
async fn every_sample_ends_as_its_page_says() {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("events")).unwrap();
    let files = files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "json"));
    let mut names: Vec<_> = files.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    assert!(names.iter().eq(SAMPLES.map(|(name, _)| name).iter()), "a sample without an end: {names:?}");
    for (name, headlines) in SAMPLES {
        let ended = run(&mut seal(&["invoke", &format!("events/{name}"), "--emulator"])).await;
        assert_eq!(ended.headlines(), headlines, "{name}");
        assert_eq!(ended.code, Some(0), "{name}");
    }
}

#[tokio::test]
async fn with_json_stdout_is_the_answer_and_stderr_has_the_audit_stream() {
    let ended = run(&mut seal(&["invoke", SAMPLE, "--emulator", "--json"])).await;

    let answer = ended.json();
    let keys: Vec<_> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["delivery", "ignored", "rejected", "reports"]);
    assert_eq!(answer["delivery"], "done");
    assert_eq!(answer["reports"][0]["instance"], INSTANCE);
    assert_eq!(Ended::records(&ended.stderr, "rds-seal.report/1"), *answer["reports"].as_array().unwrap());
    let intents = Ended::records(&ended.stderr, "rds-seal.intent/1");
    assert_eq!(intents[0]["correlation_id"], answer["reports"][0]["correlation_id"]);
    assert_eq!(ended.code, Some(0));
}

#[tokio::test]
async fn an_outcome_decides_the_exit_code() {
    for (input, code, word) in [
        (request("rm-demo1"), 0, "✓ enabled"),
        (event("direct-request-plan.json"), 0, "? planned"),
        (event("failed-create.json"), 0, "○ ignored"),
        ("{\"instance\":".to_owned(), 2, "✗ rejected  body ends too early"),
        (String::new(), 2, "✗ rejected  body is empty"),
        (" ".repeat(256 * 1024 + 1), 2, "✗ rejected  body is larger than 256 KiB"),
        (
            json!({"instance": "rm-demo1", "region": "cn-hangzhou", "account": "6543210987654321"}).to_string(),
            3,
            "✗ refused",
        ),
        (request("rm-absent"), 4, "✗ failed"),
    ] {
        let ended = run_on(&input, &mut seal(&["invoke", "-", "--emulator"])).await;
        assert_eq!(ended.headlines().len(), 1, "{}", ended.stdout);
        assert!(ended.stdout.starts_with(word), "{word}: {}", ended.stdout);
        assert_eq!(ended.code, Some(code), "{word}");
    }
}

#[tokio::test]
async fn of_several_files_the_highest_code_counts_and_json_is_still_one_line() {
    let file = |content: &str| written(content).to_str().unwrap().to_owned();
    let foreign = json!({"instance": "rm-demo2", "region": "cn-hangzhou", "account": "6543210987654321"});
    let (done, unreadable, refused, failed) =
        (file(&request("rm-demo1")), file("{"), file(&foreign.to_string()), file(&request("rm-absent")));
    let invoke = async |files: &[&str]| run(&mut seal(&[&["invoke"], files, &["--emulator", "--json"]].concat())).await;

    let all = invoke(&[&failed, &refused, &unreadable, &done, &done]).await;
    assert_eq!(all.outcomes(), ["failed", "refused", "enabled", "already_enabled"]);
    assert_eq!(all.json()["rejected"].as_array().unwrap().len(), 1);
    assert_eq!((all.code, &all.json()["delivery"]), (Some(4), &json!("again")));
    assert_eq!(invoke(&[&done, &refused, &unreadable]).await.code, Some(3));
    assert_eq!(invoke(&[&unreadable, &done]).await.code, Some(2));
    assert_eq!(invoke(&[&done, &done]).await.code, Some(0));
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let ended = run(&mut seal(&["invoke", "events/absent.json", "--emulator"])).await;
    assert!(ended.complaint().starts_with("events/absent.json cannot be read: No such file"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_file_that_is_not_there_hides_nothing_that_was_done_for_another() {
    let ended = run(&mut seal(&["invoke", SAMPLE, "events/absent.json", "--emulator", "--json"])).await;

    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("events/absent.json cannot be read"), "{}", ended.stderr);
    let done = Ended::records(&ended.stderr, "rds-seal.report/1");
    let told = if ended.stdout.is_empty() { json!([]) } else { ended.json()["reports"].clone() };
    assert_eq!(told, json!(done), "what was done is answered");
}

#[tokio::test]
async fn a_reader_who_leaves_early_does_not_bring_it_down() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = seal(&["invoke", SAMPLE, "events/clone-created.json", "--emulator"]);
    let output = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();

    let output = output.wait_with_output().unwrap();

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(Ended::records(&stderr, "rds-seal.report/1").len(), 2, "both files are worked on");
}

#[tokio::test]
async fn what_may_succeed_later_or_is_in_doubt_ends_with_5() {
    let busy = cloud_with(json!([{"fault": "throttle", "retry_after_ms": 60_000}])).await;
    let waiting = run_on(request("rm-demo1"), for_cloud_at(busy, &mut seal(&["invoke", "-", "--json"]))).await;
    assert_eq!((waiting.code, waiting.outcomes()), (Some(5), vec!["waiting".to_owned()]));

    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let mut command = seal(&["invoke", "-"]);
    let unreachable = run_on(request("rm-demo1"), for_cloud_at(nobody, &mut command).env("SEAL_TIMEOUT", "3s")).await;
    assert!(unreachable.stdout.starts_with("… waiting"), "{}", unreachable.stdout);
    assert_eq!(unreachable.code, Some(5));

    let silent = cloud_with(json!([{"fault": "drop", "times": 9}])).await;
    let mut command = seal(&["invoke", "-"]);
    let unknown = run_on(request("rm-demo1"), for_cloud_at(silent, &mut command).env("SEAL_TIMEOUT", "3s")).await;
    assert!(unknown.stdout.starts_with("✗ unknown"), "{}", unknown.stdout);
    assert_eq!(unknown.code, Some(5));
}

#[tokio::test]
async fn a_required_sink_that_is_not_reached_ends_with_4_whatever_the_outcome() {
    let cloud = cloud_with(json!([])).await;
    let file = written(format!(
        "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nrequired = true\nurl = \"http://127.0.0.1:{}/a-path-that-is-a-secret\"\n",
        free_port()
    ));
    let mut command = seal(&["invoke", "-"]);
    let ended = run_on(
        request("rm-demo1"),
        for_cloud_at(cloud, &mut command).env("SEAL_CONFIG", file).env("SEAL_LOG", "debug"),
    )
    .await;

    let headlines = ended.headlines();
    assert!(headlines[0].starts_with("✓ enabled"), "{}", ended.stdout);
    assert!(headlines[1].starts_with("✗ a required sink was not reached"), "{}", ended.stdout);
    assert!(ended.stderr.contains("sink ops did not take report"), "{}", ended.stderr);
    assert_eq!(ended.code, Some(4));
}

#[tokio::test]
async fn a_rehearsal_uses_nothing_of_the_environment_that_is_real() {
    let elsewhere = Elsewhere::new();
    let real = |words: &[&str]| {
        let mut command = seal(words);
        command
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "somebody")
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-secret-of-somebody")
            .env("ALIBABA_CLOUD_SECURITY_TOKEN", "expired")
            .env("SEAL_ENDPOINT", elsewhere.origin())
            .env("SEAL_SLACK_URL", elsewhere.url())
            .env("SEAL_WEBHOOK_URL", elsewhere.url())
            .env("SEAL_WEBHOOK_SINK_SECRET", "whsec_c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi");
        command
    };
    let invoked = run(&mut real(&["invoke", SAMPLE, "--emulator", "--json"])).await;
    assert_eq!((invoked.code, invoked.outcomes()), (Some(0), vec!["enabled".to_owned()]));
    assert_eq!(invoked.json()["reports"][0]["account"], ACCOUNT);
    let half = run(real(&["invoke", SAMPLE, "--emulator"]).env_remove("ALIBABA_CLOUD_ACCESS_KEY_ID")).await;
    assert_eq!(half.code, Some(0), "{}", half.stdout);

    let mut dev = Process::start(&mut real(&["dev", "--listen", "127.0.0.1:0"]));
    let told = follow(&dev.out.line("/invoke").await).await;
    assert_eq!(told["reports"][0]["outcome"], "enabled");
    elsewhere.assert_is_untouched();
}

#[tokio::test]
async fn a_rehearsal_keeps_to_the_configured_mode() {
    let ended = run(seal(&["invoke", SAMPLE, "--emulator", "--json"]).env("SEAL_MODE", "plan")).await;
    assert_eq!(ended.outcomes(), ["planned"]);
    assert!(Ended::records(&ended.stderr, "rds-seal.intent/1").is_empty());
}

#[tokio::test]
async fn a_code_is_explained_and_an_unknown_one_has_suggestions() {
    let known = run(&mut seal(&["explain", "IncorrectDBInstanceState"])).await;
    assert!(known.stdout.starts_with("IncorrectDBInstanceState  HTTP 403  kind not_ready\n"), "{}", known.stdout);
    assert!(known.stdout.contains("\n  next: "), "{}", known.stdout);
    assert_eq!((known.code, known.stderr.as_str()), (Some(0), ""));

    let misspelt = run(&mut seal(&["explain", "incorrectDBInstanceStat"])).await;
    assert!(misspelt.complaint().contains("did you mean IncorrectDBInstanceState"), "{}", misspelt.stderr);
    let strange = run(&mut seal(&["explain", "\u{1b}[31mzzzz"])).await;
    assert_eq!(strange.complaint(), "[31mzzzz is not a code this program knows");
}
