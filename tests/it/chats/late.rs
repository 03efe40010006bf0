//! What the chats send holds what an answer that comes late needs.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use rds_seal::ingress::chat::{
    BodyEncryption, ChatDoor, ChatInbound, ChatMessage, Cloud, DingTalkDoor, FeishuDoor, FeishuSecrets, LateReply,
    RawRequest, Reply, SlackDoor, WeComDoor, WeComKind,
};
use serde_json::{Value, json};

use super::{Chat, DINGTALK, ENVELOPE_KEY, FEISHU, ROBOT, SLACK};
use crate::world::World;

fn door(chat: &Chat) -> ChatDoor {
    let word = || "a-word-of-an-envelope".into();
    match chat.name {
        "slack" => ChatDoor::Slack(SlackDoor::new(vec!["a-secret-of-slack".into()]).unwrap()),
        "dingtalk" => {
            let owner_key = "ding-app".to_owned();
            let encryption = BodyEncryption { token: word(), encoding_aes_key: ENVELOPE_KEY.into(), owner_key };
            ChatDoor::DingTalk(DingTalkDoor::new(Vec::new(), Some(encryption), false).unwrap())
        }
        "feishu" => {
            let secrets = FeishuSecrets {
                encrypt_key: "a-key-of-feishu".into(),
                verification_token: "a-word-of-feishu".into(),
                app_id: "cli_1".to_owned(),
                app_secret: "a-secret-of-feishu".into(),
            };
            ChatDoor::Feishu(FeishuDoor::new(secrets, Cloud::Feishu, None).unwrap())
        }
        _ => {
            let door = WeComDoor::new(word(), &ENVELOPE_KEY.into(), String::new(), WeComKind::SmartRobot);
            ChatDoor::WeCom(door.unwrap())
        }
    }
}

/// What somebody says or presses there, as the door hears it.
async fn heard(world: &World, chat: &Chat, what: Value) -> ChatMessage {
    let letter = world.say(chat.name, &chat.order(&what)).await;
    let headers: Vec<(String, String)> = serde_json::from_value(letter["headers"].clone()).unwrap();
    let header =
        |(name, value): &(String, String)| (name.parse::<HeaderName>().unwrap(), HeaderValue::try_from(value).unwrap());
    let headers: HeaderMap = headers.iter().map(header).collect();
    let (query, body) = (letter["query"].as_str(), letter["body"].as_str().unwrap());
    let now = Timestamp::from_second(world.now()).unwrap();
    match door(chat).hear(&RawRequest::new(&Method::POST, query, &headers, body.as_bytes()), now) {
        Ok(ChatInbound::ChatMessage(message)) => *message,
        other => panic!("{}: {other:?}", chat.name),
    }
}

#[tokio::test]
async fn what_is_said_and_what_is_pressed_can_be_answered_late_in_four_chats() {
    let world = World::start().await;
    let press = || json!({"button": "a-token"});
    for (chat, what) in [
        (&SLACK, json!({"text": "version"})),
        (&SLACK, press()),
        (&DINGTALK, json!({"text": "version"})),
        (&FEISHU, json!({"text": "version"})),
        (&FEISHU, press()),
        (&ROBOT, json!({"text": "version"})),
        (&ROBOT, press()),
    ] {
        let message = heard(&world, chat, what.clone()).await;
        assert!(message.reply.late(Timestamp::now()).is_some(), "{} {what}", chat.name);
    }
}

#[tokio::test]
async fn a_session_says_when_it_ends() {
    let world = World::start().await;
    let late = heard(&world, &DINGTALK, json!({"text": "version"})).await.reply.late(Timestamp::now()).unwrap();
    let LateReply::DingTalk { ends_at: Some(ends_at), .. } = late else { panic!("{late:?}") };
    let lives = ends_at.duration_since(Timestamp::from_second(world.now()).unwrap());
    assert!(
        lives > SignedDuration::from_mins(89) && lives <= SignedDuration::from_mins(90) + SignedDuration::from_secs(1)
    );
}

#[tokio::test]
async fn a_pressed_card_of_a_robot_says_which_one_it_is() {
    let world = World::start().await;
    let reply = heard(&world, &ROBOT, json!({"button": "a-token"})).await.reply;
    assert!(matches!(reply, Reply::WeComUrl { task_id: Some(_), .. }), "{reply:?}");
}
