//! What a plan token permits, and what it does not.

use serde_json::{Value, json};

use super::{CHATS, CONFIRM, Chat, FEISHU, ROBOT, SLACK, Talk};
use crate::world::{Host, Setup, World};

#[tokio::test]
async fn a_token_holds_for_ten_minutes() {
    for chat in CHATS {
        let talk = Talk::in_chat(chat).await;
        let token = talk.token("rm-demo1").await;
        talk.world.minutes_pass(10).await;
        talk.say(&format!("confirm {token}")).await.shows("Confirmation code expired");
        assert_eq!(talk.writes().await, 0);
        let fresh = talk.token("rm-demo1").await;
        talk.world.minutes_pass(9).await;
        talk.say(&format!("confirm {fresh}")).await.shows("Backup encryption enabled");
    }
}

#[tokio::test]
async fn an_old_token_never_says_that_nothing_was_done() {
    let talk = Talk::in_chat(&SLACK).await;
    let token = talk.token("rm-demo1").await;
    talk.say(&format!("confirm {token}")).await.shows("Backup encryption enabled");
    talk.world.minutes_pass(10).await;
    let heard = talk.say(&format!("confirm {token}")).await;
    heard.shows("This confirmation code has expired.");
    assert!(!heard.shown().to_lowercase().contains("nothing was done"), "{}", heard.card);
}

const WITH_A_KEY: &str = "seal rm-demo1 region=cn-hangzhou key=key-1";

/// A chat in which keys may be named, of which there is one.
async fn with_keys() -> Talk {
    let talk = Talk::with(&SLACK, &format!("[key]\nallowed = [\"key-*\"]\n{CONFIRM}{}", SLACK.grant(&[]))).await;
    talk.world.has("keys", json!([{"id": "key-1"}])).await;
    talk
}

fn unread_keys() -> Value {
    json!([{"operation": "DescribeKey", "fault": "code", "code": "ServiceUnavailable", "times": 100}])
}

#[tokio::test]
async fn a_key_that_cannot_be_read_for_a_moment_has_not_changed() {
    let talk = with_keys().await;
    let token = talk.say(WITH_A_KEY).await.token();
    talk.world.script(unread_keys()).await;
    let heard = talk.say(&format!("confirm {token}")).await;
    heard.shows("Backup encryption waiting");
    heard.shows("Send the same command again in a minute: repeating it is safe.");
    assert_eq!(talk.writes().await, 0);
    talk.world.forget("faults").await;
    talk.say(&format!("confirm {token}")).await.shows("Backup encryption enabled");
}

#[tokio::test]
async fn a_key_that_cannot_be_read_at_the_plan_is_confirmed_unread() {
    for is_back in [true, false] {
        let talk = with_keys().await;
        talk.world.script(unread_keys()).await;
        let token = talk.say(WITH_A_KEY).await.token();
        if is_back {
            talk.world.forget("faults").await;
        }
        talk.say(&format!("confirm {token}")).await.shows("Backup encryption enabled");
    }
}

#[tokio::test]
async fn a_key_that_was_disabled_since_the_plan_is_not_used() {
    let talk = with_keys().await;
    let token = talk.say(WITH_A_KEY).await.token();
    talk.world.has("keys", json!([{"id": "key-1", "state": "Disabled"}])).await;
    talk.say(&format!("confirm {token}"))
        .await
        .shows("The instance or its key has changed since the plan, so nothing was done.");
    assert_eq!(talk.writes().await, 0);
}

#[tokio::test]
async fn an_instance_that_is_somewhere_else_gets_no_token() {
    let talk = Talk::in_chat(&SLACK).await;
    talk.world.instances(json!([{"id": "rm-demo1", "region": "cn-shanghai"}])).await;
    for command in ["plan", "seal"] {
        let heard = talk.say(&format!("{command} rm-demo1 region=cn-hangzhou")).await;
        heard.shows("The instance is in cn-shanghai, not in cn-hangzhou");
        assert!(heard.tokens().is_empty(), "{}", heard.card);
    }
}

