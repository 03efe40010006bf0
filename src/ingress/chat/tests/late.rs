//! What is kept of a message for an answer that comes late, and that answer.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::answers::{card, opened_body};
use super::*;
use crate::card::{Card, Link, Text, Tone};

/// What can be answered late: by a message, by a button.
const LATE: [&str; 7] = [
    "slack_rds_encrypt",
    "slack_confirm_button",
    "dingtalk_rds_encrypt",
    "lark_im_message_receive_v1",
    "lark_confirm_button",
    "wecom_robot_plan",
    "wecom_robot_confirm_button",
];

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn kept(name: &str) -> LateReply {
    let vector = named(name);
    vector.message().reply.late(vector.now()).unwrap()
}

/// A door with no secret that verifies.
fn answering(chat: ChatName) -> ChatDoor {
    match chat {
        ChatName::Slack => ChatDoor::Slack(SlackDoor::answering()),
        ChatName::DingTalk => ChatDoor::DingTalk(DingTalkDoor::answering()),
        ChatName::Feishu => {
            let door = FeishuDoor::answering("cli_9f5343c580712544".to_owned(), "app-secret".into(), Cloud::Feishu);
            ChatDoor::Feishu(door.unwrap())
        }
        ChatName::WeCom => ChatDoor::WeCom(WeComDoor::answering(WeComKind::SmartRobot)),
        ChatName::Teams => ChatDoor::Teams(TeamsDoor::answering()),
    }
}

fn sent(late: &LateReply, card: &Card, report_id: &str) -> Outgoing {
    let now = Timestamp::from_second(1_767_225_600).unwrap();
    ChatName::ALL.into_iter().find_map(|chat| answering(chat).late(late, card, report_id, now)).unwrap()
}

fn body(outgoing: &Outgoing) -> Value {
    serde_json::from_str(&outgoing.body).unwrap()
}

#[test]
fn a_late_answer_goes_where_the_message_came_from_and_takes_no_secret_that_verifies() {
    let feishu = |id| format!("https://open.feishu.cn/open-apis/im/v1/messages/{id}/reply");
    for (name, url, accepted) in [
        ("slack_rds_encrypt", "https://hooks.slack.com/commands/T0001/1/abc".to_owned(), Accepted::Ok),
        ("slack_confirm_button", "https://hooks.slack.com/actions/T0001/1/abc".to_owned(), Accepted::Ok),
        (
            "dingtalk_rds_encrypt",
            "https://oapi.dingtalk.com/robot/sendBySession?session=xxxxx".to_owned(),
            Accepted::ErrCode,
        ),
        ("lark_im_message_receive_v1", feishu("om%5F5ce6d572455d361153b7cb51da133945"), Accepted::Code),
        ("lark_confirm_button", feishu("om%5F574d639e4a44e4dd646eaf628e2xxxx"), Accepted::Code),
        (
            "wecom_robot_plan",
            "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=R".to_owned(),
            Accepted::ErrCode,
        ),
        (
            "wecom_robot_confirm_button",
            "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=R".to_owned(),
            Accepted::ErrCode,
        ),
    ] {
        let vector = named(name);
        let late = answering(vector.message().chat).late(&kept(name), &card(), "report", vector.now()).unwrap();
        assert_eq!((late.url.as_str(), late.accepted), (url.as_str(), accepted), "{name}");
        let needs_token = late.authorization == Authorization::TenantToken;
        assert_eq!(needs_token, name.starts_with("lark"), "{name}");
        assert_eq!(vector.door().late(&kept(name), &card(), "report", vector.now()), Some(late), "{name}");
    }
}

#[test]
fn a_late_answer_says_what_an_answer_in_time_says() {
    let in_time = |name: &str| {
        let vector = named(name);
        let answer = vector.door().answer(&vector.message().reply, &card(), vector.now());
        let mut body: Value =
            serde_json::from_str(&answer.send.map_or(answer.response.body, |send| send.body)).unwrap();
        body.as_object_mut().unwrap().remove("replace_original");
        body
    };
    for name in ["slack_rds_encrypt", "slack_confirm_button"] {
        let mut late = body(&sent(&kept(name), &card(), "report"));
        assert_eq!(late["replace_original"], name == "slack_confirm_button", "in place of the message with the button");
        late.as_object_mut().unwrap().remove("replace_original");
        assert_eq!(late, in_time(name));
    }
    for name in ["dingtalk_rds_encrypt", "wecom_robot_confirm_button"] {
        assert_eq!(body(&sent(&kept(name), &card(), "report")), in_time(name));
    }
    let message = body(&sent(&kept("lark_im_message_receive_v1"), &card(), "report"));
    assert_eq!(message["content"], in_time("lark_im_message_receive_v1")["content"]);
    let robot = body(&sent(&kept("wecom_robot_plan"), &card(), "report"));
    assert_eq!(robot, body(&sent(&kept("wecom_robot_confirm_button"), &card(), "report")));
    assert_eq!(robot["msgtype"], "markdown");
}

