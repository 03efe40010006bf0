//! Five chats, from what somebody says to what is shown and done. The cloud speaks for the chats: it signs what is said
//! with code of its own, and takes the answers that go to the chats' hosts.

mod answers;
mod commands;
mod confirmed;
pub(crate) mod doors;
mod grants;
mod late;
mod tokens;
mod unheard;

use std::net::SocketAddr;

use rds_seal::emulator::Emulator;
use serde_json::{Value, json};

use crate::world::{Host, Setup, World};

/// One way to talk to the function.
struct Chat {
    /// Its door.
    name: &'static str,
    /// The table that opens it.
    toml: &'static str,
    tenant: &'static str,
    channel: &'static str,
    user: &'static str,
    /// What signs what is said.
    secrets: &'static [(&'static str, &'static str)],
    has_button: bool,
}

const ENVELOPE_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

const SLACK: Chat = Chat {
    name: "slack",
    toml: "[doors.slack]\nsigning_secrets = [{ env = \"SLACK\" }]\n",
    tenant: "T1",
    channel: "C1",
    user: "U1",
    secrets: &[("secret", "a-secret-of-slack")],
    has_button: true,
};

const DINGTALK: Chat = Chat {
    name: "dingtalk",
    toml: "[doors.dingtalk]\ntoken = { env = \"WORD\" }\n\
           encoding_aes_key = { env = \"AES\" }\nowner_key = \"ding-app\"\n",
    tenant: "ding1",
    channel: "cid1",
    user: "staff1",
    secrets: &[
        ("secret", "a-secret-of-dingtalk"),
        ("token", "a-word-of-an-envelope"),
        ("aes_key", ENVELOPE_KEY),
        ("receiver", "ding-app"),
        ("encrypted", "yes"),
    ],
    has_button: false,
};

/// `DingTalk` as it is without body encryption: nothing signs what is said.
const UNSIGNED: Chat = Chat {
    toml: "[doors.dingtalk]\napp_secrets = [{ env = \"DINGTALK\" }]\n",
    secrets: &[("secret", "a-secret-of-dingtalk")],
    ..DINGTALK
};

/// The same, told to trust what nobody signed.
const TRUSTED: Chat =
    Chat { toml: "[doors.dingtalk]\napp_secrets = [{ env = \"DINGTALK\" }]\ntrust_unsigned_body = true\n", ..UNSIGNED };

const FEISHU: Chat = Chat {
    name: "feishu",
    toml: "[doors.feishu]\nencrypt_key = { env = \"FEISHU_KEY\" }\nverification_token = { env = \"FEISHU_WORD\" }\n\
           app_id = \"cli_1\"\napp_secret = { env = \"FEISHU\" }\n",
    tenant: "tenant1",
    channel: "oc_1",
    user: "ou_1",
    secrets: &[("secret", "a-key-of-feishu"), ("token", "a-word-of-feishu"), ("app_id", "cli_1")],
    has_button: true,
};

const WECOM: Chat = Chat {
    name: "wecom",
    toml: "[doors.wecom]\ntoken = { env = \"WORD\" }\nencoding_aes_key = { env = \"AES\" }\nreceive_id = \"ww1\"\n",
    tenant: "ww1",
    channel: "1000002",
    user: "zhangsan",
    secrets: &[("token", "a-word-of-an-envelope"), ("aes_key", ENVELOPE_KEY), ("receiver", "ww1")],
    has_button: false,
};

const ROBOT: Chat = Chat {
    toml: "[doors.wecom]\ntoken = { env = \"WORD\" }\nencoding_aes_key = { env = \"AES\" }\n",
    tenant: "bot1",
    channel: "chat1",
    secrets: &[("token", "a-word-of-an-envelope"), ("aes_key", ENVELOPE_KEY)],
    has_button: true,
    ..WECOM
};

const TEAMS: Chat = Chat {
    name: "teams",
    toml: "[doors.teams]\nsecurity_tokens = [{ env = \"TEAMS\" }]\n",
    tenant: "tenant1",
    channel: "19:1@thread.tacv2",
    user: "aad-1",
    secrets: &[("secret", "YS1zZWNyZXQtb2YtdGVhbXM=")],
    has_button: false,
};