#[tokio::test]
async fn a_token_that_was_touched_is_none() {
    for chat in CHATS {
        let talk = Talk::in_chat(chat).await;
        let token = talk.token("rm-demo1").await;
        // 128 bits are 22 characters.
        let (payload, mac) = token.split_at(token.len() - 22);
        for touched in [
            token[..token.len() - 1].to_owned(),
            payload.to_owned(),
            mac.to_owned(),
            format!("{mac}{payload}"),
            format!("{payload}.{mac}"),
            format!("{token}A"),
            token.replacen('M', "N", 1),
        ] {
            let touched = if touched == token { format!("A{token}") } else { touched };
            talk.say(&format!("confirm {touched}")).await.shows("Confirmation code not valid");
        }
        assert_eq!(talk.writes().await, 0);
    }
}

#[tokio::test]
async fn a_token_of_another_secret_or_another_function_is_none() {
    let tables = format!("{CONFIRM}{}", SLACK.grant(&[]));
    let deployed = async |name: &str, value: &str| {
        let mut env = Chat::env();
        env.retain(|(known, _)| known != name);
        env.push((name.to_owned(), value.to_owned()));
        let setup = Setup { toml: format!("{tables}{}", SLACK.toml), env, ..Setup::default() };
        Talk { world: World::with(setup).await, chat: &SLACK, host: Host::Function }
    };
    let ours = Talk::with(&SLACK, &tables).await;
    for theirs in [
        deployed("SEAL_SECRET", "another-secret-of-thirty-two-bytes-or-more").await,
        deployed("FC_FUNCTION_NAME", "another").await,
        deployed("FC_ACCOUNT_ID", "6543210987654321").await,
        Talk::with(&SLACK, &tables.replace("a-test", "production")).await,
    ] {
        let token = theirs.token("rm-demo1").await;
        ours.say(&format!("confirm {token}")).await.shows("Confirmation code not valid");
    }
    assert_eq!(ours.writes().await, 0);
}

#[tokio::test]
async fn a_token_holds_where_it_was_given_and_for_whoever_may_seal_there() {
    for chat in CHATS {
        let grants =
            [chat.grant(&[("channels", "[\"*\"]")]), chat.grant(&[("channels", "[\"*\"]"), ("tenant", "\"other\"")])];
        let talk = Talk::with(chat, &format!("{CONFIRM}{}", grants.concat())).await;
        let token = talk.token("rm-demo1").await;
        let confirm = format!("confirm {token}");
        for field in ["tenant", "channel"] {
            talk.order(json!({field: "other", "text": confirm})).await.shows("Confirmation code not valid");
        }
        assert_eq!(talk.writes().await, 0);
        talk.order(json!({"user": "other", "text": confirm})).await.shows("Backup encryption enabled");
    }
}

#[tokio::test]
async fn four_eyes_are_four_eyes_by_words_and_by_button() {
    for chat in CHATS {
        let talk = Talk::with(chat, &format!("{CONFIRM}{}", chat.grant(&[("second_person", "true")]))).await;
        let card = talk.say("seal rm-demo1 region=cn-hangzhou").await;
        let token = card.token();
        let again = talk.say(&format!("confirm {token}")).await;
        again.shows("somebody else has to confirm it.");
        if chat.has_button {
            talk.press(&token).await.shows("somebody else has to confirm it.");
        }
        assert_eq!(talk.writes().await, 0);
        let second = json!({"user": "other", "text": format!("confirm {token}")});
        talk.order(second).await.shows("Backup encryption enabled");
    }
}

#[tokio::test]
async fn four_eyes_hold_for_the_grant_that_reaches_the_instance() {
    let grants = [
        SLACK.grant(&[("regions", "[\"cn-hangzhou\"]"), ("second_person", "true")]),
        SLACK.grant(&[("regions", "[\"cn-beijing\"]")]),
    ];
    let talk = Talk::with(&SLACK, &format!("{CONFIRM}{}", grants.concat())).await;
    let token = talk.token("rm-demo1").await;
    talk.say(&format!("confirm {token}")).await.shows("somebody else has to confirm it.");
    assert_eq!(talk.writes().await, 0);
}

