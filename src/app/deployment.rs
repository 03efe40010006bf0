//! A deployment: everything that outlives a delivery. It keeps no state.

use std::sync::Arc;
use std::time::Duration;

use super::authority::Authority;
use super::certificates::Certificates;
use super::chats::Chats;
use super::role::Role;
use crate::aliyun::Client;
use crate::aliyun::credentials::assume::Roles;
use crate::aliyun::credentials::identity::Identity;
use crate::ingress::event::EventDoor;
use crate::ingress::webhook::{EventBridgeDoor, WebhookCredential};
use crate::notify::Sinks;
use crate::notify::audit::Audit;
use crate::outbound::Outbound;
use crate::policy::Policy;
use crate::policy::permit::Permit;
use crate::relay::TaskCodec;
use crate::request::ids::{AccountId, RegionId};
use crate::time::Clock;

/// What a process is configured to do, and what it does it with.
#[derive(Debug)]
pub struct App {
    pub door: EventDoor,
    /// Who may send webhooks.
    pub webhooks: Vec<WebhookCredential>,
    /// What the platform's event bus may push to, if anything.
    pub eventbridge: Option<EventBridgeDoor>,
    pub certificates: Arc<Certificates>,
    /// The way to vendors' own hosts.
    pub outbound: Outbound,
    pub chats: Chats,
    pub policy: Policy,
    pub client: Client,
    pub sinks: Sinks,
    pub audit: Arc<Audit>,
    pub clock: Clock,
    /// Who signs where a delivery brings no credentials of its own.
    pub identity: Arc<Identity>,
    /// A source was configured by name: what a delivery brings is then not looked at.
    pub source_is_named: bool,
    /// The account of the built-in test pair.
    pub test_account: Option<AccountId>,
    /// The roles of other accounts, where they may be taken on.
    pub roles: Option<Roles>,
    /// The role by which RDS uses keys may be created.
    pub authorize: bool,
    /// What this function serves of its deployment.
    pub role: Role,
    /// The function that a door hands its work to.
    pub worker: Option<String>,
    /// Signs what waits in the platform's queue until it can be done; without it nothing does.
    pub tasks: Option<TaskCodec>,
    /// Where else an instance that is not found is looked for.
    pub elsewhere: Vec<RegionId>,
    /// The smallest slice of a deadline that is kept for notification.
    pub notify_slice: Duration,
}

impl App {
    /// What a webhook credential of this name may ask for; what the platform may where none is named.
    pub fn authority<'a>(&'a self, credential: Option<&'a str>) -> Authority<'a> {
        let Some(name) = credential else { return Authority::platform() };
        let found = self.webhooks.iter().find(|credential| credential.name == name);
        Authority {
            permit: found.map_or(Permit::Revoked, |found| Permit::Scope(&found.scope, found.mode_cap())),
            credential,
            is_replayable: found.is_some_and(|found| !found.proof.signs_time()),
            ..Authority::platform()
        }
    }
}
