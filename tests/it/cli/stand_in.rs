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
    let wanted =
        ["cloudevents", "dingtalk", "eventbridge", "feishu", "pagerduty", "slack", "teams", "webhook", "wecom"];
    assert_eq!(sinks, wanted, "one of each kind");

    let ended = dev.stopped().await;
    assert_eq!(ended.code, Some(0));
    assert_eq!(Ended::records(&ended.stdout, "rds-seal.intent/1").len(), 1);
    assert_eq!(Ended::records(&ended.stdout, "rds-seal.report/1"), *told["reports"].as_array().unwrap());
    assert!(!ended.stderr.contains("rds-seal.report/1"), "{}", ended.stderr);
}

#[tokio::test]
async fn every_chat_is_open_in_a_rehearsal_and_a_plan_is_confirmed_in_each() {
    let mut dev = Process::start(&mut seal(&["dev", "--listen", "127.0.0.1:0"]));
    let console = Console::of(&mut dev).await;
    for chat in ["slack", "dingtalk", "feishu", "wecom", "teams"] {
        let said = console.say(json!({"chat": chat, "text": "seal rm-demo1 region=cn-hangzhou"})).await;
        assert_eq!((&said["status"], &said["x_fc_status"]), (&json!(200), &json!("200")), "{said}");
        let token = console.newest_token().await;
        console.say(json!({"chat": chat, "text": format!("confirm {token}")})).await;
    }
    let outcomes = console.outcomes().await;
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "planned").count(), 5, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| outcome.ends_with("enabled")).count(), 5, "{outcomes:?}");
}

#[tokio::test]
async fn the_function_goes_by_the_clock_that_the_console_moves_on() {
    let mut dev = Process::start(&mut seal(&["dev", "--listen", "127.0.0.1:0"]));
    let console = Console::of(&mut dev).await;
    let wrong_state = json!([{"fault": "code", "code": "IncorrectDBInstanceState", "times": 2}]);
    console.order("faults", json!({"on": wrong_state})).await;
    console.order("send", json!({"sample": "direct-request.json"})).await;
    assert_eq!(console.outcomes().await, ["waiting"]);
    console.order("advance", json!({"seconds": 60})).await;
    assert_eq!(console.outcomes().await, ["waiting", "enabled"]);
    let said = console.say(json!({"chat": "slack", "text": "whoami"})).await;
    assert_eq!(said["status"], 200, "a signature is as old as the clock says: {said}");
}

#[tokio::test]
async fn a_chat_that_is_configured_is_spoken_to_with_its_own_secrets_and_not_joined_by_another() {
    let file = written(
        "[doors.teams]\nsecurity_tokens = [{ env = \"TEAMS\" }]\n[[grants]]\nchat = \"teams\"\ntenant = \"tenant-1\"\n\
         channels = [\"19:1@thread.tacv2\"]\nusers = [\"aad-1\"]\ncommands = [\"plan\", \"seal\"]\naccounts = [\"*\"]\n\
         regions = [\"*\"]\n",
    );
    let mut command = seal(&["dev", "--listen", "127.0.0.1:0"]);
    command
        .env("SEAL_CONFIG", &file)
        .env("TEAMS", "YS1zZWNyZXQtb2YtdGVhbXM=")
        .env("SEAL_SECRET", "a-secret-of-thirty-two-bytes-or-more");
    let mut dev = Process::start(&mut command);
    let console = Console::of(&mut dev).await;
    let said = console.say(json!({"chat": "teams", "text": "seal rm-demo1 region=cn-hangzhou"})).await;
    assert!(said["answer"].as_str().unwrap().contains("rm-demo1"), "{said}");
    assert_eq!(console.outcomes().await, ["planned"]);
    let state = console.state().await;
    assert_eq!(state["chats"], json!(["teams"]));
    assert!(!state.to_string().contains("YS1zZWNyZXQtb2YtdGVhbXM="), "{state}");
    let ended = dev.stopped().await;
    assert!(!ended.stdout.contains("YS1zZWNyZXQtb2YtdGVhbXM="), "the secret is not printed");
}

/// The console, as its page uses it.
struct Console(String);

impl Console {
    async fn of(dev: &mut Process) -> Self {
        Self(dev.out.line("/_console/").await.split_whitespace().last().unwrap().to_owned())
    }

    async fn order(&self, what: &str, body: serde_json::Value) -> String {
        let request = http().post(format!("{}{what}", self.0)).header("sec-fetch-site", "same-origin");
        let response = within(request.body(body.to_string()).send()).await.unwrap();
        assert!(response.status().is_success(), "{what}: {response:?}");
        response.text().await.unwrap()
    }

    async fn say(&self, said: serde_json::Value) -> serde_json::Value {
        serde_json::from_str(&self.order("say", said).await).unwrap()
    }

    async fn state(&self) -> serde_json::Value {
        get_json(&format!("{}state", self.0)).await
    }

    /// The outcomes of the audit stream.
    async fn outcomes(&self) -> Vec<String> {
        let state = self.state().await;
        let lines = state["audit"]["items"].as_array().unwrap().iter();
        let records = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line.as_str()?).ok());
        records.filter_map(|record| Some(record["outcome"].as_str()?.to_owned())).collect()
    }

    /// The token that was said last, in an answer or in a message to a chat's own host.
    async fn newest_token(&self) -> String {
        let state = self.state().await;
        let exchange = state["exchanges"]["items"].as_array().unwrap().last().unwrap().to_string();
        let told = state["notifications"]["items"].as_array().unwrap().iter().rev();
        let mut texts = std::iter::once(exchange).chain(told.map(ToString::to_string));
        let found = texts.find_map(|text| Some(text.split_once("confirm ")?.1.to_owned())).unwrap();
        let end = found.find(|c: char| !(c.is_ascii_alphanumeric() || "_.~=-".contains(c)));
        found[..end.unwrap_or(found.len())].to_owned()
    }
}