#[test]
fn a_report_is_told_once_in_feishu_whatever_its_card_says_by_then() {
    let uuid = |name: &str, card: &Card, report_id: &str| body(&sent(&kept(name), card, report_id))["uuid"].clone();
    let (message, button) = ("lark_im_message_receive_v1", "lark_confirm_button");
    let other_card = Card::new(Tone::Good, "Another", "card");
    let first = uuid(message, &card(), "report-1");
    assert_eq!(first, uuid(message, &other_card, "report-1"));
    assert_ne!(first, uuid(message, &card(), "report-2"));
    assert_ne!(first, uuid(button, &card(), "report-1"));
    // Its page allows 50 characters.
    assert!(first.as_str().unwrap().len() <= 50);
    let vector = named(message);
    let in_time = vector.door().answer(&vector.message().reply, &card(), vector.now()).send.unwrap();
    assert_ne!(first, body(&in_time)["uuid"], "nor is it taken for the acknowledgement");
}

#[test]
fn two_chats_have_no_late_answer_and_nor_has_a_message_without_an_address() {
    for name in ["teams_plan", "wecom_app_rds_encrypt"] {
        assert_eq!(named(name).message().reply.late(now()), None, "{name}");
    }
    assert_eq!(Reply::SlackResponse { url: None }.late(now()), None);
    assert_eq!(Reply::WeComRobot { url: None }.late(now()), None);
    let form = "team_id=T1&channel_id=C1&user_id=U1&trigger_id=1&text=plan&response_url=";
    let command = slack("application/x-www-form-urlencoded", form).message();
    assert_eq!((&command.reply, command.reply.late(now())), (&Reply::SlackResponse { url: None }, None));
}

#[test]
fn a_door_answers_no_other_chats_message() {
    for name in LATE {
        let vector = named(name);
        let doors = ChatName::ALL.map(answering);
        let answers = doors.iter().filter(|door| door.late(&kept(name), &card(), "report", vector.now()).is_some());
        assert_eq!(answers.map(ChatDoor::chat).collect::<Vec<_>>(), [vector.message().chat], "{name}");
    }
}

#[test]
fn a_door_that_only_answers_hears_nothing() {
    let is_request = |vector: &Vector| vector.name != "lark_decrypt_official";
    for vector in collected().into_iter().chain(made()).filter(is_request) {
        let chat = match vector.channel.as_str() {
            "lark" => ChatName::Feishu,
            "wecom-robot" => ChatName::WeCom,
            name => ChatName::parse(name).unwrap(),
        };
        let door = match (answering(chat), vector.channel.as_str()) {
            (_, "wecom") => ChatDoor::WeCom(WeComDoor::answering(WeComKind::Application)),
            (door, _) => door,
        };
        let (headers, method): (_, Method) = (vector.headers(), vector.method.parse().unwrap());
        let query = vector.path.split_once('?').map(|(_, query)| query);
        let inbound = door.hear(&RawRequest::new(&method, query, &headers, vector.body.as_bytes()), vector.now());
        assert!(matches!(inbound, Err(ChatError::Unauthorised)), "{}: {inbound:?}", vector.name);
    }
    let secret = |secret: &str, id: &str| FeishuDoor::answering(id.to_owned(), secret.into(), Cloud::Lark);
    assert_eq!(secret("", "cli_1").unwrap_err().field, "app_secret");
    assert_eq!(secret("s", " ").unwrap_err().field, "app_id");
}

#[test]
fn a_session_that_has_ended_is_answered_no_more() {
    let (vector, late) = (named("dingtalk_rds_encrypt"), kept("dingtalk_rds_encrypt"));
    // As its payload says.
    let end = Timestamp::from_second(1_767_231_000).unwrap();
    let answered = |late: &LateReply, at| vector.door().late(late, &card(), "report", at).is_some();
    let before = Timestamp::from_second(1_767_230_999).unwrap();
    assert!(answered(&late, before) && !late.has_ended(before));
    assert!(!answered(&late, end) && late.has_ended(end));
    for name in ["dingtalk_encrypted_plan", "lark_im_message_receive_v1", "lark_confirm_button"] {
        assert!(!kept(name).has_ended(Timestamp::MAX), "{name} says no end");
    }
    for (name, minutes) in [("slack_rds_encrypt", 30), ("slack_confirm_button", 30), ("wecom_robot_plan", 60)] {
        let after =
            |seconds: i64| named(name).now().checked_add(SignedDuration::from_secs(minutes * 60 + seconds)).unwrap();
        assert!(!kept(name).has_ended(after(-1)) && kept(name).has_ended(after(0)), "{name}");
    }
}

