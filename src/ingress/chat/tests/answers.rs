//! What is said back, as each chat takes it.

use super::*;
use crate::card::{Audience, Card, Confirm, Fact, Link, Text, Tone};

pub(super) fn card() -> Card {
    let fact = |name, value: &str| Fact { name, value: Text::plain(value) };
    let mut card = Card::new(Tone::Warn, "Backup encryption & plan", "Would <enable> it. ".repeat(300));
    card.audience = Audience::Everyone;
    let names =
        ["Fact 0", "Fact 1", "Fact 2", "Fact 3", "Fact 4", "Fact 5", "Fact 6", "Fact 7", "Fact 8", "Fact 9", "No"];
    card.facts = names.into_iter().map(|name| fact(name, "<!channel> [x](https://example.com)")).collect();
    card.next_step = Some(fact("Next step", "Read it"));
    card.link = Some(Link { label: "Console".to_owned(), url: "https://rdsnext.console.aliyun.com/".to_owned() });
    card.confirm = Some(Confirm {
        token: "token_-".to_owned(),
        label: "Turn it on".to_owned(),
        cancel: "Cancel".to_owned(),
        warning: "This cannot be undone.".to_owned(),
        short_warning: "This is for ever.".to_owned(),
        conditions: "Valid until 12:00.".to_owned(),
        press_or_send: "To go ahead, press the button or send:".to_owned(),
        send: "To go ahead, send:".to_owned(),
    });
    card.footer = Some("request 1".to_owned());
    card
}

fn answered(name: &str) -> Answer {
    let vector = named(name);
    vector.door().answer(&vector.message().reply, &card(), vector.now())
}

#[test]
fn every_answer_says_that_it_cannot_be_undone_and_how_to_confirm() {
    for name in [
        "slack_rds_encrypt",
        "slack_confirm_button",
        "dingtalk_rds_encrypt",
        "lark_im_message_receive_v1",
        "lark_confirm_button",
        "wecom_robot_confirm_button",
        "teams_plan",
    ] {
        let answer = answered(name);
        let text = answer.send.as_ref().map_or(answer.response.body.as_str(), |send| send.body.as_str());
        for words in ["confirm token_-", "This cannot be undone.", "Valid until 12:00.", "Fact 9"] {
            assert!(text.contains(words), "{name} lacks {words}: {text}");
        }
        assert!(text.contains("https://rdsnext.console.aliyun.com/"), "{name}");
        assert_eq!(answer.response.status, 200);
    }
}

#[test]
fn what_must_be_sent_first_goes_where_the_request_came_from() {
    for (name, url, accepted) in [
        ("slack_confirm_button", "https://hooks.slack.com/actions/T0001/1/abc", Accepted::Ok),
        ("dingtalk_rds_encrypt", "https://oapi.dingtalk.com/robot/sendBySession?session=xxxxx", Accepted::ErrCode),
        (
            "lark_im_message_receive_v1",
            "https://open.feishu.cn/open-apis/im/v1/messages/om%5F5ce6d572455d361153b7cb51da133945/reply",
            Accepted::Code,
        ),
        (
            "wecom_robot_confirm_button",
            "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=R",
            Accepted::ErrCode,
        ),
    ] {
        let send = answered(name).send.unwrap();
        assert_eq!((send.url.as_str(), send.accepted), (url, accepted), "{name}");
    }
    for name in ["slack_rds_encrypt", "lark_confirm_button", "wecom_app_rds_encrypt", "wecom_robot_plan", "teams_plan"]
    {
        assert!(answered(name).send.is_none(), "{name}");
    }
}

#[test]
fn a_sentence_about_what_cannot_be_read_is_in_the_form_of_each_chat() {
    let words = |name: &str| {
        let vector = named(name);
        let answer = vector.door().words("text 缺失 <&>", vector.now());
        assert_eq!(answer.status, 200);
        answer.body
    };
    let of = |name: &str| serde_json::from_str::<serde_json::Value>(&words(name)).unwrap();
    let slack = serde_json::json!({"response_type": "ephemeral", "text": "text 缺失 &lt;&amp;&gt;"});
    assert_eq!(of("slack_rds_encrypt"), slack);
    assert_eq!(of("teams_plan")["type"], "message");
    assert!(of("teams_plan")["text"].as_str().unwrap().starts_with("text 缺失"));
    assert_eq!(of("lark_confirm_button")["toast"]["type"], "error");
    assert!(of("lark_confirm_button")["toast"]["content"].as_str().unwrap().starts_with("text 缺失"));
    for takes_none in ["dingtalk_rds_encrypt", "wecom_robot_plan", "wecom_app_rds_encrypt"] {
        assert_eq!(words(takes_none), "", "{takes_none}");
    }
    assert!(of("dingtalk_encrypted_plan")["encrypt"].is_string(), "it is told that it was taken");
}

/// Opens a passive answer as `WeCom` would.
fn opened(name: &str) -> String {
    opened_with(name, &card())
}

