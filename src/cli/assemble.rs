//! The only wiring: from a configuration to an app.

#[cfg(feature = "dev")]
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Url;

use super::Unable;
use crate::aliyun::Client;
use crate::aliyun::credentials::assume::{NamedKey, RoleSettings, Roles};
use crate::aliyun::credentials::chain;
use crate::aliyun::credentials::identity::Identity;
use crate::aliyun::credentials::{ChainSettings, Credentials, Source};
use crate::aliyun::ram::Needs;
use crate::app::{App, Certificates, Chats, TenantTokens};
use crate::config::{AccountRole, Config};
use crate::env::Env;
use crate::notify::Sinks;
use crate::notify::audit::Audit;
use crate::outbound::{self, Outbound, RetryPolicy};
use crate::policy::confirm::Confirmations;
use crate::policy::{KeyRules, Policy};
use crate::relay::TaskCodec;
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
    pub identity: Identity,
    /// The account of the built-in test pair.
    pub test_account: Option<AccountId>,
    pub retry: RetryPolicy,
    pub notify_slice: Duration,
    pub clock: Clock,
    /// What is asked instead of the vendors' own hosts.
    stand_in: Option<Url>,
}

/// A stand-in cloud to use in place of the real one.
#[derive(Debug, Clone, Copy)]
pub struct StandIn(pub SocketAddr);

impl Assembly {
    /// For the real cloud. Inside a function, what its environment holds belongs to its role.
    pub fn real(config: Config, env: &Env, on_function: bool, audit: Audit) -> Self {
        let settings = ChainSettings {
            only: config.credential_source,
            on_function,
            environment: if on_function { Source::FunctionEnvironment } else { Source::Environment },
            region: env.get("FC_REGION"),
            allow_metadata_v1: config.allow_metadata_v1,
            metadata: None,
        };
        Self::new(config, Identity::found(chain::find(env, &settings)), audit)
    }

    /// For a stand-in cloud: its own key pair whatever the environment holds, and every sink redirected to it, so that a
    /// rehearsal sends nothing to real people.
    pub fn rehearsal(mut config: Config, stand_in: StandIn, audit: Audit) -> Result<Self, Unable> {
        let base = Url::parse(&format!("http://{}", stand_in.0))?;
        config.mode.get_or_insert(Mode::Enforce);
        config.cloud.endpoint = Some(base.clone());
        config.credential_source = None;
        let identity = Identity::fixed(Ok(Some(Credentials::stand_in())));
        Ok(Self { stand_in: Some(base), ..Self::new(config, identity, audit) })
    }

    fn new(config: Config, identity: Identity, audit: Audit) -> Self {
        Self {
            config,
            audit,
            identity,
            test_account: AccountId::parse(STAND_IN_ACCOUNT).ok(),
            retry: RetryPolicy::default(),
            notify_slice: Duration::from_secs(1),
            clock: Clock::System,
            stand_in: None,
        }
    }

    pub fn app(self) -> Result<App, Unable> {
        let elsewhere = self.config.regions();
        let Config { mode, mut cloud, extra_roots, keys, rules, account_role, .. } = self.config;
        let http = outbound::client(extra_roots.as_ref())?;
        let outbound = Outbound::new(http.clone(), self.stand_in);
        cloud.clock = self.clock.clone();
        let client = Client::new(http, cloud);
        let needs = Needs { listing: false, authorize: self.config.authorize };
        let roles = account_role.map(|role| roles(role, &keys, needs)).transpose()?;
        // Without a name a token or a task would hold in every deployment that has the secret.
        let secret = self.config.secret.as_ref().filter(|_| !self.config.deployment.is_empty());
        let deployment = &self.config.deployment;
        let confirmations =
            secret.map(|secret| Confirmations::new(secret, self.config.confirmed_within, deployment.clone()));
        let tasks = secret.filter(|_| self.config.relay).map(|secret| TaskCodec::new(secret, deployment.clone()));
        Ok(App {
            door: self.config.event_door,
            webhooks: self.config.webhooks,
            eventbridge: self.config.eventbridge,
            certificates: Certificates::default(),
            outbound: outbound.clone(),
            chats: Chats {
                doors: self.config.chats,
                grants: self.config.grants,
                confirmations,
                tokens: TenantTokens::default(),
            },
            policy: Policy { mode: mode.unwrap_or(Mode::Plan), keys, rules, reaches_accounts: roles.is_some() },
            client: client.clone(),
            sinks: Sinks::new(outbound, client, self.config.sinks, self.retry, self.clock.clone()),
            audit: self.audit,
            clock: self.clock,
            identity: self.identity,
            source_is_named: self.config.credential_source.is_some(),
            test_account: self.test_account,
            roles,
            authorize: self.config.authorize,
            tasks,
            elsewhere,
            notify_slice: self.notify_slice,
        })
    }
}

/// What Function Compute sets in every instance (read in code: the vendor's own runner). One of them alone may be left over
/// from anywhere, and the function's host trusts whoever reaches it.
pub(super) const PLATFORM_SIGNS: [&str; 2] = ["FC_FUNCTION_NAME", "FC_INSTANCE_ID"];

/// Whether this process is an instance of a function.
pub(super) fn is_on_fc(env: &Env) -> bool {
    PLATFORM_SIGNS.iter().all(|name| env.get(name).is_some())
}

/// How long a session of a role lasts: as long as the vendor's default, and any role allows it.
const SESSION: Duration = Duration::from_hours(1);

fn roles(role: AccountRole, keys: &KeyRules, needs: Needs) -> Result<Roles, Unable> {
    let AccountRole { role, external_id, isolate } = role;
    let named = keys.named().map(|(account, region, id)| NamedKey {
        account: account.map(ToString::to_string),
        region: region.map(ToString::to_string),
        id: id.to_owned(),
    });
    let keys = named.collect();
    Ok(Roles::new(RoleSettings { arn_template: role, external_id, isolate, duration: SESSION, needs, keys })?)
}

/// The app of a command that a person gives: facing the real cloud, or a stand-in inside this process.
pub(super) async fn app(config: Config, env: &Env, emulator: bool, audit: Audit) -> Result<App, Unable> {
    if emulator { rehearse(config, audit).await } else { Assembly::real(config, env, is_on_fc(env), audit).app() }
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
