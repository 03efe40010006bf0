//! Losses made on purpose. A judge that does not see them would not see others.

use std::fmt;

use clap::ValueEnum;

use crate::profile::Profile;
use crate::promise::Promise;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plant {
    SinksNotRequired,
    SinksForget,
    TasksThrownAway,
    EverythingQueues,
    IntentsUnwritten,
    ReportsUnwritten,
    ReportsLate,
    ForeignLine,
    DoneTooSoon,
    PolicyLeftOut,
    PolicyTooNarrow,
    SuccessDenied,
    EarlyTasksTaken,
    WritesRepeated,
    StatusLeftOut,
    StdoutLeftOpen,
    SigtermUnheard,
    KilledUnannounced,
}

impl Plant {
    fn sentence(self) -> &'static str {
        match self {
            Self::SinksNotRequired => "no sink is required, and one refuses everything",
            Self::SinksForget => "the sinks take reports and forget which",
            Self::TasksThrownAway => "the queue takes every task and delivers none",
            Self::EverythingQueues => "every call to the cloud is taken for one that queues something",
            Self::IntentsUnwritten => "intents are cut out of the audit stream",
            Self::ReportsUnwritten => "reports are cut out of the audit stream",
            Self::ReportsLate => "reports come out of the audit stream after their answers",
            Self::ForeignLine => "a line of somebody else stands in the audit stream",
            Self::DoneTooSoon => "what is to come again is taken for done",
            Self::PolicyLeftOut => "the policy that keeps some instances out is not there",
            Self::PolicyTooNarrow => "the policy keeps out what it is to let in",
            Self::SuccessDenied => "an answer about a sealed instance is turned into a failure",
            Self::EarlyTasksTaken => "a task that comes too early is taken for done",
            Self::WritesRepeated => "each write is made many times",
            Self::StatusLeftOut => "answers lack the header by which the platform judges them",
            Self::StdoutLeftOpen => "the standard output that is to be closed is open",
            Self::SigtermUnheard => "SIGTERM does not reach the process",
            Self::KilledUnannounced => "processes are killed, and the judge is not told",
        }
    }

    /// The deployment in which it is sure to matter.
    pub(crate) fn profile(self) -> Profile {
        match self {
            Self::DoneTooSoon => Profile::NoQueue,
            Self::StdoutLeftOpen => Profile::Stdout,
            _ => Profile::Plain,
        }
    }

    /// The promise that it breaks.
    pub(crate) fn breaks(self) -> Promise {
        match self {
            Self::SinksNotRequired => Promise::SealedIsTold,
            Self::SinksForget => Promise::AcknowledgedReportIsTold,
            Self::TasksThrownAway | Self::DoneTooSoon => Promise::AcknowledgedIsSettled,
            Self::EverythingQueues => Promise::WhatComesAgainQueuesNothing,
            Self::IntentsUnwritten => Promise::IntentComesFirst,
            Self::ReportsUnwritten => Promise::SealedIsRecorded,
            Self::ReportsLate => Promise::RecordedBeforeAcknowledged,
            Self::ForeignLine => Promise::LinesAreOurs,
            Self::PolicyLeftOut => Promise::NothingForbiddenIsSealed,
            Self::PolicyTooNarrow => Promise::NothingFailsForNothing,
            Self::SuccessDenied => Promise::NoReportContradicts,
            Self::EarlyTasksTaken => Promise::EarlyComesBack,
            Self::WritesRepeated => Promise::WritesAreFew,
            Self::StatusLeftOut => Promise::EveryAnswerHasItsStatus,
            Self::StdoutLeftOpen => Promise::StartsOnlyWithStdout,
            Self::SigtermUnheard => Promise::EndsWhenTold,
            Self::KilledUnannounced => Promise::StaysAlive,
        }
    }
}

impl fmt::Display for Plant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}
