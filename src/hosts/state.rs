//! What every door of a process stands on: the app, the deliveries under way, and what is known of a request besides its
//! bytes.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use futures_util::future::FutureExt as _;

use super::Deliveries;
use crate::aliyun::credentials::from_invocation;
use crate::app::{App, Context, DeliveryResult, Function};
use crate::ingress::DeliveryDefaults;
use crate::outcome::Attempt;
use crate::request::ids::{AccountId, RegionId, printable};
use crate::time::Deadline;

/// What is left of the platform's moment for the answer itself.
const RESPONSE_RESERVE: Duration = Duration::from_millis(250);

/// What the platform's own environment says, and where it says nothing.
#[derive(Debug, Clone, Default)]
pub struct PlatformSettings {
    pub account: Option<AccountId>,
    pub region: Option<RegionId>,
    /// The function's name.
    pub function: Option<String>,
    /// How long a delivery may take where no header says it.
    pub timeout: Duration,
    /// The most that a chat's own time for its answer counts for; it counts in full where nothing is said.
    pub answer_within: Option<Duration>,
}

pub struct HostState {
    pub(super) app: Arc<App>,
    pub(super) deliveries: Deliveries,
    pub(super) settings: PlatformSettings,
    /// Whether the platform's headers are the platform's: inside a function nobody else can send them (documented), and
    /// anywhere else everybody can.
    pub(super) trusts_headers: bool,
}

impl HostState {
    /// The ground of a function.
    pub fn for_function(app: Arc<App>, deliveries: Deliveries, settings: PlatformSettings) -> Arc<Self> {
        Self { app, deliveries, settings, trusts_headers: true }.into()
    }

    /// The ground of a plain server, on which no header of the platform means anything.
    pub fn for_server(app: Arc<App>, deliveries: Deliveries, settings: PlatformSettings) -> Arc<Self> {
        Self { app, deliveries, settings, trusts_headers: false }.into()
    }

    /// Runs one delivery to its end, whoever still listens.
    pub(super) fn run<W>(&self, work: W) -> impl Future<Output = Option<DeliveryResult>> + Send + use<W>
    where
        W: Future<Output = DeliveryResult> + Send + 'static,
    {
        let app = Arc::clone(&self.app);
        self.deliveries.run(work.map(move |answer| {
            let needs_a_new_process = answer.needs_a_new_process || app.audit.is_broken();
            (answer, needs_a_new_process)
        }))
    }

    pub(super) fn context(&self, headers: &HeaderMap) -> Context {
        let none = HeaderMap::new();
        let headers = if self.trusts_headers { headers } else { &none };
        let text = |name| text(headers, name);
        let retries = text("x-fc-retry-count").and_then(|count| count.parse::<u32>().ok());
        Context {
            deadline: self.deadline(headers),
            attempt: Attempt::fresh(retries.unwrap_or(0).saturating_add(1), self.app.clock.now()),
            defaults: DeliveryDefaults {
                account: self.settings.account.clone().or_else(|| AccountId::parse(text("x-fc-account-id")?).ok()),
                region: self.region(headers),
                request_id: text("x-fc-request-id").map(printable).filter(|id| !id.is_empty()),
            },
            credentials: from_invocation(|name| headers.get(name).map(HeaderValue::as_bytes)),
            function: self.function(text("x-fc-function-name"), text("x-fc-qualifier")),
            is_waited_for: false,
        }
    }

    pub(super) fn region(&self, headers: &HeaderMap) -> Option<RegionId> {
        self.settings.region.clone().or_else(|| RegionId::parse(text(headers, "x-fc-region")?).ok())
    }

    /// This function. A qualifier that is none of the alphabet is left out, and the latest version is meant.
    fn function(&self, name: Option<&str>, qualifier: Option<&str>) -> Option<Function> {
        let is_name = |text: &&str| {
            (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        let name = self.settings.function.as_deref().or(name).filter(is_name)?.to_owned();
        Some(Function { name, qualifier: qualifier.filter(is_name).map(str::to_owned) })
    }

    /// The platform's own moment, else its time-out less a second, else ours.
    fn deadline(&self, headers: &HeaderMap) -> Deadline {
        let number = |name| text(headers, name)?.parse::<u64>().ok().filter(|number| *number > 0);
        let left = if let Some(moment) = number("x-fc-function-deadline") {
            let now = u64::try_from(self.app.clock.now().as_millisecond()).unwrap_or_default();
            Duration::from_millis(moment.saturating_sub(now)).saturating_sub(RESPONSE_RESERVE)
        } else if let Some(timeout) = number("x-fc-function-timeout") {
            Duration::from_secs(timeout - 1)
        } else {
            self.settings.timeout
        };
        Deadline::after(left)
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
