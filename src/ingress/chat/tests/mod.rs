//! The vectors, by every door: what the chats' own programs make is heard, and nothing else is.

mod answers;
mod hostile;
mod late;
mod refusals;

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Clone, Deserialize)]
struct Vector {
    name: String,
    channel: String,
    direction: String,
    secret: BTreeMap<String, String>,
    now_unix: Option<i64>,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
    /// What is encrypted in the body.
    plaintext: Option<String>,
    expect: String,
}

fn file(text: &str) -> Vec<Vector> {
    serde_json::from_str::<File>(text).unwrap().vectors
}

/// What was collected; of it, what comes in by a chat.
fn collected() -> Vec<Vector> {
    let chats = ["slack", "dingtalk", "lark", "wecom"];
    let all = file(include_str!("../../../../tests/fixtures/chat/vectors.json"));
    all.into_iter().filter(|v| v.direction == "in" && chats.contains(&v.channel.as_str())).collect()
}

fn made() -> Vec<Vector> {
    file(include_str!("../../../../tests/fixtures/chat/made.json"))
}

fn named(name: &str) -> Vector {
    collected().into_iter().chain(made()).find(|vector| vector.name == name).unwrap()
}

impl Vector {
    fn door(&self) -> ChatDoor {
        let secret = |name: &str| self.secret[name].as_str();
        match self.channel.as_str() {
            "slack" => ChatDoor::Slack(SlackDoor::new(vec!["other".into(), secret("signing_secret").into()]).unwrap()),
            "dingtalk" if self.secret.contains_key("token") => {
                let encryption = BodyEncryption {
                    token: secret("token").into(),
                    encoding_aes_key: secret("encoding_aes_key").into(),
                    owner_key: secret("owner_key").to_owned(),
                };
                ChatDoor::DingTalk(DingTalkDoor::new(vec![], Some(encryption), false).unwrap())
            }
            "dingtalk" => ChatDoor::DingTalk(
                DingTalkDoor::new(vec!["other".into(), secret("app_secret").into()], None, false).unwrap(),
            ),
            "lark" => ChatDoor::Feishu(FeishuDoor::new(self.feishu_secrets(), Cloud::Feishu, None).unwrap()),
            "wecom" | "wecom-robot" => {
                let kind = if self.channel == "wecom" { WeComKind::Application } else { WeComKind::SmartRobot };
                let receiver = self.secret.get("receive_id").cloned().unwrap_or_default();
                let key = secret("encoding_aes_key").into();
                ChatDoor::WeCom(WeComDoor::new(secret("token").into(), &key, receiver, kind).unwrap())
            }
            "teams" => {
                let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAA";
                ChatDoor::Teams(TeamsDoor::new(&[other.into(), secret("security_token").into()]).unwrap())
            }
            other => panic!("{other}"),
        }
    }

    fn feishu_secrets(&self) -> FeishuSecrets {
        FeishuSecrets {
            encrypt_key: self.secret["encrypt_key"].as_str().into(),
            verification_token: self.secret.get("verification_token").map_or("token", String::as_str).into(),
            app_id: "cli_9f5343c580712544".to_owned(),
            app_secret: "app-secret".into(),
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.now_unix.unwrap_or(1_767_225_600)).unwrap()
    }

    fn headers(&self) -> HeaderMap {
        let pair = |(name, value): (&String, &String)| {
            (HeaderName::try_from(name.as_str()).unwrap(), HeaderValue::try_from(value.as_str()).unwrap())
        };
        self.headers.iter().map(pair).collect()
    }

    fn hear(&self) -> Result<ChatInbound, ChatError> {
        self.hear_with(&self.headers(), self.body.as_bytes())
    }

    fn hear_with(&self, headers: &HeaderMap, body: &[u8]) -> Result<ChatInbound, ChatError> {
        let method: Method = self.method.parse().unwrap();
        let query = self.path.split_once('?').map(|(_, query)| query);
        self.door().hear(&RawRequest::new(&method, query, headers, body), self.now())
    }

    fn message(&self) -> ChatMessage {
        match self.hear() {
            Ok(ChatInbound::ChatMessage(message)) => *message,
            other => panic!("{}: {other:?}", self.name),
        }
    }

    fn handshake(&self) -> HttpAnswer {
        match self.hear() {
            Ok(ChatInbound::Handshake(answer)) => answer,
            other => panic!("{}: {other:?}", self.name),
        }
    }

    fn is_unauthorised(&self) -> bool {
        matches!(self.hear(), Err(ChatError::Unauthorised))
    }
}

const COMMAND: &str = "rm-bp1xxxxxxxxxxxxx key=alias/rds-tde region=cn-hangzhou dry_run=true";

