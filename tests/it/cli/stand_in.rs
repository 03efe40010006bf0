//! `emulator` and `dev`.

use serde_json::json;

use super::process::*;
use crate::configuration::written;

#[tokio::test]
async fn the_stand_in_says_where_it_listens_and_forgets_all_at_its_end() {
    let mut emulator = Process::start(&mut seal(&["emulator", "--listen", "127.0.0.1:0"]));
    let line = emulator.out.line("listening on").await;
    let url = line.strip_prefix("listening on ").unwrap();
    assert_eq!(get_json(&format!("{url}/_emulator/instances")).await, json!([]));
    assert_eq!(emulator.stopped().await.code, Some(0));
}

#[tokio::test]
async fn the_stand_in_keeps_its_instances_in_a_file() {
    let state = written("");
    std::fs::remove_file(&state).unwrap();
    let state = state.to_str().unwrap();
    let start = async || {
        let mut emulator = Process::start(&mut seal(&["emulator", "--listen", "127.0.0.1:0", "--state", state]));
        let line = emulator.out.line("listening on").await;
        (emulator, format!("{}/_emulator/instances", line.strip_prefix("listening on ").unwrap()))
    };

    let (emulator, url) = start().await;
    let body = json!([{"id": "rm-kept", "backup_encryption": true}]).to_string();
    assert_eq!(within(http().put(&url).body(body).send()).await.unwrap().status(), 204);
    let before = get_json(&url).await;
    drop(emulator);

    let (_emulator, url) = start().await;
    assert_eq!(get_json(&url).await, before);
    assert_eq!(before[0]["backup_encryption"], true);
}

#[tokio::test]
async fn a_state_file_that_is_none_is_shown_by_its_line_and_left_alone() {
    let state = written("[\n  {}\n]\n");
    let path = state.to_str().unwrap();
    let ended = run(&mut seal(&["emulator", "--listen", "127.0.0.1:0", "--state", path])).await;
    assert_eq!(ended.complaint(), format!("{path}:2: missing field `id`"));
    assert_eq!(std::fs::read_to_string(&state).unwrap(), "[\n  {}\n]\n");
}

#[tokio::test]
async fn the_whole_thing_runs_on_this_machine_and_its_printed_lines_work() {
    let mut dev = Process::start(&mut seal(&["dev", "--listen", "127.0.0.1:0"]));
    let told = follow(&dev.out.line("/invoke").await).await;

    assert_eq!(told["reports"][0]["outcome"], "enabled");
    dev.out.line("rds-seal.report/1").await;
    let url = |line: String| line.split_whitespace().last().unwrap().to_owned();
    let calls = get_json(&url(dev.out.line("/_emulator/calls").await)).await;
    assert_eq!(calls[0]["operation"], "EnableBackupEncryption");
    let taken = get_json(&url(dev.out.line("/_emulator/notifications").await)).await;
    let mut sinks: Vec<_> = taken.as_array().unwrap().iter().map(|one| one["sink"].as_str().unwrap()).collect();
    sinks.sort_unstable();
    assert_eq!(sinks, ["slack", "webhook"]);

    let ended = dev.stopped().await;
    assert_eq!(ended.code, Some(0));
    assert_eq!(Ended::records(&ended.stdout, "rds-seal.intent/1").len(), 1);
    assert_eq!(Ended::records(&ended.stdout, "rds-seal.report/1"), *told["reports"].as_array().unwrap());
    assert!(!ended.stderr.contains("rds-seal.report/1"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_chat_is_open_in_a_rehearsal_and_its_printed_lines_work() {
    let mut dev = Process::start(&mut seal(&["dev", "--listen", "127.0.0.1:0"]));
    let say = dev.out.line("seal rm-demo1").await;
    let press = dev.out.line("VALUE").await;
    let said = order(&say).await;
    assert_eq!((&said["status"], &said["headers"]["x-fc-status"]), (&json!(200), &json!("200")), "{said}");
    let card: serde_json::Value = serde_json::from_str(said["body"].as_str().unwrap()).unwrap();
    let blocks = card["attachments"][0]["blocks"].as_array().unwrap();
    let actions = blocks.iter().find(|block| block["type"] == "actions").unwrap();
    let pressed = order(&press.replace("VALUE", actions["elements"][0]["value"].as_str().unwrap())).await;
    assert_eq!(pressed["status"], 200);
    let taken = get_json(dev.out.line("/_emulator/notifications").await.split_whitespace().last().unwrap()).await;
    let answer = taken.as_array().unwrap().iter().find(|one| one["sink"] == "slack-reply").unwrap();
    assert_eq!(answer["body"]["text"], "Backup encryption enabled · rm-demo1");
}

#[tokio::test]
async fn a_chat_that_is_configured_is_spoken_to_and_not_joined_by_another() {
    let file = written(
        "[doors.teams]\nsecurity_tokens = [{ env = \"TEAMS\" }]\n[[grants]]\nchat = \"teams\"\ntenant = \"tenant-1\"\n\
         channels = [\"19:1@thread.tacv2\"]\nusers = [\"aad-1\"]\ncommands = [\"plan\", \"seal\"]\naccounts = [\"*\"]\n\
         regions = [\"*\"]\n[confirm]\nkey = { env = \"KEY\" }\n",
    );
    let mut command = seal(&["dev", "--listen", "127.0.0.1:0"]);
    command
        .env("SEAL_CONFIG", &file)
        .env("TEAMS", "YS1zZWNyZXQtb2YtdGVhbXM=")
        .env("KEY", "a-key-of-thirty-two-bytes-or-more");
    let mut dev = Process::start(&mut command);
    let say = dev.out.line("seal rm-demo1").await;
    let said = order(&say.replace("SECURITY_TOKEN", "YS1zZWNyZXQtb2YtdGVhbXM=")).await;
    assert!(said["body"].as_str().unwrap().contains("Dry run: backup encryption would be turned on"), "{said}");
    let ended = dev.stopped().await;
    assert!(!ended.stdout.contains("chats/slack"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("VALUE"), "it has no button: {}", ended.stdout);
    assert!(!ended.stdout.contains("YS1zZWNyZXQtb2YtdGVhbXM="), "the secret itself is not printed");
}

/// Sends what a printed line holds between its quotes.
async fn order(curl: &str) -> serde_json::Value {
    let url = curl.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let body = curl.split('\'').nth(1).unwrap().to_owned();
    let response = within(http().post(url).body(body).send()).await.unwrap();
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}
