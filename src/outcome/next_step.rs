//! The one thing a person can do about an ending, as data.

use super::{KeyProblem, Outcome, Prediction, Reason, Refusal, Remedy, Report, ServiceError, VerdictReason};
use crate::request::ids::RegionId;

/// One thing to do. What is said of it is made elsewhere, in any language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Nothing: it is tried again by itself.
    WaitForRetry,
    /// What is known about the code, else about its kind.
    Advice(ServiceError),
    RepeatUnlessSettled,
    FixCredentialSource,
    ProvideCredentials,
    TrustRole {
        action: String,
    },
    CheckQueueDelay,
    WaitForWorker,
    CheckWorker,
    FixAndRepeat,
    StartInstance,
    NothingToSeal,
    WaitForDelivery,
    NameRegion {
        region: String,
    },
    RemoveFromList,
    CompareWithGuide,
    CheckIdRegionAccount,
    SetClock,
    AllowStatement {
        statement: String,
    },
    LiftDenial {
        action: String,
        policy: String,
    },
    CheckSessionRegion {
        region: String,
    },
    AuthorizeAsAdministrator,
    Authorize,
    EnableKey,
    ChooseSymmetricKey,
    ChooseKeyOfRegion,
    CheckKey,
    ChooseOtherRegion,
    ProvideStandardOutput,
    WidenPolicy,
    GiveTime,
    DropRule,
    RemoveExemption,
    WaitForExemption,
    WriteDate,
    DropOrAllowKey,
    KeyWithoutAccount {
        region: RegionId,
    },
    ConfigureKey {
        region: RegionId,
    },
    ConfigureRole,
    OmitAccount,
    UseOtherCredential,
    WidenCredential,
    AskForGrant {
        ids: String,
    },
    AskForWiderGrant,
    SetSecret,
    EncryptBodies,
    UsePlan,
    LetSomebodyElseConfirm,
    PlanAgain,
    ConfigureSink,
    NameActualRegion,
    AskForPrimary,
}

/// What to do about a report, if anything.
pub fn next_step(report: &Report) -> Option<NextStep> {
    if report.retry_at.is_some() && report.reason != (Reason::HandedOver {}) {
        return Some(NextStep::WaitForRetry);
    }
    match (&report.verdict, report.outcome) {
        (Some(verdict), Outcome::Planned) => {
            let decides = verdict.reasons.first().filter(|_| verdict.is != Prediction::Enable)?;
            of_verdict(decides, Some(&report.region))
        }
        _ => of_reason(&report.reason, Some(&report.region)),
    }
}

/// The same of an ending that is about no instance, such as credentials.
pub fn step_about(reason: &Reason) -> Option<NextStep> {
    of_reason(reason, None)
}

/// The same of what stands in the way of a plan.
pub fn step_about_verdict(reason: &VerdictReason) -> Option<NextStep> {
    of_verdict(reason, None)
}

fn of_verdict(reason: &VerdictReason, region: Option<&RegionId>) -> Option<NextStep> {
    match reason {
        VerdictReason::Unread { error, remedy, .. } => Some(of_remedy(remedy, error, region)),
        VerdictReason::RegionUnsupported {} => Some(NextStep::ChooseOtherRegion),
        VerdictReason::KeyUnusable { problem, .. } => Some(of_key(problem)),
        VerdictReason::RoleMissing {} => Some(NextStep::Authorize),
        VerdictReason::Stopped { .. } => Some(NextStep::StartInstance),
        VerdictReason::Gone { .. } => Some(NextStep::NothingToSeal),
        VerdictReason::NotFound {} => Some(NextStep::CheckIdRegionAccount),
        VerdictReason::Running {}
        | VerdictReason::Busy { .. }
        | VerdictReason::NotVisibleYet {}
        | VerdictReason::RoleWouldBeCreated {}
        | VerdictReason::InAnotherRegion { .. }
        | VerdictReason::ProbablyOn {}
        | VerdictReason::MayBeOn {}
        | VerdictReason::OutsideTheGuide { .. }
        | VerdictReason::Locked { .. }
        | VerdictReason::FirstBackup { .. } => None,
    }
}

fn of_remedy(remedy: &Remedy, error: &ServiceError, region: Option<&RegionId>) -> NextStep {
    match remedy {
        Remedy::Allow { statement } => NextStep::AllowStatement { statement: statement.clone() },
        Remedy::LiftDenial { action, policy } => {
            NextStep::LiftDenial { action: action.clone(), policy: policy.clone() }
        }
        Remedy::CheckRegion {} => {
            NextStep::CheckSessionRegion { region: region.map(ToString::to_string).unwrap_or_default() }
        }
        Remedy::ByCode {} => NextStep::Advice(error.clone()),
    }
}

fn of_key(problem: &KeyProblem) -> NextStep {
    match problem {
        KeyProblem::State { .. } => NextStep::EnableKey,
        KeyProblem::Usage { .. } => NextStep::ChooseSymmetricKey,
        KeyProblem::OtherRegion { .. } => NextStep::ChooseKeyOfRegion,
        KeyProblem::Missing {} => NextStep::CheckKey,
    }
}

