//! Who may do what where: by the ids of the chat, and by nothing else.

use serde_json::json;

use super::{CHATS, CONFIRM, SLACK, Talk, WOULD_ENABLE};
use crate::world::ACCOUNT;

const PLAN: &str = "plan rm-demo1 region=cn-hangzhou";
const SEAL: &str = "seal rm-demo1 region=cn-hangzhou";

#[tokio::test]
async fn a_grant_holds_for_its_tenant_its_channel_and_its_users() {
    for chat in CHATS {
        let user = format!("[{:?}]", chat.user);
        let talk = Talk::with(chat, &format!("{CONFIRM}{}", chat.grant(&[("users", &user)]))).await;
        talk.say(PLAN).await.shows(WOULD_ENABLE);
        talk.world.forget("calls").await;
        for (field, other) in [("tenant", "other"), ("channel", "other"), ("user", "other"), ("user", "*")] {
            for text in [PLAN, SEAL, "confirm AQ-b_0"] {
                let heard = talk.order(json!({field: other, "text": text})).await;
                heard.shows("Not allowed");
                assert!(heard.tokens().is_empty());
            }
        }
        assert!(talk.world.calls().await.is_empty(), "{}", chat.name);
    }
}

#[tokio::test]
async fn who_is_turned_away_before_there_is_a_report_is_on_record() {
    let talk = Talk::with(&SLACK, &format!("{CONFIRM}{}", SLACK.grant(&[("commands", "[\"plan\"]")]))).await;
    talk.order(json!({"user": "U9", "text": SEAL})).await.shows("Not allowed");
    talk.say("confirm AQ-b_0").await.shows("Not allowed");
    let [stranger, confirm] = talk.world.audited("rds-seal.refusal/1").try_into().unwrap();
    let at = stranger["at"].as_str().unwrap();
    assert!(at.parse::<jiff::Timestamp>().is_ok(), "{at}");
    let shown = |record: &serde_json::Value| {
        ["chat", "tenant", "channel", "command", "rule"].map(|name| record[name].as_str().unwrap().to_owned())
    };
    assert_eq!(shown(&stranger), ["slack", "T1", "C1", "seal", "grant"]);
    assert_eq!(shown(&confirm), ["slack", "T1", "C1", "seal", "grant"]);
    assert_eq!((&stranger["user"], &confirm["user"]), (&json!("U9"), &json!("U1")));
    assert!(talk.world.audited("rds-seal.report/1").is_empty());
}

#[tokio::test]
async fn what_cannot_be_sealed_from_a_chat_is_on_record_too() {
    for (toml, rule) in
        [(SLACK.grant(&[]), "sealing-off"), (format!("mode = \"plan\"\n{CONFIRM}{}", SLACK.grant(&[])), "only-plans")]
    {
        let talk = Talk::with(&SLACK, &toml).await;
        talk.say(SEAL).await;
        talk.say("confirm AQ-b_0").await;
        let rules: Vec<_> = talk.world.audited("rds-seal.refusal/1").iter().map(|one| one["rule"].clone()).collect();
        assert_eq!(rules, [rule, rule]);
    }
}

#[tokio::test]
async fn a_genuine_button_is_none_for_who_has_no_grant() {
    for chat in CHATS.into_iter().filter(|chat| chat.has_button) {
        let user = format!("[{:?}]", chat.user);
        let talk = Talk::with(chat, &format!("{CONFIRM}{}", chat.grant(&[("users", &user)]))).await;
        let button = talk.say(SEAL).await.button().unwrap();
        talk.order(json!({"user": "other", "button": button})).await.shows("Not allowed");
        assert_eq!(talk.writes().await, 0, "{}", chat.name);
        talk.press(&button).await;
        assert_eq!(talk.writes().await, 1, "{}", chat.name);
    }
}

#[tokio::test]
async fn a_grant_of_another_chat_is_none() {
    let talk = Talk::with(&SLACK, &format!("{CONFIRM}{}", SLACK.grant(&[("chat", "\"teams\"")]))).await;
    talk.say(PLAN).await.shows("Not allowed");
}

