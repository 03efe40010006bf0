//! Plan mode: what would be done, found by reads alone.

use crate::aliyun::rds::DescribeDBInstanceAttribute;
use crate::aliyun::{Operation, Trace};
use crate::outcome::{Ending, Outcome, Verdict, Would};
use crate::request::facts::{InstanceFacts, Readiness};

use super::{Task, diagnose, upstream};

/// Reads the instance and says what `enforce` would do. Changes nothing.
pub async fn plan(task: &Task<'_>) -> Ending {
    let mut trace = Trace::default();
    let read = diagnose::read(task, &mut trace).await;
    let (is, why) = match &read {
        Ok(Some(facts)) => would(task, facts),
        Ok(None) => (Would::Cannot, format!("{} is not found in {}", task.instance, task.region)),
        Err(failure) => (Would::CannotTell, format!("the instance could not be read: {}", failure.message)),
    };
    let failure = read.as_ref().err();
    Ending {
        verdict: Some(Verdict { is, why: vec![why.clone()] }),
        upstream: Some(upstream(DescribeDBInstanceAttribute::ACTION, failure, None, &trace)),
        next_step: failure.map(|failure| failure.next_step().to_owned()),
        evidence: read.ok().flatten(),
        ..Ending::new(Outcome::Planned, format!("Nothing was changed. In enforce: {}, because {why}.", is.as_str()))
    }
}

fn would(task: &Task<'_>, facts: &InstanceFacts) -> (Would, String) {
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