fn of_reason(reason: &Reason, region: Option<&RegionId>) -> Option<NextStep> {
    Some(match reason {
        Reason::Accepted {}
        | Reason::AcceptedBefore {}
        | Reason::AlreadyOn {}
        | Reason::Planned {}
        | Reason::Test {} => return None,
        Reason::Unanswered { .. } => NextStep::RepeatUnlessSettled,
        Reason::Service { error }
        | Reason::InstanceBusy { error, .. }
        | Reason::CredentialsUnavailable { error, denied_action: None, .. } => NextStep::Advice(error.clone()),
        Reason::InstanceStopped { .. } => NextStep::StartInstance,
        Reason::InstanceGone { .. } => NextStep::NothingToSeal,
        Reason::NotVisibleYet { .. } => NextStep::WaitForDelivery,
        Reason::NotFound { .. } => NextStep::CheckIdRegionAccount,
        Reason::InAnotherRegion { found, .. } => NextStep::NameRegion { region: found.clone() },
        Reason::Released { .. } => NextStep::RemoveFromList,
        Reason::LooksUnsupported { .. } => NextStep::CompareWithGuide,
        Reason::ClockOff { .. } => NextStep::SetClock,
        Reason::Forbidden { error, remedy } => of_remedy(remedy, error, region),
        Reason::RoleMissing { may_be_created: true, .. } => NextStep::AuthorizeAsAdministrator,
        Reason::RoleMissing { may_be_created: false, .. } => NextStep::Authorize,
        Reason::KeyUnusable { problem, .. } => of_key(problem),
        Reason::CredentialsBroken { .. } => NextStep::FixCredentialSource,
        Reason::CredentialsMissing {} => NextStep::ProvideCredentials,
        Reason::CredentialsUnavailable { denied_action: Some(action), .. } => {
            NextStep::TrustRole { action: action.clone() }
        }
        Reason::TaskTooEarly { .. } => NextStep::CheckQueueDelay,
        Reason::HandedOver {} => NextStep::WaitForWorker,
        Reason::NotHandedOver { .. } => NextStep::CheckWorker,
        Reason::OffTheRecord {} => NextStep::ProvideStandardOutput,
        Reason::GivenUp { .. } => NextStep::FixAndRepeat,
        Reason::Refused(refusal) => refusal.next_step(),
    })
}

impl Refusal {
    /// The one thing a person can do about it.
    pub fn next_step(&self) -> NextStep {
        match self {
            Self::AccountNotAllowed { .. }
            | Self::RegionNotAllowed { .. }
            | Self::InstanceNotAllowed { .. }
            | Self::TooManyAtOnce { .. }
            | Self::TooOld { .. }
            | Self::FromTheFuture { .. }
            | Self::EngineNotAllowed { .. }
            | Self::ResourceGroupNotAllowed { .. }
            | Self::OutsideTheGuide { .. }
            | Self::TagsMissing { .. } => NextStep::WidenPolicy,
            Self::TimeUnknown {} => NextStep::GiveTime,
            Self::AccountUnknown {}
            | Self::EngineUnknown {}
            | Self::ResourceGroupUnknown {}
            | Self::InstanceUnknown {}
            | Self::TagsUnknown {} => NextStep::DropRule,
            Self::Exempt { .. } => NextStep::RemoveExemption,
            Self::ExemptUntil { .. } => NextStep::WaitForExemption,
            Self::ExemptionUnreadable { .. } => NextStep::WriteDate,
            Self::KeyNotAllowed { .. } => NextStep::DropOrAllowKey,
            Self::KeyOfUnknownAccount { region } => NextStep::KeyWithoutAccount { region: region.clone() },
            Self::KeyRequired { region } => NextStep::ConfigureKey { region: region.clone() },
            Self::ForeignAccount { .. } => NextStep::ConfigureRole,
            Self::AccountNotComparable { .. } => NextStep::OmitAccount,
            Self::CredentialRevoked {} => NextStep::UseOtherCredential,
            Self::CredentialAccount { .. } | Self::CredentialRegion { .. } => NextStep::WidenCredential,
            Self::NotGranted { ids, .. } => NextStep::AskForGrant { ids: ids.clone() },
            Self::GrantAccount { .. } | Self::GrantRegion { .. } => NextStep::AskForWiderGrant,
            Self::SealingOff {} => NextStep::SetSecret,
            Self::BodyNotSigned {} => NextStep::EncryptBodies,
            Self::PlansOnly {} => NextStep::UsePlan,
            Self::SecondPersonNeeded {} => NextStep::LetSomebodyElseConfirm,
            Self::NobodyTells {} => NextStep::ConfigureSink,
            Self::TokenInvalid {} | Self::TokenExpired {} | Self::KeyChanged {} | Self::InstanceChanged {} => {
                NextStep::PlanAgain
            }
            Self::RegionMismatch { .. } | Self::OutOfReach { .. } => NextStep::NameActualRegion,
            Self::NotPrimary { .. } => NextStep::AskForPrimary,
        }
    }
}
