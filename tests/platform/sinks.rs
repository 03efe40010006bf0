//! The places reports go to, which misbehave.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::random::Random;
use crate::wire::{self, Message, response};

/// The form in which a sink gets its reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For machines: each report by itself, named by its id.
    Webhook,
    /// The same in another envelope.
    CloudEvents,
    /// For people: a card of one report, or of several.
    Slack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Takes,
    Refuses,
    TooMany,
    TooManyFor(u32),
    Breaks,
    /// The status of success, with a refusal in it where that form has such a thing.
    RefusesPolitely,
    Hangs,
    Resets,
    Slow(u64),
    HalfAnswers,
    /// Any of these, anew for each message.
    Moody,
}

const MOODS: [Behaviour; 8] = [
    Behaviour::Takes,
    Behaviour::TooMany,
    Behaviour::TooManyFor(1),
    Behaviour::Breaks,
    Behaviour::RefusesPolitely,
    Behaviour::Resets,
    Behaviour::Slow(800),
    Behaviour::HalfAnswers,
];

pub(crate) struct Sink {
    pub(crate) form: Form,
    pub(crate) port: u16,
    pub(crate) behaviour: Cell<Behaviour>,
    /// It does not keep which reports it took.
    forgets: bool,
    chance: RefCell<Random>,
    heard: RefCell<Heard>,
}

/// What a sink took.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// By id of the report: how often.
    pub(crate) ids: HashMap<String, u32>,
    /// The instances that were said to be sealed, or to be so perhaps; for people, that were named at all.
    sealed: HashSet<String>,
    named: HashSet<String>,
    pub(crate) messages: u64,
}

impl Heard {
    pub(crate) fn knows_of(&self, instance: &str) -> bool {
        self.sealed.contains(instance)
    }

    pub(crate) fn names(&self, instance: &str) -> bool {
        self.named.contains(instance)
    }
}

impl Sink {
    pub(crate) async fn start(form: Form, forgets: bool, chance: Random) -> io::Result<Rc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (port, behaviour) = (listener.local_addr()?.port(), Cell::new(Behaviour::Takes));
        let sink =
            Rc::new(Self { form, port, behaviour, forgets, chance: RefCell::new(chance), heard: RefCell::default() });
        let serving = Rc::downgrade(&sink);
        tokio::task::spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Some(sink) = serving.upgrade() else { return };
                tokio::task::spawn_local(async move {
                    // A connection that breaks is what this is for.
                    let _ = sink.serve(stream).await;
                });
            }
        });
        Ok(sink)
    }

    /// Its table in the configuration.
    pub(crate) fn table(&self, is_required: bool) -> String {
        let more = match self.form {
            Form::Webhook => "kind = \"webhook\"\nsecret = { env = \"WEBHOOK_SECRET\" }\n",
            Form::CloudEvents => "kind = \"cloudevents\"\n",
            Form::Slack => "kind = \"slack\"\n",
        };
        let (name, port) = (self.name(), self.port);
        format!("[[sinks]]\nname = \"{name}\"\nurl = \"http://127.0.0.1:{port}/\"\nrequired = {is_required}\n{more}")
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.form {
            Form::Webhook => "webhook",
            Form::CloudEvents => "cloudevents",
            Form::Slack => "slack",
        }
    }

    pub(crate) fn heard(&self) -> std::cell::Ref<'_, Heard> {
        self.heard.borrow()
    }

    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let (from, mut to) = stream.split();
        let mut from = BufReader::new(from);
        loop {
            let behaviour = match self.behaviour.get() {
                Behaviour::Moody => self.chance.borrow_mut().pick(&MOODS),
                other => other,
            };
            if behaviour == Behaviour::Refuses {
                return Ok(());
            }
            if behaviour == Behaviour::Resets {
                from.read_exact(&mut [0; 20]).await?;
                return Ok(());
            }
            let Some(message) = wire::read(&mut from).await? else { return Ok(()) };
            let answer = match behaviour {
                Behaviour::TooMany => response(429, "", "slow down"),
                Behaviour::TooManyFor(seconds) => response(429, &format!("retry-after: {seconds}\r\n"), "slow down"),
                Behaviour::Breaks => response(500, "", "broken"),
                Behaviour::RefusesPolitely if self.form == Form::Slack => response(200, "", "invalid_payload"),
                Behaviour::RefusesPolitely => response(400, "", "no"),
                Behaviour::Hangs => {
                    sleep(Duration::from_secs(30)).await;
                    return Ok(());
                }
                Behaviour::HalfAnswers => {
                    to.write_all(b"HTTP/1.1 500 -\r\ncontent-length: 100\r\n\r\nxx").await?;
                    return Ok(());
                }
                Behaviour::Takes | Behaviour::Slow(_) | Behaviour::Refuses | Behaviour::Resets | Behaviour::Moody => {
                    if let Behaviour::Slow(ms) = behaviour {
                        sleep(Duration::from_millis(ms)).await;
                    }
                    self.takes(&message);
                    response(200, "", "ok")
                }
            };
            to.write_all(&answer).await?;
        }
    }

    fn takes(&self, message: &Message) {
        let mut heard = self.heard.borrow_mut();
        heard.messages += 1;
        if self.form == Form::Slack {
            let text = message.text();
            for instance in instances_in(&text) {
                heard.sealed.insert(instance.clone());
                heard.named.insert(instance);
            }
            if let Some((_, id)) = text.split_once("report ") {
                *heard.ids.entry(id.chars().take(32).collect()).or_default() += 1;
            }
            return;
        }
        let body: Value = serde_json::from_slice(&message.body).unwrap_or_default();
        let report = if self.form == Form::CloudEvents { &body["data"] } else { &body };
        let text = |name: &str| report[name].as_str().unwrap_or_default().to_owned();
        if !self.forgets {
            *heard.ids.entry(text("id")).or_default() += 1;
        }
        if says_it_is_sealed(report) {
            heard.sealed.insert(text("instance"));
        }
        heard.named.insert(text("instance"));
    }
}

/// Whether a report says that its instance is sealed, or that this is not certain.
pub(crate) fn says_it_is_sealed(report: &Value) -> bool {
    matches!(report["outcome"].as_str(), Some("enabled" | "already_enabled" | "unknown")) || report["certain"] == false
}

/// The ids of instances in a text, each once.
pub(crate) fn instances_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .match_indices("rm-")
        .map(|(at, _)| {
            let id = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit();
            format!("rm-{}", text[at + 3..].chars().take_while(id).collect::<String>())
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
