//! An answer that comes late: what a chat confirmed is handed over to a worker, or waits in the queue, and whoever confirmed it
//! hears of the end where they did.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rds_seal::emulator::Emulator;
use serde_json::{Value, json};

use super::{CHATS, CONFIRM, Chat, DINGTALK, FEISHU, ROBOT, SINK, SLACK, TEAMS, Talk, WECOM};
use crate::world::{Setup, World, of_a_reader};

/// The chats in which an answer may come late.
const REACHED: [&Chat; 4] = [&SLACK, &DINGTALK, &FEISHU, &ROBOT];

/// One function for everything, whose queue is the platform's.
async fn one_function(chat: &'static Chat, more: &str) -> Talk {
    Talk::set_up(chat, &format!("{}{more}", chat.grant(&[])), Setup { named: true, ..Setup::default() }).await
}

/// A door, which the cloud lets write nothing, and its worker, with the same file.
async fn split(chat: &'static Chat, more: &str) -> (Talk, World) {
    split_in(chat, more, Setup::default().timeout).await
}

/// The same, with so much time for a delivery to the worker.
async fn split_in(chat: &'static Chat, more: &str, timeout: Duration) -> (Talk, World) {
    let tables = format!("{}{more}", chat.grant(&[]));
    let cloud = Emulator::new().start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let credentials = Ok(Some(of_a_reader(cloud).await));
    let talk = Talk::at(cloud, chat, &tables, Setup { credentials, ..Setup::default() }.in_role("door")).await;
    let worker = worker_in(&talk, &format!("{tables}{}", chat.toml), timeout).await;
    (talk, worker)
}

async fn worker_of(talk: &Talk, toml: &str) -> World {
    worker_in(talk, toml, Setup::default().timeout).await
}

async fn worker_in(talk: &Talk, toml: &str, timeout: Duration) -> World {
    let setup = Setup { toml: toml.to_owned(), env: Chat::env(), timeout, ..Setup::default() };
    let worker = World::facing(talk.world.cloud, setup.in_role("worker")).await;
    worker.is_worker(json!({})).await;
    worker
}

/// What a chat was sent besides the answers to what was said, as a text.
async fn late(talk: &Talk) -> Vec<String> {
    let sent = talk.world.taken_by(&format!("{}-reply", talk.chat.name)).await;
    sent.iter().map(|one| one["body"].to_string().replace("&#95;", "_")).collect()
}

fn throttled() -> Value {
    json!({"operation": "EnableBackupEncryption", "fault": "throttle", "times": 1000})
}

#[tokio::test]
async fn a_door_hands_every_confirmation_over_and_the_chat_hears_of_the_end_from_the_worker() {
    for chat in REACHED {
        let (talk, worker) = split(chat, "").await;
        let token = talk.token("rm-demo1").await;
        let before = late(&talk).await.len();
        let heard = talk.say(&format!("confirm {token}")).await;
        heard.shows("Working on it");
        heard.shows("The answer comes here, by ");
        worker.its_turn_comes().await;
        let sent = late(&talk).await;
        let last = sent.last().unwrap();
        assert!(sent.len() > before && last.contains("Backup encryption enabled"), "{}: {sent:?}", chat.name);
        assert_eq!(talk.writes().await, 1, "{}", chat.name);
        let report = worker.audited("rds-seal.report/1").pop().unwrap();
        assert_eq!((&report["outcome"], &report["origin"]["requested_by"]), (&json!("enabled"), &json!(chat.user)));
        let handed = talk.world.audited("rds-seal.report/1").pop().unwrap();
        assert_eq!(handed["reason"]["code"], "handed_over");
        assert_eq!(handed["correlation_id"], report["correlation_id"], "one ask, two functions");
    }
}

