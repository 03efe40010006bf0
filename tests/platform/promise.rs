//! What is promised whatever happens, and what was seen to break.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use clap::ValueEnum;

use crate::plant::Plant;

/// One promise of the function to those who rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Promise {
    IntentComesFirst,
    SealedIsRecorded,
    SealedIsTold,
    NoReportContradicts,
    AcknowledgedReportIsTold,
    RecordedBeforeAcknowledged,
    NothingForbiddenIsSealed,
    WritesAreFew,
    AcknowledgedIsSettled,
    NothingFailsForNothing,
    EarlyComesBack,
    EveryAnswerHasItsStatus,
    WhatComesAgainQueuesNothing,
    LinesAreOurs,
    StartsOnlyWithStdout,
    EndsWhenTold,
    StaysAlive,
}

impl Promise {
    /// The plants that break it.
    pub(crate) fn plants(self) -> impl Iterator<Item = Plant> {
        Plant::value_variants().iter().copied().filter(move |plant| plant.breaks() == self)
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::IntentComesFirst => "every write has its intent on stdout before it",
            Self::SealedIsRecorded => {
                "every sealed instance has a report on stdout that says so, or that says it is not certain"
            }
            Self::SealedIsTold => "every required sink hears of every sealed instance",
            Self::NoReportContradicts => {
                "no acknowledged report says with certainty that a sealed instance is not sealed"
            }
            Self::AcknowledgedReportIsTold => "every report of an acknowledged answer reaches the required sinks",
            Self::RecordedBeforeAcknowledged => "a report is on stdout before it is acknowledged",
            Self::NothingForbiddenIsSealed => "nothing is sealed that policy, tags, account or mode forbid",
            Self::WritesAreFew => "one delivery makes a bounded number of writes",
            Self::AcknowledgedIsSettled => "what is acknowledged is sealed, refused or failed",
            Self::NothingFailsForNothing => "what nothing stands in the way of does not fail",
            Self::EarlyComesBack => "a task that comes too early comes back, and calls nothing",
            Self::EveryAnswerHasItsStatus => "every answer has x-fc-status",
            Self::WhatComesAgainQueuesNothing => "what comes again anyway queues nothing",
            Self::LinesAreOurs => "every line on stdout is an audit record or the platform's own",
            Self::StartsOnlyWithStdout => "it does not start without a standard output",
            Self::EndsWhenTold => "SIGTERM ends it inside its grace",
            Self::StaysAlive => "it ends only when it is told to, or to be replaced",
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// What was seen to break, with what shows it.
#[derive(Debug, Default)]
pub(crate) struct Broken(RefCell<BTreeMap<Promise, Vec<String>>>);

impl Broken {
    pub(crate) fn add(&self, promise: Promise, what: impl Into<String>) {
        self.0.borrow_mut().entry(promise).or_default().push(what.into());
    }

    pub(crate) fn take(&self) -> BTreeMap<Promise, Vec<String>> {
        self.0.take()
    }
}
