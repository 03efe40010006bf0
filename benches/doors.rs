//! What it costs to let a message in, and to turn a forged one away, as multiples of one bare HMAC-SHA256 over the same
//! body: `cargo bench --bench doors`. Medians of many rounds, all in one run, so that ratios mean something.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark stops where it stands, and prints")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use rds_seal::ingress::chat::{
    BodyEncryption, ChatDoor, Cloud, DingTalkDoor, FeishuDoor, FeishuSecrets, RawRequest, SlackDoor, TeamsDoor,
    WeComDoor, WeComKind,
};
use rds_seal::ingress::event::EventDoor;
use rds_seal::ingress::webhook::{
    self, Admitted, EventBridgeDoor, Kind, Proof, SharedSecret, SigningSecret, Token, WebhookCredential, admit,
};
use rds_seal::ingress::{DeliveryDefaults, Verified};
use rds_seal::request::Mode;
use rds_seal::request::ids::RegionId;
use rds_seal::request::scope::Scope;
use serde::Deserialize;

const ROUNDS: usize = 400;
const CALLS: u32 = 20;

#[derive(Clone, Deserialize)]
struct Vector {
    name: String,
    #[serde(default)]
    secret: serde_json::Value,
    now_unix: Option<i64>,
    #[serde(default)]
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// One request, ready to be judged; `true` is what a genuine one is.
struct Case {
    name: &'static str,
    body: String,
    genuine: Box<dyn Fn() -> bool>,
    forged: Box<dyn Fn() -> bool>,
}

fn main() {
    println!("| door | body | let in | turned away |\n|---|---|---|---|");
    for Case { name, body, genuine, forged } in cases() {
        assert!(genuine() && !forged(), "{name} does not tell the two apart");
        let key = [7; 32];
        let bare = median(|| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), black_box(body.as_bytes())));
        let times = |took: Duration| took.as_secs_f64() / bare.as_secs_f64();
        let (let_in, turned_away) = (times(median(&genuine)), times(median(&forged)));
        // What is let in is read besides, so whoever is turned away has to be cheaper.
        assert!(turned_away < let_in, "{name}: it costs {turned_away:.1} to turn away and {let_in:.1} to let in");
        assert!(name != "slack" || turned_away <= 5.0, "verifying a command costs {turned_away:.1} times its HMAC");
        println!("| {name} | {} B | {let_in:.1} x | {turned_away:.1} x |", body.len());
    }
}

fn median<T>(work: impl Fn() -> T) -> Duration {
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..CALLS {
                black_box(work());
            }
            started.elapsed() / CALLS
        })
        .collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}

fn cases() -> Vec<Case> {
    vec![
        slack(),
        chat("teams", &vector("teams_plan"), "authorization"),
        chat("dingtalk", &vector("dingtalk_rds_encrypt"), "sign"),
        chat("dingtalk, encrypted", &vector("dingtalk_encrypted_plan"), ""),
        chat("feishu", &vector("lark_im_message_receive_v1"), "x-lark-signature"),
        chat("wecom, application", &vector("wecom_app_rds_encrypt"), ""),
        chat("wecom, robot", &vector("wecom_robot_plan"), ""),
        eventbridge(),
    ]
    .into_iter()
    .chain(webhooks())
    .collect()
}

fn vector(name: &str) -> Vector {
    #[derive(Deserialize)]
    struct File {
        vectors: Vec<Vector>,
    }
    let files = [
        include_str!("../tests/fixtures/webhook/vectors.json"),
        include_str!("../tests/fixtures/chat/vectors.json"),
        include_str!("../tests/fixtures/chat/made.json"),
    ];
    let mut all = files.iter().flat_map(|text| serde_json::from_str::<File>(text).unwrap().vectors);
    all.find(|vector| vector.name == name).unwrap()
}

