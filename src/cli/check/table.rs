//! What was looked at, and how it is.

use serde::Serialize;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Row {
    pub(in crate::cli) what: String,
    pub(in crate::cli) state: State,
    pub(in crate::cli) detail: String,
    pub(in crate::cli) next_step: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum State {
    Ok,
    /// It works, and a person should know this.
    Note,
    Failed,
    /// It cannot be tried without doing it.
    Untried,
}

/// All that was looked at.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Table {
    pub(in crate::cli) ok: bool,
    pub(in crate::cli) checks: Vec<Row>,
}

impl Row {
    pub(super) fn new(what: impl Into<String>, state: State, detail: impl Into<String>) -> Self {
        Self { what: what.into(), state, detail: detail.into(), next_step: None }
    }

    pub(super) fn next_step(mut self, step: impl Into<String>) -> Self {
        self.next_step = Some(step.into());
        self
    }
}
