//! The only wiring: from a configuration to an app.

#[cfg(feature = "dev")]
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Url;

use super::Unable;
use crate::aliyun::Client;
use crate::aliyun::credentials::{Credentials, Found, Source, of_environment};
use crate::app::App;
use crate::config::Config;
use crate::env::Env;
use crate::notify::audit::Audit;
use crate::notify::{Patience, Sinks};
use crate::outbound;
use crate::policy::Policy;
use crate::request::Mode;
use crate::request::ids::AccountId;
use crate::time::Clock;

/// The account of the stand-in cloud's key pair.
const STAND_IN_ACCOUNT: &str = "1234567890123456";

/// What an app is made of.
pub struct Assembly {
    pub config: Config,
    pub audit: Audit,
    /// Who signs where a delivery brings no credentials.
    pub credentials: Found,
    pub patience: Patience,
    pub notify_slice: Duration,
    pub clock: Clock,
}

/// A stand-in cloud to use in place of the real one.
#[derive(Debug, Clone, Copy)]
pub struct StandIn(pub SocketAddr);

impl Assembly {
    /// For the real cloud, signing as `source` of the environment.
    pub fn real(config: Config, env: &Env, source: Source, audit: Audit) -> Self {
        Self::new(config, of_environment(env, source), audit)
    }

    /// For a stand-in cloud: its own key pair whatever the environment holds, and every sink redirected to it, so that a
    /// rehearsal sends nothing to real people.
    pub fn rehearsal(mut config: Config, stand_in: StandIn, audit: Audit) -> Result<Self, Unable> {
        let base = Url::parse(&format!("http://{}", stand_in.0))?;
        config.mode.get_or_insert(Mode::Enforce);
        config.sinks = config.sinks.into_iter().map(|sink| sink.redirected(&base)).collect();
        config.cloud.endpoint = Some(base);
        Ok(Self::new(config, Ok(Some(Credentials::stand_in())), audit))
    }

    fn new(config: Config, credentials: Found, audit: Audit) -> Self {
        Self {
            config,
            audit,
            credentials,
            patience: Patience::default(),
            notify_slice: Duration::from_secs(1),
            clock: Clock::System,
        }
    }

    pub fn app(self) -> Result<App, Unable> {
        let elsewhere = self.config.regions();
        let Config { mode, mut cloud, extra_roots, keys, rules, authorize, relay, event_door, sinks, .. } = self.config;
        let http = outbound::client(extra_roots.as_ref())?;
        cloud.clock = self.clock.clone();
        Ok(App {
            door: event_door,
            policy: Policy { mode: mode.unwrap_or(Mode::Plan), keys, rules, reaches_accounts: false },
            client: Client::new(http.clone(), cloud),
            sinks: Sinks::new(http, sinks, self.patience, self.clock.clone()),
            audit: self.audit,
            clock: self.clock,
            account: account_of(&self.credentials),
            credentials: self.credentials,
            authorize,
            relay,
            elsewhere,
            notify_slice: self.notify_slice,
        })
    }
}

/// The account of a key pair, where it is known without asking.
fn account_of(credentials: &Found) -> Option<AccountId> {
    let credentials = credentials.as_ref().ok()?.as_ref()?;
    let is_test_pair = credentials.access_key_id == Credentials::stand_in().access_key_id;
    is_test_pair.then(|| AccountId::parse(STAND_IN_ACCOUNT).ok()).flatten()
}

/// The app of a command that a person gives: facing the real cloud, or a stand-in inside this process.
pub(super) async fn app(config: Config, env: &Env, emulator: bool, audit: Audit) -> Result<App, Unable> {
    if emulator { rehearse(config, audit).await } else { Assembly::real(config, env, Source::Environment, audit).app() }
}

#[cfg(feature = "dev")]
async fn rehearse(config: Config, audit: Audit) -> Result<App, Unable> {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let stand_in = StandIn(crate::emulator::Emulator::new().start(anywhere).await?);
    Assembly::rehearsal(config, stand_in, audit)?.app()
}

#[cfg(not(feature = "dev"))]
#[expect(clippy::unused_async, reason = "its twin, which starts the stand-in cloud, waits")]
async fn rehearse(_: Config, _: Audit) -> Result<App, Unable> {
    Err(super::NOT_BUILT_IN.into())
}
