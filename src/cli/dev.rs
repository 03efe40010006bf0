//! `dev`: the whole thing on this machine, no cloud.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use secrecy::SecretString;

use super::{Assembly, StandIn, Unable, print, serve};
use crate::app::chat::OpenChat;
use crate::card::Locale;
use crate::config;
use crate::emulator::{ACCOUNT, Emulator};
use crate::env::Env;
use crate::hosts::{Deliveries, HostState, PlatformSettings, fc, http};
use crate::ingress::chat::{ChatDoor, SlackDoor, WeComKind};
use crate::ingress::webhook::WebhookCredential;
use crate::notify::audit::Audit;
use crate::notify::sink::{Route, SigningKey, Sink, SinkKind};
use crate::policy::Pattern;
use crate::policy::confirm::{Confirmations, MAX_VALIDITY};
use crate::policy::grants::Grant;
use crate::request::command::CommandName;
use crate::request::ids::{AccountId, RegionId};
use crate::telemetry;

pub(super) async fn run(env: &Env, listen: SocketAddr) -> Result<u8, Unable> {
    let mut config = config::load(env, serve::beside_the_binary().as_deref())?;
    telemetry::start(config.log);
    let settings = named(serve::fc_settings(env, &config)?)?;
    let emulator = Emulator::new();
    let cloud = emulator.clone().start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    if let Some(confirmations) = &mut config.confirmations
        && confirmations.deployment.is_empty()
    {
        NAME.clone_into(&mut confirmations.deployment);
    }
    if config.sinks.is_empty() {
        config.sinks = captured_sinks();
    }
    let secrets = config.chats.is_empty().then(|| open_a_chat(&mut config));
    let chats: Vec<_> =
        config.chats.iter().map(|open| Spoken::of(&open.door, secrets.as_deref(), &config.grants)).collect();
    let listener = http::bind(listen).await?;
    let function = listener.local_addr()?;
    emulator.deliver_to(NAME, format!("http://{function}"));
    greet(function, cloud);
    greet_senders(function, &config.webhooks);
    greet_in_chats(function, cloud, &chats);
    let app = Assembly::rehearsal(config, StandIn(cloud), Audit::to(std::io::stdout()))?.app()?;
    let deliveries = Deliveries::default();
    let router = fc::router(&HostState::for_function(Arc::new(app), deliveries.clone(), settings));
    http::serve_until(listener, router, deliveries, http::signalled()).await?;
    Ok(0)
}

const NAME: &str = "rds-seal";

/// Signs what the stand-in says in the chat. It opens nothing but this rehearsal.
const CHAT_SECRET: &str = "rds-seal-development";

/// The function as the stand-in knows it, so that the stand-in's queue can deliver to it.
fn named(settings: PlatformSettings) -> Result<PlatformSettings, Unable> {
    let (account, region) = (AccountId::parse(ACCOUNT)?, RegionId::parse("cn-hangzhou")?);
    let (account, region, function) = (Some(account), settings.region.or(Some(region)), Some(NAME.to_owned()));
    Ok(PlatformSettings { account, region, function, ..settings })
}

/// One sink of each kind, so that a newcomer sees what each would get.
fn captured_sinks() -> Vec<Sink> {
    let captured = || SecretString::from("https://captured.invalid");
    let key = SigningKey::parse("whsec_cmRzLXNlYWwgZGV2ZWxvcG1lbnQga2V5").expect("base64 of 26 bytes");
    let sink = |name: &str, kind| Sink {
        name: name.to_owned(),
        kind,
        required: false,
        replayable: false,
        route: Route::default(),
        locale: Locale::default(),
    };
    vec![
        sink("slack", SinkKind::Slack { url: captured() }),
        sink("webhook", SinkKind::Webhook { url: captured(), keys: vec![key] }),
    ]
}