const CHATS: [&Chat; 6] = [&SLACK, &DINGTALK, &FEISHU, &WECOM, &ROBOT, &TEAMS];

/// A plain server on which all five chats have a door, `DingTalk` without body encryption.
pub(crate) fn every_door() -> Setup {
    let toml = [&SLACK, &UNSIGNED, &FEISHU, &WECOM, &TEAMS].map(|chat| chat.toml).concat();
    Setup { host: Host::PlainServer, toml, env: Chat::env(), ..Setup::default() }
}

const HOSTS: [Host; 2] = [Host::Function, Host::PlainServer];

/// What sealing from a plain server needs. It comes before every table.
const CONFIRM: &str = "deployment = \"a-test\"\n";

/// The title of a plan that can be carried out.
const WOULD_ENABLE: &str = "Dry run: backup encryption would be turned on";

const SINK: &str = "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = \"https://captured.invalid/hook\"\n";

impl Chat {
    /// A grant for everybody in the usual channel, with these lines in place of its own.
    fn grant(&self, differently: &[(&str, &str)]) -> String {
        let usual = [
            ("chat", format!("{:?}", self.name)),
            ("tenant", format!("{:?}", self.tenant)),
            ("channels", format!("[{:?}]", self.channel)),
            ("users", "[\"*\"]".to_owned()),
            ("commands", "[\"plan\", \"status\", \"seal\"]".to_owned()),
            ("accounts", "[\"*\"]".to_owned()),
            ("regions", "[\"*\"]".to_owned()),
            ("second_person", "false".to_owned()),
        ];
        let other = |name: &str| differently.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        let lines = usual.iter().map(|(name, value)| format!("{name} = {}\n", other(name).unwrap_or(value)));
        format!("[[grants]]\n{}", lines.collect::<String>())
    }

