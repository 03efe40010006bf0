//! Reads of one instance.

use std::collections::BTreeMap;

use super::context::SealContext;
use crate::aliyun::Trace;
use crate::aliyun::error::Failure;
use crate::aliyun::rds::{DescribeDBInstanceAttribute, InstanceAttribute, ListTagResources};
use crate::kind::Kind;
use crate::outcome::Resolution;
use crate::request::facts::InstanceFacts;

/// What reading an instance came to.
#[derive(Debug, Clone, Default)]
pub(super) struct InstanceRead {
    pub(super) facts: Option<InstanceFacts>,
    /// Why there are no facts, unless the service answered with none.
    pub(super) failure: Option<Failure>,
    pub(super) request_id: Option<String>,
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

/// Reads the tags where nobody has, for those who are told by them. Whatever becomes of it, the resolution stands.
pub async fn add_tags(context: &SealContext<'_>, resolution: &mut Resolution) {
    if resolution.evidence.as_ref().is_some_and(|evidence| evidence.tags.is_some()) {
        return;
    }
    let mut trace = Trace::default();
    match tags(context, &mut trace).await {
        Ok(tags) => resolution.evidence.get_or_insert_default().tags = Some(tags),
        Err(failure) => tracing::warn!(
            "the tags of {} could not be read: {}",
            context.instance,
            failure.code.as_deref().unwrap_or("no answer")
        ),
    }
    if let Some(upstream) = &mut resolution.upstream {
        upstream.calls += trace.calls;
    }
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
