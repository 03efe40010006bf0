//! The vectors, by every door: what the chats' own programs make is heard, and nothing else is.

use std::collections::BTreeMap;

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

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
    let all = file(include_str!("../../../tests/fixtures/chat/vectors.json"));
    all.into_iter().filter(|v| v.direction == "in" && chats.contains(&v.channel.as_str())).collect()
}

fn made() -> Vec<Vector> {
    file(include_str!("../../../tests/fixtures/chat/made.json"))
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

    fn hear(&self) -> Result<Heard, NotHeard> {
        self.hear_with(&self.headers(), self.body.as_bytes())
    }

    fn hear_with(&self, headers: &HeaderMap, body: &[u8]) -> Result<Heard, NotHeard> {
        let method: Method = self.method.parse().unwrap();
        let query = self.path.split_once('?').map(|(_, query)| query);
        self.door().hear(&RawRequest::new(&method, query, headers, body), self.now())
    }

    fn said(&self) -> Said {
        match self.hear() {
            Ok(Heard::Said(said)) => *said,
            other => panic!("{}: {other:?}", self.name),
        }
    }

    fn handshake(&self) -> HttpAnswer {
        match self.hear() {
            Ok(Heard::Handshake(answer)) => answer,
            other => panic!("{}: {other:?}", self.name),
        }
    }

    fn is_unauthorised(&self) -> bool {
        matches!(self.hear(), Err(NotHeard::Unauthorised))
    }
}

const COMMAND: &str = "rm-bp1xxxxxxxxxxxxx key=alias/rds-tde region=cn-hangzhou dry_run=true";