fn opened_with(name: &str, card: &Card) -> String {
    let vector = named(name);
    opened_body(&vector, &vector.door().answer(&vector.message().reply, card, vector.now()).response.body)
}

pub(super) fn opened_body(vector: &Vector, body: &str) -> String {
    let parts: Vec<String> = match serde_json::from_str::<BTreeMap<String, serde_json::Value>>(body) {
        Ok(json) => {
            let of = |names: &[&str]| {
                let value = names.iter().find_map(|name| json.get(*name)).unwrap();
                value.as_str().map_or_else(|| value.to_string(), str::to_owned)
            };
            [&["msgsignature", "msg_signature"][..], &["timestamp", "timeStamp"], &["nonce"], &["encrypt"]]
                .map(of)
                .into()
        }
        Err(_) => ["MsgSignature", "TimeStamp", "Nonce", "Encrypt"]
            .map(|name| {
                let (_, rest) = body.split_once(&format!("<{name}><![CDATA[")).unwrap();
                rest.split_once("]]>").unwrap().0.to_owned()
            })
            .into(),
    };
    let message = envelope(vector).open(&parts[0], &parts[1], &parts[2], &parts[3]).unwrap();
    String::from_utf8(message.as_bytes().to_vec()).unwrap()
}

#[test]
fn a_passive_answer_is_encrypted_and_as_long_as_it_may_be() {
    let text = opened("wecom_app_rds_encrypt");
    assert!(text.starts_with("<xml><ToUserName><![CDATA[zhangsan]]>"), "{text}");
    let content = text.split_once("<Content><![CDATA[").unwrap().1.split_once("]]>").unwrap().0;
    assert!(content.len() <= 2048 && content.contains("confirm token_-"), "{content}");

    let robot: serde_json::Value = serde_json::from_str(&opened("wecom_robot_plan")).unwrap();
    let content = robot["stream"]["content"].as_str().unwrap();
    assert!(content.len() <= 4096 && content.contains("confirm token_-"), "{content}");
    assert_eq!(robot["template_card"]["button_list"][0]["key"], "token_-");
    assert_eq!(opened("dingtalk_encrypted_plan"), "success");
}

/// What people see, in one file: a change of wording or shape shows in its diff.
#[test]
fn the_answers_are_as_in_the_file() {
    let mut card = Card::new(Tone::Warn, "Dry run: would be turned on", "Would enable it; `nothing` changed yet.");
    card.facts = vec![
        Fact { name: "Instance", value: Text::code("rm-bp1q2w3e4r5t6y7u8") },
        Fact { name: "Key", value: Text::plain("RDS's automatic key & <none>") },
    ];
    let Card { next_step, link, confirm, footer, .. } = self::card();
    let card = Card { next_step, confirm, link, footer, ..card };
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::from(text));
    let mut answers = BTreeMap::new();
    for name in
        ["slack_rds_encrypt", "dingtalk_rds_encrypt", "lark_im_message_receive_v1", "lark_confirm_button", "teams_plan"]
    {
        let vector = named(name);
        let answer = vector.door().answer(&vector.message().reply, &card, vector.now());
        let mut body: serde_json::Value = value(answer.send.as_ref().map_or(&answer.response.body, |send| &send.body));
        if let Some(content) = body.get_mut("content") {
            *content = value(content.as_str().unwrap());
        }
        answers.insert(name, body);
    }
    for name in ["wecom_app_rds_encrypt", "wecom_robot_plan"] {
        let mut body: serde_json::Value = value(&opened_with(name, &card));
        for random in ["/stream/id", "/template_card/task_id"] {
            body.pointer_mut(random).map(serde_json::Value::take);
        }
        answers.insert(name, body);
    }
    let answers = serde_json::to_string_pretty(&answers).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/chat/answers.json");
    let expected = std::fs::read_to_string(path).unwrap();
    assert!(answers == expected.trim_end(), "the answers are now:\n{answers}");
}

#[test]
fn nothing_shows_a_secret() {
    for vector in collected().into_iter().chain(made()).filter(|v| v.name != "lark_url_verification_plain") {
        let shown = format!("{:?}", vector.door());
        for (name, secret) in &vector.secret {
            let is_secret = !["receive_id", "owner_key"].contains(&name.as_str());
            assert!(!is_secret || !shown.contains(secret.as_str()), "{}", vector.name);
        }
        let inbound = format!("{:?}", vector.hear());
        assert!(!inbound.contains("https://") && !inbound.contains("confirm "), "{inbound}");
    }
}

#[test]
fn a_chat_is_known_by_its_name() {
    for chat in ChatName::ALL {
        assert_eq!(ChatName::parse(chat.as_str()), Some(chat));
    }
    assert_eq!(ChatName::parse("Slack"), None);
    assert!(!format!("{:?} {:?}", card(), answered("slack_rds_encrypt")).contains("token_-"));
}
