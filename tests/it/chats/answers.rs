//! How an answer gets to the chat, and what becomes of the work where it does not.

use std::time::{Duration, Instant};

use rds_seal::aliyun::Backoff;
use rds_seal::ingress::chat::ChatName;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::{CONFIRM, Chat, DINGTALK, FEISHU, Heard, ROBOT, SINK, SLACK, TEAMS, Talk, WECOM};
use crate::raw::{answered, connect};
use crate::world::Setup;

/// In two spans where a chat shows what is to be copied as code.
const AGAIN: &str = "again: repeating it is safe.";

/// The chat and whether it answers by a button: those ways whose answer has to be sent before the response.
const SENT: [(&Chat, bool); 4] = [(&DINGTALK, false), (&FEISHU, false), (&SLACK, true), (&ROBOT, true)];

async fn with_a_sink(chat: &'static Chat) -> Talk {
    Talk::with(chat, &format!("{CONFIRM}{}{SINK}", chat.grant(&[]))).await
}

async fn confirm(talk: &Talk, token: &str, pressed: bool) -> Heard {
    if pressed { talk.press(token).await } else { talk.say(&format!("confirm {token}")).await }
}

#[tokio::test]
async fn an_answer_that_the_chat_does_not_take_is_a_503_and_the_result_is_on_record() {
    for (chat, pressed) in SENT {
        let refusal = r#"{"errcode":310000,"code":230002,"ok":false}"#;
        for fault in [
            json!({"fault": "status", "status": 200, "body": refusal}),
            json!({"fault": "status", "status": 500, "body": ""}),
            json!({"fault": "drop", "before": true}),
        ] {
            let talk = with_a_sink(chat).await;
            let token = talk.token("rm-demo1").await;
            let mut fault = fault;
            fault["operation"] = format!("{}-reply", chat.name).into();
            talk.world.script(json!([fault])).await;

            let heard = confirm(&talk, &token, pressed).await;

            assert_eq!((heard.status, &heard.card), (503, &json!("the answer could not be sent\n")));
            assert!(talk.world.is_sealed("rm-demo1").await);
            let report = talk.world.audited("rds-seal.report/1").pop().unwrap();
            assert_eq!(report["outcome"], "enabled");
            let told = talk.world.taken_by("slack").await.pop().unwrap();
            assert_eq!(told["body"]["text"], "*Backup encryption enabled* · rm-demo1");
            assert!(talk.world.said().contains("did not take the answer"));
            confirm(&talk, &token, pressed).await.shows("Backup encryption was already on");
        }
    }
}

#[tokio::test]
async fn feishu_gives_one_token_for_many_answers_and_nobody_else_sees_the_secret() {
    let talk = Talk::in_chat(&FEISHU).await;
    for _ in 0..3 {
        talk.say("version").await.shows("rds-seal");
    }
    let asked = talk.world.taken_by("feishu-token").await;
    assert_eq!(asked.len(), 1, "a token is kept while it lives");
    assert_eq!(asked[0]["body"], json!({"app_id": "cli_1", "app_secret": "a-secret-of-feishu"}));
    let answers = talk.world.taken_by("feishu-reply").await;
    assert_eq!(answers[0]["headers"]["authorization"], "Bearer t-stand-in");
    assert!(answers.iter().all(|answer| !answer.to_string().contains("a-secret-of-feishu")));
    talk.world.minutes_pass(120).await;
    talk.say("version").await.shows("rds-seal");
    assert_eq!(talk.world.taken_by("feishu-token").await.len(), 2, "and asked for again after its end");
}

#[tokio::test]
async fn feishu_that_gives_no_token_is_an_answer_that_was_not_sent() {
    let talk = Talk::in_chat(&FEISHU).await;
    let refusal = json!({"operation": "feishu-token", "fault": "status", "status": 200, "body": "{\"code\":10014}"});
    talk.world.script(json!([refusal])).await;
    assert_eq!(talk.say("version").await.status, 503);
    talk.say("version").await.shows("rds-seal");
}

#[tokio::test]
async fn an_answer_that_goes_in_the_response_goes_nowhere_else() {
    for chat in [&SLACK, &WECOM, &ROBOT, &TEAMS] {
        let talk = Talk::in_chat(chat).await;
        talk.say("plan rm-demo1 region=cn-hangzhou").await.shows("In enforce mode this would turn it on.");
        assert_eq!(talk.world.get("notifications").await, json!([]));
    }
}

#[test]
fn a_chat_has_its_answer_half_a_second_before_it_gives_up() {
    let gives_up_after = [Some(3000), None, Some(3000), Some(5000), Some(5000)];
    for (chat, ms) in ChatName::ALL.into_iter().zip(gives_up_after) {
        let within = ms.map(|ms| Duration::from_millis(ms - 500));
        assert_eq!(chat.answers_within(), within, "{}", chat.as_str());
    }
}

/// So much of the chat's time passes, and no more of the host's, which is far longer.
const SHORT: Setting = |setup| Setup { answer_within: Some(Duration::from_secs(1)), ..setup };

type Setting = fn(Setup) -> Setup;

