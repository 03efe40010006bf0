//! The app of a deployment. Where its secrets are in KMS it is made at the first need, and made anew once they have changed.

mod schedule;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

use super::context::Context;
use super::delivery_result::DeliveryResult;
use super::deployment::App;
use crate::aliyun::credentials::identity::Identity;
use crate::aliyun::credentials::{Found, Source};
use crate::aliyun::secrets::{Unread, Values, Wanted, WhyUnread};
use crate::aliyun::{Client, Target};
use crate::request::ids::RegionId;
use crate::seal;
use crate::time::Deadline;
use crate::words::Language;

use schedule::Schedule;

/// How long somebody waits for newer secrets while those there are would do.
const BRIEFLY: Duration = Duration::from_secs(1);

/// What gives a process its app.
#[derive(Debug)]
pub struct Apps(Kind);

#[derive(Debug)]
enum Kind {
    Made(Arc<App>),
    FromKms(Box<FromKms>),
}

/// As whom, for where and until when secrets are read.
#[derive(Debug, Clone)]
pub struct Need {
    pub deadline: Deadline,
    /// The identity that a delivery brings.
    pub credentials: Found,
    /// Where we run.
    pub region: Option<RegionId>,
}

/// There is no app, because secrets cannot be read. The log has said so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoSecrets {
    why: String,
    /// The process's credentials have expired, and only a new process gets new ones.
    pub needs_a_new_process: bool,
}

/// Makes an app of the values of its secrets. A sentence says which of them is of no use, and never what it holds.
pub type Make = Box<dyn Fn(&Values) -> Result<App, String> + Send + Sync>;

/// How secrets are read, and what is made of them.
struct FromKms {
    wanted: Wanted,
    client: Client,
    identity: Arc<Identity>,
    /// A source of credentials was configured by name: what a delivery brings is then not looked at.
    source_is_named: bool,
    make: Make,
    kept: Mutex<Kept>,
    /// Held by the one who reads.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    made: Option<(Arc<App>, Values)>,
    schedule: Schedule,
    /// How the last reading failed, if it did.
    failure: Option<NoSecrets>,
}

impl Need {
    pub fn of(context: &Context) -> Self {
        Self {
            deadline: context.deadline,
            credentials: context.credentials.clone(),
            region: context.defaults.region.clone(),
        }
    }
}

impl Apps {
    /// An app that needs nothing of KMS.
    pub fn made(app: App) -> Self {
        Self(Kind::Made(Arc::new(app)))
    }

    pub fn from_kms(
        wanted: Wanted,
        client: Client,
        identity: Arc<Identity>,
        source_is_named: bool,
        make: Make,
    ) -> Self {
        let (kept, turn) = (Mutex::default(), tokio::sync::Mutex::default());
        Self(Kind::FromKms(Box::new(FromKms { wanted, client, identity, source_is_named, make, kept, turn })))
    }

    /// The app, or why there is none, where that is known without a question.
    pub fn at_hand(&self) -> Option<Result<Arc<App>, NoSecrets>> {
        match &self.0 {
            Kind::Made(app) => Some(Ok(Arc::clone(app))),
            Kind::FromKms(kms) => kms.at_hand(),
        }
    }

    /// The app, after its secrets have been read where that is due.
    pub async fn get(&self, need: &Need) -> Result<Arc<App>, NoSecrets> {
        match &self.0 {
            Kind::Made(app) => Ok(Arc::clone(app)),
            Kind::FromKms(kms) => kms.get(need).await,
        }
    }

    /// Whether it may be worth the while to ask for newer secrets, after somebody could not prove itself with these.
    pub fn may_be_renewed(&self, refused_by: &Arc<App>) -> bool {
        match &self.0 {
            Kind::Made(_) => false,
            Kind::FromKms(kms) => kms.newer(refused_by).is_some() || kms.kept().schedule.may_be_early(kms.now()),
        }
    }

    /// An app with newer secrets than the one that refused somebody, if there are any.
    pub async fn renewed(&self, refused_by: &Arc<App>, need: &Need) -> Option<Arc<App>> {
        match &self.0 {
            Kind::Made(_) => None,
            Kind::FromKms(kms) => kms.renewed(refused_by, need).await,
        }
    }
}

impl FromKms {
    fn at_hand(&self) -> Option<Result<Arc<App>, NoSecrets>> {
        let (kept, now) = (self.kept(), self.now());
        (!kept.are_due(now)).then(|| kept.serving(now))
    }

    async fn get(&self, need: &Need) -> Result<Arc<App>, NoSecrets> {
        let serves = self.kept().serving(self.now());
        // One reads; whoever can do without does not wait for it.
        let turn = match (self.turn.try_lock(), &serves) {
            (Ok(turn), _) => Ok(turn),
            (Err(_), Ok(_)) => return serves,
            (Err(_), Err(_)) => timeout(need.deadline.remaining(), self.turn.lock()).await,
        };
        if let Some(at_hand) = self.at_hand() {
            return at_hand;
        }
        if turn.is_ok() {
            let deadline = if serves.is_ok() { briefly(need.deadline) } else { need.deadline.keeping_a_slice(BRIEFLY) };
            self.read(need, deadline).await;
        }
        self.kept().serving(self.now())
    }