#[test]
fn every_collected_vector_of_a_chat_is_heard_as_it_should_be() {
    for vector in collected() {
        let message = |user: &str, channel: &str, tenant: &str, text: &str| {
            let message = vector.message();
            let ids = (message.user.as_str(), message.channel.as_str(), message.tenant.as_str(), message.text.as_str());
            assert_eq!(ids, (user, channel, tenant, text), "{}", vector.name);
        };
        match vector.name.as_str() {
            "slack_official_doc" => message("U2CERLKJA", "G8PSS9T3V", "T1DC2JH3J", ""),
            "slack_rds_encrypt" => message("U2147483697", "C2147483705", "T0001", COMMAND),
            // The last one is no message: its plain text is a test beside the cipher.
            "slack_stale_301s" | "slack_body_tampered" | "lark_decrypt_official" => assert!(vector.is_unauthorised()),
            "slack_ssl_check" => assert_eq!(vector.handshake(), HttpAnswer::empty()),
            "slack_events_url_verification" => {
                let challenge = r#"{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#;
                assert_eq!(vector.handshake().body, challenge);
            }
            "dingtalk_rds_encrypt" => {
                message("user123", "cidXXXX==", "ding000", &format!("/rds-encrypt {COMMAND}"));
                assert!(!vector.message().body_is_trusted);
            }
            // It is heard, as something that anybody may have said.
            "dingtalk_body_tampered_STILL_VALID_SIGN" => assert!(!vector.message().body_is_trusted),
            "dingtalk_event_official_rs" => assert!(vector.handshake().body.contains("msg_signature")),
            "lark_url_verification_encrypted" => {
                assert_eq!(vector.handshake().body, r#"{"challenge":"ajls384kdjx98XX"}"#);
            }
            // An encrypt key is not optional here.
            "lark_url_verification_plain" => {
                let refused = FeishuDoor::new(vector.feishu_secrets(), Cloud::Feishu, None).unwrap_err();
                assert_eq!(refused.field, "encrypt_key");
            }
            "lark_im_message_receive_v1" => message(
                "ou_84aad35d084aa403a838cf73ee18467",
                "oc_5ce6d572455d361153b7xx51da133945",
                "2ca1d211f64f6438",
                &format!("/rds-encrypt {COMMAND}"),
            ),
            "wecom_verify_url_official" => assert_eq!(vector.handshake().body, "1616140317555161061"),
            "wecom_message_official" => message("mycreate", "218", "wx5823bf96d3bd56c7", "hello"),
            "wecom_app_rds_encrypt" => {
                message("zhangsan", "218", "wx5823bf96d3bd56c7", &format!("/rds-encrypt {COMMAND}"));
            }
            unknown => panic!("{unknown} has no expectation"),
        }
    }
}

#[test]
fn every_made_vector_is_heard_as_it_says() {
    for vector in made() {
        let inbound = vector.hear();
        let fine = match (vector.expect.split_once(' '), &inbound) {
            (Some(("says", words)), Ok(ChatInbound::ChatMessage(message))) => {
                message.text == words && message.body_is_trusted
            }
            (Some(("reject", _)), Err(ChatError::Unauthorised)) => true,
            (None, Ok(ChatInbound::Nothing { .. })) => vector.expect == "nothing",
            (None, Ok(ChatInbound::Handshake(_))) => vector.expect == "handshake",
            (None, Err(ChatError::Unreadable(_))) => vector.expect == "unreadable",
            _ => false,
        };
        assert!(fine, "{}, expected {}: {inbound:?}", vector.name, vector.expect);
    }
}

/// Signs as Slack would.
fn slack(content_type: &'static str, body: &str) -> Vector {
    let vector = named("slack_rds_encrypt");
    let key = hmac::Key::new(hmac::HMAC_SHA256, vector.secret["signing_secret"].as_bytes());
    let signature = hmac::sign(&key, format!("v0:1767225600:{body}").as_bytes());
    let mut headers = vector.headers.clone();
    headers.insert("content-type".to_owned(), content_type.to_owned());
    let signature = format!("v0={}", base16ct::lower::encode_string(signature.as_ref()));
    headers.insert("x-slack-signature".to_owned(), signature);
    Vector { headers, body: body.to_owned(), ..vector }
}

fn envelope(vector: &Vector) -> crypt::Envelope {
    let receiver = vector.secret.get("receive_id").or(vector.secret.get("owner_key")).cloned().unwrap_or_default();
    let key = vector.secret["encoding_aes_key"].as_str().into();
    crypt::Envelope::new(vector.secret["token"].as_str().into(), &key, receiver).unwrap()
}
