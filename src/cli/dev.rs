//! `dev`: the whole thing on this machine, no cloud.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::Request;
use secrecy::SecretString;
use tower_service::Service as _;

use super::assemble::say_what_is_left_out;
use super::{Assembly, StandIn, Unable, print, serve};
use crate::app::OpenChat;
use crate::card::Locale;
use crate::config;
use crate::emulator::{ACCOUNT, ChatAccess, Emulator};
use crate::env::Env;
use crate::hosts::{Deliveries, HostState, PlatformSettings, fc, http};
use crate::ingress::chat::{
    BodyEncryption, ChatDoor, Cloud, DingTalkDoor, DoorSecrets, FeishuDoor, FeishuSecrets, SlackDoor, TeamsDoor,
    WeComDoor, WeComKind,
};
use crate::ingress::webhook::WebhookCredential;
use crate::notify::audit::Audit;
use crate::notify::sink::{EventBridge, Route, SigningKey, Sink, SinkKind};
use crate::policy::Pattern;
use crate::policy::grants::Grant;
use crate::request::Door;
use crate::request::command::CommandName;
use crate::request::ids::{AccountId, RegionId};
use crate::secret::Secret;
use crate::telemetry;
use crate::time::Clock;
use crate::words::Language;

pub(super) async fn run(env: &Env, listen: SocketAddr) -> Result<u8, Unable> {
    let config = rehearsed(env)?;
    telemetry::start(config.log);
    say_what_is_left_out(&config);
    let settings = named(serve::fc_settings(env, &config)?)?;
    let emulator = Emulator::new();
    let cloud = emulator.clone().start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let listener = http::bind(listen).await?;
    let function = listener.local_addr()?;
    emulator.deliver_to(NAME, format!("http://{function}"));
    emulator.open_chats(config.chats.iter().map(|open| access(&open.door, function, &config.grants)).collect());
    greet(function, cloud);
    greet_senders(function, &config.webhooks);
    let deliveries = Deliveries::default();
    let default_language = config.locale.language;
    let mut routers = Vec::new();
    for language in Language::ALL {
        let mut config = rehearsed(env)?;
        if language != default_language {
            speak(&mut config, language);
        }
        let audit = Shown { stream: std::io::stdout(), line: Vec::new(), emulator: emulator.clone() };
        let mut assembly = Assembly::rehearsal(config, StandIn(cloud), Audit::to(audit))?;
        assembly.clock = Clock::Ahead(emulator.seconds_ahead());
        // A rehearsal asks no KMS.
        assembly.config.unread = None;
        let deployment = assembly.deployment()?;
        routers
            .push((language, fc::router(&HostState::for_function(deployment, deliveries.clone(), settings.clone()))));
    }
    let router = in_the_chosen_language(routers, default_language, &emulator);
    http::serve_until(listener, router, deliveries, None, http::signalled()).await?;
    Ok(0)
}

/// The configuration, with captured sinks and open chats where it names none.
fn rehearsed(env: &Env) -> Result<config::Config, Unable> {
    let mut config = config::load(env, serve::beside_the_binary().as_deref())?;
    if config.deployment.is_empty() {
        NAME.clone_into(&mut config.deployment);
    }
    let development = || Secret::new(vec![SECRET.into()]).expect("it is long enough");
    config.secret.get_or_insert_with(development);
    if config.sinks.is_empty() {
        config.sinks = captured_sinks(config.locale);
    }
    if config.chats.is_empty() {
        open_every_chat(&mut config);
    }
    Ok(config)
}

/// Has every sink and chat speak this language.
fn speak(config: &mut config::Config, language: Language) {
    let sinks = config.sinks.iter_mut().map(|sink| &mut sink.locale);
    let chats = config.chats.iter_mut().map(|open| &mut open.locale);
    sinks.chain(chats).for_each(|locale| locale.language = language);
}

/// The same function in several languages, of which the console chooses.
fn in_the_chosen_language(routers: Vec<(Language, Router)>, default_language: Language, emulator: &Emulator) -> Router {
    let languages: Vec<&str> = routers.iter().map(|(language, _)| language.as_str()).collect();
    let chosen = Arc::new(Mutex::new(default_language));
    let choice = Arc::clone(&chosen);
    emulator.offer_languages(&languages, default_language.as_str(), move |language| {
        if let Some(language) = Language::parse(language) {
            *choice.lock().unwrap_or_else(PoisonError::into_inner) = language;
        }
    });
    Router::new().fallback(move |request: Request| {
        let language = *chosen.lock().unwrap_or_else(PoisonError::into_inner);
        let router = routers.iter().find(|(spoken, _)| *spoken == language).map(|(_, router)| router.clone());
        async move { router.unwrap_or_default().call(request).await }
    })
}

const NAME: &str = "rds-seal";

/// Signs the plans and tasks of a rehearsal where none is configured.
const SECRET: &str = "rds-seal development secret of a rehearsal";

/// Sign what the stand-in says in the chats. They open nothing but this rehearsal.
const CHAT_SECRET: &str = "rds-seal-development";
/// The base64 of 32 bytes, without the padding.
const CHAT_KEY: &str = "cmRzLXNlYWwgZGV2ZWxvcG1lbnQgY2hhdCBrZXkgMDA";