    async fn renewed(&self, refused_by: &Arc<App>, need: &Need) -> Option<Arc<App>> {
        let deadline = briefly(need.deadline);
        let _turn = timeout(deadline.remaining(), self.turn.lock()).await.ok()?;
        if let Some(newer) = self.newer(refused_by) {
            return Some(newer);
        }
        if self.kept().schedule.may_be_early(self.now()) {
            self.read(need, deadline).await;
        }
        self.newer(refused_by)
    }

    /// Reads them all, and makes an app of them where they have changed.
    async fn read(&self, need: &Need, deadline: Deadline) {
        self.kept().schedule.asked(self.now());
        let made = self.values(need, deadline).await.and_then(|values| self.made_of(values));
        let (mut kept, now) = (self.kept(), self.now());
        match made {
            Ok(made) => {
                kept.schedule.read(now);
                kept.failure = None;
                made.0.sinks.forget_refusals();
                kept.made = Some(made);
            }
            Err(failure) => {
                let age = kept.schedule.age(now);
                if kept.serving(now).is_ok() {
                    let seconds = age.as_secs();
                    tracing::error!("{failure}; those read {seconds} s ago serve on, for an hour at most");
                } else {
                    tracing::error!("{failure}; until they can be, nothing is let in");
                }
                kept.failure = Some(failure);
            }
        }
    }

    fn made_of(&self, values: Values) -> Result<(Arc<App>, Values), NoSecrets> {
        let made = self.kept().made.clone();
        if let Some((app, old)) = made {
            if old.are_same(&values) {
                return Ok((app, old));
            }
            tracing::info!("the secrets of this deployment have changed: the new ones count from now on");
        }
        let app = (self.make)(&values).map_err(NoSecrets::because)?;
        Ok((Arc::new(app), values))
    }

    async fn values(&self, need: &Need, deadline: Deadline) -> Result<Values, NoSecrets> {
        let brought = if self.source_is_named { &Ok(None) } else { &need.credentials };
        let credentials = if let Some(credentials) = brought.as_ref().map_err(NoSecrets::because)? {
            credentials.clone()
        } else {
            let own = self.identity.credentials(&self.client, deadline).await.map_err(NoSecrets::because)?;
            own.ok_or_else(|| NoSecrets::because(Language::En.why(&seal::no_credentials().reason)))?
        };
        let region = need.region.as_ref().map_or("", RegionId::as_str);
        let target = Target { credentials: Some(&credentials), region, deadline };
        self.client.secrets(&self.wanted, target).await.map_err(|unread| {
            let has_expired = matches!(&unread.why, WhyUnread::Failed(it) if it.is("InvalidSecurityToken.Expired"));
            if has_expired {
                self.identity.renew(&credentials);
            }
            let needs_a_new_process = has_expired && credentials.source == Source::FunctionEnvironment;
            NoSecrets { needs_a_new_process, ..NoSecrets::because(why(&unread)) }
        })
    }

    /// An app that was made since this one.
    fn newer(&self, than: &Arc<App>) -> Option<Arc<App>> {
        self.kept().serving(self.now()).ok().filter(|app| !Arc::ptr_eq(app, than))
    }

    fn now(&self) -> Timestamp {
        self.client.clock().now()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Whether secrets are to be read before anything is done: it is time, or a sink has refused what these make of a report.
    fn are_due(&self, now: Timestamp) -> bool {
        let is_refused = || self.made.as_ref().is_some_and(|(app, _)| app.sinks.have_refused());
        self.schedule.is_due(now) || (self.schedule.may_be_early(now) && is_refused())
    }

    fn serving(&self, now: Timestamp) -> Result<Arc<App>, NoSecrets> {
        match &self.made {
            Some((app, _)) if self.schedule.serves(now) => Ok(Arc::clone(app)),
            _ => Err(self.failure.clone().unwrap_or_else(NoSecrets::unread)),
        }
    }
}

impl NoSecrets {
    /// They have not been read.
    pub fn unread() -> Self {
        Self::because("they have not been read")
    }

    /// What the platform is told: to deliver it again.
    pub fn answer(&self) -> DeliveryResult {
        DeliveryResult { needs_a_new_process: self.needs_a_new_process, ..DeliveryResult::again() }
    }

    fn because(why: impl fmt::Display) -> Self {
        Self { why: format!("the secrets of this deployment cannot be used: {why}"), needs_a_new_process: false }
    }
}

/// Why a secret could not be read, in words.
pub fn why(unread: &Unread) -> String {
    let name = &unread.name;
    match &unread.why {
        WhyUnread::NoRegion => format!("secret {name} of KMS is in no region: set FC_REGION, or write its ARN"),
        WhyUnread::Binary => format!("secret {name} of KMS is binary: store it as text"),
        WhyUnread::Failed(failure) => {
            format!("secret {name} of KMS cannot be read. {}", Language::En.error(&seal::service_error(failure)))
        }
    }
}

fn briefly(deadline: Deadline) -> Deadline {
    deadline.min(Deadline::after(BRIEFLY))
}

impl fmt::Debug for FromKms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromKms").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}
