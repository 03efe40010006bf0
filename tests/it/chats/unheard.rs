//! A report of something done in a chat, for a required sink that does not take it: the queue holds it, or the answer names
//! the sink, for whoever reads it is then the only one who can tell anybody.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{CHATS, CONFIRM, Chat, Heard, SINK, SLACK, Talk, WECOM};
use crate::world::{Host, Setup};

const UNHEARD: &str = "did not reach ops, and nothing sends it again";

/// In one chat, with a required sink that hears of everything but plans.
async fn with_a_required_sink(chat: &'static Chat, setup: Setup) -> Talk {
    let on = "[\"enabled\", \"already_enabled\", \"refused\", \"failed\", \"unknown\"]";
    Talk::set_up(chat, &format!("{CONFIRM}{}{SINK}required = true\non = {on}\n", chat.grant(&[])), setup).await
}

/// Confirms a plan for an instance while the sink fails, and the cloud does this.
async fn confirmed(talk: &Talk, instance: &str, cloud: &[Value]) -> Heard {
    let token = talk.token(instance).await;
    let sink = json!({"operation": "slack", "fault": "status", "status": 404, "body": "no_service", "times": 9});
    talk.world.script(cloud.iter().cloned().chain([sink]).collect()).await;
    let heard = talk.say(&format!("confirm {token}")).await;
    talk.world.forget("faults").await;
    heard
}

#[tokio::test]
async fn without_a_queue_every_chat_names_the_sink_and_says_how_to_tell_it() {
    for chat in CHATS {
        for host in [Host::Function, Host::PlainServer] {
            let talk = with_a_required_sink(chat, Setup { host, ..Setup::default() }).await;
            let heard = confirmed(&talk, "rm-demo1", &[]).await;
            heard.shows("Backup encryption enabled");
            heard.shows(UNHEARD);
            heard.shows("rds-seal replay");
            let report = talk.world.audited("rds-seal.report/1").pop().unwrap();
            heard.shows(report["id"].as_str().unwrap());
        }
    }
}

#[tokio::test]
async fn with_a_queue_no_chat_names_it_and_it_hears_later() {
    for chat in CHATS {
        let talk = with_a_required_sink(chat, Setup { named: true, ..Setup::default() }).await;
        let heard = confirmed(&talk, "rm-demo1", &[]).await;
        heard.shows("Backup encryption enabled");
        assert!(!heard.shown().contains("did not reach"), "{}", heard.card);
        talk.world.minutes_pass(2).await;
        assert_eq!(talk.world.taken_by("slack").await.len(), 1, "{}", chat.name);
    }
}

#[tokio::test]
async fn whatever_the_outcome_the_card_names_it() {
    // The chat with the least room, and one with buttons.
    for chat in [&WECOM, &SLACK] {
        let talk = with_a_required_sink(chat, Setup::default()).await;
        let forbidden = json!({"fault": "code", "code": "Forbidden.RAM", "status": 403});
        let already = json!({"fault": "code", "code": "BackupEncryptionAlreadyEnabled", "status": 400});
        for (title, cloud) in [
            ("Backup encryption enabled", vec![]),
            ("Backup encryption was already on", vec![already]),
            ("Backup encryption failed", vec![forbidden]),
            ("outcome unknown", vec![json!({"fault": "drop", "times": 99})]),
        ] {
            let instance = format!("rm-demo{}", title.len());
            let heard = confirmed(&talk, &instance, &cloud).await;
            heard.shows(title);
            heard.shows(UNHEARD);
        }
    }
}

#[tokio::test]
async fn it_is_named_in_the_other_languages_too() {
    for (language, words) in [
        ("en", UNHEARD),
        ("zh", "未送达通知渠道 ops，且不会自动重发"),
        ("ja", "通知先 ops に届かず、自動では再送されません"),
    ] {
        for chat in CHATS {
            let toml = format!("language = {language:?}\n");
            let talk = with_a_required_sink(chat, Setup { toml, ..Setup::default() }).await;
            let heard = confirmed(&talk, "rm-demo1", &[]).await;
            heard.shows(words);
            heard.shows("rds-seal replay");
        }
    }
}

#[tokio::test]
async fn a_sink_that_does_not_answer_is_named_in_the_chats_time() {
    let within = Some(Duration::from_secs(1));
    let talk = with_a_required_sink(&SLACK, Setup { answer_within: within, ..Setup::default() }).await;
    let token = talk.token("rm-demo1").await;
    talk.world.script(json!([{"operation": "slack", "fault": "slow", "ms": 60_000, "times": 9, "before": true}])).await;
    let start = Instant::now();
    talk.say(&format!("confirm {token}")).await.shows(UNHEARD);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}
