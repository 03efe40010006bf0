//! Genuine messages for every door, and what is made of them.

use std::fs;
use std::io;
use std::path::Path;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::mutate::mutated;
use super::target::{BEARER, GITHUB, NOW, Target, WEBHOOK};
use crate::random::Random;

/// A request, and whether anything but a refusal may come of it.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) door: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) is_forged: bool,
    /// Its head is scratched too, so that any answer and none is right.
    pub(crate) is_raw: bool,
}

/// What the stand-in needs to speak as each chat: `dev`'s own secrets, which open nothing else.
const CHATS: [(&str, &str); 5] = [
    ("slack", r#"{"secret":"rds-seal-development"}"#),
    ("teams", r#"{"secret":"cmRzLXNlYWwgZGV2ZWxvcG1lbnQgY2hhdCBrZXkgMDA="}"#),
    ("feishu", r#"{"secret":"rds-seal-development","token":"rds-seal-development","app_id":"cli_development"}"#),
    ("wecom", r#"{"token":"rds-seal-development","aes_key":"cmRzLXNlYWwgZGV2ZWxvcG1lbnQgY2hhdCBrZXkgMDA"}"#),
    (
        "dingtalk",
        r#"{"token":"rds-seal-development","aes_key":"cmRzLXNlYWwgZGV2ZWxvcG1lbnQgY2hhdCBrZXkgMDA",
            "receiver":"dingDev","encrypted":true,"secret":"rds-seal-development"}"#,
    ),
];

const COMMANDS: [&str; 7] = [
    "plan rm-demo1fuzz cn-hangzhou",
    "status rm-demo1fuzz",
    "seal rm-demo1fuzz cn-hangzhou",
    "confirm 1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "help",
    "whoami",
    "",
];

/// What is changed.
pub(crate) struct Corpus {
    /// Everything that the platform delivers.
    events: Vec<Vec<u8>>,
    /// What chats send, inside their envelopes.
    chats: Vec<Vec<u8>>,
    push: Value,
    task: Vec<u8>,
}

impl Corpus {
    pub(crate) fn load(task: Vec<u8>) -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut events = Vec::new();
        for folder in ["events", "tests/fixtures/events"] {
            for entry in fs::read_dir(root.join(folder))? {
                let path = entry?.path();
                let is_event =
                    path.extension().is_some_and(|kind| ["json", "form", "txt"].iter().any(|it| kind == *it));
                events.extend(is_event.then(|| fs::read(&path)).transpose()?);
            }
        }
        events.push(br#"{"instance":"rm-demo1fuzz","region":"cn-hangzhou","id":"ask-1","key":"key-1"}"#.to_vec());
        // The order of a folder is not the same everywhere.
        events.sort_unstable();
        let mut chats = Vec::new();
        for file in ["vectors", "made"] {
            let text = fs::read_to_string(root.join(format!("tests/fixtures/chat/{file}.json")))?;
            let file: Value = serde_json::from_str(&text)?;
            let bodies = file["vectors"].as_array().into_iter().flatten().filter_map(|vector| vector["body"].as_str());
            chats.extend(bodies.map(|body| body.as_bytes().to_vec()));
        }
        let push = fs::read_to_string(root.join("tests/fixtures/webhook/eventbridge/push.json"))?;
        Ok(Self { events, chats, push: serde_json::from_str(&push)?, task })
    }

    /// What every door takes, as it is.
    pub(crate) async fn genuine(&self, target: &Target) -> io::Result<Vec<Sent>> {
        let ask = br#"{"instance":"rm-demogenuine1","region":"cn-hangzhou","id":"ask-1"}"#;
        let mut all = vec![invoked(ask.to_vec()), invoked(self.task.clone()), self.pushed()];
        all.extend([standard(ask.to_vec()), bearer(ask.to_vec()), github(ask.to_vec())]);
        for chat in 0..CHATS.len() {
            all.push(said(target, chat, &json!({"text": "plan rm-demogenuine1 cn-hangzhou"})).await?);
        }
        Ok(all)
    }

    /// The next message.
    pub(crate) async fn next(&self, target: &Target, chance: &mut Random) -> io::Result<Sent> {
        let mut sent = match chance.below(100) {
            0..35 => invoked(mutated(&chance.pick(&self.events), &self.events, chance)),
            35..45 => self.forged_task(chance),
            45..60 => {
                let body = mutated(&chance.pick(&self.events), &self.events, chance);
                let by: fn(Vec<u8>) -> Sent = chance.pick(&[standard, bearer, github, cloud_event]);
                by(body)
            }
            60..70 => self.forged_webhook(chance),
            70..90 => self.chat(target, chance).await?,
            _ => self.forged_chat(target, chance).await?,
        };
        if chance.chance(60) {
            sent.is_raw = true;
        }
        Ok(sent)
    }

    /// A genuine task that is not what the function wrote any more. White space makes no other task of it.
    fn forged_task(&self, chance: &mut Random) -> Sent {
        let genuine = serde_json::from_slice::<Value>(&self.task).ok();
        loop {
            let body = mutated(&self.task, &self.events, chance);
            if serde_json::from_slice::<Value>(&body).ok() != genuine {
                return Sent { door: "task", ..invoked(body) };
            }
        }
    }

    /// Signed, and then changed.
    fn forged_webhook(&self, chance: &mut Random) -> Sent {
        let ask = br#"{"instance":"rm-demogenuine1","region":"cn-hangzhou","id":"ask-1"}"#;
        let mut sent = match chance.below(3) {
            0 => standard(ask.to_vec()),
            1 => github(ask.to_vec()),
            _ => self.pushed(),
        };
        sent.body = mutated(&sent.body, &self.events, chance);
        Sent { is_forged: true, ..sent }
    }

    fn pushed(&self) -> Sent {
        let headers = self.push["headers"].as_object().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Sent {
            headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
            body: text(&self.push["body"]).into_bytes(),
            ..sent("eventbridge", "/v1/eventbridge?stage=prod")
        }
    }

    /// What no chat would send, in that chat's own envelope and signature.
    async fn chat(&self, target: &Target, chance: &mut Random) -> io::Result<Sent> {
        let chat = chance.index(CHATS.len());
        if chance.chance(300) {
            let text = mutated(chance.pick(&COMMANDS).as_bytes(), &[], chance);
            return said(target, chat, &json!({"text": String::from_utf8_lossy(&text)})).await;
        }
        let raw = mutated(&chance.pick(&self.chats), &self.chats, chance);
        said(target, chat, &json!({"raw": String::from_utf8_lossy(&raw)})).await
    }

    /// Said by somebody, and then changed where the signature covers it.
    async fn forged_chat(&self, target: &Target, chance: &mut Random) -> io::Result<Sent> {
        let chat = chance.index(CHATS.len());
        let mut sent = said(target, chat, &json!({"text": "plan rm-demogenuine1 cn-hangzhou"})).await?;
        let is_enveloped = ["wecom", "dingtalk"].contains(&sent.door);
        if is_enveloped {
            // The cipher text alone is signed.
            let at = sent.body.len() / 2;
            sent.body[at] = if sent.body[at] == b'A' { b'B' } else { b'A' };
        } else {
            sent.body = mutated(&sent.body, &self.chats, chance);
        }
        Ok(Sent { is_forged: true, ..sent })
    }
}

fn sent(door: &'static str, path: &str) -> Sent {
    let path = path.to_owned();
    Sent { door, path, headers: Vec::new(), body: Vec::new(), is_forged: false, is_raw: false }
}

fn invoked(body: Vec<u8>) -> Sent {
    let headers = [("x-fc-control-path", "/invoke"), ("x-fc-request-id", "r-fuzz")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Sent { headers, body, ..sent("event", "/invoke") }
}

fn webhook(door: &'static str, path: &str, headers: &[(&str, String)], body: Vec<u8>) -> Sent {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Sent { headers, body, ..sent(door, path) }
}

fn mac(key: &[u8], content: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), content)
}

fn standard(body: Vec<u8>) -> Sent {
    let key = BASE64_STANDARD.decode(WEBHOOK.trim_start_matches("whsec_")).expect("it is base64");
    let tag = mac(&key, &[format!("m-1.{NOW}.").as_bytes(), &body].concat());
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", "m-1".to_owned()),
        ("webhook-timestamp", NOW.to_string()),
        ("webhook-signature", format!("v1,{}", BASE64_STANDARD.encode(tag))),
    ];
    webhook("webhook", "/v1/requests", &headers, body)
}

fn cloud_event(body: Vec<u8>) -> Sent {
    let mut sent = standard(body);
    "application/cloudevents+json".clone_into(&mut sent.headers[0].1);
    Sent { door: "webhook of events", path: "/v1/events".to_owned(), ..sent }
}

fn bearer(body: Vec<u8>) -> Sent {
    let headers = [("content-type", "application/json".to_owned()), ("authorization", format!("Bearer {BEARER}"))];
    webhook("webhook, bearer", "/v1/requests", &headers, body)
}

fn github(body: Vec<u8>) -> Sent {
    let tag = base16ct::lower::encode_string(mac(GITHUB.as_bytes(), &body).as_ref());
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("x-github-delivery", "d-1".to_owned()),
        ("x-hub-signature-256", format!("sha256={tag}")),
    ];
    webhook("webhook, GitHub", "/v1/requests", &headers, body)
}

/// Something said in a chat, signed by the stand-in and not sent.
async fn said(target: &Target, chat: usize, order: &Value) -> io::Result<Sent> {
    let (name, access) = CHATS[chat];
    let mut whole: Value = serde_json::from_str(access)?;
    if let (Some(fields), Some(order)) = (whole.as_object_mut(), order.as_object()) {
        fields.extend(order.clone());
    }
    let letter: Value = serde_json::from_str(&target.cloud.post(&format!("chats/{name}"), &whole).await?)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = letter["headers"].as_array().into_iter().flatten();
    let query = text(&letter["query"]);
    let path = if query.is_empty() { format!("/chat/{name}") } else { format!("/chat/{name}?{query}") };
    Ok(Sent {
        headers: headers.map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
        body: text(&letter["body"]).into_bytes(),
        ..sent(name, &path)
    })
}