/// A cloud that does not answer in time is unknown, and safe to confirm again.
async fn does_not_answer(chat: &'static Chat, in_time: Setting) {
    let tables = format!("{CONFIRM}{}{SINK}", chat.grant(&[]));
    let talk = Talk::set_up(chat, &tables, in_time(Setup::default())).await;
    let token = talk.token("rm-demo1").await;
    let told_before = talk.world.taken_by("slack").await.len();
    talk.world.script(json!([{"fault": "slow", "ms": 60_000, "times": 9}])).await;
    let start = Instant::now();

    let heard = talk.say(&format!("confirm {token}")).await;

    assert!(start.elapsed() < Duration::from_secs(2), "{}: {:?}", chat.name, start.elapsed());
    heard.shows("outcome unknown");
    heard.shows(AGAIN);
    let report = talk.world.audited("rds-seal.report/1").pop().unwrap();
    assert_eq!((&report["outcome"], &report["certain"]), (&json!("unknown"), &json!(false)));
    let told = talk.world.taken_by("slack").await;
    assert_eq!(told.len(), told_before + 1, "people know of it");
    assert_eq!(talk.world.get("queue").await["waiting"], json!([]), "and no queue has it");

    talk.world.forget("faults").await;
    talk.say(&format!("confirm {token}")).await.shows("Backup encryption was already on");
}

#[tokio::test]
async fn slack_hears_of_a_silent_cloud_in_its_time() {
    does_not_answer(&SLACK, SHORT).await;
}

#[tokio::test]
async fn feishu_hears_of_a_silent_cloud_in_its_time() {
    does_not_answer(&FEISHU, SHORT).await;
}

#[tokio::test]
async fn an_application_of_wecom_hears_of_a_silent_cloud_in_its_time() {
    does_not_answer(&WECOM, SHORT).await;
}

#[tokio::test]
async fn a_robot_of_wecom_hears_of_a_silent_cloud_in_its_time() {
    does_not_answer(&ROBOT, SHORT).await;
}

#[tokio::test]
async fn teams_hears_of_a_silent_cloud_in_its_time() {
    does_not_answer(&TEAMS, SHORT).await;
}

/// It states no time, so the host's own counts.
#[tokio::test]
async fn dingtalk_hears_of_a_silent_cloud_in_the_hosts_time() {
    does_not_answer(&DINGTALK, |setup| Setup { timeout: Duration::from_secs(1), ..setup }).await;
}

#[tokio::test]
async fn sinks_know_of_a_doubt_before_the_chat_does() {
    let tables = format!("{CONFIRM}{}{SINK}", FEISHU.grant(&[]));
    let talk = Talk::set_up(&FEISHU, &tables, SHORT(Setup::default())).await;
    let token = talk.token("rm-demo1").await;
    talk.world.forget("notifications").await;
    talk.world.script(json!([{"fault": "slow", "ms": 60_000, "times": 9}])).await;
    talk.order(json!({"text": format!("confirm {token}")})).await.shows(AGAIN);
    let all = talk.world.get("notifications").await;
    let sinks: Vec<&str> = all.as_array().unwrap().iter().map(|one| one["sink"].as_str().unwrap()).collect();
    assert_eq!(sinks, ["slack", "feishu-reply"]);
}

#[tokio::test]
async fn a_read_that_is_late_leaves_time_for_the_answer() {
    let tables = format!("{CONFIRM}{}", SLACK.grant(&[]));
    let talk = Talk::set_up(&SLACK, &tables, SHORT(Setup::default())).await;
    let slow = json!({"operation": "DescribeDBInstanceAttribute", "fault": "slow", "ms": 60_000, "times": 9});
    talk.world.script(json!([slow])).await;
    let start = Instant::now();
    let heard = talk.say("seal rm-demo1 region=cn-hangzhou").await;
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!((heard.status, heard.tokens().len()), (200, 0), "{}", heard.card);
    assert_eq!(talk.writes().await, 0);
}

#[tokio::test]
async fn what_cannot_be_done_now_and_nobody_could_tell_of_later_is_asked_for_again() {
    // No queue; no way back to an application of WeCom, nor a sink that tells.
    for (chat, named) in [(&SLACK, false), (&WECOM, true)] {
        let tables = format!("{CONFIRM}{}", chat.grant(&[]));
        let talk = Talk::set_up(chat, &tables, Setup { named, ..Setup::default() }).await;
        let token = talk.token("rm-demo1").await;
        talk.world.script(json!([{"fault": "throttle", "times": 1000}])).await;
        let heard = talk.say(&format!("confirm {token}")).await;
        heard.shows("Backup encryption waiting");
        heard.shows("Send the same command again in a minute");
        assert_eq!(talk.world.get("queue").await["waiting"], json!([]));
    }
}

