//! Every command in every chat, behind both hosts.

use serde_json::json;

use super::{CHATS, CONFIRM, Chat, HOSTS, SLACK, TRUSTED, Talk, UNSIGNED, WOULD_ENABLE};
use crate::world::{ACCOUNT, Host, Setup};

async fn behind(chat: &'static Chat, host: Host) -> Talk {
    let setup = Setup { host, ..Setup::default() };
    Talk::set_up(chat, &format!("{CONFIRM}{}", chat.grant(&[])), setup).await
}

#[tokio::test]
async fn a_plan_is_shown_and_a_confirmation_seals_in_every_chat_behind_both_hosts() {
    for chat in CHATS {
        for host in HOSTS {
            let talk = behind(chat, host).await;
            let plan = talk.say("plan rm-demo1 region=cn-hangzhou").await;
            plan.shows(WOULD_ENABLE);
            plan.shows("rm-demo1");
            plan.shows("Dry run. In enforce mode this would turn it on.");
            assert_eq!((plan.tokens().len(), plan.button()), (0, None), "a plan alone gives no permission");

            let first = talk.say("seal rm-demo1 region=cn-hangzhou").await;
            let token = first.token();
            assert_eq!(first.button().is_some(), chat.has_button, "{}", first.card);
            assert_eq!(talk.writes().await, 0, "asked for, and not done");

            talk.say(&format!("confirm {token}")).await.shows("Backup encryption enabled");
            assert!(talk.world.is_sealed("rm-demo1").await);
            assert_eq!(talk.writes().await, 1, "{}", chat.name);
            assert!(!talk.world.said().contains(&token), "a token is for no log");
        }
    }
}

#[tokio::test]
async fn a_button_confirms_as_its_words_do() {
    for chat in CHATS.into_iter().filter(|chat| chat.has_button) {
        for host in HOSTS {
            let talk = behind(chat, host).await;
            let card = talk.say("seal rm-demo1 region=cn-hangzhou").await;
            let pressed = card.button().unwrap();
            assert_eq!(pressed, card.token(), "it says what the words say");
            talk.press(&pressed).await.shows("Backup encryption enabled");
            assert_eq!(talk.writes().await, 1);
            talk.press(&pressed).await.shows("Backup encryption was already on");
        }
    }
}

#[tokio::test]
async fn what_needs_no_grant_is_answered_to_anybody() {
    for chat in CHATS.into_iter().chain([&UNSIGNED]) {
        let talk = Talk::with(chat, "").await;
        let help = talk.say("help").await;
        help.shows("plan ");
        help.shows("whoami");
        assert!(!help.shown().contains("confirm "), "what is off is not offered");
        let who = talk.say("whoami").await;
        for id in [chat.name, chat.tenant, chat.channel, chat.user] {
            who.shows(id);
        }
        talk.say("version").await.shows(env!("CARGO_PKG_VERSION"));
        talk.say("").await.shows("whoami");
        assert!(talk.world.calls().await.is_empty());
    }
}

#[tokio::test]
async fn a_status_says_what_is_there_now() {
    for chat in CHATS {
        let talk = Talk::in_chat(chat).await;
        talk.world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
        let status = talk.say("status rm-new region=cn-hangzhou").await;
        status.shows("Status of the instance");
        status.shows("Creating");
        status.shows("MySQL 8.0");
        assert!(status.tokens().is_empty());
        assert_eq!(talk.writes().await, 0);
    }
}

#[tokio::test]
async fn a_plan_that_cannot_be_made_now_is_to_be_asked_for_again() {
    let toml = format!("[policy]\naccounts = [\"{ACCOUNT}\"]\n{}", SLACK.grant(&[]));
    let talk = Talk::set_up(&SLACK, &toml, Setup { whose_is_unknown: true, ..Setup::default() }).await;
    talk.world.script(json!([{"operation": "GetCallerIdentity", "fault": "throttle", "times": 100}])).await;
    let heard = talk.say("plan rm-demo1 region=cn-hangzhou").await;
    heard.shows("Send the same command again in a minute: repeating it is safe.");
}

#[tokio::test]
async fn a_stranger_learns_their_ids_and_nothing_else() {
    for chat in CHATS {
        let talk = Talk::with(chat, CONFIRM).await;
        for text in ["plan rm-demo1", "status rm-demo1", "seal rm-demo1", "rm-demo1", "confirm AQ-b_0"] {
            let heard = talk.say(text).await;
            heard.shows("Not allowed");
            for id in [chat.tenant, chat.channel, chat.user] {
                heard.shows(id);
            }
        }
        assert!(talk.world.calls().await.is_empty());
        assert!(talk.world.audited("rds-seal.report/1").is_empty());
    }
}