#[tokio::test]
async fn where_no_answer_can_come_late_it_names_the_sinks_that_tell_and_is_refused_where_there_is_none() {
    for chat in [&TEAMS, &WECOM] {
        let (talk, worker) = split(chat, SINK).await;
        let token = talk.token("rm-demo1").await;
        let heard = talk.say(&format!("confirm {token}")).await;
        heard.shows("Working on it");
        heard.shows("ops tells how it ends, by ");
        worker.its_turn_comes().await;
        let told = worker.taken_by("slack").await;
        assert!(told[0]["body"].to_string().contains("Backup encryption enabled"), "{told:?}");

        for deaf in ["", &format!("{SINK}on = [\"planned\"]\n"), &format!("{SINK}regions = [\"cn-shanghai\"]\n")] {
            let (talk, _worker) = split(chat, deaf).await;
            let token = talk.token("rm-demo1").await;
            let heard = talk.say(&format!("confirm {token}")).await;
            heard.shows("This chat takes no answer that comes late");
            assert_eq!(talk.world.get("queue").await["waiting"], json!([]));
        }
    }
}

#[tokio::test]
async fn the_address_of_an_answer_is_read_by_nobody_who_reads_the_queue() {
    for chat in REACHED {
        let (talk, _worker) = split(chat, "").await;
        let token = talk.token("rm-demo1").await;
        talk.say(&format!("confirm {token}")).await.shows("Working on it");
        let queue = talk.world.get("queue").await.to_string();
        assert!(queue.contains("rds-seal.task/2"), "{queue}");
        for address in ["hooks.slack.com", "oapi.dingtalk.com", "qyapi.weixin", "response_url", "om_"] {
            assert!(!queue.contains(address), "{}: {address} in {queue}", chat.name);
        }
    }
}

#[tokio::test]
async fn what_cannot_end_in_the_chats_time_waits_and_its_end_is_told_there() {
    for chat in REACHED {
        let talk = one_function(chat, "").await;
        let token = talk.token("rm-demo1").await;
        let before = late(&talk).await.len();
        talk.world.script(json!([throttled()])).await;
        let heard = talk.say(&format!("confirm {token}")).await;
        heard.shows("Backup encryption waiting");
        heard.shows("The answer comes here, by ");
        talk.world.forget("faults").await;
        talk.world.minutes_pass(2).await;
        let sent = late(&talk).await;
        assert!(sent.last().unwrap().contains("Backup encryption enabled"), "{}: {sent:?}", chat.name);
        assert!(sent.len() <= before + 2, "the wait and the end: {sent:?}");
        assert!(talk.world.is_sealed("rm-demo1").await);
    }
}

#[tokio::test]
async fn a_change_in_doubt_ends_with_a_card_too() {
    let talk = one_function(&SLACK, "").await;
    let token = talk.token("rm-demo1").await;
    talk.world.script(json!([{"operation": "EnableBackupEncryption", "fault": "drop", "times": 99}])).await;
    talk.say(&format!("confirm {token}")).await.shows("The answer comes here, by ");
    talk.world.forget("faults").await;
    talk.world.minutes_pass(2).await;
    let sent = late(&talk).await;
    assert!(sent.last().unwrap().contains("encryption"), "{sent:?}");
    assert!(sent.last().unwrap().contains("report"), "{sent:?}");
    assert!(talk.world.is_sealed("rm-demo1").await);
}

#[tokio::test]
async fn a_confirmed_change_waits_for_an_hour_and_no_longer() {
    for (chat, cards) in [(&SLACK, 2), (&ROBOT, 1)] {
        let (talk, worker) = split(chat, "").await;
        let token = talk.token("rm-demo1").await;
        let before = late(&talk).await.len();
        talk.world.script(json!([throttled()])).await;
        talk.say(&format!("confirm {token}")).await.shows("Working on it");
        let acknowledged = late(&talk).await.len();
        worker.its_turn_comes().await;
        worker.minutes_pass(61).await;
        let sent = late(&talk).await;
        assert!(sent.last().unwrap().contains("Backup encryption failed"), "{sent:?}");
        assert_eq!(sent.len() - acknowledged, cards, "a robot's address takes one answer, the last: {sent:?}");
        assert!(acknowledged <= before + 1);
        assert_eq!(worker.get("queue").await["waiting"], json!([]));
        assert!(!worker.is_sealed("rm-demo1").await);
    }
}