#[tokio::test]
async fn a_report_that_a_required_sink_does_not_take_is_left_time_for_the_queue() {
    let tables = format!("{CONFIRM}{}{SINK}required = true\n", SLACK.grant(&[]));
    // The usual patience of calls, of which none begins with less than a second left.
    let backoff = Backoff::default();
    for sink in [json!({"fault": "slow", "ms": 60_000}), json!({"fault": "status", "status": 503, "body": ""})] {
        let talk = Talk::set_up(&SLACK, &tables, Setup { named: true, backoff, ..Setup::default() }).await;
        let token = talk.token("rm-demo1").await;
        talk.world.forget("queue").await;
        let mut sink = sink;
        sink["operation"] = json!("slack");
        sink["times"] = json!(9);
        let slow = json!({"operation": "EnableBackupEncryption", "fault": "slow", "ms": 700});
        talk.world.script(json!([sink, slow])).await;

        let heard = talk.say(&format!("confirm {token}")).await;

        heard.shows("Backup encryption enabled");
        assert!(!heard.shown().contains("did not reach"), "{}", heard.card);
        let queue = talk.world.get("queue").await;
        let [waiting] = queue["waiting"].as_array().unwrap().as_slice() else { panic!("one waits: {queue}") };
        assert!(waiting.to_string().contains("ops"), "{waiting}");
    }
}

#[tokio::test]
async fn a_message_that_breaks_off_is_not_acted_on() {
    let talk = Talk::in_chat(&SLACK).await;
    let letter = talk.world.say("slack", &SLACK.order(&json!({"text": "plan rm-demo1 region=cn-hangzhou"}))).await;
    let headers: Vec<(String, String)> = serde_json::from_value(letter["headers"].clone()).unwrap();
    let body = letter["body"].as_str().unwrap();
    let framing = format!("content-length: {}", body.len() + 1);
    let mut stream = connect(talk.world.function, "/chat/slack", &headers, &framing, body.as_bytes()).await;
    stream.shutdown().await.unwrap();
    let answer = answered(stream).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("the body did not arrive whole\n"), "{answer}");
    assert!(talk.world.calls().await.is_empty());
}

#[tokio::test]
async fn somebody_who_hangs_up_stops_nothing() {
    let talk = with_a_sink(&DINGTALK).await;
    let token = talk.token("rm-demo1").await;
    talk.world.script(json!([{"fault": "slow", "ms": 300}])).await;
    let letter = talk.world.say("dingtalk", &DINGTALK.order(&json!({"text": format!("confirm {token}")}))).await;
    let url = format!("http://{}/chat/dingtalk?{}", talk.world.function, letter["query"].as_str().unwrap());
    let request = rds_seal::outbound::client(None).unwrap().post(url).body(letter["body"].as_str().unwrap().to_owned());
    assert!(request.timeout(Duration::from_millis(100)).send().await.is_err());

    talk.world.deliveries.drain().await;

    let report = talk.world.audited("rds-seal.report/1").pop().unwrap();
    assert_eq!(report["outcome"], "enabled");
    let answered = talk.world.taken_by("dingtalk-reply").await.pop().unwrap();
    assert!(answered["body"].to_string().contains("Backup encryption enabled"));
}

#[tokio::test]
async fn a_permission_is_shown_to_whoever_asked_and_a_result_to_everybody() {
    let talk = Talk::in_chat(&SLACK).await;
    let plan = talk.say("seal rm-demo1 region=cn-hangzhou").await;
    assert_eq!(plan.card["response_type"], "ephemeral", "a permission is shown to whoever asked");
    let result = talk.say(&format!("confirm {}", plan.token())).await;
    assert_eq!(result.card["response_type"], "in_channel");
    let pressed = talk.press(&plan.token()).await;
    assert_eq!(pressed.card["replace_original"], false);
    for card in [plan.card, result.card, pressed.card] {
        let card: Value = card;
        assert!(!card.to_string().contains("hooks.slack.com"));
    }
}

#[tokio::test]
async fn a_slow_cloud_and_a_slow_sink_leave_time_for_the_answer() {
    for (chat, pressed) in SENT {
        let tables = format!("{CONFIRM}{}{SINK}", chat.grant(&[]));
        let setup = Setup { timeout: Duration::from_millis(600), ..Setup::default() };
        let talk = Talk::set_up(chat, &tables, setup).await;
        let token = talk.token("rm-demo1").await;
        let slow_sink = json!({"operation": "slack", "fault": "slow", "ms": 60_000, "times": 9});
        talk.world.script(json!([{"fault": "slow", "ms": 60_000, "times": 9}, slow_sink])).await;
        confirm(&talk, &token, pressed).await.shows(AGAIN);
    }
}

#[tokio::test]
async fn the_shortest_time_of_a_chat_is_enough_for_a_cloud_at_its_usual_pace() {
    // Of the chats that state the shortest time, those whose answer has to be sent within it.
    for (chat, pressed) in [(&FEISHU, false), (&SLACK, true)] {
        let tables = format!("{CONFIRM}{}{SINK}", chat.grant(&[]));
        let talk = Talk::set_up(chat, &tables, Setup { backoff: Backoff::default(), ..Setup::default() }).await;
        let token = talk.token("rm-demo1").await;
        let read = json!({"operation": "DescribeDBInstanceAttribute", "fault": "slow", "ms": 250});
        talk.world.script(json!([{"fault": "slow", "ms": 250}, read])).await;
        confirm(&talk, &token, pressed).await.shows("Backup encryption enabled");
    }
}
