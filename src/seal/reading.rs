//! Reads of one instance, and the look that is taken before a write where a rule needs it.

use std::collections::BTreeMap;

use futures_util::future::join3;
use tokio::time::Instant;

use super::attempt::{SealAttempt, upstream};
use super::key::key_facts;
use super::{SealContext, judge, preflight};
use crate::aliyun::error::Failure;
use crate::aliyun::kms::DescribeKey;
use crate::aliyun::rds::{DescribeDBInstanceAttribute, InstanceAttribute, ListTagResources};
use crate::aliyun::{Operation, Trace};
use crate::kind::Kind;
use crate::outcome::{Resolution, Upstream};
use crate::request::facts::{Evidence, InstanceFacts};

/// What reading an instance came to.
#[derive(Debug, Clone, Default)]
pub(super) struct InstanceRead {
    pub(super) facts: Option<InstanceFacts>,
    /// Why there are no facts, unless the service answered with none.
    pub(super) failure: Option<Failure>,
    request_id: Option<String>,
}

impl InstanceRead {
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
pub struct Observed {
    pub evidence: Evidence,
    pub(super) trace: Trace,
    pub(super) instance: InstanceRead,
    /// Why the key could not be read, where that may pass.
    unread_key: Option<Failure>,
}

impl Observed {
    pub fn upstream(&self) -> Upstream {
        self.instance.upstream(&self.trace)
    }
}

/// Sees the instance, and its tags and the key if they count. What was not seen is judged as a failed write would be, so that what
/// passes is waited for; an instance that is not where the request says, or no primary one, is refused.
pub async fn observe(context: &SealContext<'_>, with_tags: bool, with_key: bool) -> Result<Observed, Box<Resolution>> {
    let started = Instant::now();
    let (mut trace, mut trace_of_tags) = (Trace::default(), Trace::default());
    let mut trace_of_key = Trace::default();
    let tags = async { if with_tags { Some(tags(context, &mut trace_of_tags).await) } else { None } };
    let key = async {
        let key = context.key.filter(|_| with_key)?;
        let operation = DescribeKey { key: key.as_str() };
        Some(context.client.call(&operation, context.target(), &mut trace_of_key).await.map(key_facts))
    };
    let (instance, tags, key) = join3(read(context, &mut trace), tags, key).await;
    trace.count(&trace_of_tags);
    trace.count(&trace_of_key);
    trace.took = started.elapsed();
    let mut seen = Observed {
        evidence: Evidence { instance: instance.facts.clone(), ..Evidence::default() },
        trace,
        instance,
        unread_key: None,
    };
    if let Some(failure) = seen.instance.failure.clone() {
        if failure.denied.as_ref().is_some_and(|denied| denied.by_the_session) {
            let (upstream, refusal) = (Some(seen.upstream()), preflight::out_of_reach(context));
            return Err(Resolution { upstream, ..refusal }.into());
        }
        return Err(unseen(context, seen, &failure, DescribeDBInstanceAttribute::ACTION).await);
    }
    if seen.instance.facts.is_none() {
        return Err(unseen(context, seen, &Failure::absent(), DescribeDBInstanceAttribute::ACTION).await);
    }
    if let Some(refusal) = preflight::refusal(context, seen.instance.facts.as_ref()) {
        return Err(Resolution { upstream: Some(seen.upstream()), evidence: Some(seen.evidence), ..refusal }.into());
    }
    match tags.transpose() {
        Ok(tags) => seen.evidence.tags = tags,
        Err(failure) => return Err(unseen(context, seen, &failure, ListTagResources::ACTION).await),
    }
    match key.transpose() {
        Ok(key) => seen.evidence.key = key,
        Err(failure) => seen.unread_key = Some(failure).filter(|failure| failure.kind.may_pass()),
    }
    Ok(seen)
}

/// The ending where the key could not be read and that may pass: what was not seen has not changed.
pub async fn key_unread(context: &SealContext<'_>, mut seen: Observed) -> Option<Box<Resolution>> {
    let failure = seen.unread_key.take()?;
    Some(unseen(context, seen, &failure, DescribeKey::ACTION).await)
}

async fn unseen(
    context: &SealContext<'_>,
    seen: Observed,
    failure: &Failure,
    operation: &'static str,
) -> Box<Resolution> {
    let mut attempt = SealAttempt::new(context, Some(seen));
    let resolution = judge(&mut attempt, failure).await;
    let upstream = upstream(operation, Some(failure), None, &attempt.trace);
    Resolution { upstream: Some(upstream), ..attempt.end(resolution, None, None) }.into()
}

pub(super) async fn read(context: &SealContext<'_>, trace: &mut Trace) -> InstanceRead {
    read_in(context, context.region.as_str(), trace).await
}

/// Looks for the instance where another region is served.
pub(super) async fn read_in<'a>(context: &SealContext<'a>, region: &'a str, trace: &mut Trace) -> InstanceRead {
    let operation = DescribeDBInstanceAttribute { instance: context.instance.as_str() };
    let mut aside = Trace::default();
    let answer = context.client.call(&operation, context.target_in(region), &mut aside).await;
    trace.count(&aside);
    match answer {
        Ok(described) => InstanceRead {
            facts: described.items.attributes.into_iter().next().map(facts),
            failure: None,
            request_id: Some(described.request_id.unwrap_or_default()),
        },
        Err(failure) => InstanceRead { failure: Some(failure), ..InstanceRead::default() },
    }
}

pub(super) async fn tags(context: &SealContext<'_>, trace: &mut Trace) -> Result<BTreeMap<String, String>, Failure> {
    let operation = ListTagResources { region: context.region.as_str(), instance: context.instance.as_str() };
    let answer = context.client.call(&operation, context.target(), trace).await?;
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
