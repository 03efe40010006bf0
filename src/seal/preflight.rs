//! What is found by reads alone: the plan.

use std::collections::BTreeMap;

use futures_util::future::{join, join3};
use tokio::time::Instant;

use super::attempt::upstream_of_read;
use super::context::SealContext;
use super::key::{key_facts, key_problem};
use super::reading::{self, InstanceRead};
use super::refusals::{is_elsewhere, not_primary, region_mismatch};
use super::resolutions::{expired, remedy, service_error, wrong_clock};
use crate::aliyun::error::Failure;
use crate::aliyun::kms::DescribeKey;
use crate::aliyun::rds::{
    CheckBackupEncryptionAuthorized, CheckRegionSupportBackupEncryption, DescribeBackupPolicy, DescribeBackups,
};
use crate::aliyun::{Operation, Trace};
use crate::outcome::{Outcome, Prediction, ReadItem, Reason, Resolution, Verdict, VerdictReason};
use crate::request::facts::{BackupFacts, Evidence, InstanceFacts, KeyFacts, Readiness};
use crate::request::ids::{KeyId, printable};

/// Everything that a plan reads. All of it at once: nothing depends on anything else.
struct Reads {
    instance: InstanceRead,
    region: Result<bool, Failure>,
    role: Result<bool, Failure>,
    /// Nothing where RDS's automatic key would be used.
    key: Option<Result<KeyFacts, Failure>>,
    backup: Result<Option<BackupFacts>, Failure>,
    next_backup: Result<Option<String>, Failure>,
    tags: Option<Result<BTreeMap<String, String>, Failure>>,
}

/// Reads everything that bears on the request, and says what `enforce` would do. Changes nothing. Where the place of the
/// instance counts, an instance that is somewhere else is refused, as `enforce` would.
pub async fn plan(context: &SealContext<'_>, with_tags: bool, place_counts: bool) -> Resolution {
    let started = Instant::now();
    let (reads, calls) = read(context, with_tags).await;
    let trace = Trace { calls, took: started.elapsed(), ..Trace::default() };
    let upstream = Some(upstream_of_read(&reads.instance, &trace));
    let evidence = Some(reads.evidence());
    let passing = |failure| expired(context.credentials.source, failure).or_else(|| wrong_clock(failure));
    if let Some(resolution) = reads.instance.failure.as_ref().and_then(passing) {
        return Resolution { upstream, ..resolution };
    }
    let facts = reads.instance.facts.as_ref();
    let misplaced = facts.filter(|_| place_counts).and_then(|facts| region_mismatch(context, facts));
    if let Some(refusal) = misplaced.or_else(|| facts.and_then(not_primary)) {
        return Resolution { evidence, upstream, ..refusal.into() };
    }
    let verdict = Some(verdict(context, &reads));
    Resolution { verdict, evidence, upstream, ..Resolution::new(Outcome::Planned, Reason::Planned {}) }
}

async fn read(context: &SealContext<'_>, with_tags: bool) -> (Reads, u32) {
    let (instance, region) = (context.instance.as_str(), context.region.as_str());
    let mut traces: [Trace; 7] = Default::default();
    let [of_instance, from_region, of_role, of_key, of_backup, of_policy, of_tags] = &mut traces;
    let key = async {
        match context.key.map(KeyId::as_str) {
            Some(key) => Some(ask(context, &DescribeKey { key }, of_key).await.map(key_facts)),
            None => None,
        }
    };
    let tags = async { if with_tags { Some(reading::tags(context, of_tags).await) } else { None } };
    let support = CheckRegionSupportBackupEncryption { region, instance: Some(instance) };
    let (role, backups, policy) =
        (CheckBackupEncryptionAuthorized { region }, DescribeBackups { instance }, DescribeBackupPolicy { instance });
    let about_instance =
        join3(reading::read(context, of_instance), ask(context, &backups, of_backup), ask(context, &policy, of_policy));
    let about_region = join3(ask(context, &support, from_region), ask(context, &role, of_role), join(key, tags));
    let ((instance, backups, policy), (support, role, (key, tags))) = join(about_instance, about_region).await;
    let reads = Reads {
        instance,
        region: support.map(|answer| answer.is_supported),
        role: role.map(|answer| answer.is_authorized()),
        key,
        backup: backups.map(|answer| {
            let newest = answer.newest()?;
            Some(BackupFacts { names_encryption: newest.names_encryption(), ended_at: newest.backup_end_time })
        }),
        next_backup: policy.map(|answer| answer.next_backup.filter(|time| !time.is_empty())),
        tags,
    };
    (reads, traces.iter().map(|trace| trace.calls).sum())
}

async fn ask<O: Operation>(
    context: &SealContext<'_>,
    operation: &O,
    trace: &mut Trace,
) -> Result<O::Response, Failure> {
    context.client.call(operation, context.target(), trace).await
}

