//! `serve`: the function itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use super::assemble::{PLATFORM_SIGNS, is_on_fc, own_region};
use super::{Assembly, Unable};
use crate::app::{OpenChat, Role};
use crate::config::{self, Config, HostName, Part};
use crate::env::Env;
use crate::hosts::{BodyLimits, ConnectionLimits, Deliveries, HostState, PlatformSettings, fc, http};
use crate::ingress::chat::ChatDoor;
use crate::notify::audit::Audit;
use crate::request::Mode;
use crate::request::ids::AccountId;
use crate::stdio::{self, Stream};
use crate::telemetry;

/// What AWS Lambda sets.
const LAMBDA: &str = "AWS_LAMBDA_RUNTIME_API";

pub(super) async fn run(env: &Env, listen: Option<SocketAddr>) -> Result<u8, Unable> {
    let config = config::load(env, beside_the_binary().as_deref())?;
    telemetry::start_server(config.log)?;
    if stdio::stdout_was_closed() {
        return Err(
            "standard output is closed, and the audit stream goes there: give the process one, or write `> /dev/null` to \
             throw the stream away"
                .into(),
        );
    }
    let host = pick_host(env, &config)?;
    check_the_secret(&config, host.name)?;
    check_the_region(&config, env, host.name)?;
    check_the_way_to_the_worker(&config, env)?;
    let listener = http::bind(address(env, listen.or(config.listen))?).await?;
    say_what_is_set(&config, env, &host, listener.local_addr()?);
    let (deliveries, on_function) = (Deliveries::default(), host.name == HostName::Fc);
    let mut settings = fc_settings(env, &config)?;
    // A plain server has no queue that delivers to it.
    settings.function = settings.function.filter(|_| on_function);
    let audit = Audit::to_stream(Stream::stdout()?);
    let deployment = Assembly::real(config, env, on_function, audit).deployment()?;
    let stop = {
        let audit = Arc::clone(&deployment.audit);
        async move {
            http::signalled().await;
            audit.end();
        }
    };
    let (state, router, limits) = match host.name {
        HostName::Fc => {
            let state = HostState::for_function(deployment, deliveries.clone(), settings);
            (Arc::clone(&state), fc::router(&state), None)
        }
        HostName::Http => {
            let state = HostState::for_server(deployment, deliveries.clone(), settings);
            (Arc::clone(&state), http::router(&state), Some(ConnectionLimits::default()))
        }
    };
    http::serve_until(listener, router, deliveries.clone(), limits, stop).await?;
    state.say_the_rest();
    Ok(if deliveries.is_retired() { RETIRED } else { 0 })
}

/// The exit code of a server that has to be replaced: a supervisor restarts what did not end well.
const RETIRED: u8 = 5;

/// Whether a word is not needed: the environment says what to serve as.
pub(super) fn shows_where_it_runs(env: &Env) -> bool {
    is_on_fc(env) || ["SEAL_HOST", LAMBDA].iter().any(|name| env.get(name).is_some())
}

/// Where `seal.toml` is looked for.
pub(super) fn beside_the_binary() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.join("seal.toml"))
}

/// What the platform says of itself on Function Compute.
pub(super) fn fc_settings(env: &Env, config: &Config) -> Result<PlatformSettings, Unable> {
    let account =
        env.get("FC_ACCOUNT_ID").map(|text| AccountId::parse(&text).map_err(|it| format!("FC_ACCOUNT_ID is {it}")));
    Ok(PlatformSettings {
        account: account.transpose()?,
        region: own_region(env)?,
        function: env.get("FC_FUNCTION_NAME"),
        timeout: config.timeout,
        answer_within: None,
        bodies: BodyLimits::default(),
    })
}

/// What this process serves as, and why.
struct Host {
    name: HostName,
    reason: String,
}

