//! What the cloud says: who we are, and each permission by a read that changes nothing.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};
use jiff::SignedDuration;

use super::table::{Row, State};
use crate::aliyun::credentials::Credentials;
use crate::aliyun::credentials::assume::SessionTarget;
use crate::aliyun::error::Failure;
use crate::aliyun::kms::DescribeKey;
use crate::aliyun::ram::{self, Scope};
use crate::aliyun::rds::{
    CheckBackupEncryptionAuthorized, CheckRegionSupportBackupEncryption, DescribeBackupPolicy, DescribeBackups,
    DescribeDBInstanceAttribute, DescribeDBInstances, EnableBackupEncryption, ListTagResources, every_instance,
};
use crate::aliyun::secrets::{Unread as Unreadable, WhyUnread};
use crate::aliyun::sts::GetCallerIdentity;
use crate::aliyun::{Operation, Target, Trace};
use crate::app::{App, why_unread};
use crate::config::Unread;
use crate::kind::Kind;
use crate::outcome::{KeyProblem, NextStep, Resolution, VerdictReason, step_about, step_about_verdict};
use crate::policy::KeyRules;
use crate::request::ids::{AccountId, KeyId, RegionId, printable};
use crate::seal;
use crate::time::Deadline;
use crate::words::Language;

/// More than this and signatures may be refused: the limit is 15 minutes (documented).
const CLOCK_OFF: SignedDuration = SignedDuration::from_secs(60);

/// Accounts that are tried at the same time.
const AT_ONCE: usize = 8;

pub(super) struct Cloud<'a> {
    pub(super) app: &'a App,
    pub(super) regions: &'a [RegionId],
    pub(super) keys: &'a KeyRules,
    pub(super) accounts: Option<&'a BTreeSet<AccountId>>,
    /// Those of KMS.
    pub(super) secrets: Option<&'a Unread>,
    /// What cannot be done yet may wait in the function's queue.
    pub(super) may_wait: bool,
    pub(super) deadline: Deadline,
}

