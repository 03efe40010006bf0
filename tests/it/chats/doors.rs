//! What every chat's door says to bad input.

use serde_json::{Value, json};

use super::{CONFIRM, Chat, DINGTALK, FEISHU, HOSTS, Host, ROBOT, SLACK, TEAMS, Talk, UNSIGNED, WECOM};
use crate::doors::{BOMB, By, turned_at};
use crate::raw::in_chunks;
use crate::world::Setup;

/// A door with a name for people, how long a signature holds there, and what carries it.
struct Door {
    title: &'static str,
    chat: &'static Chat,
    window: i64,
    signature: Carrier,
}

enum Carrier {
    Header(&'static str),
    Query(&'static str),
}

const DOORS: [Door; 7] = [
    Door { title: "Slack", chat: &SLACK, window: 300, signature: Carrier::Header("x-slack-signature") },
    Door { title: "DingTalk", chat: &DINGTALK, window: 300, signature: Carrier::Query("msg_signature") },
    Door { title: "DingTalk, not encrypted", chat: &UNSIGNED, window: 300, signature: Carrier::Header("sign") },
    Door { title: "Feishu", chat: &FEISHU, window: 600, signature: Carrier::Header("x-lark-signature") },
    Door { title: "WeCom application", chat: &WECOM, window: 300, signature: Carrier::Query("msg_signature") },
    Door { title: "WeCom robot", chat: &ROBOT, window: 300, signature: Carrier::Query("msg_signature") },
    Door { title: "Teams", chat: &TEAMS, window: 300, signature: Carrier::Header("authorization") },
];

const INPUTS: [(&str, By); 34] = [
    ("as it should be", By::TheSender),
    ("the same once more", By::TheSender),
    ("in chunks", By::TheSender),
    ("another content type", By::TheSender),
    ("a thousand more fields", By::TheSender),
    ("JSON in place of a form", By::TheSender),
    ("entities of XML", By::TheSender),
    ("external entities of XML", By::TheSender),
    ("not the format of this chat", By::TheSender),
    ("a cipher text of bad padding", By::TheSender),
    ("a cipher text of no whole blocks", By::TheSender),
    ("a forged token", By::TheSender),
    ("a token cut short", By::TheSender),
    ("a token in another channel", By::TheSender),
    ("a token in another tenant", By::TheSender),
    ("a token of another deployment", By::TheSender),
    ("a token that is too old", By::TheSender),
    ("no signature", By::Anybody),
    ("an empty signature", By::Anybody),
    ("a wrong signature", By::Anybody),
    ("another algorithm's prefix", By::Anybody),
    ("a signature shorter by one", By::Anybody),
    ("base64 without its padding", By::Anybody),
    ("signed with another secret", By::Anybody),
    ("signed before the window", By::Anybody),
    ("signed after the window", By::Anybody),
    ("another body under the signature", By::Anybody),
    ("one byte of the body is another", By::Anybody),
    ("the signature twice", By::Anybody),
    ("a signature of 8 KB", By::Anybody),
    ("nothing at all", By::Anybody),
    ("16 KB of gzip for 16 MiB", By::Anybody),
    ("a body over 256 KiB", By::Anybody),
    ("PUT", By::Anybody),
];

const EXTERNAL: &str =
    "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml><ToUserName>&e;</ToUserName></xml>";
const LAUGHS: &str = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><xml><ToUserName>&b;</ToUserName></xml>";

/// A request as it goes over the wire.
struct Request {
    method: reqwest::Method,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    in_chunks: bool,
}

impl Door {
    /// The request, or nothing where this door has no such thing.
    async fn request(&self, input: &str, talk: &Talk) -> Option<Request> {
        let now = talk.now().await;
        let is_sealed = self.chat.secrets.iter().any(|(name, _)| *name == "aes_key") || self.chat.name == "feishu";
        let differently = match input {
            "signed before the window" => json!({"at": now - self.window - 2}),
            "signed after the window" => json!({"at": now + self.window + 10}),
            "signed with another secret" => {
                let teams = "YW5vdGhlci1zZWNyZXQtb2YtdGVhbXM=";
                json!({"secret": if self.chat.name == "teams" { teams } else { "another" }, "token": "another"})
            }
            "a thousand more fields" => json!({"raw": self.many()}),
            "JSON in place of a form" if self.title == "Slack" => json!({"raw": "{\"text\":\"plan rm-demo1\"}"}),
            "entities of XML" => json!({"raw": LAUGHS}),
            "external entities of XML" => json!({"raw": EXTERNAL}),
            "not the format of this chat" => json!({"raw": "\u{0}{]"}),
            "a cipher text of bad padding" if is_sealed => json!({"cipher": "QUFB".repeat(16)}),
            "a cipher text of no whole blocks" if is_sealed => json!({"cipher": "QUFB"}),
            "JSON in place of a form" | "a cipher text of bad padding" | "a cipher text of no whole blocks" => {
                return None;
            }
            _ if input.contains("token") => self.confirming(input, talk).await?,
            _ => json!({}),
        };
        let mut order = self.chat.order(&json!({"text": "plan rm-demo1 region=cn-hangzhou"}));
        order.as_object_mut().unwrap().extend(differently.as_object().unwrap().clone());
        let mut request = Request::read(&talk.world.say(self.chat.name, &order).await);
        match input {
            "no signature" => self.sign(&mut request, |_| Vec::new()),
            "an empty signature" => self.sign(&mut request, |_| vec![String::new()]),
            "a wrong signature" => self.sign(&mut request, |signature| vec![turned(signature)]),
            "another algorithm's prefix" => self.sign(&mut request, |signature| {
                vec![format!("v1={}", signature.trim_start_matches("v0=").trim_start_matches("HMAC "))]
            }),
            "a signature shorter by one" => {
                self.sign(&mut request, |signature| vec![signature[..signature.len() - 1].to_owned()]);
            }
            "base64 without its padding" => {
                let padded = |(_, value): &&(String, String)| value.ends_with('=');
                request.headers.iter().find(padded)?;
                self.sign(&mut request, |signature| vec![signature.trim_end_matches('=').to_owned()]);
            }
            "the signature twice" => self.sign(&mut request, |signature| vec![signature.to_owned(); 2]),
            "a signature of 8 KB" => {
                self.sign(&mut request, |signature| vec![signature.to_owned() + &"0".repeat(8192)]);
            }
            "another content type" => {
                request.headers.retain(|(name, _)| name != "content-type");
                request.headers.push(("content-type".to_owned(), "application/octet-stream".to_owned()));
            }
            "another body under the signature" => {
                let other = self.chat.order(&json!({"text": "plan rm-demo2 region=cn-hangzhou"}));
                request.body = Request::read(&talk.world.say(self.chat.name, &other).await).body;
            }
            "one byte of the body is another" => {
                let text = String::from_utf8(request.body).unwrap();
                request.body = turned_at(&text, text.len() / 2).into();
            }
            "in chunks" => request.in_chunks = true,
            "nothing at all" => (request.query, request.headers, request.body) = Default::default(),
            "16 KB of gzip for 16 MiB" => {
                request.body = BOMB.into();
                request.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
            }
            "a body over 256 KiB" => request.body.resize(request.body.len() + 256 * 1024, b' '),
            "PUT" => request.method = reqwest::Method::PUT,
            _ => {}
        }
        Some(request)
    }

    /// A confirmation with a token that must not count, where this door gives out any.
    async fn confirming(&self, input: &str, talk: &Talk) -> Option<Value> {
        if self.title == "DingTalk, not encrypted" {
            return None;
        }
        let token = match input {
            "a token of another deployment" => {
                let tables = format!("{}{}", CONFIRM.replace("a-test", "production"), self.chat.grant(&[]));
                Talk::with(self.chat, &tables).await.token("rm-demo1").await
            }
            _ => talk.token("rm-demo1").await,
        };
        let mut order = match input {
            "a token in another channel" => json!({"channel": "other"}),
            "a token in another tenant" => json!({"tenant": "other"}),
            _ => json!({}),
        };
        if input == "a token that is too old" {
            talk.world.minutes_pass(10).await;
        }
        let token = match input {
            "a forged token" => "bm90LW91cnM.AAAA",
            "a token cut short" => &token[..token.len() - 1],
            _ => &token,
        };
        order["text"] = format!("confirm {token}").into();
        Some(order)
    }

    /// Puts other signatures in the place of the one that is there.
    fn sign(&self, request: &mut Request, change: impl Fn(&str) -> Vec<String>) {
        match self.signature {
            Carrier::Header(name) => {
                let at = request.headers.iter().position(|(header, _)| header == name).unwrap();
                let (_, old) = request.headers.remove(at);
                request.headers.extend(change(&old).into_iter().map(|new| (name.to_owned(), new)));
            }
            Carrier::Query(name) => {
                let (_, old) = request.query.split_once(&format!("{name}=")).unwrap();
                let old = old.split('&').next().unwrap().to_owned();
                let new = change(&old).iter().map(|new| format!("&{name}={new}")).collect::<Vec<_>>().concat();
                request.query = request.query.replace(&format!("{name}={old}"), "") + &new;
            }
        }
    }

    /// A message of this chat with a thousand fields more than it has.
    fn many(&self) -> String {
        let fields = (0..1000).map(|n| (format!("f{n}"), json!("x")));
        match self.title {
            "Slack" => fields.map(|(name, _)| format!("{name}=x")).collect::<Vec<_>>().join("&"),
            "WeCom application" => {
                let fields = fields.map(|(name, _)| format!("<{name}>x</{name}>")).collect::<Vec<_>>().concat();
                format!("<xml>{fields}</xml>")
            }
            _ => Value::Object(fields.collect()).to_string(),
        }
    }
}

/// A signature in which one character is another.
fn turned(signature: &str) -> String {
    turned_at(signature, signature.len() - 4)
}

impl Request {
    fn read(letter: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let headers = letter["headers"].as_array().unwrap();
        Self {
            method: reqwest::Method::POST,
            query: text(&letter["query"]),
            headers: headers.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
            body: text(&letter["body"]).into(),
            in_chunks: false,
        }
    }

    /// Status and body, and on the function's host the platform's verdict, which is success whatever it is.
    async fn send(&self, talk: &Talk, http: &reqwest::Client) -> (u16, String) {
        let path = format!("/chat/{}?{}", talk.chat.name, self.query);
        if self.in_chunks {
            return in_chunks(talk.world.function, &path, &self.headers, &self.body).await;
        }
        let url = format!("http://{}{path}", talk.world.function);
        let request = http.request(self.method.clone(), url).body(self.body.clone());
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let response = request.send().await.unwrap();
        let fc_status = response.headers().get("x-fc-status").map(|status| status.to_str().unwrap().to_owned());
        assert_eq!(fc_status.is_some_and(|status| status == "200"), talk.host == Host::Function);
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

/// What one door says to one input, in a cell of the table.
async fn cell(door: &Door, input: &str, talk: &Talk, http: &reqwest::Client) -> String {
    let Some(request) = door.request(input, talk).await else { return "–".to_owned() };
    talk.world.forget("calls").await;
    if input == "the same once more" {
        request.send(talk, http).await;
        talk.world.forget("calls").await;
    }
    talk.world.forget("notifications").await;
    let (status, body) = request.send(talk, http).await;
    // These two answer the request with nothing that is shown.
    let in_response = !["dingtalk", "feishu"].contains(&door.chat.name) && !body.is_empty();
    let is_shown = in_response || !talk.world.taken_by(&format!("{}-reply", door.chat.name)).await.is_empty();
    let is_served = !talk.world.calls().await.is_empty();
    assert!(status != 401 || body == "the signature or the time of this request is not valid\n", "{input}: {body}");
    match status {
        200 if is_served => {
            assert!(is_shown, "{input} at {} was served without a word", door.title);
            "served".to_owned()
        }
        200 if is_shown => "words".to_owned(),
        200 => "nothing".to_owned(),
        other => {
            assert!(!is_served, "{input} at {} reached the cloud", door.title);
            other.to_string()
        }
    }
}

/// What every door says to every input, whatever the host, as rows of a table.
pub(crate) async fn table() -> String {
    let http = rds_seal::outbound::client(None).unwrap();
    let mut tables = Vec::new();
    for host in HOSTS {
        let mut cells = vec![Vec::new(); INPUTS.len()];
        for door in DOORS {
            let anywhere = [
                door.chat.grant(&[("channels", "[\"*\"]")]),
                door.chat.grant(&[("channels", "[\"*\"]"), ("tenant", "\"other\"")]),
            ];
            let tables = format!("{CONFIRM}{}", anywhere.concat());
            let talk = Talk::set_up(door.chat, &tables, Setup { host, ..Setup::default() }).await;
            for ((input, by), row) in INPUTS.iter().zip(&mut cells) {
                let cell = cell(&door, input, &talk, &http).await;
                let is_unsigned = door.title == "DingTalk, not encrypted";
                assert!(is_unsigned || by.may_hear(&cell), "{input} at {}: {cell}", door.title);
                row.push(cell);
            }
            assert_eq!(talk.writes().await, 0);
        }
        tables.push(cells);
    }
    assert_eq!(tables[0], tables[1], "the host makes no difference");
    let titles = DOORS.iter().map(|door| door.title);
    crate::doors::table(titles, INPUTS.iter().map(|(input, _)| *input).zip(&tables[0]))
}