#[tokio::test]
async fn the_worker_judges_grants_second_person_and_policy_anew() {
    let other_user = SLACK.grant(&[("users", "[\"U2\"]")]);
    let four_eyes = SLACK.grant(&[("second_person", "true")]);
    let policy = format!("[policy]\nregions = [\"cn-shanghai\"]\n{}", SLACK.grant(&[]));
    for (tables, rule) in [(other_user, "grant"), (four_eyes, "second-person"), (policy, "regions")] {
        let talk = Talk::set_up(&SLACK, &SLACK.grant(&[]), Setup::default().in_role("door")).await;
        let worker = worker_of(&talk, &format!("{tables}{}", SLACK.toml)).await;
        let token = talk.token("rm-demo1").await;
        talk.say(&format!("confirm {token}")).await.shows("Working on it");
        worker.its_turn_comes().await;
        let report = worker.audited("rds-seal.report/1").pop().unwrap();
        assert_eq!((&report["outcome"], &report["rule"]["name"]), (&json!("refused"), &json!(rule)), "{report}");
        assert!(late(&talk).await.last().unwrap().contains("refused"), "{:?}", late(&talk).await);
        assert_eq!(talk.writes().await, 0);
    }
}

#[tokio::test]
async fn an_answer_that_the_chat_does_not_take_is_told_again_without_another_write() {
    let (talk, worker) = split(&SLACK, "").await;
    let token = talk.token("rm-demo1").await;
    talk.say(&format!("confirm {token}")).await.shows("Working on it");
    let refused = json!({"operation": "slack-reply", "fault": "status", "status": 500, "body": "no", "times": 1});
    talk.world.script(json!([refused])).await;
    worker.its_turn_comes().await;
    let writes = talk.writes().await;
    worker.minutes_pass(2).await;
    assert!(late(&talk).await.last().unwrap().contains("Backup encryption enabled"));
    assert_eq!((writes, talk.writes().await), (1, 1));
}

#[tokio::test]
async fn a_plan_is_the_doors_own_and_asks_for_no_worker() {
    for chat in CHATS {
        let talk = Talk::set_up(chat, &chat.grant(&[]), Setup::default().in_role("door")).await;
        talk.say("plan rm-demo1 region=cn-hangzhou").await.shows("Dry run");
        assert_eq!(talk.world.get("queue").await["waiting"], json!([]));
    }
}

#[tokio::test]
async fn where_the_workers_queue_takes_nothing_the_chat_says_so_at_once() {
    for what in ["gone", "denied", "throttled"] {
        let (talk, worker) = split(&SLACK, "").await;
        let token = talk.token("rm-demo1").await;
        match what {
            "gone" => worker.has("functions", json!([])).await,
            "denied" => worker.has("denied", json!(["fc:InvokeFunction"])).await,
            _ => worker.script(json!([{"operation": "InvokeFunction", "fault": "throttle", "times": 99}])).await,
        }
        let heard = talk.say(&format!("confirm {token}")).await;
        heard.shows("the worker's queue did not take the request");
        heard.shows("Send the same command again in a minute");
        assert_eq!(talk.writes().await, 0, "{what}");
    }
}

