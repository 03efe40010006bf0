//! One request under way: what has been spent, doubted and seen so far.

use tokio::time::Instant;

use super::context::SealContext;
use super::reading::{self, InstanceRead};
use crate::aliyun::error::Failure;
use crate::aliyun::rds::{DescribeDBInstanceAttribute, EnableBackupEncryption, Enabled};
use crate::aliyun::{Operation, Trace};
use crate::outcome::{Doubt, Resolution, Upstream, whole_ms};
use crate::request::facts::Evidence;

pub(super) struct SealAttempt<'t> {
    pub(super) context: &'t SealContext<'t>,
    pub(super) trace: Trace,
    /// What was read besides the instance.
    pub(super) evidence: Evidence,
    /// The operation whose answer decides.
    pub(super) decided_by: &'static str,
    instance: Option<InstanceRead>,
}

impl<'t> SealAttempt<'t> {
    pub(super) fn new(context: &'t SealContext<'t>) -> Self {
        Self::going_on(context, Trace::default(), Evidence::default(), InstanceRead::default())
    }

    /// An attempt that knows something already.
    pub(super) fn going_on(
        context: &'t SealContext<'t>,
        trace: Trace,
        evidence: Evidence,
        instance: InstanceRead,
    ) -> Self {
        Self {
            context,
            trace: Trace { doubted: context.doubt.may_have_applied, unsettled: context.doubt.unsettled, ..trace },
            evidence,
            decided_by: EnableBackupEncryption::ACTION,
            instance: Some(instance).filter(InstanceRead::is_one),
        }
    }

    pub(super) async fn write(&mut self) -> Result<Enabled, Failure> {
        self.context.client.call(&self.context.write(), self.context.target(), &mut self.trace).await
    }

    /// Another write, or nothing where there was no time for it.
    pub(super) async fn write_again(&mut self) -> Option<Result<Enabled, Failure>> {
        let calls = self.trace.calls;
        let answer = self.write().await;
        (self.trace.calls > calls).then_some(answer)
    }

    /// The instance, read once.
    pub(super) async fn instance(&mut self) -> &InstanceRead {
        let reading = match self.instance.take() {
            Some(reading) => reading,
            None => reading::read(self.context, &mut self.trace).await,
        };
        self.evidence.instance.clone_from(&reading.facts);
        self.instance.insert(reading)
    }

    /// Has the instance read anew when it is asked for next.
    pub(super) fn forget_the_instance(&mut self) {
        self.instance = None;
    }

    /// A read on the side, which casts no doubt on the change.
    pub(super) async fn ask<O: Operation>(&mut self, operation: &O) -> Result<O::Response, Failure> {
        let mut aside = Trace::default();
        let answer = self.context.client.call(operation, self.context.target(), &mut aside).await;
        self.trace.count(&aside);
        answer
    }

    /// Counts what some calls made at the same time came to.
    pub(super) fn count(&mut self, calls: u32, since: Instant) {
        self.trace.count(&Trace { calls, took: since.elapsed(), ..Trace::default() });
    }

    /// Ends the attempt: what the write's last answer was, and what it took.
    pub(super) fn end(
        self,
        resolution: Resolution,
        failure: Option<&Failure>,
        request_id: Option<String>,
    ) -> Resolution {
        let upstream = upstream(self.decided_by, failure, request_id, &self.trace);
        Resolution {
            upstream: Some(upstream),
            evidence: Some(self.evidence).filter(|evidence| *evidence != Evidence::default()),
            doubt: Some(Doubt { may_have_applied: self.trace.doubted, unsettled: self.trace.unsettled }),
            ..resolution
        }
    }
}

/// What the cloud said last, and what it took.
pub(super) fn upstream(
    operation: &'static str,
    failure: Option<&Failure>,
    request_id: Option<String>,
    trace: &Trace,
) -> Upstream {
    Upstream {
        operation: operation.into(),
        code: failure.and_then(|failure| failure.code.clone()),
        kind: failure.map(|failure| failure.kind),
        http_status: failure.map_or(Some(200), |failure| failure.http_status),
        request_id: failure.and_then(|failure| failure.request_id.clone()).or(request_id),
        calls: trace.calls,
        ms: whole_ms(trace.took),
    }
}

/// The same of a read of the instance.
pub(super) fn upstream_of_read(read: &InstanceRead, trace: &Trace) -> Upstream {
    upstream(DescribeDBInstanceAttribute::ACTION, read.failure.as_ref(), read.request_id.clone(), trace)
}
