//! The look that is taken before a write where a rule needs it.

use futures_util::future::join3;
use tokio::time::Instant;

use super::attempt::{SealAttempt, upstream, upstream_of_read};
use super::classify::classify;
use super::context::SealContext;
use super::key::key_facts;
use super::reading::{InstanceRead, read, tags};
use super::refusals::{not_primary, region_mismatch};
use crate::aliyun::error::Failure;
use crate::aliyun::kms::DescribeKey;
use crate::aliyun::rds::{DescribeDBInstanceAttribute, ListTagResources};
use crate::aliyun::{Operation as _, Trace};
use crate::outcome::{Refusal, Resolution, Upstream};
use crate::request::facts::Evidence;

/// What was seen of an instance before the write.
#[derive(Debug, Default)]
pub struct Observed {
    pub evidence: Evidence,
    trace: Trace,
    instance: InstanceRead,
    /// Why the key could not be read, where that may pass.
    unread_key: Option<Failure>,
}

impl Observed {
    pub fn upstream(&self) -> Upstream {
        upstream_of_read(&self.instance, &self.trace)
    }

    pub(super) fn into_attempt<'c>(self, context: &'c SealContext<'c>) -> SealAttempt<'c> {
        SealAttempt::going_on(context, self.trace, self.evidence, self.instance)
    }

    fn refused(self, refusal: Refusal) -> Box<Resolution> {
        let (evidence, upstream) = (Some(self.evidence.clone()), Some(self.upstream()));
        Resolution { evidence, upstream, ..refusal.into() }.into()
    }
}

/// Sees the instance, and its tags and the key if they count. What was not seen is judged as a failed write would be, so that
/// what passes is waited for; an instance that is not where the request says, or no primary one, is refused.
pub async fn observe<'a>(
    context: &'a SealContext<'a>,
    with_tags: bool,
    with_key: bool,
) -> Result<Observed, Box<Resolution>> {
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
    let evidence = Evidence { instance: instance.facts.clone(), ..Evidence::default() };
    let mut observed = Observed { evidence, trace, instance, unread_key: None };
    if let Some(failure) = observed.instance.failure.clone() {
        if failure.denied.as_ref().is_some_and(|denied| denied.by_the_session) {
            let refusal = Refusal::OutOfReach { asked: context.region.clone() };
            let upstream = Some(observed.upstream());
            return Err(Resolution { upstream, ..refusal.into() }.into());
        }
        return Err(unread(context, observed, &failure, DescribeDBInstanceAttribute::ACTION).await);
    }
    let Some(facts) = observed.instance.facts.as_ref() else {
        return Err(unread(context, observed, &Failure::absent(), DescribeDBInstanceAttribute::ACTION).await);
    };
    if let Some(refusal) = region_mismatch(context, facts).or_else(|| not_primary(facts)) {
        return Err(observed.refused(refusal));
    }
    match tags.transpose() {
        Ok(tags) => observed.evidence.tags = tags,
        Err(failure) => return Err(unread(context, observed, &failure, ListTagResources::ACTION).await),
    }
    match key.transpose() {
        Ok(key) => observed.evidence.key = key,
        Err(failure) => observed.unread_key = Some(failure).filter(|failure| failure.kind.may_pass()),
    }
    Ok(observed)
}

/// The resolution where the key could not be read and that may pass: what was not seen has not changed.
pub async fn key_unread<'a>(context: &'a SealContext<'a>, mut observed: Observed) -> Option<Box<Resolution>> {
    let failure = observed.unread_key.take()?;
    Some(unread(context, observed, &failure, DescribeKey::ACTION).await)
}

async fn unread<'a>(
    context: &'a SealContext<'a>,
    observed: Observed,
    failure: &Failure,
    operation: &'static str,
) -> Box<Resolution> {
    let mut attempt = observed.into_attempt(context);
    let resolution = classify(&mut attempt, failure).await;
    let upstream = upstream(operation, Some(failure), None, &attempt.trace);
    Resolution { upstream: Some(upstream), ..attempt.end(resolution, None, None) }.into()
}