#[test]
fn every_collected_vector_of_a_chat_is_heard_as_it_should_be() {
    for vector in collected() {
        let said = |user: &str, channel: &str, tenant: &str, text: &str| {
            let said = vector.said();
            let ids = (said.user.as_str(), said.channel.as_str(), said.tenant.as_str(), said.text.as_str());
            assert_eq!(ids, (user, channel, tenant, text), "{}", vector.name);
        };
        match vector.name.as_str() {
            "slack_official_doc" => said("U2CERLKJA", "G8PSS9T3V", "T1DC2JH3J", ""),
            "slack_rds_encrypt" => said("U2147483697", "C2147483705", "T0001", COMMAND),
            // The last one is no message: its plain text is a test beside the cipher.
            "slack_stale_301s" | "slack_body_tampered" | "lark_decrypt_official" => assert!(vector.is_unauthorised()),
            "slack_ssl_check" => assert_eq!(vector.handshake(), HttpAnswer::empty()),
            "slack_events_url_verification" => {
                let challenge = r#"{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#;
                assert_eq!(vector.handshake().body, challenge);
            }
            "dingtalk_rds_encrypt" => {
                said("user123", "cidXXXX==", "ding000", &format!("/rds-encrypt {COMMAND}"));
                assert!(!vector.said().body_is_trusted);
            }
            // It is heard, as something that anybody may have said.
            "dingtalk_body_tampered_STILL_VALID_SIGN" => assert!(!vector.said().body_is_trusted),
            "dingtalk_event_official_rs" => assert!(vector.handshake().body.contains("msg_signature")),
            "lark_url_verification_encrypted" => {
                assert_eq!(vector.handshake().body, r#"{"challenge":"ajls384kdjx98XX"}"#);
            }
            // An encrypt key is not optional here.
            "lark_url_verification_plain" => {
                let refused = FeishuDoor::new(vector.feishu_secrets(), Cloud::Feishu, None).unwrap_err();
                assert_eq!(refused.field, "encrypt_key");
            }
            "lark_im_message_receive_v1" => said(
                "ou_84aad35d084aa403a838cf73ee18467",
                "oc_5ce6d572455d361153b7xx51da133945",
                "2ca1d211f64f6438",
                &format!("/rds-encrypt {COMMAND}"),
            ),
            "wecom_verify_url_official" => assert_eq!(vector.handshake().body, "1616140317555161061"),
            "wecom_message_official" => said("mycreate", "218", "wx5823bf96d3bd56c7", "hello"),
            "wecom_app_rds_encrypt" => {
                said("zhangsan", "218", "wx5823bf96d3bd56c7", &format!("/rds-encrypt {COMMAND}"));
            }
            unknown => panic!("{unknown} has no expectation"),
        }
    }
}

#[test]
fn every_made_vector_is_heard_as_it_says() {
    for vector in made() {
        let heard = vector.hear();
        let fine = match (vector.expect.split_once(' '), &heard) {
            (Some(("says", words)), Ok(Heard::Said(said))) => said.text == words && said.body_is_trusted,
            (Some(("reject", _)), Err(NotHeard::Unauthorised)) => true,
            (None, Ok(Heard::Nothing { .. })) => vector.expect == "nothing",
            (None, Ok(Heard::Handshake(_))) => vector.expect == "handshake",
            (None, Err(NotHeard::Unreadable { .. })) => vector.expect == "unreadable",
            _ => false,
        };
        assert!(fine, "{}, expected {}: {heard:?}", vector.name, vector.expect);
    }
}

#[test]
fn a_time_is_near_on_both_sides_and_at_the_edge() {
    for (name, window) in [("slack_rds_encrypt", 300), ("dingtalk_rds_encrypt", 300), ("wecom_robot_plan", 300)]
        .into_iter()
        .chain([("lark_confirm_button", 600), ("dingtalk_encrypted_plan", 300), ("wecom_app_rds_encrypt", 300)])
    {
        let vector = named(name);
        for (off, fine) in [(window, true), (-window + 1, true), (window + 1, false), (-window - 1, false)] {
            let moved = Vector { now_unix: Some(1_767_225_600 + off), ..vector.clone() };
            assert_eq!(moved.hear().is_ok(), fine, "{name} {off}");
        }
    }
}

#[test]
fn a_header_that_is_missing_doubled_or_huge_is_refused() {
    for name in ["slack_rds_encrypt", "dingtalk_rds_encrypt", "lark_im_message_receive_v1", "teams_plan"] {
        let vector = named(name);
        for header in vector.headers().keys().filter(|header| *header != "content-type") {
            let mut missing = vector.headers();
            missing.remove(header);
            let mut doubled = vector.headers();
            doubled.append(header, doubled[header].clone());
            let mut huge = vector.headers();
            huge.insert(header, HeaderValue::from_bytes(&[b'1'; 8192]).unwrap());
            let mut foreign = vector.headers();
            foreign.insert(header, HeaderValue::from_bytes(b"v0=\xff").unwrap());
            for headers in [missing, doubled, huge, foreign] {
                let heard = vector.hear_with(&headers, vector.body.as_bytes());
                assert!(matches!(heard, Err(NotHeard::Unauthorised)), "{name} {header}");
            }
        }
    }
}

#[test]
fn a_signature_of_another_form_is_refused() {
    let forms: [fn(&str) -> String; 6] = [
        |signature| format!("v1={}", signature.trim_start_matches("v0=").trim_start_matches("HMAC ")),
        |signature| signature[..signature.len() - 1].to_owned(),
        |signature| format!("{signature}00"),
        |signature| signature.to_uppercase() + "=",
        |_| String::new(),
        |signature| format!(" {signature}="),
    ];
    for (name, header) in [
        ("slack_rds_encrypt", "x-slack-signature"),
        ("dingtalk_rds_encrypt", "sign"),
        ("lark_im_message_receive_v1", "x-lark-signature"),
        ("teams_plan", "authorization"),
    ] {
        let vector = named(name);
        let signature = vector.headers()[header].to_str().unwrap().to_owned();
        for (number, form) in forms.iter().enumerate() {
            let mut headers = vector.headers();
            headers.insert(header, HeaderValue::try_from(form(&signature)).unwrap());
            let heard = vector.hear_with(&headers, vector.body.as_bytes());
            assert!(matches!(heard, Err(NotHeard::Unauthorised)), "{name} {number}");
        }
    }
}

#[test]
fn the_check_of_an_address_reads_no_message_out() {
    for name in ["wecom_message_official", "wecom_robot_plan"] {
        let vector = named(name);
        assert!(vector.hear().is_ok(), "{name}");
        let (_, rest) =
            vector.body.split_once("<Encrypt><![CDATA[").or(vector.body.split_once("\"encrypt\":\"")).unwrap();
        let cipher_text = rest.split(['"', ']']).next().unwrap();
        let echo = percent_encoding::utf8_percent_encode(cipher_text, percent_encoding::NON_ALPHANUMERIC);
        let (method, path) = ("GET".to_owned(), format!("{}&echostr={echo}", vector.path));
        assert!(Vector { method, path, ..vector }.is_unauthorised(), "{name}");
    }
}

/// The signature sorts what it covers, so the two may change places. Then the request holds at the moment that the nonce
/// names, which docs/doors.md says, and an application's does not, whose time stands inside besides.
#[test]
fn a_nonce_of_ten_digits_is_a_second_moment_of_a_robots_request() {
    for (name, holds) in [("wecom_robot_plan", true), ("wecom_app_rds_encrypt", false)] {
        let vector = named(name);
        let sealed = envelope(&vector).seal(vector.plaintext.as_ref().unwrap(), "1767225600", "1767235600", [0; 16]);
        let encrypt = &sealed.encrypt;
        let as_json = format!("{{\"encrypt\":\"{encrypt}\"}}");
        let body = if holds { as_json } else { format!("<xml><Encrypt>{encrypt}</Encrypt></xml>") };
        let path = format!("/?msg_signature={}&timestamp=1767235600&nonce=1767225600", sealed.signature);
        let swapped = Vector { path, body, now_unix: Some(1_767_235_600), ..vector };
        assert_eq!(swapped.hear().is_ok(), holds, "{name}");
    }
}

#[test]
fn a_query_that_says_something_twice_is_refused() {
    for name in ["wecom_message_official", "wecom_verify_url_official", "wecom_robot_plan", "dingtalk_encrypted_plan"] {
        let vector = named(name);
        for more in ["&nonce=1", "&timestamp=1409659813", "&msg_signature=0", "&%6eonce=1"] {
            let path = format!("{}{more}", vector.path);
            assert!(Vector { path, ..vector.clone() }.is_unauthorised(), "{name} {more}");
        }
        let path = vector.path.split('?').next().unwrap().to_owned();
        assert!(Vector { path, ..vector }.is_unauthorised(), "{name}");
    }
    let vector = named("dingtalk_encrypted_plan");
    let path = vector.path.replace("&signature=", "&signature=0");
    assert!(Vector { path, ..vector }.is_unauthorised());
}

#[test]
fn a_door_without_secrets_hears_nothing() {
    for name in ["slack_rds_encrypt", "dingtalk_rds_encrypt", "teams_plan"] {
        let vector = named(name);
        let (headers, method) = (vector.headers(), Method::POST);
        let request = RawRequest::new(&method, None, &headers, vector.body.as_bytes());
        let heard = match name {
            "slack_rds_encrypt" => SlackDoor::new(vec![]).unwrap().hear(&request, vector.now()),
            "teams_plan" => TeamsDoor::new(&[]).unwrap().hear(&request, vector.now()),
            _ => DingTalkDoor::new(vec![], None, true).unwrap().hear(&request, vector.now()),
        };
        assert!(matches!(heard, Err(NotHeard::Unauthorised)), "{name}");
    }
    assert!(SlackDoor::new(vec!["".into()]).is_err() && DingTalkDoor::new(vec![" ".into()], None, false).is_err());
    assert!(TeamsDoor::new(&["".into()]).is_err() && TeamsDoor::new(&["not base64".into()]).is_err());
    let wecom = |receiver: &str, kind| {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".into();
        WeComDoor::new("t".into(), &key, receiver.to_owned(), kind).map_err(|unfit| unfit.field)
    };
    assert_eq!(wecom("", WeComKind::Application).unwrap_err(), "receive_id");
    assert_eq!(wecom("ww1", WeComKind::SmartRobot).unwrap_err(), "receive_id");
}

#[test]
fn a_plain_body_does_not_pass_where_bodies_are_encrypted() {
    let plain = named("dingtalk_rds_encrypt");
    let encrypted = named("dingtalk_encrypted_plan");
    let downgraded = Vector { secret: encrypted.secret, ..plain };
    assert!(downgraded.is_unauthorised());
    let robot = named("wecom_robot_plan");
    assert!(
        Vector { channel: "wecom".to_owned(), secret: named("wecom_message_official").secret, ..robot }
            .is_unauthorised()
    );
    let vector = named("lark_url_verification_plain");
    assert!(Vector { secret: named("lark_confirm_button").secret, ..vector }.is_unauthorised());
}

#[test]
fn an_unsigned_body_is_trusted_only_where_the_door_says_so() {
    let vector = named("dingtalk_rds_encrypt");
    let door = DingTalkDoor::new(vec![vector.secret["app_secret"].as_str().into()], None, true).unwrap();
    let (headers, method) = (vector.headers(), Method::POST);
    let heard = door.hear(&RawRequest::new(&method, None, &headers, vector.body.as_bytes()), vector.now());
    let Ok(Heard::Said(said)) = heard else { panic!("{heard:?}") };
    assert!(said.body_is_trusted);
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

#[test]
fn what_slack_signed_and_we_cannot_read_is_answered_in_words() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let thousand: Vec<_> = (0..1000).map(|n| format!("f{n}=1")).collect();
    for (content_type, body) in [
        (FORM, ""),
        (FORM, r#"{"type":"block_actions"}"#),
        (FORM, "team_id=T1&team_id=T2&channel_id=C1&user_id=U1&trigger_id=1&text="),
        (FORM, "team_id=T1&channel_id=C1&trigger_id=1&text=plan"),
        (FORM, "team_id=T1&channel_id=C1&user_id=U%0a1&trigger_id=1&text=plan"),
        (FORM, "team_id=T1&channel_id=C1&user_id=U1&trigger_id=1&text=&response_url=https%3A%2F%2Fexample.com%2F"),
        (FORM, "payload=%7B%7D"),
        (FORM, "payload=[]"),
        (FORM, &thousand.join("&")),
        ("application/json", "team_id=T1"),
        ("application/json", r#"{"type":"url_verification"}"#),
        ("application/json", r#"{"type":"url_verification","type":"x","challenge":"x"}"#),
        ("text/plain", "team_id=T1"),
    ] {
        match slack(content_type, body).hear() {
            Err(NotHeard::Unreadable { response, rejection }) => {
                assert_eq!(response.status, 200);
                assert!(response.body.contains("ephemeral") && !rejection.to_string().contains("example.com"));
            }
            other => panic!("{content_type} {body}: {other:?}"),
        }
    }
}

fn card() -> Card {
    let mut card = Card::new(Tone::Warn, "Backup encryption & plan", "Would <enable> it. ".repeat(300));
    card.audience = Audience::Everyone;
    card.facts = (0..12).map(|n| (format!("Fact {n}"), "<!channel> [x](https://example.com)".to_owned())).collect();
    card.next_step = Some("Read it".to_owned());
    card.link = Some(Link { label: "Console".to_owned(), url: "https://rdsnext.console.aliyun.com/".to_owned() });
    card.confirm = Some(Confirm {
        token: "v1.token_-".to_owned(),
        label: "Enable backup encryption".to_owned(),
        question: "It cannot be turned off again.".to_owned(),
    });
    card.footer = Some("request 1".to_owned());
    card
}

fn answered(name: &str) -> Answer {
    let vector = named(name);
    vector.door().answer(&vector.said().reply, &card(), vector.now())
}

#[test]
fn every_answer_says_how_to_confirm_and_nothing_of_it_is_markup() {
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
        assert!(text.contains("confirm v1.token_-"), "{name}: {text}");
        assert!(text.contains("Fact 9") && !text.contains("Fact 10"), "{name}");
        assert!(text.contains("https://rdsnext.console.aliyun.com/"), "{name}");
        // Feishu shows most of it as plain text, where nothing is markup.
        let is_plain = name.starts_with("lark");
        assert!(is_plain || !text.contains("<enable>") && !text.contains("<!channel>"), "{name}: {text}");
        assert!(is_plain || name.starts_with("slack") || !text.contains("[x]("), "{name}");
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

fn envelope(vector: &Vector) -> crypt::Envelope {
    let receiver = vector.secret.get("receive_id").or(vector.secret.get("owner_key")).cloned().unwrap_or_default();
    let key = vector.secret["encoding_aes_key"].as_str().into();
    crypt::Envelope::new(vector.secret["token"].as_str().into(), &key, receiver).unwrap()
}

/// Opens a passive answer as `WeCom` would.
fn opened(name: &str) -> String {
    opened_with(name, &card())
}

fn opened_with(name: &str, card: &Card) -> String {
    let vector = named(name);
    let body = vector.door().answer(&vector.said().reply, card, vector.now()).response.body;
    let parts: Vec<String> = match serde_json::from_str::<BTreeMap<String, serde_json::Value>>(&body) {
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
    let message = envelope(&vector).open(&parts[0], &parts[1], &parts[2], &parts[3]).unwrap();
    String::from_utf8(message.as_bytes().to_vec()).unwrap()
}

#[test]
fn a_passive_answer_is_encrypted_and_as_long_as_it_may_be() {
    let text = opened("wecom_app_rds_encrypt");
    assert!(text.starts_with("<xml><ToUserName><![CDATA[zhangsan]]>"), "{text}");
    let content = text.split_once("<Content><![CDATA[").unwrap().1.split_once("]]>").unwrap().0;
    assert!(content.len() <= 2048 && content.contains("confirm v1.token_-"), "{content}");

    let robot: serde_json::Value = serde_json::from_str(&opened("wecom_robot_plan")).unwrap();
    let content = robot["stream"]["content"].as_str().unwrap();
    assert!(content.len() <= 4096 && content.contains("confirm v1.token_-"), "{content}");
    assert_eq!(robot["template_card"]["button_list"][0]["key"], "v1.token_-");
    assert_eq!(opened("dingtalk_encrypted_plan"), "success");
}

/// What people see, in one file: a change of wording or shape shows in its diff.
#[test]
fn the_answers_are_as_in_the_file() {
    let mut card = Card::new(Tone::Warn, "Backup encryption planned", "Would enable it; nothing changed yet.");
    card.facts = vec![
        ("Instance".to_owned(), "rm-bp1q2w3e4r5t6y7u8".to_owned()),
        ("Key".to_owned(), "RDS's automatic key & <none>".to_owned()),
    ];
    let Card { next_step, link, confirm, footer, .. } = self::card();
    let card = Card { next_step, link, confirm, footer, ..card };
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::from(text));
    let mut answers = BTreeMap::new();
    for name in
        ["slack_rds_encrypt", "dingtalk_rds_encrypt", "lark_im_message_receive_v1", "lark_confirm_button", "teams_plan"]
    {
        let vector = named(name);
        let answer = vector.door().answer(&vector.said().reply, &card, vector.now());
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
    let expected = include_str!("../../../tests/fixtures/chat/answers.json");
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
        let heard = format!("{:?}", vector.hear());
        assert!(!heard.contains("https://") && !heard.contains("v1."), "{heard}");
    }
}

#[test]
fn a_chat_is_known_by_its_name() {
    for chat in ChatName::ALL {
        assert_eq!(ChatName::parse(chat.as_str()), Some(chat));
    }
    assert_eq!(ChatName::parse("Slack"), None);
    assert!(!format!("{:?} {:?}", card(), answered("slack_rds_encrypt")).contains("v1.token_-"));
}

/// Whose signature covers the body.
const SIGNED: [&str; 8] = [
    "slack_rds_encrypt",
    "slack_confirm_button",
    "lark_im_message_receive_v1",
    "lark_confirm_button",
    "wecom_app_rds_encrypt",
    "wecom_robot_plan",
    "dingtalk_encrypted_plan",
    "teams_plan",
];

#[test]
fn a_body_with_any_byte_changed_says_nothing_else() {
    for name in SIGNED {
        let vector = named(name);
        let headers = vector.headers();
        for at in 0..vector.body.len() {
            let mut body = vector.body.clone().into_bytes();
            body[at] ^= 1;
            match vector.hear_with(&headers, &body) {
                Err(NotHeard::Unauthorised) => {}
                // The XML around what is signed may change where it says nothing.
                Ok(Heard::Said(said)) if name.starts_with("wecom_app") => assert_eq!(*said, vector.said(), "{at}"),
                heard => panic!("{name} {at}: {heard:?}"),
            }
        }
    }
}

/// Feishu signs its first question with nothing but the cipher and the token inside.
#[test]
fn an_unsigned_question_that_was_changed_is_never_more_than_a_question() {
    let vector = named("lark_url_verification_encrypted");
    for at in 0..vector.body.len() {
        let mut body = vector.body.clone().into_bytes();
        body[at] ^= 1;
        let heard = vector.hear_with(&vector.headers(), &body);
        assert!(matches!(heard, Err(NotHeard::Unauthorised) | Ok(Heard::Handshake(_))), "{at}: {heard:?}");
    }
}

/// Any JSON, most of it small.
fn part() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        "(<at>|</at>|@_user_1|&nbsp;|\\{\"text\":){0,3}\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// The same tree with another part in one place.
fn changed(json: &str, at: usize, other: &Value) -> String {
    fn parts(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(parts).sum::<usize>(),
            Value::Object(fields) => 1 + fields.values().map(parts).sum::<usize>(),
            _ => 1,
        }
    }
    fn put(value: &mut Value, left: &mut Option<usize>, other: &Value) {
        match left {
            None => return,
            Some(0) => {
                (*value, *left) = (other.clone(), None);
                return;
            }
            Some(left) => *left -= 1,
        }
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| put(item, left, other)),
            Value::Object(fields) => fields.values_mut().for_each(|field| put(field, left, other)),
            _ => {}
        }
    }
    let mut tree: Value = serde_json::from_str(json).unwrap();
    let at = at % parts(&tree);
    put(&mut tree, &mut Some(at), other);
    tree.to_string()
}

/// Another event under the encryption and the signature of this one.
fn feishu(vector: &Vector, event: &str) -> Vector {
    let key = digest(&SHA256, vector.secret["encrypt_key"].as_bytes());
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, key.as_ref()).unwrap()).unwrap();
    let mut cipher_text = event.as_bytes().to_vec();
    key.less_safe_encrypt(&mut cipher_text, EncryptionContext::Iv128([0; 16].into())).unwrap();
    let encrypt = BASE64_STANDARD.encode([&[0; 16], &cipher_text[..]].concat());
    let body = serde_json::json!({ "encrypt": encrypt }).to_string();
    let signed = ["1767225600", "n", &vector.secret["encrypt_key"], &body].concat();
    let signature = base16ct::lower::encode_string(digest(&SHA256, signed.as_bytes()).as_ref());
    let headers = [
        ("x-lark-request-timestamp", "1767225600"),
        ("x-lark-request-nonce", "n"),
        ("x-lark-signature", signature.as_str()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Vector { headers: headers.into(), body, ..vector.clone() }
}

/// Another activity under the signature of this one's team.
fn teams(vector: &Vector, activity: &str) -> Vector {
    let key = BASE64_STANDARD.decode(&vector.secret["security_token"]).unwrap();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), activity.as_bytes());
    let headers = BTreeMap::from([("authorization".to_owned(), format!("HMAC {}", BASE64_STANDARD.encode(tag)))]);
    Vector { headers, body: activity.to_owned(), ..vector.clone() }
}

