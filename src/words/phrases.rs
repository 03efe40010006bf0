//! The words around a report: titles, labels, and what cards and terminals say besides.

use crate::outcome::{Outcome, Prediction, Reason, Report};
use crate::request::ids::InstanceId;

/// What a report comes to, in a few words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headline {
    Enabled,
    /// An earlier attempt of ours was probably it.
    ProbablyEnabled,
    AlreadyEnabled,
    WouldEnable,
    /// A dry run of what is probably on already.
    ProbablyOn,
    WouldWait,
    CannotEnable,
    CannotTell,
    Refused,
    Waiting,
    /// The worker has it.
    HandedOver,
    Failed,
    /// It failed, and an earlier attempt may have made the change.
    FailedInDoubt,
    /// It may be on, whatever became of this request.
    Unknown,
    Test,
}

impl From<&Report> for Headline {
    fn from(report: &Report) -> Self {
        match report.outcome {
            Outcome::Enabled if report.certain => Self::Enabled,
            Outcome::Enabled => Self::ProbablyEnabled,
            Outcome::AlreadyEnabled => Self::AlreadyEnabled,
            Outcome::Failed if !report.certain => Self::FailedInDoubt,
            Outcome::Planned | Outcome::Refused | Outcome::Waiting if !report.certain => Self::Unknown,
            Outcome::Planned => match &report.verdict {
                Some(verdict) if verdict.is == Prediction::Enable && verdict.is_probably_on() => Self::ProbablyOn,
                Some(verdict) => match verdict.is {
                    Prediction::Enable => Self::WouldEnable,
                    Prediction::Wait => Self::WouldWait,
                    Prediction::Cannot => Self::CannotEnable,
                    Prediction::CannotTell => Self::CannotTell,
                },
                None => Self::Test,
            },
            Outcome::Refused => Self::Refused,
            Outcome::Waiting if report.reason == Reason::HandedOver {} => Self::HandedOver,
            Outcome::Waiting => Self::Waiting,
            Outcome::Failed => Self::Failed,
            Outcome::Unknown => Self::Unknown,
        }
    }
}

/// The name of a value that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Instance,
    Region,
    Account,
    Key,
    /// What stands for the key where none is named.
    AutomaticKey,
    Verdict,
    Rule,
    Code,
    RequestedBy,
    ConfirmedBy,
    Trigger,
    Status,
    Engine,
    NewestBackup,
    NextBackup,
    NextStep,
    Chat,
    Tenant,
    Channel,
    User,
}

/// Something that is said besides reports and refusals.
#[derive(Debug, Clone, Copy)]
pub enum Phrase<'a> {
    /// Above a button that turns it on.
    Irreversible {
        instance: &'a InstanceId,
        key: &'a str,
    },
    /// The same where there is little room.
    IrreversibleShort,
    TokenExpires {
        at: &'a str,
    },
    SomebodyElseConfirms,
    /// How to go ahead where there is a button.
    PressOrSend,
    /// How to go ahead where words alone will do.
    Send,
    ConfirmLabel,
    Cancel,
    OpenConsole,
    /// Nothing can be verified now.
    SecretsUnread,
    /// Sinks that did not take a report, and that nothing tells later.
    Unpublished {
        sinks: &'a str,
    },
    /// The audit stream did not take a report.
    Unrecorded,
    Report {
        id: &'a str,
    },
    /// The service's own id of the call that decided.
    RequestId {
        id: &'a str,
    },
    RetryAt {
        at: &'a str,
    },
    /// How a confirmed change ends is said later: in this chat, or by these sinks.
    AnswerComesHere {
        until: &'a str,
    },
    SinksTell {
        sinks: &'a str,
        until: &'a str,
    },
    /// What is in doubt can be asked for again.
    ConfirmAgain,
    AskAgain,
    StatusTitle,
    BackupNamesEncryption {
        at: &'a str,
    },
    BackupNamesNone {
        at: &'a str,
    },
    Instances {
        count: usize,
    },
    /// One of them in a line.
    DigestLine {
        instance: &'a str,
        region: &'a str,
        message: &'a str,
    },
    /// How many of them a person has to look at, and what to do about the first.
    NeedAttention {
        count: usize,
        total: usize,
        first: &'a str,
        next_step: &'a str,
    },
    AndMore {
        count: usize,
    },
    SealOneForToken,
    Help {
        can_seal: bool,
    },
    WhoAmITitle,
    WhoAmI,
    Version {
        version: &'a str,
    },
    NotUnderstood,
    NothingDoneSeeHelp,
    WhichRegion,
    RegionUnknown,
    NameRegion,
    NotAllowed,
    TokenNotValid,
    PlanExpired,
    NotHere,
    PlansOnly,
    Test,
}