#[tokio::test]
async fn four_eyes_hold_in_a_channel_that_a_laxer_grant_opens() {
    let grants =
        [SLACK.grant(&[("channels", "[\"C1\"]"), ("second_person", "true")]), SLACK.grant(&[("channels", "[\"*\"]")])];
    let talk = Talk::with(&SLACK, &format!("{CONFIRM}{}", grants.concat())).await;
    let in_c2 = |text: String| json!({"channel": "C2", "text": text});
    let planned = talk.order(in_c2("seal rm-demo1 region=cn-hangzhou".to_owned())).await;
    planned.shows("Somebody else has to confirm.");
    let [token] = &planned.tokens()[..] else { panic!("{}", planned.shown()) };
    let alone = talk.order(in_c2(format!("confirm {token}"))).await;
    alone.shows("somebody else has to confirm it.");
    assert_eq!(talk.writes().await, 0);
}

#[tokio::test]
async fn a_forged_button_is_a_word_that_is_not_ours() {
    for chat in [&SLACK, &FEISHU, &ROBOT] {
        let talk = Talk::in_chat(chat).await;
        for forged in ["v1.rm-demo1.enable", "AAAABBBB", "AAAA.BBBB"] {
            talk.press(forged).await.shows("Confirmation code not valid");
        }
        for forged in ["seal rm-demo1", "x\nseal rm-demo1", "", "x y", &"a".repeat(2001)] {
            let heard = talk.press(forged).await;
            assert_eq!(heard.status, 200);
            assert!(!heard.shown().contains("enabled"));
        }
        assert!(talk.world.calls().await.is_empty());
    }
}

#[tokio::test]
async fn what_has_changed_since_the_plan_refuses_it() {
    for chat in CHATS {
        let talk = Talk::in_chat(chat).await;
        let instance = |status: &str| json!([{"id": "rm-1", "status": status}]);
        talk.world.instances(instance("Running")).await;
        let token = talk.token("rm-1").await;
        talk.world.instances(instance("Rebooting")).await;
        let refused = talk.say(&format!("confirm {token}")).await;
        refused.shows("Backup encryption refused");
        refused.shows("plan-changed");
        assert_eq!(talk.writes().await, 0);
        assert_eq!(talk.world.audited("rds-seal.report/1").pop().unwrap()["rule"]["name"], "plan-changed");
    }
}

#[tokio::test]
async fn an_instance_that_is_gone_refuses_its_plan() {
    let talk = Talk::in_chat(&SLACK).await;
    talk.world.instances(json!([{"id": "rm-1"}])).await;
    let token = talk.token("rm-1").await;
    talk.world.instances(json!([])).await;
    let refused = talk.say(&format!("confirm {token}")).await;
    assert!(!refused.shown().contains("enabled"), "{}", refused.card);
    assert_eq!(talk.writes().await, 0);
}

#[tokio::test]
async fn a_confirmation_that_is_repeated_is_safe() {
    for chat in CHATS {
        let talk = Talk::in_chat(chat).await;
        let token = talk.token("rm-demo1").await;
        talk.say(&format!("confirm {token}")).await.shows("Backup encryption enabled");
        for _ in 0..2 {
            talk.say(&format!("confirm {token}")).await.shows("Backup encryption was already on");
        }
    }
}

#[tokio::test]
async fn a_plan_that_cannot_be_carried_out_has_no_token() {
    let talk = Talk::in_chat(&SLACK).await;
    talk.world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    for instance in ["rm-new", "rm-absent"] {
        let heard = talk.say(&format!("seal {instance} region=cn-hangzhou")).await;
        assert_eq!((heard.tokens().len(), heard.button()), (0, None), "{}", heard.card);
    }
}

#[tokio::test]
async fn a_key_is_part_of_the_plan() {
    let talk = with_keys().await;
    let token = talk.say(WITH_A_KEY).await.token();
    talk.say(&format!("confirm {token}")).await.shows("key-1");
    let calls = talk.world.get("calls").await;
    let write = calls.as_array().unwrap().iter().find(|call| call["operation"] == "EnableBackupEncryption").unwrap();
    assert_eq!(write["key"], "key-1");
}
