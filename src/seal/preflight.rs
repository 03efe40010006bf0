//! What is found by reads alone: the plan, and the region of an instance.

use crate::aliyun::Trace;
use crate::outcome::{Ending, Outcome, Rule, Verdict, Would};
use crate::request::facts::{InstanceFacts, Readiness};

use super::diagnose::Reading;
use super::{Task, diagnose, expired};

/// Reads the instance and says what `enforce` would do. Changes nothing.
pub async fn plan(task: &Task<'_>) -> Ending {
    let mut trace = Trace::default();
    let reading = diagnose::read(task, &mut trace).await;
    let upstream = Some(reading.upstream(&trace));
    if let Some(ending) = reading.failure.as_ref().and_then(|failure| expired(task.credentials.source, failure)) {
        return Ending { upstream, ..ending };
    }
    let (is, why) = would(task, &reading);
    let next_step = reading.failure.as_ref().filter(|_| is == Would::CannotTell).map(|it| it.next_step().to_owned());
    Ending {
        verdict: Some(Verdict { is, why: vec![why.clone()] }),
        upstream,
        next_step,
        evidence: reading.facts,
        ..Ending::new(Outcome::Planned, format!("Nothing was changed. In enforce: {}, because {why}.", is.as_str()))
    }
}

fn would(task: &Task<'_>, reading: &Reading) -> (Would, String) {
    match (&reading.facts, &reading.failure) {
        (Some(facts), _) if is_elsewhere(task, facts) => {
            (Would::Cannot, format!("the instance is in {}, not in {}", facts.shown_region(), task.region))
        }
        (Some(facts), _) => would_in_state(task, facts),
        (None, _) if reading.is_absent() && task.is_young() => {
            (Would::Wait, format!("{} is not visible in {} yet", task.instance, task.region))
        }
        (None, Some(failure)) if !reading.is_absent() => (
            Would::CannotTell,
            format!("the instance could not be read: {}", diagnose::words(failure).trim_end_matches('.')),
        ),
        (None, _) => (Would::Cannot, format!("{} is not found in {}", task.instance, task.region)),
    }
}

fn would_in_state(task: &Task<'_>, facts: &InstanceFacts) -> (Would, String) {
    let status = facts.shown_status();
    match facts.readiness() {
        Readiness::Running => {
            (Would::Enable, format!("the instance is Running; {} would be used", diagnose::key(task.key)))
        }
        Readiness::Busy => (Would::Wait, format!("the instance is {status}")),
        Readiness::Stopped => (Would::Cannot, format!("the instance is {status} and has to be started")),
        Readiness::Gone => (Would::Cannot, format!("the instance is {status}")),
    }
}

/// The refusal of an instance that is somewhere else than a caller says. The key would be that of another region, and
/// final.
pub(super) fn region_mismatch(task: &Task<'_>, facts: Option<&InstanceFacts>) -> Option<Ending> {
    let (value, message) = match facts {
        Some(facts) if !is_elsewhere(task, facts) => return None,
        Some(facts) => {
            let region = facts.shown_region();
            (Some(region.clone()), format!("The instance is in {region}, not in {} as the request says.", task.region))
        }
        None => (None, format!("The instance is not seen in {}, so its region cannot be compared.", task.region)),
    };
    Some(Ending {
        rule: Some(Rule { name: "region-mismatch", value }),
        ..Ending::new(Outcome::Refused, message).next_step("Name the region that the instance is in.")
    })
}

fn is_elsewhere(task: &Task<'_>, facts: &InstanceFacts) -> bool {
    facts.region.as_deref() != Some(task.region.as_str())
}
