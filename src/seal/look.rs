//! Reads of one instance, and the look that is taken before a write where a rule needs it.

use std::collections::BTreeMap;

use futures_util::future::join3;
use tokio::time::Instant;

use super::case::{Case, upstream};
use super::key::key_facts;
use super::{Task, judge, preflight};
use crate::aliyun::error::Failure;
use crate::aliyun::kms::DescribeKey;
use crate::aliyun::rds::{DescribeDBInstanceAttribute, InstanceAttribute, ListTagResources};
use crate::aliyun::{Operation, Trace};
use crate::kind::Kind;
use crate::outcome::{Ending, Upstream};
use crate::request::facts::{Evidence, InstanceFacts};

/// What reading an instance came to.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) facts: Option<InstanceFacts>,
    /// Why there are no facts, unless the service answered with none.
    pub(super) failure: Option<Failure>,
    request_id: Option<String>,
}

impl Reading {
    /// Whether anything was read at all.
    pub(super) fn is_one(&self) -> bool {
        self.facts.is_some() || self.failure.is_some() || self.request_id.is_some()
    }

    /// The service's word that there is no such instance.
    pub(super) fn is_absent(&self) -> bool {
        self.facts.is_none() && self.failure.as_ref().is_none_or(|failure| failure.kind == Kind::NotFound)
    }

    pub(super) fn upstream(&self, trace: &Trace) -> Upstream {
        upstream(DescribeDBInstanceAttribute::ACTION, self.failure.as_ref(), self.request_id.clone(), trace)
    }
}

/// What was seen of an instance before the write.
#[derive(Debug, Default)]
pub struct Seen {
    pub evidence: Evidence,
    pub(super) trace: Trace,
    pub(super) instance: Reading,
    /// Why the key could not be read, where that may pass.
    unread_key: Option<Failure>,
}

impl Seen {
    pub fn upstream(&self) -> Upstream {
        self.instance.upstream(&self.trace)
    }
}

/// Sees the instance, and its tags and the key if they count. What was not seen is judged as a failed write would be, so that what
/// passes is waited for; an instance that is not where the request says, or no primary one, is refused.
pub async fn look(task: &Task<'_>, with_tags: bool, with_key: bool) -> Result<Seen, Box<Ending>> {
    let started = Instant::now();
    let (mut trace, mut trace_of_tags) = (Trace::default(), Trace::default());
    let mut trace_of_key = Trace::default();
    let tags = async { if with_tags { Some(tags(task, &mut trace_of_tags).await) } else { None } };
    let key = async {
        let key = task.key.filter(|_| with_key)?;
        let operation = DescribeKey { key: key.as_str() };
        Some(task.client.call(&operation, task.target(), &mut trace_of_key).await.map(key_facts))
    };
    let (instance, tags, key) = join3(read(task, &mut trace), tags, key).await;
    trace.count(&trace_of_tags);
    trace.count(&trace_of_key);
    trace.took = started.elapsed();
    let mut seen = Seen {
        evidence: Evidence { instance: instance.facts.clone(), ..Evidence::default() },
        trace,
        instance,
        unread_key: None,
    };
    if let Some(failure) = seen.instance.failure.clone() {
        if failure.denied.as_ref().is_some_and(|denied| denied.by_the_session) {
            let (upstream, refusal) = (Some(seen.upstream()), preflight::out_of_reach(task));
            return Err(Ending { upstream, ..refusal }.into());
        }
        return Err(unseen(task, seen, &failure, DescribeDBInstanceAttribute::ACTION).await);
    }
    if seen.instance.facts.is_none() {
        return Err(unseen(task, seen, &Failure::absent(), DescribeDBInstanceAttribute::ACTION).await);
    }
    if let Some(refusal) = preflight::refusal(task, seen.instance.facts.as_ref()) {
        return Err(Ending { upstream: Some(seen.upstream()), evidence: Some(seen.evidence), ..refusal }.into());
    }
    match tags.transpose() {
        Ok(tags) => seen.evidence.tags = tags,
        Err(failure) => return Err(unseen(task, seen, &failure, ListTagResources::ACTION).await),
    }
    match key.transpose() {
        Ok(key) => seen.evidence.key = key,
        Err(failure) => seen.unread_key = Some(failure).filter(|failure| failure.kind.may_pass()),
    }
    Ok(seen)
}

/// The ending where the key could not be read and that may pass: what was not seen has not changed.
pub async fn key_unseen(task: &Task<'_>, mut seen: Seen) -> Option<Box<Ending>> {
    let failure = seen.unread_key.take()?;
    Some(unseen(task, seen, &failure, DescribeKey::ACTION).await)
}

async fn unseen(task: &Task<'_>, seen: Seen, failure: &Failure, operation: &'static str) -> Box<Ending> {
    let mut case = Case::new(task, Some(seen));
    let ending = judge(&mut case, failure).await;
    let upstream = upstream(operation, Some(failure), None, &case.trace);
    Ending { upstream: Some(upstream), ..case.end(ending, None, None) }.into()
}

pub(super) async fn read(task: &Task<'_>, trace: &mut Trace) -> Reading {
    read_in(task, task.region.as_str(), trace).await
}

/// Looks for the instance where another region is served.
pub(super) async fn read_in<'a>(task: &Task<'a>, region: &'a str, trace: &mut Trace) -> Reading {
    let operation = DescribeDBInstanceAttribute { instance: task.instance.as_str() };
    let mut aside = Trace::default();
    let answer = task.client.call(&operation, task.target_in(region), &mut aside).await;
    trace.count(&aside);
    match answer {
        Ok(described) => Reading {
            facts: described.items.attributes.into_iter().next().map(facts),
            failure: None,
            request_id: Some(described.request_id.unwrap_or_default()),
        },
        Err(failure) => Reading { failure: Some(failure), ..Reading::default() },
    }
}

pub(super) async fn tags(task: &Task<'_>, trace: &mut Trace) -> Result<BTreeMap<String, String>, Failure> {
    let operation = ListTagResources { region: task.region.as_str(), instance: task.instance.as_str() };
    let answer = task.client.call(&operation, task.target(), trace).await?;
    Ok(answer.tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

fn facts(attribute: InstanceAttribute) -> InstanceFacts {
    InstanceFacts {
        status: attribute.status,
        engine: attribute.engine,
        engine_version: attribute.engine_version,
        category: attribute.category,
        storage: attribute.storage,
        instance_type: attribute.instance_type,
        lock_mode: attribute.lock_mode,
        region: attribute.region_id,
        resource_group: attribute.resource_group_id,
    }
}