fn headers(pairs: &BTreeMap<String, String>) -> HeaderMap {
    let header = |(name, value): (&String, &String)| {
        (HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(header).collect()
}

/// The same request with one character of its signature changed, in a header or in the query.
fn forged(vector: &Vector, header: &str) -> Vector {
    let mut forged = vector.clone();
    let flipped = |text: &str, at: usize| {
        let other = if text.as_bytes()[at] == b'a' { "b" } else { "a" };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    };
    if header.is_empty() {
        let at = forged.path.find("signature=").unwrap() + "signature=".len() + 3;
        forged.path = flipped(&forged.path, at);
    } else {
        let (_, value) = forged.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(header)).unwrap();
        *value = flipped(value, value.len() - 6);
    }
    forged
}

fn chat(name: &'static str, genuine: &Vector, signature: &str) -> Case {
    let judge = |vector: Vector| -> Box<dyn Fn() -> bool> {
        let (door, headers) = (door(&vector), headers(&vector.headers));
        let now = Timestamp::from_second(vector.now_unix.unwrap()).unwrap();
        let query = vector.path.split_once('?').map(|(_, query)| query.to_owned());
        Box::new(move || {
            let raw = RawRequest::new(&Method::POST, query.as_deref(), &headers, vector.body.as_bytes());
            door.hear(&raw, now).is_ok()
        })
    };
    let forged = forged(genuine, signature);
    Case { name, body: genuine.body.clone(), genuine: judge(genuine.clone()), forged: judge(forged) }
}

fn door(vector: &Vector) -> ChatDoor {
    let secret = |name: &str| vector.secret[name].as_str().unwrap_or_default().to_owned();
    match vector.name.split('_').next().unwrap() {
        "slack" => ChatDoor::Slack(SlackDoor::new(vec![secret("signing_secret").into()]).unwrap()),
        "teams" => ChatDoor::Teams(TeamsDoor::new(&[secret("security_token").into()]).unwrap()),
        "dingtalk" if vector.secret.get("token").is_some() => {
            let encryption = BodyEncryption {
                token: secret("token").into(),
                encoding_aes_key: secret("encoding_aes_key").into(),
                owner_key: secret("owner_key"),
            };
            ChatDoor::DingTalk(DingTalkDoor::new(vec![], Some(encryption), false).unwrap())
        }
        "dingtalk" => ChatDoor::DingTalk(DingTalkDoor::new(vec![secret("app_secret").into()], None, false).unwrap()),
        "lark" => {
            let secrets = FeishuSecrets {
                encrypt_key: secret("encrypt_key").into(),
                verification_token: secret("verification_token").into(),
                app_id: "cli_9f5343c580712544".to_owned(),
                app_secret: "an-app-secret".into(),
            };
            ChatDoor::Feishu(FeishuDoor::new(secrets, Cloud::Feishu, None).unwrap())
        }
        _ => {
            let receiver = secret("receive_id");
            let kind = if receiver.is_empty() { WeComKind::SmartRobot } else { WeComKind::Application };
            let key = secret("encoding_aes_key").into();
            ChatDoor::WeCom(WeComDoor::new(secret("token").into(), &key, receiver, kind).unwrap())
        }
    }
}

/// A slash command of 1 KiB.
fn slack() -> Case {
    let mut vector = vector("slack_rds_encrypt");
    vector.body = format!("{}&pad={}", vector.body, "x".repeat(1024 - vector.body.len() - 5));
    let timestamp = &vector.headers["x-slack-request-timestamp"];
    let secret = vector.secret["signing_secret"].as_str().unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("v0:{timestamp}:{}", vector.body).as_bytes());
    let signature = format!("v0={}", base16ct::lower::encode_string(tag.as_ref()));
    vector.headers.insert("x-slack-signature".to_owned(), signature);
    chat("slack", &vector, "x-slack-signature")
}