impl Cloud<'_> {
    pub(super) async fn rows(&self) -> Vec<Row> {
        let Some(home) = self.regions.first() else {
            return vec![
                Row::new("region", State::Failed, "no region is named, so nothing could be asked")
                    .next_step("Give --region, or name regions under [policy] or [key.default]."),
            ];
        };
        let credentials = match self.app.identity.credentials(&self.app.client, self.deadline).await {
            Ok(Some(credentials)) => credentials,
            Ok(None) => return vec![unsigned(&seal::no_credentials())],
            Err(unprovided) => return vec![unsigned(&seal::unsigned(&unprovided, None))],
        };
        let (mut rows, account) = self.identity(&credentials, home).await;
        rows.push(self.clock(home).await);
        for region in self.regions {
            rows.extend(self.region(region, account.as_deref(), &credentials).await);
        }
        rows.extend(self.secrets(home, &credentials).await);
        rows.extend(self.other_accounts(account.as_deref(), home, &credentials).await);
        rows.push(
            Row::new(EnableBackupEncryption::RAM_ACTION, State::Untried, "not tried: it is the change itself")
                .next_step("`rds-seal policy` prints what has to be allowed."),
        );
        if self.may_wait {
            rows.push(Row::new(ram::TO_WAIT, State::Untried, "not tried: it would put something into the queue"));
        }
        rows
    }

    async fn identity(&self, credentials: &Credentials, region: &RegionId) -> (Vec<Row>, Option<String>) {
        match self.ask(&GetCallerIdentity, region, credentials).await {
            Ok(caller) => {
                let detail = format!("{} of account {}", printable(&caller.arn), printable(&caller.account_id));
                (vec![Row::new("identity", State::Ok, detail)], Some(caller.account_id))
            }
            Err(failure) => (vec![failed("identity", &failure, State::Failed, place(region, None), None)], None),
        }
    }

    async fn clock(&self, region: &RegionId) -> Row {
        match self.app.client.clock_ahead(region.as_str(), self.deadline).await {
            Some(ahead) if ahead.abs() <= CLOCK_OFF => Row::new("clock", State::Ok, "agrees with the service's"),
            Some(ahead) => {
                let side = if ahead.is_negative() { "ahead of" } else { "behind" };
                let detail = format!("{} s {side} the service's", ahead.abs().as_secs());
                Row::new("clock", State::Failed, detail).next_step("Set the clock: signatures are refused otherwise.")
            }
            None => Row::new("clock", State::Note, "the service did not say what time it is"),
        }
    }

    async fn region(&self, region: &RegionId, account: Option<&str>, credentials: &Credentials) -> Vec<Row> {
        let (name, place) = (region.as_str(), place(region, account));
        let mut rows = Vec::new();
        let what = |thing: &str| format!("{name}  {thing}");
        rows.push(
            match self
                .ask(&CheckRegionSupportBackupEncryption { region: name, instance: None }, region, credentials)
                .await
            {
                Ok(answer) if answer.is_supported => {
                    Row::new(what("region"), State::Ok, "the region has backup encryption")
                }
                Ok(_) => Row::new(what("region"), State::Failed, "the region has no backup encryption")
                    .next_step("Leave the region out under [policy]."),
                Err(failure) => failed(&what("region"), &failure, State::Note, place, None),
            },
        );
        rows.push(match self.ask(&CheckBackupEncryptionAuthorized { region: name }, region, credentials).await {
            Ok(answer) if answer.is_authorized() => {
                Row::new(what("role"), State::Ok, "AliyunServiceRoleForRdsBackupEncryption is there")
            }
            Ok(_) if self.app.authorize => Row::new(
                what("role"),
                State::Note,
                "AliyunServiceRoleForRdsBackupEncryption is missing and would be created",
            ),
            Ok(_) => Row::new(what("role"), State::Failed, "AliyunServiceRoleForRdsBackupEncryption is missing")
                .next_step("Call AuthorizeBackupEncryption once for the account, or set `authorize = true`."),
            Err(failure) => failed(&what("role"), &failure, State::Note, place, None),
        });
        rows.extend(self.keys(region, account, credentials).await);
        rows.extend(self.instances(region, account, credentials).await);
        rows
    }

    /// The keys that would be used in a region.
    async fn keys(&self, region: &RegionId, account: Option<&str>, credentials: &Credentials) -> Vec<Row> {
        let is_ours = |owner: &Option<AccountId>| owner.as_ref().is_none_or(|owner| Some(owner.as_str()) == account);
        let keys = self.keys.defaults.iter().filter(|((owner, place), _)| place == region && is_ours(owner));
        let rows = keys.map(|(_, key)| async move {
            let what = format!("{region}  key {key}");
            match self.ask(&DescribeKey { key: key.as_str() }, region, credentials).await {
                Ok(answer) => match seal::key_problem(region, &Ok(seal::key_facts(answer))) {
                    None => Row::new(what, State::Ok, "enabled, for ENCRYPT/DECRYPT"),
                    Some(problem) => Self::unusable(what, key, problem),
                },
                Err(failure) => match seal::key_problem(region, &Err(failure.clone())) {
                    Some(problem) => Self::unusable(what, key, problem),
                    None => failed(&what, &failure, State::Note, place(region, account), Some(key.as_str())),
                },
            }
        });
        join_all(rows).await
    }

    fn unusable(what: String, key: &KeyId, problem: KeyProblem) -> Row {
        let reason = VerdictReason::KeyUnusable { key: key.clone(), problem };
        let (sentence, step) = (Language::En.verdict_reason_alone(&reason), step_about_verdict(&reason));
        let row = Row::new(what, State::Failed, sentence);
        Row { next_step: step.map(|step| Language::En.next_step(&step)), ..row }
    }

    /// Lists the instances, and tries on one of them what is read of each.
    async fn instances(&self, region: &RegionId, account: Option<&str>, credentials: &Credentials) -> Vec<Row> {
        let (what, place) = (|action: &str| format!("{region}  {action}"), place(region, account));
        let target = self.target(region, credentials);
        let ids = match every_instance(&self.app.client, target, &mut Trace::default()).await {
            Ok(ids) => ids,
            Err(failure) => {
                return vec![failed(&what(DescribeDBInstances::RAM_ACTION), &failure, State::Note, place, None)];
            }
        };
        let mut rows = vec![Row::new(
            what(DescribeDBInstances::RAM_ACTION),
            State::Ok,
            format!("allowed; instances: {}", ids.len()),
        )];
        let Some(instance) = ids.first() else {
            rows.push(Row::new(what("reads"), State::Untried, "there is no instance to try them on"));
            return rows;
        };
        let on = printable(instance);
        let allowed = |action, answer: Result<(), Failure>, if_not| match answer {
            Err(failure) if failure.kind != Kind::NotFound => failed(&what(action), &failure, if_not, place, None),
            Ok(()) | Err(_) => Row::new(what(action), State::Ok, format!("allowed on {on}")),
        };
        let described = self.ask(&DescribeDBInstanceAttribute { instance }, region, credentials).await;
        rows.push(allowed(DescribeDBInstanceAttribute::RAM_ACTION, described.map(|_| ()), State::Failed));
        let backups = self.ask(&DescribeBackups { instance }, region, credentials).await;
        rows.push(allowed(DescribeBackups::RAM_ACTION, backups.map(|_| ()), State::Note));
        let policy = self.ask(&DescribeBackupPolicy { instance }, region, credentials).await;
        rows.push(allowed(DescribeBackupPolicy::RAM_ACTION, policy.map(|_| ()), State::Note));
        let tags = self.ask(&ListTagResources { region: region.as_str(), instance }, region, credentials).await;
        let if_not = if self.app.policy.rules.depend_on_tags() { State::Failed } else { State::Note };
        rows.push(allowed(ListTagResources::RAM_ACTION, tags.map(|_| ()), if_not));
        rows
    }

    /// Tries each secret of KMS by a dry run.
    async fn secrets(&self, region: &RegionId, credentials: &Credentials) -> Vec<Row> {
        let names = self.secrets.iter().flat_map(|unread| unread.wanted.names());
        let rows = names.map(|name| async move {
            let what = format!("secret {name}");
            match self.app.client.could_read(name, self.target(region, credentials)).await {
                Ok(()) => Row::new(what, State::Ok, "could be read"),
                Err(Unreadable { why: WhyUnread::Failed(failure), .. }) => {
                    let resource = if name.starts_with("acs:") {
                        name.to_owned()
                    } else {
                        format!("acs:kms:{region}:*:secret/{name}")
                    };
                    failed_on(&what, &failure, State::Failed, |action| {
                        if action == ram::ON_SECRETS { resource } else { "*".to_owned() }
                    })
                }
                Err(unread) => Row::new(what, State::Failed, why_unread(&unread)),
            }
        });
        join_all(rows).await
    }

    /// Takes on the role in every other account.
    async fn other_accounts(&self, own: Option<&str>, region: &RegionId, credentials: &Credentials) -> Vec<Row> {
        let Some(roles) = &self.app.roles else { return Vec::new() };
        let others = self.accounts.into_iter().flatten().filter(|account| Some(account.as_str()) != own);
        let rows = others.map(|account| async move {
            let what = format!("account {account}");
            let place = SessionTarget { account: account.as_str(), region: region.as_str(), instance: "check" };
            match roles.session(&self.app.client, credentials, place, self.deadline).await {
                Ok(_) => Row::new(what, State::Ok, "its role can be taken on"),
                Err(unprovided) => Row { what, ..unsigned(&seal::unsigned(&unprovided, Some(credentials.source))) },
            }
        });
        stream::iter(rows).buffered(AT_ONCE).collect().await
    }

    async fn ask<O: Operation>(
        &self,
        operation: &O,
        region: &RegionId,
        credentials: &Credentials,
    ) -> Result<O::Response, Failure> {
        self.app.client.call(operation, self.target(region, credentials), &mut Trace::default()).await
    }

    fn target<'t>(&self, region: &'t RegionId, credentials: &'t Credentials) -> Target<'t> {
        Target { credentials: Some(credentials), region: region.as_str(), deadline: self.deadline }
    }
}

