//! Losses made on purpose. A judge that does not see them would not see others.

use clap::ValueEnum;

use crate::profile::Profile;
use crate::promise::Promise;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plant {
    /// No sink is required, and one refuses everything.
    SinksNotRequired,
    /// The queue takes every task and delivers none.
    TasksThrownAway,
    /// Intents are cut out of the audit stream.
    IntentsUnwritten,
    /// Reports are cut out of the audit stream.
    ReportsUnwritten,
    /// What is to come again is taken for done.
    DoneTooSoon,
    /// The policy that keeps some instances out is not there.
    PolicyLeftOut,
    /// An answer about a sealed instance is turned into a failure.
    SuccessDenied,
    /// A task that comes too early is taken for done.
    EarlyTasksTaken,
    /// Each write is made many times.
    WritesRepeated,
    /// Answers lack the header by which the platform judges them.
    StatusLeftOut,
}

impl Plant {
    /// The deployment in which it is sure to matter.
    pub(crate) fn profile(self) -> Profile {
        if self == Self::DoneTooSoon { Profile::NoQueue } else { Profile::Plain }
    }

    /// The promise that it breaks.
    pub(crate) fn breaks(self) -> Promise {
        match self {
            Self::SinksNotRequired => Promise::SealedIsTold,
            Self::TasksThrownAway | Self::DoneTooSoon => Promise::AcknowledgedIsSettled,
            Self::IntentsUnwritten => Promise::IntentComesFirst,
            Self::ReportsUnwritten => Promise::SealedIsRecorded,
            Self::PolicyLeftOut => Promise::NothingForbiddenIsSealed,
            Self::SuccessDenied => Promise::NoReportContradicts,
            Self::EarlyTasksTaken => Promise::EarlyComesBack,
            Self::WritesRepeated => Promise::WritesAreFew,
            Self::StatusLeftOut => Promise::EveryAnswerHasItsStatus,
        }
    }
}
