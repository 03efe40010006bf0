//! What every door of a process stands on: the app, the deliveries under way, and what is known of a request besides its
//! bytes.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use futures_util::future::FutureExt as _;

use super::Deliveries;
use super::body::Room;
use super::limits::BodyLimits;
use super::refusals::{Peer, Refusal, Refusals, forwarded_by_platform};
use crate::aliyun::credentials::from_invocation;
use crate::app::{Context, DeliveryResult, Deployment, Function, Sender};
use crate::ingress::DeliveryDefaults;
use crate::outcome::Attempt;
use crate::request::ids::{AccountId, RegionId, printable};
use crate::time::Deadline;

/// What is left of the platform's moment for the answer itself.
const RESPONSE_RESERVE: Duration = Duration::from_millis(250);

/// No function may run longer (documented).
const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);

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
    /// How much is read of a body before its sender has proved anything.
    pub bodies: BodyLimits,
}

pub struct HostState {
    pub(super) deployment: Arc<Deployment>,
    pub(super) deliveries: Deliveries,
    pub(super) settings: PlatformSettings,
    /// The room for bodies that nobody has proved yet to be his.
    pub(super) room: Room,
    refusals: Refusals,
    /// Whether the platform's headers are the platform's: inside a function nobody else can send them (documented), and
    /// anywhere else everybody can.
    trusts_headers: bool,
}

impl HostState {
    /// The ground of a function.
    pub fn for_function(deployment: Deployment, deliveries: Deliveries, settings: PlatformSettings) -> Arc<Self> {
        Self::new(deployment, deliveries, settings, true)
    }

    /// The ground of a plain server, on which no header of the platform means anything.
    pub fn for_server(deployment: Deployment, deliveries: Deliveries, settings: PlatformSettings) -> Arc<Self> {
        Self::new(deployment, deliveries, settings, false)
    }

    fn new(
        deployment: Deployment,
        deliveries: Deliveries,
        settings: PlatformSettings,
        trusts_headers: bool,
    ) -> Arc<Self> {
        let deployment = Arc::new(deployment);
        let (room, refusals) = (Room::new(settings.bodies), Refusals::default());
        Arc::new(Self { deployment, deliveries, settings, room, refusals, trusts_headers })
    }

    /// Where a request came from.
    pub(super) fn source(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
        if self.trusts_headers { forwarded_by_platform(headers) } else { extensions.get::<Peer>().map(|peer| peer.0) }
    }

    /// Leaves a trace of a request that was refused.
    pub(super) fn refused(&self, door: &str, source: Option<IpAddr>, status: StatusCode, reason: Cow<'static, str>) {
        self.refusals.note(door, Refusal { status, reason, source });
    }

    /// Says what the log still owes, where nothing more will come.
    pub fn say_the_rest(&self) {
        self.refusals.say_the_rest();
    }

    /// Runs one delivery to its end, whoever still listens.
    pub(super) fn run<W>(&self, work: W) -> impl Future<Output = Option<DeliveryResult>> + Send + use<W>
    where
        W: Future<Output = DeliveryResult> + Send + 'static,
    {
        let audit = Arc::clone(&self.deployment.audit);
        self.deliveries.run(work.map(move |answer| {
            let needs_a_new_process = answer.needs_a_new_process || audit.is_broken();
            (answer, needs_a_new_process)
        }))
    }

    pub(super) fn context(&self, headers: &HeaderMap) -> Context {
        let none = HeaderMap::new();
        let headers = if self.trusts_headers { headers } else { &none };
        let text = |name| text(headers, name);
        let now = self.deployment.clock.now();
        let retries = text("x-fc-retry-count").and_then(|count| count.parse::<u32>().ok());
        Context {
            deadline: self.deadline(headers),
            attempt: Attempt::fresh(retries.unwrap_or(0).saturating_add(1), now),
            defaults: DeliveryDefaults {
                account: self.settings.account.clone().or_else(|| AccountId::parse(text("x-fc-account-id")?).ok()),
                region: self.region(headers),
                request_id: text("x-fc-request-id").map(printable).filter(|id| !id.is_empty()),
                asked_at: Some(now),
            },
            credentials: from_invocation(|name| headers.get(name).map(HeaderValue::as_bytes)),
            function: self.function(text("x-fc-function-name"), text("x-fc-qualifier")),
            sender: Sender::Platform,
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

    fn deadline(&self, headers: &HeaderMap) -> Deadline {
        let number = |name| text(headers, name)?.parse::<u64>().ok().filter(|number| *number > 0);
        let moment = number("x-fc-function-deadline").map(Duration::from_millis);
        let timeout = number("x-fc-function-timeout").map(Duration::from_secs);
        let now =
            Duration::from_millis(u64::try_from(self.deployment.clock.now().as_millisecond()).unwrap_or_default());
        Deadline::after(time_left(moment, timeout, now).unwrap_or(self.settings.timeout))
    }
}

/// How much of the platform's time is left: until its own moment, but never more than its time-out, else its time-out less a
/// second. Where our clock and the platform's disagree neither cuts a delivery short nor draws it out: a moment that has
/// passed when the delivery arrives, or lies further ahead than any function may run, says nothing.
fn time_left(moment: Option<Duration>, timeout: Option<Duration>, now: Duration) -> Option<Duration> {
    let until = moment.and_then(|moment| moment.checked_sub(now));
    match (until.filter(|left| !left.is_zero() && *left <= LONGEST_TIMEOUT), timeout) {
        (Some(left), timeout) => Some(left.min(timeout.unwrap_or(left)).saturating_sub(RESPONSE_RESERVE)),
        (None, timeout) => timeout.map(|timeout| timeout.saturating_sub(Duration::from_secs(1))),
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_s_moment_counts_within_its_time_out_and_a_clock_that_disagrees_does_not() {
        let ms = Duration::from_millis;
        let (now, hour, day) = (ms(1_767_225_600_000), ms(3_600_000), ms(86_400_000));
        for (moment, timeout, left) in [
            (None, None, None),
            (Some(now + ms(3000)), None, Some(ms(2750))),
            (Some(now + ms(100)), None, Some(ms(0))),
            (None, Some(ms(60_000)), Some(ms(59_000))),
            (None, Some(ms(1000)), Some(ms(0))),
            (Some(now + ms(3000)), Some(ms(60_000)), Some(ms(2750))),
            // Our clock is an hour behind.
            (Some(now + hour + ms(3000)), Some(ms(3000)), Some(ms(2750))),
            (Some(now + day + hour), Some(ms(3000)), Some(ms(2000))),
            (Some(now + day + hour), None, None),
            // Our clock is ahead.
            (Some(ms(1)), Some(ms(3000)), Some(ms(2000))),
            (Some(now), Some(ms(3000)), Some(ms(2000))),
            (Some(ms(1)), None, None),
        ] {
            assert_eq!(time_left(moment, timeout, now), left, "{moment:?} {timeout:?}");
        }
    }
}
