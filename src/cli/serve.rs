//! `serve`: the function itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use super::assemble::is_on_fc;
use super::{Assembly, Unable};
use crate::app::OpenChat;
use crate::config::{self, Config, HostName};
use crate::env::Env;
use crate::hosts::{Deliveries, HostState, PlatformSettings, fc, http};
use crate::ingress::chat::ChatDoor;
use crate::notify::audit::Audit;
use crate::request::ids::{AccountId, RegionId};
use crate::stdio::{self, Stream};
use crate::telemetry;

pub(super) async fn run(env: &Env) -> Result<u8, Unable> {
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
    if config.confirmations.as_ref().is_some_and(|confirmations| confirmations.deployment.is_empty()) {
        return Err(
            "confirm.deployment is missing: no function names this deployment, and a token must not hold in two, so \
                    write one like deployment = \"production\""
                .into(),
        );
    }
    say_what_is_set(&config, env, host);
    let deliveries = Deliveries::default();
    let listener = http::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port(env)?))).await?;
    let settings = fc_settings(env, &config)?;
    let on_function = host == HostName::Fc;
    let audit = Audit::to_stream(Stream::stdout()?);
    let app = Arc::new(Assembly::real(config, env, on_function, audit).app()?);
    let stop = {
        let app = Arc::clone(&app);
        async move {
            http::signalled().await;
            app.audit.end();
        }
    };
    let router = match host {
        HostName::Fc => fc::router(&HostState::for_function(app, deliveries.clone(), settings)),
        HostName::Http => http::router(&HostState::for_server(app, deliveries.clone(), settings)),
    };
    tracing::info!("listening on {}", listener.local_addr()?);
    http::serve_until(listener, router, deliveries.clone(), stop).await?;
    Ok(if deliveries.is_retired() { RETIRED } else { 0 })
}

/// The exit code of a server that has to be replaced: a supervisor restarts what did not end well.
const RETIRED: u8 = 5;

/// Where `seal.toml` is looked for.
pub(super) fn beside_the_binary() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.join("seal.toml"))
}

/// The region we run in, where the platform says so.
pub(super) fn own_region(env: &Env) -> Result<Option<RegionId>, Unable> {
    let region = env.get("FC_REGION").map(|text| RegionId::parse(&text).map_err(|it| format!("FC_REGION is {it}")));
    Ok(region.transpose()?)
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
    })
}

/// The host that was forced, else the one whose platform shows itself, else plain HTTP.
fn pick_host(env: &Env, config: &Config) -> Result<HostName, Unable> {
    let on_fc = is_on_fc(env);
    match config.host {
        Some(HostName::Fc) if !on_fc => {
            tracing::warn!(
                "SEAL_HOST=fc was set by hand and this is not Function Compute: whoever reaches this port can send \
                 events and credentials as if they were the platform"
            );
            Ok(HostName::Fc)
        }
        Some(host) => Ok(host),
        None if env.get("AWS_LAMBDA_RUNTIME_API").is_some() => Err("AWS Lambda is not supported yet".into()),
        None if on_fc => Ok(HostName::Fc),
        None => Ok(HostName::Http),
    }
}

/// A mode that nobody chose is said loudly.
pub(super) fn say_the_mode(config: &Config) {
    if config.mode.is_none() {
        tracing::warn!(
            "no mode is set: it is plan, and nothing will be changed; set SEAL_MODE=enforce to make the change"
        );
    }
}

/// The doors that are open besides the platform's own, by name.
fn doors(config: &Config) -> Vec<String> {
    let webhooks = config.webhooks.iter().map(|webhook| format!("webhook {}", webhook.name));
    let bus = config.eventbridge.iter().map(|_| "eventbridge".to_owned());
    let chats = config.chats.iter().map(|open| open.door.chat().as_str().to_owned());
    webhooks.chain(bus).chain(chats).collect()
}

fn say_what_is_set(config: &Config, env: &Env, host: HostName) {
    if host == HostName::Http && doors(config).is_empty() {
        tracing::warn!("no door is open on a plain HTTP host: only /healthz is served (SEAL_HOST=fc serves /invoke)");
        return;
    }
    match doors(config) {
        doors if doors.is_empty() => tracing::info!("no webhook or chat door is configured: they are closed"),
        doors => tracing::info!("open doors: {}", doors.join(", ")),
    }
    say_what_chats_lack(config);
    say_the_mode(config);
    if config.keys.defaults.is_empty() && !config.keys.required {
        tracing::info!("no key is configured: RDS's automatic key is used, and it cannot be changed later");
    }
    if config.sinks.is_empty() {
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
    for OpenChat { door, .. } in &config.chats {
        let chat = door.chat().as_str();
        if !config.grants.iter().any(|grant| grant.chat == chat) {
            tracing::warn!("no grant names {chat}: nobody may plan or seal anything there");
        }
        if matches!(door, ChatDoor::DingTalk(door) if !door.trusts_its_messages()) {
            tracing::info!("{chat} does not encrypt its messages, so nothing is sealed from there");
        }
    }
    if !config.chats.is_empty() && config.confirmations.is_none() {
        tracing::info!("no confirm.key is configured: nothing is sealed from a chat");
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