/// Slack, for whoever the stand-in speaks for, so that a newcomer sees a command and its answer. Returns what signs there.
fn open_a_chat(config: &mut config::Config) -> String {
    let door = SlackDoor::new(vec![SecretString::from(CHAT_SECRET)]).expect("the secret is not empty");
    config.chats = vec![OpenChat { door: ChatDoor::Slack(door), locale: config.locale }];
    let any = || vec![Pattern::new("*")];
    let everything = || BTreeSet::from(["*".to_owned()]);
    config.grants.push(Grant {
        chat: "slack".to_owned(),
        tenant: "T0DEV".to_owned(),
        channels: everything(),
        users: everything(),
        commands: CommandName::ALL.into(),
        accounts: any(),
        regions: any(),
        second_person: false,
    });
    let key = b"rds-seal development confirmations";
    let confirmations = || Confirmations::new(key, MAX_VALIDITY, NAME.to_owned()).expect("the key has 34 bytes");
    config.confirmations.get_or_insert_with(confirmations);
    format!(r#""secret":"{CHAT_SECRET}""#)
}

fn greet(function: SocketAddr, cloud: SocketAddr) {
    print::line(&format!("function        http://{function}"));
    print::line(&format!("stand-in cloud  http://{cloud}"));
    print::line("");
    print::line("Send an event through the door:");
    print::line(&format!(
        "  curl -sS http://{function}/invoke -H 'x-fc-control-path: /invoke' --data-binary @events/instance-created.json"
    ));
    print::line("See what waits in the queue, as a request for an instance that is not Running yet does:");
    print::line(&format!("  curl -sS http://{cloud}/_emulator/queue"));
    print::line("See what the cloud was asked, and what the sinks received:");
    print::line(&format!("  curl -sS http://{cloud}/_emulator/calls"));
    print::line(&format!("  curl -sS http://{cloud}/_emulator/notifications"));
    print::line("");
}

/// A request is signed when it is sent: its time is part of it.
fn greet_senders(function: SocketAddr, senders: &[WebhookCredential]) {
    if senders.is_empty() {
        return;
    }
    print::line("Send a webhook, with what this prints for a request in a file:");
    for WebhookCredential { name, .. } in senders {
        print::line(&format!("  rds-seal sign ask.json --name '{name}' --url http://{function}"));
    }
    print::line("");
}

/// How the stand-in is told to speak in a chat.
struct Spoken {
    chat: &'static str,
    /// Who speaks where, and what signs it.
    as_whom: String,
    has_button: bool,
}

impl Spoken {
    fn of(door: &ChatDoor, secrets: Option<&str>, grants: &[Grant]) -> Self {
        let chat = door.chat().as_str();
        let mut as_whom = secrets.unwrap_or(placeholders(door)).to_owned();
        if let Some(grant) = grants.iter().find(|grant| grant.chat == chat).filter(|_| secrets.is_none()) {
            let named = |ids: &BTreeSet<String>| ids.iter().find(|id| *id != "*").cloned();
            let who = [
                ("tenant", Some(grant.tenant.clone())),
                ("channel", named(&grant.channels)),
                ("user", named(&grant.users)),
            ];
            as_whom.extend(who.into_iter().filter_map(|(name, id)| Some(format!(r#","{name}":"{}""#, id?))));
        }
        let has_button = match door {
            ChatDoor::Slack(_) | ChatDoor::Feishu(_) => true,
            ChatDoor::WeCom(door) => door.kind() == WeComKind::SmartRobot,
            ChatDoor::DingTalk(_) | ChatDoor::Teams(_) => false,
        };
        Self { chat, as_whom, has_button }
    }
}

/// What signs as a chat does. The secrets themselves are not printed.
fn placeholders(door: &ChatDoor) -> &'static str {
    match door {
        ChatDoor::Slack(_) => r#""secret":"SIGNING_SECRET""#,
        ChatDoor::DingTalk(door) if door.is_encrypted() => {
            r#""encrypted":true,"token":"TOKEN","aes_key":"ENCODING_AES_KEY","receiver":"OWNER_KEY""#
        }
        ChatDoor::DingTalk(_) => r#""secret":"APP_SECRET""#,
        ChatDoor::Feishu(_) => r#""secret":"ENCRYPT_KEY","token":"VERIFICATION_TOKEN","app_id":"APP_ID""#,
        ChatDoor::WeCom(door) if door.kind() == WeComKind::SmartRobot => {
            r#""token":"TOKEN","aes_key":"ENCODING_AES_KEY""#
        }
        ChatDoor::WeCom(_) => r#""token":"TOKEN","aes_key":"ENCODING_AES_KEY","receiver":"RECEIVE_ID""#,
        ChatDoor::Teams(_) => r#""secret":"SECURITY_TOKEN""#,
    }
}

fn greet_in_chats(function: SocketAddr, cloud: SocketAddr, chats: &[Spoken]) {
    let say = |Spoken { chat, as_whom, .. }: &Spoken, what: &str| {
        let order = format!(r#"{{"url":"http://{function}/chat/{chat}",{as_whom},{what}}}"#);
        print::line(&format!("  curl -sS http://{cloud}/_emulator/chats/{chat} -d '{order}'"));
    };
    print::line("Give a command in a chat, signed as that chat signs it, and see what is shown:");
    for chat in chats {
        say(chat, r#""text":"seal rm-demo1 region=cn-hangzhou""#);
    }
    if chats.iter().any(|chat| chat.has_button) {
        print::line("Then press the button of that card, whose value stands in the answer:");
    }
    for chat in chats.iter().filter(|chat| chat.has_button) {
        say(chat, r#""button":"VALUE""#);
    }
    print::line("");
}