#[test]
fn what_is_signed_here_is_heard_as_what_the_chats_sign() {
    for name in ["lark_im_message_receive_v1", "lark_confirm_button"] {
        let vector = named(name);
        assert_eq!(feishu(&vector, vector.plaintext.as_ref().unwrap()).said(), vector.said());
    }
    let vector = named("teams_plan");
    assert_eq!(teams(&vector, &vector.body).said(), vector.said());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_request_makes_a_door_panic(
        which in 0_usize..SIGNED.len(),
        body: Vec<u8>,
        query in "[a-z_=&%0-9+]{0,80}",
        values in proptest::collection::vec("\\PC{0,40}", 4),
        get: bool,
    ) {
        let vector = named(SIGNED[which]);
        let mut headers = vector.headers();
        for (header, value) in vector.headers().keys().zip(&values) {
            if let Ok(value) = HeaderValue::try_from(value.as_str()) {
                headers.insert(header, value);
            }
        }
        let method = if get { Method::GET } else { Method::POST };
        let heard = vector.door().hear(&RawRequest::new(&method, Some(&query), &headers, &body), vector.now());
        prop_assert!(matches!(heard, Err(NotHeard::Unauthorised)));
    }

    /// What comes after verification, in the envelope that three doors share.
    #[test]
    fn no_message_in_an_envelope_makes_a_door_panic(message in "[\\[\\]{}\":,a-zA-Z<>/!&;0-9]{0,200}") {
        for name in ["wecom_app_rds_encrypt", "wecom_robot_plan", "dingtalk_encrypted_plan"] {
            let vector = named(name);
            let sealed = envelope(&vector).seal(&message, "1767225600", "n", [0; 16]);
            let path = format!("/?msg_signature={}&timestamp=1767225600&nonce=n", sealed.signature);
            let body = match name {
                "wecom_app_rds_encrypt" => format!("<xml><Encrypt>{}</Encrypt></xml>", sealed.encrypt),
                _ => format!("{{\"encrypt\":\"{}\"}}", sealed.encrypt),
            };
            let _ = Vector { path, body, ..vector }.hear();
        }
    }

    /// What comes after verification where a message is one tree of JSON: any part of a genuine one is something else.
    #[test]
    fn no_changed_part_of_a_message_makes_a_door_panic(at: usize, other in part()) {
        for name in ["lark_im_message_receive_v1", "lark_confirm_button"] {
            let plain = changed(named(name).plaintext.as_ref().unwrap(), at, &other);
            let _ = feishu(&named(name), &plain).hear();
        }
        let vector = named("teams_plan");
        let _ = teams(&vector, &changed(&vector.body, at, &other)).hear();
    }

    /// The door's secret is known here, so that what comes after verification sees anything.
    #[test]
    fn no_signed_body_makes_a_door_panic(body in "[\\[\\]{}\":,a-z_&=%0-9+]{0,120}", form: bool) {
        let content_type = if form { "application/x-www-form-urlencoded" } else { "application/json" };
        let heard = slack(content_type, &body).hear();
        prop_assert!(!matches!(heard, Err(NotHeard::Unauthorised)));
    }
}
