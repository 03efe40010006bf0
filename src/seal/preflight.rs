//! What is found by reads alone: the plan, and what can be refused once the instance was seen.

use std::collections::BTreeMap;

use futures_util::future::{join, join3};
use tokio::time::Instant;

use super::Task;
use super::diagnose::{self, words};
use super::key::{Trouble, key_facts, trouble_with_key};
use super::look::{self, Reading};
use crate::aliyun::error::Failure;
use crate::aliyun::kms::DescribeKey;
use crate::aliyun::rds::{
    CheckBackupEncryptionAuthorized, CheckRegionSupportBackupEncryption, DescribeBackupPolicy, DescribeBackups,
};
use crate::aliyun::{Operation, Trace};
use crate::outcome::{Ending, Outcome, Rule, Verdict, Would};
use crate::request::facts::{BackupFacts, Evidence, InstanceFacts, KeyFacts, Readiness};
use crate::request::ids::{KeyId, printable};

/// Everything that a plan reads. All of it at once: nothing depends on anything else.
struct Reads {
    instance: Reading,
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
pub async fn plan(task: &Task<'_>, with_tags: bool, place_counts: bool) -> Ending {
    let started = Instant::now();
    let (reads, calls) = read(task, with_tags).await;
    let trace = Trace { calls, took: started.elapsed(), ..Trace::default() };
    let upstream = Some(reads.instance.upstream(&trace));
    let evidence = Some(reads.evidence());
    if let Some(ending) =
        reads.instance.failure.as_ref().and_then(|failure| diagnose::expired(task.credentials.source, failure))
    {
        return Ending { upstream, ..ending };
    }
    let facts = reads.instance.facts.as_ref();
    let misplaced = facts.filter(|_| place_counts).and_then(|facts| region_mismatch(task, Some(facts)));
    if let Some(refusal) = misplaced.or_else(|| facts.and_then(not_primary)) {
        return Ending { evidence, upstream, ..refusal };
    }
    let verdict = verdict(task, &reads);
    let message = match verdict.why.first() {
        Some(why) => format!("Nothing was changed. In enforce: {}, because {why}.", verdict.is.as_str()),
        None => format!("Nothing was changed. In enforce: {}.", verdict.is.as_str()),
    };
    let unread = reads.unread().filter(|_| verdict.is == Would::CannotTell);
    let next_step = match (unread, reads.trouble(task)) {
        (Some(failure), _) => Some(diagnose::next_step(task, failure)),
        (None, trouble) => trouble.map(|trouble| trouble.next_step.to_owned()),
    };
    Ending { verdict: Some(verdict), upstream, next_step, evidence, ..Ending::new(Outcome::Planned, message) }
}

async fn read(task: &Task<'_>, with_tags: bool) -> (Reads, u32) {
    let (instance, region) = (task.instance.as_str(), task.region.as_str());
    let mut traces: [Trace; 7] = Default::default();
    let [of_instance, of_region, of_role, of_key, of_backup, of_policy, of_tags] = &mut traces;
    let key = async {
        match task.key.map(KeyId::as_str) {
            Some(key) => Some(ask(task, &DescribeKey { key }, of_key).await.map(key_facts)),
            None => None,
        }
    };
    let tags = async { if with_tags { Some(look::tags(task, of_tags).await) } else { None } };
    let support = CheckRegionSupportBackupEncryption { region, instance: Some(instance) };
    let (role, backups, policy) =
        (CheckBackupEncryptionAuthorized { region }, DescribeBackups { instance }, DescribeBackupPolicy { instance });
    let about_instance =
        join3(look::read(task, of_instance), ask(task, &backups, of_backup), ask(task, &policy, of_policy));
    let about_region = join3(ask(task, &support, of_region), ask(task, &role, of_role), join(key, tags));
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

async fn ask<O: Operation>(task: &Task<'_>, operation: &O, trace: &mut Trace) -> Result<O::Response, Failure> {
    task.client.call(operation, task.target(), trace).await
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
    fn trouble(&self, task: &Task<'_>) -> Option<Trouble> {
        if let Ok(false) = self.region {
            return Some(Trouble {
                what: format!("service says that {} has no backup encryption for it", task.region),
                next_step: "Leave the instance out, or move it to a region that has the feature.",
            });
        }
        if let Some(trouble) = self.trouble_with_key(task) {
            return Some(trouble);
        }
        // Whether the automatic key needs the role is not documented, so it is a hint there.
        let is_missing = matches!(self.role, Ok(false)) && task.key.is_some() && !task.authorize;
        is_missing.then(|| Trouble {
            what: "role AliyunServiceRoleForRdsBackupEncryption is missing".to_owned(),
            next_step: "Call AuthorizeBackupEncryption once for the account, or set `authorize = true`.",
        })
    }

    fn trouble_with_key(&self, task: &Task<'_>) -> Option<Trouble> {
        trouble_with_key(task.key?, task.region, self.key.as_ref()?)
    }

    /// What a person should know before saying yes.
    fn hints(&self, task: &Task<'_>, facts: &InstanceFacts) -> Vec<String> {
        let mut hints = Vec::new();
        if is_elsewhere(task, facts) {
            let there = facts.shown_region();
            hints.push(format!("it is in {there}, not in {}, and no rule minds", task.region));
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
            Ok(false) if task.authorize => {
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

fn verdict(task: &Task<'_>, reads: &Reads) -> Verdict {
    let reading = &reads.instance;
    let only = |is, why| Verdict { is, why: vec![why] };
    let facts = match (&reading.facts, &reading.failure) {
        (Some(facts), _) => facts,
        (None, _) if reading.is_absent() && task.is_young() => {
            return only(Would::Wait, format!("{} is not visible in {} yet", task.instance, task.region));
        }
        (None, Some(failure)) if !reading.is_absent() => {
            return only(Would::CannotTell, could_not_be_read("the instance", failure));
        }
        (None, _) => return only(Would::Cannot, format!("{} is not found in {}", task.instance, task.region)),
    };
    let (state, why) = in_state(task, facts);
    let (is, mut whys) = match (reads.trouble(task), &reads.tags) {
        (Some(trouble), _) => (Would::Cannot, vec![format!("the {}", trouble.what)]),
        (None, Some(Err(failure))) => (Would::CannotTell, vec![could_not_be_read("the tags", failure)]),
        (None, Some(Ok(_)) | None) => (state, Vec::new()),
    };
    whys.push(why);
    let hints = reads.hints(task, facts).into_iter().filter(|hint| Some(hint) != whys.first()).collect::<Vec<_>>();
    whys.extend(hints);
    Verdict { is, why: whys }
}

fn could_not_be_read(what: &str, failure: &Failure) -> String {
    format!("{what} could not be read: {}", words(failure).trim_end_matches('.'))
}

fn in_state(task: &Task<'_>, facts: &InstanceFacts) -> (Would, String) {
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

/// What is refused of an instance that was seen: it is somewhere else, or none of its own.
pub(super) fn refusal(task: &Task<'_>, facts: Option<&InstanceFacts>) -> Option<Ending> {
    region_mismatch(task, facts).or_else(|| facts.and_then(not_primary))
}

/// The refusal of an instance that is somewhere else than a caller says. The key would be that of another region, and
/// final.
fn region_mismatch(task: &Task<'_>, facts: Option<&InstanceFacts>) -> Option<Ending> {
    let (value, message) = match facts {
        Some(facts) if !is_elsewhere(task, facts) => return None,
        Some(facts) => {
            let region = facts.shown_region();
            (Some(region.clone()), format!("The instance is in {region}, not in {}.", task.region))
        }
        None => (None, format!("The instance is not seen in {}, so its region cannot be compared.", task.region)),
    };
    Some(refused("region-mismatch", value, message, "Name the region that the instance is in."))
}

/// The refusal of an instance that a session for its region does not reach.
pub(super) fn out_of_reach(task: &Task<'_>) -> Ending {
    let message = format!("The session reaches instances of {} only, and this one is not among them.", task.region);
    refused("region-mismatch", None, message, "Name the region that the instance is in.")
}

/// The refusal of an instance that has no backups of its own. The request is never moved to its primary one: nobody asked
/// for that.
pub(super) fn not_primary(facts: &InstanceFacts) -> Option<Ending> {
    let kind = facts.instance_type.as_deref().filter(|_| !facts.is_primary())?;
    let kind = printable(kind);
    let message = format!("The instance is of type {kind}; only a primary instance has backups of its own.");
    Some(refused("instance-type", Some(kind), message, "Ask for the primary instance, if it is meant to be sealed."))
}

fn refused(name: &'static str, value: Option<String>, message: String, next_step: &str) -> Ending {
    Ending { rule: Some(Rule { name, value }), ..Ending::new(Outcome::Refused, message).next_step(next_step) }
}

fn is_elsewhere(task: &Task<'_>, facts: &InstanceFacts) -> bool {
    facts.region.as_deref() != Some(task.region.as_str())
}
