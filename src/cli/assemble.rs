//! The only wiring: from a configuration to an app.

#[cfg(feature = "dev")]
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use super::Unable;
use crate::aliyun::Client;
use crate::aliyun::credentials::assume::{NamedKey, RoleSettings, Roles};
use crate::aliyun::credentials::chain;
use crate::aliyun::credentials::identity::Identity;
use crate::aliyun::credentials::{ChainSettings, Credentials, Source};
use crate::aliyun::ram::Needs;
use crate::aliyun::secrets::Values;
use crate::app::{App, Apps, Certificates, Chats, Deployment, Need, Role, TenantTokens};
use crate::config::{AccountRole, Config, ExternalId};
use crate::env::Env;
use crate::notify::Sinks;
use crate::notify::audit::Audit;
use crate::outbound::{self, Outbound, RetryPolicy};
use crate::policy::confirm::Confirmations;
use crate::policy::{KeyRules, Policy};
use crate::relay::TaskCodec;
use crate::request::Mode;
use crate::request::ids::{AccountId, RegionId};
use crate::secret::Sealer;
use crate::time::{Clock, Deadline};

/// What the keys are derived for that encrypt the addresses of late answers.
const OF_REPLIES: &str = "reply/1";

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

    /// The app of this configuration. What waits for secrets of KMS is not in it.
    pub fn app(self) -> Result<App, Unable> {
        let (shared, config) = self.shared()?;
        shared.app(config)
    }

    /// What a host serves. Where secrets are in KMS its app is made once they have been read.
    pub fn deployment(self) -> Result<Deployment, Unable> {
        let doors = self.config.doors();
        let (shared, mut config) = self.shared()?;
        let (client, audit, clock) = (shared.client.clone(), Arc::clone(&shared.audit), shared.clock.clone());
        let apps = match config.unread.take() {
            None => return Ok(Deployment::of(shared.app(config)?, doors)),
            Some(unread) => {
                let (identity, source_is_named) = (Arc::clone(&shared.identity), shared.source_is_named);
                let wanted = unread.wanted.clone();
                let make = move |values: &Values| {
                    let whole = unread.with(values).map_err(|error| error.to_string())?;
                    shared.app(whole).map_err(|error| error.to_string())
                };
                Apps::from_kms(wanted, client.clone(), identity, source_is_named, Box::new(make))
            }
        };
        Ok(Deployment { apps, doors, client, audit, clock })
    }

    /// The whole app, for a command: secrets of KMS are read now.
    pub(super) async fn ready(self, env: &Env) -> Result<Arc<App>, Unable> {
        let (deadline, region) = (Deadline::after(self.config.timeout), own_region(env)?);
        let deployment = self.deployment()?;
        Ok(deployment.apps.get(&Need { deadline, credentials: Ok(None), region }).await?)
    }

    fn shared(self) -> Result<(Shared, Config), Unable> {
        let mut cloud = self.config.cloud.clone();
        cloud.clock = self.clock.clone();
        let http = outbound::client(self.config.extra_roots.as_ref())?;
        let shared = Shared {
            mode: self.config.mode,
            outbound: Outbound::new(http.clone(), self.stand_in),
            client: Client::new(http, cloud),
            audit: Arc::new(self.audit),
            identity: Arc::new(self.identity),
            source_is_named: self.config.credential_source.is_some(),
            certificates: Arc::default(),
            tokens: Arc::default(),
            test_account: self.test_account,
            retry: self.retry,
            notify_slice: self.notify_slice,
            clock: self.clock,
        };
        Ok((shared, self.config))
    }
}

/// What the apps of a process are made of besides their configurations. It outlives them.
struct Shared {
    mode: Option<Mode>,
    outbound: Outbound,
    client: Client,
    audit: Arc<Audit>,
    identity: Arc<Identity>,
    source_is_named: bool,
    certificates: Arc<Certificates>,
    tokens: Arc<TenantTokens>,
    test_account: Option<AccountId>,
    retry: RetryPolicy,
    notify_slice: Duration,
    clock: Clock,
}