impl Reads {
    fn evidence(&self) -> Evidence {
        let known = |read: &Result<bool, Failure>| read.as_ref().ok().copied();
        Evidence {
            instance: self.instance.facts.clone(),
            tags: self.tags.as_ref().and_then(|tags| tags.as_ref().ok().cloned()),
            region_supported: known(&self.region),
            role_present: known(&self.role),
            key: self.key.as_ref().and_then(|key| key.as_ref().ok().cloned()),
            newest_backup: self.backup.as_ref().ok().cloned().flatten(),
            next_backup_at: self.next_backup.as_ref().ok().cloned().flatten(),
        }
    }

    /// What the service would stumble over, whatever the state of the instance.
    fn blocker(&self, context: &SealContext<'_>) -> Option<VerdictReason> {
        if let Ok(false) = self.region {
            return Some(VerdictReason::RegionUnsupported {});
        }
        if let Some((key, read)) = context.key.zip(self.key.as_ref())
            && let Some(problem) = key_problem(context.region, read)
        {
            return Some(VerdictReason::KeyUnusable { key: key.clone(), problem });
        }
        // Whether the automatic key needs the role is not documented, so it is a hint there.
        let is_missing = matches!(self.role, Ok(false)) && context.key.is_some() && !context.authorize;
        is_missing.then_some(VerdictReason::RoleMissing {})
    }

    /// What a person should know before saying yes.
    fn hints(&self, context: &SealContext<'_>, facts: &InstanceFacts) -> Vec<VerdictReason> {
        let mut hints = Vec::new();
        hints.extend(
            is_elsewhere(context, facts).then(|| VerdictReason::InAnotherRegion { found: facts.shown_region() }),
        );
        let is_probably_on = matches!(&self.backup, Ok(Some(BackupFacts { names_encryption: true, .. })));
        hints.push(if is_probably_on { VerdictReason::ProbablyOn {} } else { VerdictReason::MayBeOn {} });
        hints.extend(facts.outside_the_guide().map(|difference| VerdictReason::OutsideTheGuide { difference }));
        let lock = facts.lock_mode.as_deref().filter(|lock| *lock != "Unlock");
        hints.extend(lock.map(|lock| VerdictReason::Locked { lock_mode: printable(lock) }));
        hints.extend(match self.role {
            Ok(false) if context.authorize => Some(VerdictReason::RoleWouldBeCreated {}),
            Ok(false) => Some(VerdictReason::RoleMissing {}),
            Ok(true) | Err(_) => None,
        });
        if let Ok(Some(time)) = &self.next_backup {
            hints.push(VerdictReason::FirstBackup { at: printable(time) });
        }
        let unread = |what, failure: Option<&Failure>| failure.map(|failure| unread(context, what, failure));
        hints.extend(unread(ReadItem::RegionSupport, self.region.as_ref().err()));
        hints.extend(unread(ReadItem::Role, self.role.as_ref().err()));
        hints.extend(unread(ReadItem::Key, self.key.as_ref().and_then(|key| key.as_ref().err())));
        hints.extend(unread(ReadItem::NewestBackup, self.backup.as_ref().err()));
        hints.extend(unread(ReadItem::NextBackup, self.next_backup.as_ref().err()));
        hints
    }
}

fn verdict(context: &SealContext<'_>, reads: &Reads) -> Verdict {
    let reading = &reads.instance;
    let only = |is, reason| Verdict::new(is, vec![reason]);
    let facts = match (&reading.facts, &reading.failure) {
        (Some(facts), _) => facts,
        (None, _) if reading.is_absent() && context.is_young() => {
            return only(Prediction::Wait, VerdictReason::NotVisibleYet {});
        }
        (None, Some(failure)) if !reading.is_absent() => {
            return only(Prediction::CannotTell, unread(context, ReadItem::Instance, failure));
        }
        (None, _) => return only(Prediction::Cannot, VerdictReason::NotFound {}),
    };
    let (in_this_state, state) = in_state(facts);
    let (is, mut reasons) = match (reads.blocker(context), &reads.tags) {
        (Some(blocker), _) => (Prediction::Cannot, vec![blocker]),
        (None, Some(Err(failure))) => (Prediction::CannotTell, vec![unread(context, ReadItem::Tags, failure)]),
        (None, Some(Ok(_)) | None) => (in_this_state, Vec::new()),
    };
    reasons.push(state);
    let hints = reads.hints(context, facts).into_iter().filter(|hint| Some(hint) != reasons.first());
    let hints: Vec<_> = hints.collect();
    reasons.extend(hints);
    Verdict::new(is, reasons)
}

fn unread(context: &SealContext<'_>, what: ReadItem, failure: &Failure) -> VerdictReason {
    VerdictReason::Unread { what, error: service_error(failure), remedy: remedy(context, failure) }
}

fn in_state(facts: &InstanceFacts) -> (Prediction, VerdictReason) {
    let status = facts.shown_status();
    match facts.readiness() {
        Readiness::Running => (Prediction::Enable, VerdictReason::Running {}),
        Readiness::Busy => (Prediction::Wait, VerdictReason::Busy { status }),
        Readiness::Stopped => (Prediction::Cannot, VerdictReason::Stopped { status }),
        Readiness::Gone => (Prediction::Cannot, VerdictReason::Gone { status }),
    }
}