/// One message to a webhook door, proved in each of its ways.
fn webhooks() -> [Case; 5] {
    let standard = vector("stdwh_rds_encrypt");
    let now = Timestamp::from_second(standard.now_unix.unwrap()).unwrap();
    let (id, timestamp) = (standard.headers["webhook-id"].as_str(), standard.headers["webhook-timestamp"].as_str());
    let secret = standard.secret.as_str().unwrap();
    let shared = BASE64_STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let public = format!("whpk_{}", BASE64_STANDARD.encode(key.public_key()));
    let token = "a-bearer-token-of-the-nightly-cron-0001";
    let event = include_str!("../events/instance-created.json");
    let mac = |key: &[u8], content: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), content.as_bytes());
    let content = |body: &str| format!("{id}.{timestamp}.{body}");
    let v1 = |body: &str| format!("v1,{}", BASE64_STANDARD.encode(mac(&shared, &content(body))));
    let v1a = format!("v1a,{}", BASE64_STANDARD.encode(key.sign(content(ASK).as_bytes())));
    let hub = format!("sha256={}", base16ct::lower::encode_string(mac(token.as_bytes(), ASK).as_ref()));
    let standard = |text: &str| Proof::StandardWebhooks { secrets: vec![SigningSecret::parse(text).unwrap()] };
    let bearer = Proof::Bearer { tokens: vec![Token::bearer(token).unwrap()] };
    let github = Proof::GitHub { secrets: vec![SharedSecret::parse(token).unwrap()] };
    let signature = "webhook-signature";
    [
        ("webhook, v1", ASK, standard(secret), signature, v1(ASK)),
        ("webhook, v1a", ASK, standard(&public), signature, v1a),
        ("webhook, bearer token", ASK, bearer, "authorization", format!("Bearer {token}")),
        ("webhook, X-Hub-Signature-256", ASK, github, "x-hub-signature-256", hub),
        ("webhook, v1 over an event", event, standard(secret), signature, v1(event)),
    ]
    .map(|(name, body, proof, header, value)| {
        let kind = if body == ASK { "application/json" } else { "application/cloudevents+json" };
        let mut sent = BTreeMap::from([("content-type", kind.to_owned()), (header, value)]);
        if header == signature {
            sent.extend([("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp.to_owned())]);
        }
        let headers = sent.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let genuine = Vector {
            name: name.to_owned(),
            secret: serde_json::Value::Null,
            now_unix: None,
            path: String::new(),
            headers,
            body: body.to_owned(),
        };
        let judge = |vector: Vector| judged(vector, proof.clone(), now);
        let forged = judge(forged(&genuine, header));
        Case { name, body: body.to_owned(), genuine: judge(genuine), forged }
    })
}

const ASK: &str = r#"{"instance":"rm-bp1q2w3e4r5t6y7u8","region":"cn-hangzhou","id":"ask-1"}"#;

/// Whether a message to a webhook door is let in and asks for something.
fn judged(vector: Vector, proof: Proof, now: Timestamp) -> Box<dyn Fn() -> bool> {
    let scope = Scope { accounts: vec![], regions: vec![], mode: Mode::Plan };
    let credentials =
        [WebhookCredential { name: "ci".to_owned(), proof, scope, accept_replay: false, variables: Vec::new() }];
    let (headers, body) = (headers(&vector.headers), Bytes::from(vector.body));
    Box::new(move || {
        let Ok(admitted) = admit(&credentials, &headers, body.clone(), now) else { return false };
        let Admitted { body, credential, delivery, .. } = admitted;
        let is_ask = body.as_bytes() == ASK.as_bytes();
        let kind = if is_ask { Kind::Requests(&delivery) } else { Kind::Events(&credential.proof) };
        asks(kind, &headers, &body)
    })
}

/// Whether something is asked for by what was let in.
fn asks(kind: Kind<'_>, headers: &HeaderMap, body: &Verified) -> bool {
    let read = webhook::read(kind, headers, body, &EventDoor::default(), &DeliveryDefaults::default());
    read.is_ok_and(|intake| !intake.requests.is_empty())
}

fn eventbridge() -> Case {
    let push = include_str!("../tests/fixtures/webhook/eventbridge/push.json");
    let fields: serde_json::Value = serde_json::from_str(push).unwrap();
    let genuine: Vector = {
        let mut fields = fields.clone();
        fields["name"] = "eventbridge".into();
        serde_json::from_value(fields).unwrap()
    };
    let text = |name: &str| fields[name].as_str().unwrap();
    let token = Token::eventbridge(&genuine.headers["x-eventbridge-signature-token"]).unwrap();
    let certificate = include_bytes!("../tests/fixtures/webhook/eventbridge/certificate.pem");
    let region = RegionId::parse(text("region")).unwrap();
    let door = EventBridgeDoor::new(text("url"), region, vec![token], Some(certificate)).unwrap();
    let judge = |vector: &Vector| -> Box<dyn Fn() -> bool> {
        let (door, headers) = (door.clone(), headers(&vector.headers));
        let (body, now) = (Bytes::from(vector.body.clone()), Timestamp::from_second(vector.now_unix.unwrap()).unwrap());
        Box::new(move || {
            let pushed = door.check_headers(&headers, now).and_then(|pushed| door.verify(&pushed, b"", body.clone()));
            pushed.is_ok_and(|body| asks(Kind::Pushed, &headers, &body))
        })
    };
    let forged = forged(&genuine, "x-eventbridge-signature-v2");
    Case { name: "eventbridge", body: genuine.body.clone(), genuine: judge(&genuine), forged: judge(&forged) }
}
