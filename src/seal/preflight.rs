//! What is found by reads alone: the plan, and what can be refused once the instance was seen.

use std::collections::BTreeMap;

use futures_util::future::{join, join3};
use tokio::time::Instant;

use super::SealContext;
use super::diagnose::{self, words};
use super::key::{Blocker, key_blocker, key_facts};
use super::reading::{self, InstanceRead};
use crate::aliyun::error::Failure;
use crate::aliyun::kms::DescribeKey;
use crate::aliyun::rds::{
    CheckBackupEncryptionAuthorized, CheckRegionSupportBackupEncryption, DescribeBackupPolicy, DescribeBackups,
};
use crate::aliyun::{Operation, Trace};
use crate::outcome::{Outcome, Prediction, Resolution, Rule, Verdict};
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
    let upstream = Some(reads.instance.upstream(&trace));
    let evidence = Some(reads.evidence());
    if let Some(resolution) =
        reads.instance.failure.as_ref().and_then(|failure| diagnose::expired(context.credentials.source, failure))
    {
        return Resolution { upstream, ..resolution };
    }
    let facts = reads.instance.facts.as_ref();
    let misplaced = facts.filter(|_| place_counts).and_then(|facts| region_mismatch(context, Some(facts)));
    if let Some(refusal) = misplaced.or_else(|| facts.and_then(not_primary)) {
        return Resolution { evidence, upstream, ..refusal };
    }
    let verdict = verdict(context, &reads);
    let message = match verdict.why.first() {
        Some(why) => format!("Nothing was changed. In enforce: {}, because {why}.", verdict.is.as_str()),
        None => format!("Nothing was changed. In enforce: {}.", verdict.is.as_str()),
    };
    let unread = reads.unread().filter(|_| verdict.is == Prediction::CannotTell);
    let next_step = match (unread, reads.trouble(context)) {
        (Some(failure), _) => Some(diagnose::next_step(context, failure)),
        (None, trouble) => trouble.map(|trouble| trouble.next_step.to_owned()),
    };
    Resolution { verdict: Some(verdict), upstream, next_step, evidence, ..Resolution::new(Outcome::Planned, message) }
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

    /// Why something is not known that decides.
    fn unread(&self) -> Option<&Failure> {
        let tags = self.tags.as_ref().and_then(|tags| tags.as_ref().err());
        self.instance.failure.as_ref().or(tags)
    }

    /// What the service would stumble over, whatever the state of the instance.
    fn trouble(&self, context: &SealContext<'_>) -> Option<Blocker> {
        if let Ok(false) = self.region {
            return Some(Blocker {
                what: format!("service says that {} has no backup encryption for it", context.region),
                next_step: "Leave the instance out, or move it to a region that has the feature.",
            });
        }
        if let Some(trouble) = self.key_blocker(context) {
            return Some(trouble);
        }
        // Whether the automatic key needs the role is not documented, so it is a hint there.
        let is_missing = matches!(self.role, Ok(false)) && context.key.is_some() && !context.authorize;
        is_missing.then(|| Blocker {
            what: "role AliyunServiceRoleForRdsBackupEncryption is missing".to_owned(),
            next_step: "Call AuthorizeBackupEncryption once for the account, or set `authorize = true`.",
        })
    }

    fn key_blocker(&self, context: &SealContext<'_>) -> Option<Blocker> {
        key_blocker(context.key?, context.region, self.key.as_ref()?)
    }

    /// What a person should know before saying yes.
    fn hints(&self, context: &SealContext<'_>, facts: &InstanceFacts) -> Vec<String> {
        let mut hints = Vec::new();
        if is_elsewhere(context, facts) {
            let there = facts.shown_region();
            hints.push(format!("it is in {there}, not in {}, and no rule minds", context.region));
        }
        if self.backup.as_ref().is_ok_and(|backup| backup.as_ref().is_some_and(|backup| backup.names_encryption)) {
            hints.push("it is probably enabled already (the newest backup names encryption; unverified)".to_owned());
        }
        if let Some(difference) = facts.outside_the_guide() {
            hints.push(format!("the vendor's guide does not name it: {difference}; the service decides"));
        }
        if let Some(lock) = facts.lock_mode.as_deref().filter(|lock| *lock != "Unlock") {
            hints.push(format!("the instance is locked: {}", printable(lock)));
        }
        match self.role {
            Ok(false) if context.authorize => {
                hints.push(
                    "the role AliyunServiceRoleForRdsBackupEncryption is missing and would be created".to_owned(),
                );
            }
            Ok(false) => hints.push("the role AliyunServiceRoleForRdsBackupEncryption is missing".to_owned()),
            _ => {}
        }
        if let Ok(Some(time)) = &self.next_backup {
            hints.push(format!("the first encrypted backup would be that of {}", printable(time)));
        }
        let unread = |what: &str, failure: Option<&Failure>| failure.map(|failure| could_not_be_read(what, failure));
        hints.extend(unread("whether the region has the feature", self.region.as_ref().err()));
        hints.extend(unread("whether the role is there", self.role.as_ref().err()));
        hints.extend(unread("the key", self.key.as_ref().and_then(|key| key.as_ref().err())));
        hints.extend(unread("the newest backup", self.backup.as_ref().err()));
        hints.extend(unread("the time of the next backup", self.next_backup.as_ref().err()));
        hints
    }
}