#[tokio::test]
async fn what_is_not_understood_is_said_and_acted_on_by_nobody() {
    for chat in CHATS {
        let talk = Talk::in_chat(chat).await;
        for text in [
            "drop everything",
            "seal",
            "seal rm-demo1 rm_2",
            "seal rm-demo1 regoin=cn-hangzhou",
            "seal rm-demo1 region=cn-hangzhou region=cn-beijing",
            "seal \"rm-demo1",
            "confirm",
            "confirm a b",
            "seal rm-demo1 then confirm",
            "seal rm-demo1; confirm x",
            "please seal rm-demo1",
        ] {
            let heard = talk.say(text).await;
            heard.shows("Not understood");
            heard.shows("Nothing was done.");
        }
        assert!(talk.world.calls().await.is_empty(), "{}", chat.name);
    }
}

#[tokio::test]
async fn several_instances_get_a_line_each_and_are_sealed_one_by_one() {
    for chat in CHATS {
        let talk = Talk::in_chat(chat).await;
        let seal = talk.say("seal rm-demo1 rm-demo2 rm-absent region=cn-hangzhou").await;
        seal.shows("3 instances");
        for instance in ["rm-demo1", "rm-demo2", "rm-absent"] {
            seal.shows(instance);
        }
        assert!(seal.tokens().is_empty(), "{}: a token is never cut short: {}", chat.name, seal.card);
        let token = talk.token("rm-demo2").await;
        talk.say(&format!("confirm {token}")).await.shows("rm-demo2");
        assert!(talk.world.is_sealed("rm-demo2").await && !talk.world.is_sealed("rm-demo1").await);
    }
}

#[tokio::test]
async fn a_deployment_that_plans_only_plans() {
    for chat in CHATS {
        let toml = format!("{CONFIRM}{}", chat.grant(&[]));
        let setup = Setup { toml: "mode = \"plan\"\n".to_owned(), ..Setup::default() };
        let talk = Talk::set_up(chat, &toml, setup).await;
        talk.say("plan rm-demo1 region=cn-hangzhou").await.shows(WOULD_ENABLE);
        for text in ["seal rm-demo1 region=cn-hangzhou", "confirm AQ-b_0"] {
            let heard = talk.say(text).await;
            heard.shows("Plans only");
            assert!(heard.tokens().is_empty());
        }
        assert_eq!(talk.writes().await, 0);
    }
}

#[tokio::test]
async fn without_a_key_for_tokens_nothing_is_sealed() {
    for chat in CHATS {
        let talk = Talk::with(chat, &chat.grant(&[])).await;
        talk.say("plan rm-demo1 region=cn-hangzhou").await.shows(WOULD_ENABLE);
        for text in ["seal rm-demo1 region=cn-hangzhou", "confirm AQ-b_0"] {
            talk.say(text).await.shows("This deployment does not seal from a chat.");
        }
        assert_eq!(talk.writes().await, 0);
    }
}

#[tokio::test]
async fn a_body_that_nobody_signed_gives_no_permission_unless_it_is_trusted() {
    let tables = format!("{CONFIRM}{}", UNSIGNED.grant(&[]));
    let talk = Talk::with(&UNSIGNED, &tables).await;
    talk.say("plan rm-demo1 region=cn-hangzhou").await.shows(WOULD_ENABLE);
    talk.say("status rm-demo1 region=cn-hangzhou").await.shows("Status of the instance");
    for text in ["seal rm-demo1 region=cn-hangzhou", "rm-demo1 region=cn-hangzhou", "confirm AQ-b_0"] {
        let heard = talk.say(text).await;
        heard.shows("This chat does not sign its messages");
        assert!(heard.tokens().is_empty());
    }
    assert_eq!(talk.writes().await, 0);

    let talk = Talk::with(&TRUSTED, &tables).await;
    let token = talk.token("rm-demo1").await;
    talk.say(&format!("confirm {token}")).await.shows("Backup encryption enabled");
}

#[tokio::test]
async fn a_report_of_a_chat_names_who_asked_and_where() {
    let talk = Talk::in_chat(&SLACK).await;
    let token = talk.token("rm-demo1").await;
    talk.say(&format!("confirm {token}")).await;
    let report = talk.world.audited("rds-seal.report/1").pop().unwrap();
    assert_eq!(report["origin"]["door"], "chat");
    assert_eq!(report["origin"]["actor"], "U1 (somebody)", "the id first: a name can be chosen");
    assert_eq!(report["origin"]["event_name"], "confirm");
    assert_eq!(report["origin"]["requested_by"], "U1");
    assert_eq!((&report["outcome"], &report["account"]), (&json!("enabled"), &json!(ACCOUNT)));
}