/// Every instance of a region.
fn place<'a>(region: &'a RegionId, account: Option<&'a str>) -> Scope<'a> {
    Scope { account: account.unwrap_or("*"), region: region.as_str(), instance: "*" }
}

fn unsigned(resolution: &Resolution) -> Row {
    let row = Row::new("identity", State::Failed, Language::En.why(&resolution.reason));
    let step = step_about(&resolution.reason);
    Row { next_step: step.map(|step| Language::En.next_step(&step)), ..row }
}

/// A read that did not go through, and how bad that is. What it lacks is allowed where it was asked, and for that key.
fn failed(what: &str, failure: &Failure, state: State, place: Scope<'_>, key: Option<&str>) -> Row {
    failed_on(what, failure, state, |action| place.resource(action, key))
}

/// The same, of what the missing permission is about.
fn failed_on(what: &str, failure: &Failure, state: State, resource: impl FnOnce(&str) -> String) -> Row {
    let error = seal::service_error(failure);
    let next_step = match &failure.denied {
        Some(denied) => {
            let statement = ram::allow(&[&denied.action], &[resource(&denied.action)]).to_string();
            Language::En.next_step(&NextStep::AllowStatement { statement })
        }
        None => Language::En.advice(&error).to_owned(),
    };
    Row::new(what, state, Language::En.error(&error)).next_step(next_step)
}