impl Shared {
    fn app(&self, config: Config) -> Result<App, Unable> {
        let elsewhere = config.regions();
        let Config { keys, rules, account_role, deployment, role, .. } = config;
        let needs = Needs { listing: false, authorize: config.authorize, only_reads: role == Role::Door };
        let roles = account_role.and_then(|role| roles(role, &keys, needs)).transpose()?;
        let (outbound, client) = (self.outbound.clone(), self.client.clone());
        // Without a name a token or a task would hold in every deployment that has the secret.
        let [secret, door_secret] =
            [&config.secret, &config.door_secret].map(|secret| secret.as_ref().filter(|_| !deployment.is_empty()));
        let of_tokens = if role == Role::Door { door_secret } else { secret };
        let confirmations =
            of_tokens.map(|secret| Confirmations::new(secret, config.confirmed_within, deployment.clone()));
        let tasks = match role {
            Role::Door => door_secret.map(|secret| TaskCodec::of_door(secret, deployment.clone())),
            Role::All | Role::Events | Role::Worker => {
                secret.filter(|_| config.relay).map(|secret| TaskCodec::new(secret, door_secret, deployment.clone()))
            }
        };
        let sealers = door_secret.into_iter().chain(secret).map(|secret| secret.sealer(OF_REPLIES));
        let replies = sealers.reduce(Sealer::also);
        Ok(App {
            door: config.event_door,
            webhooks: config.webhooks,
            eventbridge: config.eventbridge,
            certificates: Arc::clone(&self.certificates),
            outbound: outbound.clone(),
            chats: Chats {
                doors: config.chats,
                grants: config.grants,
                confirmations,
                replies,
                tellers: config.tellers,
                tokens: Arc::clone(&self.tokens),
            },
            policy: Policy { mode: self.mode.unwrap_or(Mode::Plan), keys, rules, reaches_accounts: roles.is_some() },
            client: client.clone(),
            sinks: Sinks::new(outbound, client, config.sinks, self.retry, self.clock.clone()),
            audit: Arc::clone(&self.audit),
            clock: self.clock.clone(),
            identity: Arc::clone(&self.identity),
            source_is_named: self.source_is_named,
            test_account: self.test_account.clone(),
            roles,
            authorize: config.authorize,
            role,
            worker: config.worker,
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

/// The region we run in, where the platform says so.
pub(super) fn own_region(env: &Env) -> Result<Option<RegionId>, Unable> {
    let region = env.get("FC_REGION").map(|text| RegionId::parse(&text).map_err(|it| format!("FC_REGION is {it}")));
    Ok(region.transpose()?)
}

/// How long a session of a role lasts: as long as the vendor's default, and any role allows it.
const SESSION: Duration = Duration::from_hours(1);

/// Nothing where what a role asks for has not been read.
fn roles(role: AccountRole, keys: &KeyRules, needs: Needs) -> Option<Result<Roles, Unable>> {
    let AccountRole { role, external_id, isolate } = role;
    let external_id = match external_id {
        ExternalId::None => None,
        ExternalId::Is(value) => Some(value),
        ExternalId::Unread => return None,
    };
    let named = keys.named().map(|(account, region, id)| NamedKey {
        account: account.map(ToString::to_string),
        region: region.map(ToString::to_string),
        id: id.to_owned(),
    });
    let keys = named.collect();
    let settings = RoleSettings { arn_template: role, external_id, isolate, duration: SESSION, needs, keys };
    Some(Roles::new(settings).map_err(Into::into))
}

/// The app of a command that a person gives: facing the real cloud, with secrets of KMS read as that person, or a stand-in
/// inside this process.
pub(super) async fn app(config: Config, env: &Env, emulator: bool, audit: Audit) -> Result<Arc<App>, Unable> {
    if emulator {
        rehearse(config, audit).await
    } else {
        Assembly::real(config, env, is_on_fc(env), audit).ready(env).await
    }
}

/// A rehearsal asks no KMS: what waits for its secrets is left out.
#[cfg(feature = "dev")]
pub(super) fn say_what_is_left_out(config: &Config) {
    for part in config.unread.iter().flat_map(|unread| &unread.left_out) {
        tracing::warn!("{part} is left out of this rehearsal: its secrets are in KMS");
    }
}

#[cfg(feature = "dev")]
async fn rehearse(mut config: Config, audit: Audit) -> Result<Arc<App>, Unable> {
    say_what_is_left_out(&config);
    config.unread = None;
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let stand_in = StandIn(crate::emulator::Emulator::new().start(anywhere).await?);
    Ok(Arc::new(Assembly::rehearsal(config, stand_in, audit)?.app()?))
}

#[cfg(not(feature = "dev"))]
#[expect(clippy::unused_async, reason = "its twin, which starts the stand-in cloud, waits")]
async fn rehearse(_: Config, _: Audit) -> Result<Arc<App>, Unable> {
    Err(super::NOT_BUILT_IN.into())
}