#[test]
fn an_address_that_takes_one_answer_says_so() {
    let once: Vec<&str> = LATE.into_iter().filter(|name| kept(name).takes_one_answer()).collect();
    assert_eq!(once, ["wecom_robot_plan", "wecom_robot_confirm_button"]);
}

#[test]
fn what_is_kept_is_read_again_and_never_shown() {
    for name in LATE {
        let late = kept(name);
        let written = serde_json::to_value(&late).unwrap();
        assert_eq!(written["chat"], named(name).message().chat.as_str());
        assert_eq!(serde_json::from_value::<LateReply>(written).unwrap(), late, "{name}");
        let shown = format!("{late:?}");
        assert!(!shown.contains("https") && !shown.contains("hooks") && !shown.contains("session="), "{shown}");
    }
}

#[test]
fn what_is_read_again_is_judged_as_in_the_message_and_not_repeated() {
    let refused = [
        json!({"chat": "slack", "url": "https://hooks.slack.com/services/T1/B1/secret", "replaces": true, "ends_at": now()}),
        json!({"chat": "slack", "url": "http://hooks.slack.com/actions/secret", "replaces": true, "ends_at": now()}),
        json!({"chat": "slack", "url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?secret", "replaces": true, "ends_at": now()}),
        json!({"chat": "dingtalk", "url": "https://oapi.dingtalk.com/robot/send?access_token=secret", "ends_at": null}),
        json!({"chat": "dingtalk", "url": "https://example.com/robot/sendBySession?session=secret", "ends_at": null}),
        json!({"chat": "wecom", "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=secret"}),
        json!({"chat": "wecom", "url": "http://127.0.0.1:9/cgi-bin/aibot/response?secret"}),
        json!({"chat": "wecom"}),
        json!({"chat": "feishu", "message_id": ""}),
        json!({"chat": "feishu", "message_id": "secret\n"}),
        json!({"chat": "teams", "url": "https://example.com/secret"}),
    ];
    for written in refused {
        let error = serde_json::from_value::<LateReply>(written.clone()).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{written}: {error}");
    }
}

/// What says that work goes on.
fn working() -> Card {
    let link = Link { label: "Console".to_owned(), url: "https://rdsnext.console.aliyun.com/".to_owned() };
    Card {
        link: Some(link),
        ..Card::new(Tone::Neutral, "Working on it", Text::lines("The result follows `here`.\nSoon."))
    }
}

#[test]
fn an_acknowledgement_of_a_robots_button_takes_its_cards_place_and_leaves_the_address_unused() {
    let vector = named("wecom_robot_confirm_button");
    let answer = vector.door().acknowledge(&vector.message().reply, &working(), vector.now());
    assert_eq!(answer.send, None);
    let said: Value = serde_json::from_str(&opened_body(&vector, &answer.response.body)).unwrap();
    let expected = json!({
        "response_type": "update_template_card",
        "template_card": {
            "card_type": "text_notice",
            "main_title": {"title": "Working on it"},
            "sub_title_text": "The result follows here. Soon.",
            "card_action": {"type": 1, "url": "https://rdsnext.console.aliyun.com/"},
            "task_id": "t",
        },
    });
    assert_eq!(said, expected);
}

#[test]
fn where_a_robots_card_cannot_be_replaced_it_stays_and_the_address_is_unused_all_the_same() {
    let vector = named("wecom_robot_confirm_button");
    let Reply::WeComUrl { url, .. } = vector.message().reply else { panic!("a button of a robot") };
    let (unnamed, named) =
        (Reply::WeComUrl { url: url.clone(), task_id: None }, Reply::WeComUrl { url, task_id: Some("t".to_owned()) });
    for (reply, card) in [(unnamed, working()), (named, Card { link: None, ..working() })] {
        let answer = vector.door().acknowledge(&reply, &card, vector.now());
        assert_eq!((answer.send, answer.response), (None, HttpAnswer::empty()));
    }
}

#[test]
fn everything_else_is_acknowledged_as_it_is_answered() {
    for name in [
        "slack_rds_encrypt",
        "slack_confirm_button",
        "dingtalk_rds_encrypt",
        "lark_im_message_receive_v1",
        "lark_confirm_button",
        "teams_plan",
    ] {
        let vector = named(name);
        let (door, reply) = (vector.door(), vector.message().reply);
        let answer = door.answer(&reply, &working(), vector.now());
        assert_eq!(door.acknowledge(&reply, &working(), vector.now()), answer, "{name}");
    }
    for name in ["wecom_robot_plan", "wecom_app_rds_encrypt"] {
        let vector = named(name);
        let answer = vector.door().acknowledge(&vector.message().reply, &working(), vector.now());
        assert_eq!(answer.send, None, "{name}");
        assert!(opened_body(&vector, &answer.response.body).contains("Working on it"), "{name}");
    }
}
