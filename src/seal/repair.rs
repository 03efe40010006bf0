//! The key, or the role by which RDS uses it, stands in the way: what is wrong with it, and the one thing that can be
//! mended from here.

use super::attempt::SealAttempt;
use super::key::{key_facts, key_problem};
use super::resolutions::{self, service_error};
use crate::aliyun::Operation as _;
use crate::aliyun::error::Failure;
use crate::aliyun::kms::DescribeKey;
use crate::aliyun::rds::{AuthorizeBackupEncryption, CheckBackupEncryptionAuthorized, Enabled};
use crate::kind::{Kind, NoAnswer};
use crate::outcome::{Outcome, Reason, Resolution};

/// Codes that a missing role can be behind (inferred from their messages).
const BY_A_MISSING_ROLE: [&str; 3] = ["BackupAkProvenNotFound", "InvalidClusterKms", "BackupGetAkError"];

/// Writes after the role was created, until it is known everywhere (that it takes a moment is inferred).
const WRITES: u32 = 4;

/// What an attempt to mend something came to.
pub(super) enum Repair {
    /// There was nothing to mend.
    None,
    /// The answer that counts now.
    Tried(Result<Enabled, Failure>),
    /// The audit stream did not take the intent, so nothing was tried.
    OffTheRecord,
}

/// The one that says so itself.
const NO_ROLE: &str = "BackupAkProvenNotFound";

/// Creates the missing role where that is allowed, and writes again. Of several writes that miss it at the same time one
/// creates it: the others find it there, and write again too.
pub(super) async fn create_role(attempt: &mut SealAttempt<'_>, failure: &Failure) -> Repair {
    if !attempt.context.authorize || failure.kind != Kind::KeyOrRole || !is_suspect(failure) {
        return Repair::None;
    }
    match role_is_present(attempt).await {
        Some(false) => {}
        Some(true) if failure.is(NO_ROLE) => return write_until_it_is_known(attempt, failure).await,
        Some(true) | None => return Repair::None,
    }
    if !attempt.context.intends(AuthorizeBackupEncryption::ACTION).await {
        return Repair::OffTheRecord;
    }
    let region = attempt.context.region.as_str();
    match attempt.ask(&AuthorizeBackupEncryption { region }).await {
        Ok(answer) if answer.is_authorized() => {
            tracing::warn!("the service-linked role AliyunServiceRoleForRdsBackupEncryption was created");
            attempt.evidence.role_present = Some(true);
        }
        Ok(_) => return Repair::None,
        Err(failure) => {
            attempt.decided_by = AuthorizeBackupEncryption::ACTION;
            return Repair::Tried(Err(failure));
        }
    }
    write_until_it_is_known(attempt, failure).await
}

fn is_suspect(failure: &Failure) -> bool {
    BY_A_MISSING_ROLE.iter().any(|code| failure.is(code))
}

/// Writes again, now that the role is there.
async fn write_until_it_is_known(attempt: &mut SealAttempt<'_>, failure: &Failure) -> Repair {
    for round in 0..WRITES {
        let Some(pause) = attempt.context.client.pause(round, attempt.context.deadline) else { break };
        tokio::time::sleep(pause).await;
        match attempt.write_again().await {
            None => break,
            Some(Err(failure)) if is_suspect(&failure) => {}
            Some(settled) => return Repair::Tried(settled),
        }
    }
    // The role is there now; that it is not known everywhere yet passes.
    let no_answer = Some(NoAnswer::RoleNotKnownYet);
    Repair::Tried(Err(Failure { kind: Kind::Unavailable, message: String::new(), no_answer, ..failure.clone() }))
}

/// Says what is wrong with the key or the role.
pub(super) async fn explain(attempt: &mut SealAttempt<'_>, failure: &Failure) -> Resolution {
    let error = service_error(failure);
    if role_is_present(attempt).await == Some(false) {
        return Resolution::new(
            Outcome::Failed,
            Reason::RoleMissing { may_be_created: attempt.context.authorize, error },
        );
    }
    let Some(key) = attempt.context.key else { return resolutions::failed(failure) };
    let read = attempt.ask(&DescribeKey { key: key.as_str() }).await.map(key_facts);
    let problem = key_problem(attempt.context.region, &read);
    attempt.evidence.key = read.ok();
    match problem {
        Some(problem) => Resolution::new(Outcome::Failed, Reason::KeyUnusable { key: key.clone(), problem, error }),
        None => resolutions::failed(failure),
    }
}

/// Whether the account has the role, where that could be read.
async fn role_is_present(attempt: &mut SealAttempt<'_>) -> Option<bool> {
    if attempt.evidence.role_present.is_none() {
        let region = attempt.context.region.as_str();
        let answer = attempt.ask(&CheckBackupEncryptionAuthorized { region }).await;
        attempt.evidence.role_present = answer.ok().map(|answer| answer.is_authorized());
    }
    attempt.evidence.role_present
}
