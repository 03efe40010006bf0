//! The whole story on one screen: one delivery in, one answer out.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};

use crate::aliyun::Client;
use crate::aliyun::credentials::{Broken, Credentials, Found};
use crate::ingress::event::{self, EventDoor};
use crate::ingress::{Envelope, Ignored, Rejection, Verified};
use crate::notify::Sinks;
use crate::notify::audit::Audit;
use crate::outcome::{Ask, Asked, Delivery, Ending, Outcome, Recorded, Rule};
use crate::policy::{Decision, Policy, Refusal};
use crate::request::ids::AccountId;
use crate::request::{Mode, SealRequest};
use crate::seal;
use crate::time::{Clock, Deadline};

/// Items of one delivery that are worked on at the same time.
const AT_ONCE: usize = 8;

/// A deployment: everything that outlives a delivery. It keeps no state.
#[derive(Debug)]
pub struct App {
    pub door: EventDoor,
    pub policy: Policy,
    pub client: Client,
    pub sinks: Sinks,
    pub audit: Audit,
    pub clock: Clock,
    /// Who signs where a delivery brings no credentials of its own.
    pub credentials: Found,
    /// The account of those credentials, where it is known without asking.
    pub account: Option<AccountId>,
    /// The smallest slice of a deadline that is kept for notification.
    pub notify_slice: Duration,
}

/// What comes with one delivery.
#[derive(Debug)]
pub struct Context {
    pub deadline: Deadline,
    pub asked: Asked,
    /// What stands in where the event is silent.
    pub envelope: Envelope,
    /// The identity this delivery brings.
    pub credentials: Found,
}

/// What the caller is told. The delivery goes to the platform, the rest to people and machines.
#[derive(Debug, Default)]
pub struct Answer {
    pub delivery: Delivery,
    pub reports: Vec<Recorded>,
    pub ignored: Vec<Ignored>,
    pub rejected: Vec<Rejection>,
    /// It is to come again for a request's sake, not only because something in it could not be read.
    pub has_unfinished: bool,
    /// A required sink did not take a report.
    pub has_untold: bool,
    /// The process's credentials have expired, and only a new process gets new ones.
    pub needs_a_new_process: bool,
}

impl App {
    /// Carries one verified delivery to its answer. There is no `Result`: refusal and failure are outcomes.
    pub async fn handle(&self, body: &Verified, context: &Context) -> Answer {
        let intake = event::read(body, &self.door, &context.envelope);
        let carried = self.carry_all(intake.requests, context).await;
        Answer::of(carried, intake.ignored, intake.rejected)
    }

    /// Carries some requests at the same time, and returns their ends in the order in which they were asked.
    async fn carry_all(&self, mut requests: Vec<SealRequest>, context: &Context) -> Vec<Carried> {
        // Nearly every delivery asks for one.
        if requests.len() == 1 {
            return vec![self.carry(requests.remove(0), context).await];
        }
        let numbered = requests.into_iter().enumerate();
        let work = numbered.map(|(index, request)| async move { (index, self.carry(request, context).await) });
        let mut carried: Vec<_> = stream::iter(work).buffer_unordered(AT_ONCE).collect().await;
        carried.sort_unstable_by_key(|(index, _)| *index);
        carried.into_iter().map(|(_, one)| one).collect()
    }

    /// Carries one request to its report, and the report to the audit stream and the sinks.
    async fn carry(&self, request: SealRequest, context: &Context) -> Carried {
        let own = context.envelope.account.as_ref().or(self.account.as_ref());
        let Decision { mode, account, key, see_region_first } = self.policy.decide(&request, own);
        let happened_at = request.happened_at;
        let shown_key = key.as_ref().map_or_else(|_| request.key.clone(), Clone::clone);
        let ask = Ask::new(request, mode, account, shown_key, context.asked);
        let ending = match (self.credentials_for(context), key) {
            (Err(ending), _) => *ending,
            (_, Err(refusal)) => refused(refusal),
            (Ok(credentials), Ok(_)) => {
                let task = seal::Task {
                    client: &self.client,
                    credentials,
                    deadline: context.deadline.keeping_a_slice(self.notify_slice),
                    instance: &ask.instance,
                    region: &ask.region,
                    see_region_first,
                    key: ask.key.as_ref(),
                    happened_at,
                    now: ask.asked.received_at,
                };
                self.seal(&ask, &task).await
            }
        };
        let needs_a_new_process = ending.needs_a_new_process;
        let recorded = ask.report(ending, self.clock.now());
        self.audit.line(recorded.json());
        let told = self.sinks.publish(&recorded, context.deadline).await;
        Carried { recorded, told, needs_a_new_process }
    }