/// The host that was forced, else the one whose platform shows itself, else plain HTTP.
fn pick_host(env: &Env, config: &Config) -> Result<Host, Unable> {
    let on_fc = is_on_fc(env);
    let [function, instance] = PLATFORM_SIGNS;
    let lone_sign = PLATFORM_SIGNS.iter().find(|name| env.get(name).is_some());
    let (name, reason) = match (config.host, lone_sign) {
        (Some(name), _) => (name, "SEAL_HOST says so".to_owned()),
        (None, _) if env.get(LAMBDA).is_some() => return Err("AWS Lambda is not supported yet".into()),
        (None, _) if on_fc => (HostName::Fc, format!("{function} and {instance} are set")),
        (None, Some(lone)) => {
            (HostName::Http, format!("{lone} alone does not make a function: {function} and {instance} do"))
        }
        (None, None) => (HostName::Http, "no platform shows itself".to_owned()),
    };
    if name == HostName::Fc && !on_fc {
        tracing::warn!(
            "SEAL_HOST=fc was set by hand and this is not Function Compute: whoever reaches this port can send events and \
             credentials as if they were the platform"
        );
    }
    Ok(Host { name, reason })
}

/// Where to listen: where somebody says, else on Function Compute wherever it calls, else on this machine alone.
fn address(env: &Env, chosen: Option<SocketAddr>) -> Result<SocketAddr, Unable> {
    let ip = if is_on_fc(env) { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    match chosen {
        Some(address) => Ok(address),
        None => Ok(SocketAddr::from((ip, port(env)?))),
    }
}

/// What is signed with the secret, as far as it is needed here.
fn check_the_secret(config: &Config, host: HostName) -> Result<(), Unable> {
    let (has_secret, is_named) = (config.has_secret(), !config.deployment.is_empty());
    if has_secret && !is_named && !config.chats.is_empty() {
        return Err("deployment is missing: no function names this deployment, and a token must not hold in two, so \
             write one like deployment = \"production\""
            .into());
    }
    if host != HostName::Fc || !config.relay || (has_secret && is_named) {
        return Ok(());
    }
    if config.mode == Some(Mode::Enforce) && !has_secret {
        return Err(
            "mode is enforce and no secret is set, without which nothing can wait in the function's queue: set \
             SEAL_SECRET to 32 random bytes or more, or write relay = false to leave the waiting to the platform"
                .into(),
        );
    }
    let missing = if has_secret { "FC_FUNCTION_NAME is not set" } else { "no secret is set (SEAL_SECRET)" };
    tracing::warn!("{missing}: nothing waits in the function's queue, and the platform's own retries do the waiting");
    Ok(())
}

/// A mode that nobody chose is said loudly.
pub(super) fn say_the_mode(config: &Config) {
    if config.mode.is_none() {
        tracing::warn!(
            "no mode is set: it is plan, and nothing will be changed; set SEAL_MODE=enforce to make the change"
        );
    }
}

/// A door hands its work over by the queue of a function in an account and a region.
fn check_the_way_to_the_worker(config: &Config, env: &Env) -> Result<(), Unable> {
    let missing = ["FC_ACCOUNT_ID", "FC_REGION"].into_iter().find(|name| env.get(name).is_none());
    match missing.filter(|_| config.role == Role::Door) {
        Some(name) => Err(format!("{name} is not set, and a door has to know where its worker is: set it").into()),
        None => Ok(()),
    }
}

/// Where a secret of KMS is has to be known: a function is told by its platform, at the latest with a delivery.
fn check_the_region(config: &Config, env: &Env, host: HostName) -> Result<(), Unable> {
    let is_told = host == HostName::Fc || own_region(env)?.is_some();
    let mut nowhere = config.unread.iter().flat_map(|unread| unread.wanted.without_region()).filter(|_| !is_told);
    match nowhere.next() {
        Some(name) => {
            Err(format!("secret {name} of KMS is in no region: set FC_REGION, or write its ARN as its name").into())
        }
        None => Ok(()),
    }
}

/// The doors that are open, by name.
fn doors(config: &Config, host: HostName) -> Vec<String> {
    let platform = if config.role.takes_events() { "event" } else { "task" };
    let events = (host == HostName::Fc && config.role != Role::Door).then(|| platform.to_owned());
    if !config.role.has_doors() {
        return events.into_iter().collect();
    }
    let webhooks = config.webhooks.iter().map(|webhook| format!("webhook {}", webhook.name));
    let bus = config.eventbridge.iter().map(|_| "eventbridge".to_owned());
    let chats = config.chats.iter().map(|open| open.door.chat().as_str().to_owned());
    let unread = config.unread.iter().flat_map(|unread| &unread.left_out).filter_map(|part| match part {
        Part::Webhook(_) => Some(part.to_string()),
        Part::EventBridge => Some("eventbridge".to_owned()),
        Part::Chat(chat, _) => Some(chat.as_str().to_owned()),
        Part::Secret | Part::DoorSecret | Part::ExternalId | Part::Sink(_) => None,
    });
    events.into_iter().chain(webhooks).chain(bus).chain(chats).chain(unread).collect()
}

fn say_what_is_set(config: &Config, env: &Env, Host { name, reason }: &Host, address: SocketAddr) {
    let doors = doors(config, *name);
    let open = if doors.is_empty() { "none".to_owned() } else { doors.join(", ") };
    let role = if config.role == Role::All { String::new() } else { format!(" in the role {}", config.role.as_str()) };
    tracing::info!("serving as {}{role} because {reason}, on {address}, open doors: {open}", name.in_words());
    if doors.is_empty() {
        let hint = if config.role == Role::Door { "" } else { " (SEAL_HOST=fc serves /invoke)" };
        tracing::warn!("no door is open: only /healthz is served{hint}");
        return;
    }
    say_what_chats_lack(config);
    say_the_mode(config);
    if config.keys.defaults.is_empty() && !config.keys.required {
        tracing::info!("no key is configured: RDS's automatic key is used, and it cannot be changed later");
    }
    if let Some(unread) = &config.unread {
        let names = unread.wanted.names().collect::<Vec<_>>().join(", ");
        tracing::info!("read from KMS at the first need: {names}");
    }
    if config.role != Role::Door && config.sinks.is_empty() && !config.has(|part| matches!(part, Part::Sink(_))) {
        tracing::info!("no sink is configured: results go to the audit stream only");
    }
    if let Some(endpoint) = &config.cloud.endpoint {
        tracing::warn!(
            "every call goes to {} instead of the region's own endpoint",
            endpoint.origin().ascii_serialization()
        );
    }
    if env.get("FC_REGION").is_none() && is_on_fc(env) {
        tracing::info!("FC_REGION is not set: a request has to name its region");
    }
}

/// What keeps a chat's door from doing all it could.
fn say_what_chats_lack(config: &Config) {
    let chats = config.doors().chats;
    for chat in chats.iter().map(|(chat, _)| chat.as_str()) {
        if !config.grants.iter().any(|grant| grant.chat == chat) {
            tracing::warn!("no grant names {chat}: nobody may plan or seal anything there");
        }
    }
    for OpenChat { door, .. } in &config.chats {
        let chat = door.chat().as_str();
        if matches!(door, ChatDoor::DingTalk(door) if !door.trusts_its_messages()) {
            tracing::info!("{chat} does not encrypt its messages, so nothing is sealed from there");
        }
    }
    if !chats.is_empty() && !config.has_secret() {
        tracing::info!("no secret is set (SEAL_SECRET): nothing is sealed from a chat");
    }
}

/// Function Compute's two names for the port, then the one of other platforms.
fn port(env: &Env) -> Result<u16, Unable> {
    for name in ["FC_SERVER_PORT", "FC_CUSTOM_LISTEN_PORT", "PORT"] {
        if let Some(text) = env.get(name) {
            return text.parse().map_err(|_| format!("{name} must be a port number").into());
        }
    }
    Ok(9000)
}