fn verdict(context: &SealContext<'_>, reads: &Reads) -> Verdict {
    let reading = &reads.instance;
    let only = |is, why| Verdict { is, why: vec![why] };
    let facts = match (&reading.facts, &reading.failure) {
        (Some(facts), _) => facts,
        (None, _) if reading.is_absent() && context.is_young() => {
            return only(Prediction::Wait, format!("{} is not visible in {} yet", context.instance, context.region));
        }
        (None, Some(failure)) if !reading.is_absent() => {
            return only(Prediction::CannotTell, could_not_be_read("the instance", failure));
        }
        (None, _) => {
            return only(Prediction::Cannot, format!("{} is not found in {}", context.instance, context.region));
        }
    };
    let (state, why) = in_state(context, facts);
    let (is, mut whys) = match (reads.trouble(context), &reads.tags) {
        (Some(trouble), _) => (Prediction::Cannot, vec![format!("the {}", trouble.what)]),
        (None, Some(Err(failure))) => (Prediction::CannotTell, vec![could_not_be_read("the tags", failure)]),
        (None, Some(Ok(_)) | None) => (state, Vec::new()),
    };
    whys.push(why);
    let hints = reads.hints(context, facts).into_iter().filter(|hint| Some(hint) != whys.first()).collect::<Vec<_>>();
    whys.extend(hints);
    Verdict { is, why: whys }
}

fn could_not_be_read(what: &str, failure: &Failure) -> String {
    format!("{what} could not be read: {}", words(failure).trim_end_matches('.'))
}

fn in_state(context: &SealContext<'_>, facts: &InstanceFacts) -> (Prediction, String) {
    let status = facts.shown_status();
    match facts.readiness() {
        Readiness::Running => {
            (Prediction::Enable, format!("the instance is Running; {} would be used", diagnose::key(context.key)))
        }
        Readiness::Busy => (Prediction::Wait, format!("the instance is {status}")),
        Readiness::Stopped => (Prediction::Cannot, format!("the instance is {status} and has to be started")),
        Readiness::Gone => (Prediction::Cannot, format!("the instance is {status}")),
    }
}

/// What is refused of an instance that was seen: it is somewhere else, or none of its own.
pub(super) fn refusal(context: &SealContext<'_>, facts: Option<&InstanceFacts>) -> Option<Resolution> {
    region_mismatch(context, facts).or_else(|| facts.and_then(not_primary))
}

/// The refusal of an instance that is somewhere else than a caller says. The key would be that of another region, and
/// final.
fn region_mismatch(context: &SealContext<'_>, facts: Option<&InstanceFacts>) -> Option<Resolution> {
    let (value, message) = match facts {
        Some(facts) if !is_elsewhere(context, facts) => return None,
        Some(facts) => {
            let region = facts.shown_region();
            (Some(region.clone()), format!("The instance is in {region}, not in {}.", context.region))
        }
        None => (None, format!("The instance is not seen in {}, so its region cannot be compared.", context.region)),
    };
    Some(refused("region-mismatch", value, message, "Name the region that the instance is in."))
}

/// The refusal of an instance that a session for its region does not reach.
pub(super) fn out_of_reach(context: &SealContext<'_>) -> Resolution {
    let message = format!("The session reaches instances of {} only, and this one is not among them.", context.region);
    refused("region-mismatch", None, message, "Name the region that the instance is in.")
}

/// The refusal of an instance that has no backups of its own. The request is never moved to its primary one: nobody asked
/// for that.
pub(super) fn not_primary(facts: &InstanceFacts) -> Option<Resolution> {
    let kind = facts.instance_type.as_deref().filter(|_| !facts.is_primary())?;
    let kind = printable(kind);
    let message = format!("The instance is of type {kind}; only a primary instance has backups of its own.");
    Some(refused("instance-type", Some(kind), message, "Ask for the primary instance, if it is meant to be sealed."))
}

fn refused(name: &'static str, value: Option<String>, message: String, next_step: &str) -> Resolution {
    Resolution { rule: Some(Rule { name, value }), ..Resolution::new(Outcome::Refused, message).next_step(next_step) }
}

fn is_elsewhere(context: &SealContext<'_>, facts: &InstanceFacts) -> bool {
    facts.region.as_deref() != Some(context.region.as_str())
}