/// The function as the stand-in knows it, so that the stand-in's queue can deliver to it.
fn named(settings: PlatformSettings) -> Result<PlatformSettings, Unable> {
    let (account, region) = (AccountId::parse(ACCOUNT)?, RegionId::parse("cn-hangzhou")?);
    let (account, region, function) = (Some(account), settings.region.or(Some(region)), Some(NAME.to_owned()));
    Ok(PlatformSettings { account, region, function, ..settings })
}

/// One sink of each kind, so that a newcomer sees what each would get.
fn captured_sinks(locale: Locale) -> Vec<Sink> {
    let captured = || SecretString::from("https://captured.invalid/?access_token=t&key=k&sig=s");
    let key = SigningKey::parse("whsec_cmRzLXNlYWwgZGV2ZWxvcG1lbnQga2V5").expect("base64 of 26 bytes");
    let sink = |name: &str, kind| Sink {
        name: name.to_owned(),
        kind,
        required: false,
        replayable: false,
        // A chat has its own answers already.
        route: Route { doors: Some([Door::Event, Door::Webhook].into()), ..Route::default() },
        locale,
    };
    let region = RegionId::parse("cn-hangzhou").expect("it is a region");
    vec![
        sink("slack", SinkKind::Slack { url: captured() }),
        sink("dingtalk", SinkKind::DingTalk { url: captured(), secret: Some(CHAT_SECRET.into()) }),
        sink("feishu", SinkKind::Feishu { url: captured(), secret: Some(CHAT_SECRET.into()) }),
        sink("wecom", SinkKind::WeCom { url: captured() }),
        sink("teams", SinkKind::Teams { url: captured() }),
        sink("webhook", SinkKind::Webhook { url: captured(), keys: vec![key] }),
        sink("cloudevents", SinkKind::CloudEvents { url: captured(), token: None }),
        sink("eventbridge", SinkKind::EventBridge(EventBridge { bus: NAME.to_owned(), region })),
        sink(
            "pagerduty",
            SinkKind::PagerDuty { url: captured(), routing_key: "0123456789abcdef0123456789abcdef".into() },
        ),
    ]
}

/// All five chats, for whoever the stand-in speaks for, so that a newcomer sees a command and its answer in each.
fn open_every_chat(config: &mut config::Config) {
    const VALID: &str = "the development secrets are as each chat has them";
    let secret = || SecretString::from(CHAT_SECRET);
    let encryption =
        BodyEncryption { token: secret(), encoding_aes_key: CHAT_KEY.into(), owner_key: "dingDev".to_owned() };
    let feishu = FeishuSecrets {
        encrypt_key: secret(),
        verification_token: secret(),
        app_id: "cli_development".to_owned(),
        app_secret: secret(),
    };
    let doors = [
        ChatDoor::Slack(SlackDoor::new(vec![secret()]).expect(VALID)),
        ChatDoor::DingTalk(DingTalkDoor::new(vec![secret()], Some(encryption), false).expect(VALID)),
        ChatDoor::Feishu(FeishuDoor::new(feishu, Cloud::Feishu, None).expect(VALID)),
        ChatDoor::WeCom(WeComDoor::new(secret(), &CHAT_KEY.into(), String::new(), WeComKind::SmartRobot).expect(VALID)),
        ChatDoor::Teams(TeamsDoor::new(&[format!("{CHAT_KEY}=").into()]).expect(VALID)),
    ];
    config.chats = doors.map(|door| OpenChat { door, locale: config.locale }).into();
    let any = || vec![Pattern::new("*")];
    let everything = || BTreeSet::from(["*".to_owned()]);
    let default_tenants = [
        ("slack", "T0DEV"),
        ("dingtalk", "dingDev"),
        ("feishu", "tenant-dev"),
        ("wecom", "bot-dev"),
        ("teams", "tenant-dev"),
    ];
    config.grants.extend(default_tenants.map(|(chat, tenant)| Grant {
        chat: chat.to_owned(),
        tenant: tenant.to_owned(),
        channels: everything(),
        users: everything(),
        commands: CommandName::ALL.into(),
        accounts: any(),
        regions: any(),
        second_person: false,
    }));
}

/// What the stand-in needs to speak in a chat: as whom the first grant names there, and with the door's own secrets.
fn access(door: &ChatDoor, function: SocketAddr, grants: &[Grant]) -> ChatAccess {
    let chat = door.chat().as_str();
    let grant = grants.iter().find(|grant| grant.chat == chat);
    let named = |ids: &BTreeSet<String>| ids.iter().find(|id| *id != "*").cloned();
    let DoorSecrets { secret, token, aes_key, receiver, app_id } = door.rehearsal_secrets();
    ChatAccess {
        chat,
        url: format!("http://{function}/chat/{chat}"),
        tenant: grant.map(|grant| grant.tenant.clone()),
        channel: grant.and_then(|grant| named(&grant.channels)),
        user: grant.and_then(|grant| named(&grant.users)),
        secret,
        token,
        aes_key,
        receiver,
        app_id,
    }
}

/// The audit stream, which the console shows too.
struct Shown<W> {
    stream: W,
    /// What was written since the last end of a line.
    line: Vec<u8>,
    emulator: Emulator,
}

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        for &byte in &bytes[..written] {
            if byte == b'\n' {
                self.emulator.audit_line(String::from_utf8_lossy(&self.line).into_owned());
                self.line.clear();
            } else {
                self.line.push(byte);
            }
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn greet(function: SocketAddr, cloud: SocketAddr) {
    print::line(&format!("console         http://{cloud}/_console/"));
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