#[tokio::test]
async fn a_late_answer_that_the_chat_refuses_is_tried_again_until_its_address_ends_or_an_hour_is_over() {
    let refusals = [
        (&SLACK, json!({"fault": "status", "status": 404, "body": "expired_url"})),
        (&SLACK, json!({"fault": "status", "status": 200, "body": "used_url"})),
        (&DINGTALK, json!({"fault": "status", "status": 200, "body": "{\"errcode\":300001}"})),
        (&FEISHU, json!({"fault": "status", "status": 200, "body": "{\"code\":230002}"})),
        (&ROBOT, json!({"fault": "status", "status": 200, "body": "{\"errcode\":40058}"})),
    ];
    for (chat, refusal) in refusals {
        let (talk, worker) = split(chat, "").await;
        let token = talk.token("rm-demo1").await;
        talk.say(&format!("confirm {token}")).await.shows("Working on it");
        let mut refusal = refusal;
        refusal["operation"] = format!("{}-reply", chat.name).into();
        refusal["times"] = json!(999);
        talk.world.script(json!([refusal])).await;
        worker.its_turn_comes().await;
        worker.minutes_pass(90).await;
        assert_eq!(worker.get("queue").await["waiting"], json!([]));
        assert!(worker.said().contains("it is in the audit stream"), "{}: {}", chat.name, worker.said());
        assert_eq!(talk.writes().await, 1, "{}", chat.name);
        assert_eq!(worker.audited("rds-seal.report/1").pop().unwrap()["outcome"], "enabled");
    }
}

#[tokio::test]
async fn a_chat_that_hangs_leaves_the_queue_its_time() {
    let (talk, worker) = split_in(&SLACK, "", Duration::from_secs(3)).await;
    let token = talk.token("rm-demo1").await;
    talk.say(&format!("confirm {token}")).await.shows("Working on it");
    let slow = json!({"operation": "slack-reply", "fault": "slow", "ms": 60_000, "times": 1, "before": true});
    talk.world.script(json!([slow])).await;
    worker.its_turn_comes().await;
    let queue = worker.get("queue").await;
    assert_eq!(queue["waiting"].as_array().map(Vec::len), Some(1), "the answer: {queue}");
    worker.minutes_pass(2).await;
    assert!(late(&talk).await.last().unwrap().contains("Backup encryption enabled"));
    assert_eq!(talk.writes().await, 1);
}

#[tokio::test]
async fn a_sink_that_hangs_does_not_hold_up_the_answer() {
    let (talk, worker) = split(&SLACK, &format!("{SINK}required = true\n")).await;
    let token = talk.token("rm-demo1").await;
    talk.say(&format!("confirm {token}")).await.shows("Working on it");
    talk.world.script(json!([{"operation": "slack", "fault": "slow", "ms": 60_000, "times": 9, "before": true}])).await;
    let before = late(&talk).await.len();
    let start = Instant::now();
    let turn = worker.its_turn_comes();
    let answered = async {
        while late(&talk).await.len() == before {}
        start.elapsed()
    };
    let (elapsed, ()) = tokio::join!(answered, turn);
    assert!(elapsed < Duration::from_secs(2), "{elapsed:?}");
    assert!(late(&talk).await.last().unwrap().contains("Backup encryption enabled"));
}

#[tokio::test]
async fn a_confirmation_that_the_chat_sends_twice_changes_nothing_twice() {
    for chat in REACHED {
        let (talk, worker) = split(chat, "").await;
        let token = talk.token("rm-demo1").await;
        for _ in 0..2 {
            talk.say(&format!("confirm {token}")).await.shows("Working on it");
        }
        worker.its_turn_comes().await;
        let outcomes: Vec<_> = worker.audited("rds-seal.report/1").iter().map(|one| one["outcome"].clone()).collect();
        assert_eq!(outcomes, ["enabled", "already_enabled"], "{}", chat.name);
    }
}

#[tokio::test]
async fn a_plain_server_without_a_queue_asks_for_the_same_again() {
    let talk = Talk::set_up(&SLACK, &format!("{CONFIRM}{}", SLACK.grant(&[])), Setup::default()).await;
    let token = talk.token("rm-demo1").await;
    talk.world.script(json!([throttled()])).await;
    talk.say(&format!("confirm {token}")).await.shows("Send the same command again in a minute");
}