    /// Plans or makes the change. No write is tried before its intent is on record.
    async fn seal(&self, ask: &Ask, task: &seal::Task<'_>) -> Ending {
        match ask.mode {
            Mode::Plan => seal::plan(task).await,
            Mode::Enforce if self.audit.record(&ask.intent(self.clock.now())) => seal::enforce(task).await,
            Mode::Enforce => off_the_record(),
        }
    }

    /// The delivery's own identity, else the process's. A broken source stops the search.
    fn credentials_for<'a>(&'a self, context: &'a Context) -> Result<&'a Credentials, Box<Ending>> {
        let broken = |Broken(sentence): &Broken| {
            Box::new(
                Ending::new(Outcome::Failed, sentence.clone())
                    .next_step("Mend this source of credentials: no other is tried."),
            )
        };
        if let Some(credentials) = context.credentials.as_ref().map_err(broken)? {
            return Ok(credentials);
        }
        self.credentials.as_ref().map_err(broken)?.as_ref().ok_or_else(|| {
            Box::new(Ending::new(Outcome::Failed, "There are no credentials to sign with.").next_step(
                "Give the function a role, or set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET.",
            ))
        })
    }
}

fn off_the_record() -> Ending {
    Ending::new(Outcome::Waiting, "The audit stream takes no line, and nothing is tried off the record.")
        .next_step("Give the process a standard output that can be written to.")
}

fn refused(refusal: Refusal) -> Ending {
    Ending {
        rule: Some(Rule { name: refusal.name, value: refusal.value }),
        ..Ending::new(Outcome::Refused, refusal.message).next_step(refusal.next_step)
    }
}

/// One request at its end.
struct Carried {
    recorded: Recorded,
    /// Whether every required sink took the report.
    told: bool,
    needs_a_new_process: bool,
}

impl Answer {
    fn of(carried: Vec<Carried>, ignored: Vec<Ignored>, rejected: Vec<Rejection>) -> Self {
        for ignored in &ignored {
            tracing::info!("event {} is ignored: {}", ignored.event_id, ignored.reason);
        }
        for rejection in &rejected {
            tracing::error!("a delivery is rejected: {rejection}");
        }
        let has_untold = carried.iter().any(|one| !one.told);
        let has_unfinished =
            has_untold || carried.iter().any(|one| one.recorded.report.outcome.delivery() == Delivery::Again);
        // On the event door, what cannot be read goes round until it is in the dead letter.
        let again = has_unfinished || !rejected.is_empty();
        Self {
            delivery: if again { Delivery::Again } else { Delivery::Done },
            has_unfinished,
            has_untold,
            needs_a_new_process: carried.iter().any(|one| one.needs_a_new_process),
            reports: carried.into_iter().map(|one| one.recorded).collect(),
            ignored,
            rejected,
        }
    }

    /// The machine's answer, one line. The reports in it are the very texts that are on record.
    pub fn to_json(&self) -> String {
        let plain = "an answer is plain data";
        let reports: Vec<&str> = self.reports.iter().map(Recorded::json).collect();
        format!(
            r#"{{"delivery":{},"reports":[{}],"ignored":{},"rejected":{}}}"#,
            serde_json::to_string(&self.delivery).expect(plain),
            reports.join(","),
            serde_json::to_string(&self.ignored).expect(plain),
            serde_json::to_string(&self.rejected).expect(plain),
        )
    }

    /// Adds what another delivery came to.
    pub fn add(&mut self, other: Self) {
        self.delivery = self.delivery.max(other.delivery);
        self.reports.extend(other.reports);
        self.ignored.extend(other.ignored);
        self.rejected.extend(other.rejected);
        self.has_unfinished |= other.has_unfinished;
        self.has_untold |= other.has_untold;
        self.needs_a_new_process |= other.needs_a_new_process;
    }

    /// The answer to a delivery that could not be read at all.
    pub fn rejecting(rejection: Rejection) -> Self {
        Self::of(Vec::new(), Vec::new(), vec![rejection])
    }
}