#[tokio::test]
async fn a_grant_holds_for_its_commands() {
    for chat in CHATS {
        let toml = format!("{CONFIRM}{}", chat.grant(&[("commands", "[\"plan\"]")]));
        let talk = Talk::with(chat, &toml).await;
        talk.say(PLAN).await.shows(WOULD_ENABLE);
        for text in [SEAL, "rm-demo1 region=cn-hangzhou", "status rm-demo1", "confirm AQ-b_0"] {
            talk.say(text).await.shows("Not allowed");
        }
        assert_eq!(talk.writes().await, 0);
    }
}

#[tokio::test]
async fn a_grant_reaches_its_accounts_alone() {
    for (accounts, shown) in
        [("[\"9999999999999999\"]", "Backup encryption refused"), ("[\"1234567890123456\"]", WOULD_ENABLE)]
    {
        let talk = Talk::with(&SLACK, &format!("{CONFIRM}{}", SLACK.grant(&[("accounts", accounts)]))).await;
        let heard = talk.say(SEAL).await;
        heard.shows(shown);
        assert_eq!(heard.tokens().is_empty(), shown.ends_with("refused"));
        let named = talk.say(&format!("{PLAN} account={ACCOUNT}")).await;
        named.shows(shown);
    }
}

#[tokio::test]
async fn a_grant_reaches_its_regions_alone() {
    let talk = Talk::with(&SLACK, &format!("{CONFIRM}{}", SLACK.grant(&[("regions", "[\"cn-beijing\"]")]))).await;
    let refused = talk.say(SEAL).await;
    refused.shows("Backup encryption refused");
    refused.shows("grant-regions");
    assert!(refused.tokens().is_empty());
    assert_eq!(talk.world.audited("rds-seal.report/1")[0]["rule"]["name"], "grant-regions");
    assert_eq!(talk.writes().await, 0);
}

#[tokio::test]
async fn a_region_that_is_only_claimed_is_seen_before_it_is_believed() {
    let talk = Talk::with(&SLACK, &format!("{CONFIRM}{}", SLACK.grant(&[("regions", "[\"cn-beijing\"]")]))).await;
    talk.world.instances(json!([{"id": "rm-far", "region": "cn-hangzhou"}])).await;
    let heard = talk.say("seal rm-far region=cn-beijing").await;
    assert!(heard.tokens().is_empty(), "{}", heard.card);
    assert_eq!(talk.writes().await, 0);
    let calls = talk.world.calls().await;
    assert!(calls.iter().any(|call| call.starts_with("Describe")), "it was looked for: {calls:?}");
}

#[tokio::test]
async fn a_grant_that_was_taken_away_takes_the_confirmation_with_it() {
    let talk = Talk::in_chat(&SLACK).await;
    let token = talk.token("rm-demo1").await;
    let without = Talk::with(&SLACK, &format!("{CONFIRM}{}", SLACK.grant(&[("commands", "[\"plan\"]")]))).await;
    without.say(&format!("confirm {token}")).await.shows("Not allowed");
    let elsewhere = Talk::with(&SLACK, &format!("{CONFIRM}{}", SLACK.grant(&[("regions", "[\"cn-beijing\"]")]))).await;
    let refused = elsewhere.say(&format!("confirm {token}")).await;
    assert!(!refused.shown().contains("enabled"), "{}", refused.card);
    for talk in [without, elsewhere] {
        assert_eq!(talk.writes().await, 0);
    }
}

#[tokio::test]
async fn the_policy_is_above_every_grant() {
    let toml = format!("[policy]\ninstances = [\"pgm-*\"]\n{CONFIRM}{}", SLACK.grant(&[]));
    let talk = Talk::with(&SLACK, &toml).await;
    let refused = talk.say(SEAL).await;
    refused.shows("Backup encryption refused");
    assert!(refused.tokens().is_empty());
    assert_eq!(talk.writes().await, 0);
}