    /// The variables that the tables name.
    fn env() -> Vec<(String, String)> {
        let pairs = [
            ("SLACK", "a-secret-of-slack"),
            ("DINGTALK", "a-secret-of-dingtalk"),
            ("WORD", "a-word-of-an-envelope"),
            ("AES", ENVELOPE_KEY),
            ("FEISHU_KEY", "a-key-of-feishu"),
            ("FEISHU_WORD", "a-word-of-feishu"),
            ("FEISHU", "a-secret-of-feishu"),
            ("TEAMS", "YS1zZWNyZXQtb2YtdGVhbXM="),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// What the cloud is told in order to say something here.
    fn order(&self, differently: &Value) -> Value {
        let mut order = json!({"tenant": self.tenant, "channel": self.channel, "user": self.user});
        let fields = order.as_object_mut().unwrap();
        for (name, value) in self.secrets {
            let value = if *name == "encrypted" { json!(true) } else { json!(value) };
            fields.insert((*name).to_owned(), value);
        }
        fields.extend(differently.as_object().unwrap().clone());
        order
    }
}

/// A world with one chat in it.
struct Talk {
    world: World,
    chat: &'static Chat,
    host: Host,
}

/// What came back.
struct Heard {
    status: u16,
    /// What the chat shows.
    card: Value,
}

impl Talk {
    /// Everybody in the channel may do everything.
    async fn in_chat(chat: &'static Chat) -> Self {
        Self::with(chat, &format!("{CONFIRM}{}", chat.grant(&[]))).await
    }

    /// With these tables beside that of the door.
    async fn with(chat: &'static Chat, toml: &str) -> Self {
        Self::set_up(chat, toml, Setup::default()).await
    }

    async fn set_up(chat: &'static Chat, toml: &str, setup: Setup) -> Self {
        let cloud = Emulator::new().start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        Self::at(cloud, chat, toml, setup).await
    }

    async fn at(cloud: SocketAddr, chat: &'static Chat, toml: &str, setup: Setup) -> Self {
        let toml = format!("{}{toml}{}", setup.toml, chat.toml);
        let name = if toml.contains(CONFIRM) { CONFIRM } else { "" };
        let toml = format!("{name}{}", toml.replace(CONFIRM, ""));
        let host = setup.host;
        let env = Chat::env().into_iter().chain(setup.env.iter().cloned()).collect();
        Self { world: World::facing(cloud, Setup { toml, env, ..setup }).await, chat, host }
    }

    async fn say(&self, text: &str) -> Heard {
        self.order(json!({ "text": text })).await
    }

    async fn press(&self, value: &str) -> Heard {
        self.order(json!({ "button": value })).await
    }

    /// Says something in an unusual way.
    async fn order(&self, differently: Value) -> Heard {
        let sink = format!("{}-reply", self.chat.name);
        let before = self.world.taken_by(&sink).await.len();
        let mut order = self.chat.order(&differently);
        order["url"] = format!("http://{}/chat/{}", self.world.function, self.chat.name).into();
        let answered = self.world.say(self.chat.name, &order).await;
        let fc_status = if self.host == Host::Function { json!("200") } else { json!(null) };
        assert_eq!(answered["headers"]["x-fc-status"], fc_status, "{answered}");
        let sent = self.world.taken_by(&sink).await;
        assert!(sent.len() <= before + 1, "one answer");
        let is_inside = self.chat.name == "wecom" && answered["plain"].is_string();
        let text = answered[if is_inside { "plain" } else { "body" }].as_str().unwrap();
        let in_response = || serde_json::from_str(text).unwrap_or(json!(text));
        let card = sent.get(before).map_or_else(in_response, |taken| taken["body"].clone());
        let card = match card["content"].as_str() {
            Some(content) => serde_json::from_str(content).unwrap(),
            None => card,
        };
        Heard { status: u16::try_from(answered["status"].as_u64().unwrap()).unwrap(), card }
    }

    /// The token of a plan for some instance.
    async fn token(&self, instance: &str) -> String {
        self.say(&format!("seal {instance} region=cn-hangzhou")).await.token()
    }

    async fn writes(&self) -> usize {
        self.world.writes().await
    }

    /// The cloud's clock, in seconds.
    async fn now(&self) -> i64 {
        let http = rds_seal::outbound::client(None).unwrap();
        let date = http.get(format!("http://{}/_emulator/queue", self.world.cloud)).send().await.unwrap();
        let date = date.headers()["date"].to_str().unwrap().to_owned();
        jiff::fmt::rfc2822::parse(&date).unwrap().timestamp().as_second()
    }
}

impl Heard {
    /// Everything that is shown, in one text, as a person reads it.
    fn shown(&self) -> String {
        let marks =
            [("\\n", "\n"), ("\\\"", "\""), ("&#95;", "_"), ("&#91;", "["), ("&#93;", "]"), ("［", "["), ("］", "]")];
        marks.iter().fold(self.card.to_string(), |shown, (written, read)| shown.replace(written, read))
    }

    #[track_caller]
    fn shows(&self, text: &str) {
        assert_eq!(self.status, 200, "{}", self.card);
        let shown = self.shown();
        assert!(shown.contains(text), "no {text:?} in {shown}");
    }

    #[track_caller]
    fn token(&self) -> String {
        self.tokens().first().unwrap_or_else(|| panic!("no token in {}", self.card)).clone()
    }

    /// The tokens that the words to say hold.
    fn tokens(&self) -> Vec<String> {
        let shown = self.shown();
        let is_of_token = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        let word = |rest: &str| rest.chars().take_while(|c| is_of_token(*c)).collect::<String>();
        let words = shown.split("confirm ").skip(1).map(word);
        words.filter(|word| word.len() > 60).collect()
    }

    /// What the chat sends when the button is pressed.
    fn button(&self) -> Option<String> {
        fn find(value: &Value) -> Option<&str> {
            match value {
                Value::Object(fields) => {
                    let own = match () {
                        () if fields.get("action_id") == Some(&json!("rds-seal.confirm")) => fields["value"].as_str(),
                        () if fields.contains_key("button_list") => fields["button_list"][0]["key"].as_str(),
                        () => fields.get("value").and_then(|value| value["confirm"].as_str()),
                    };
                    own.or_else(|| fields.values().find_map(find))
                }
                Value::Array(items) => items.iter().find_map(find),
                _ => None,
            }
        }
        find(&self.card).map(str::to_owned)
    }
}
