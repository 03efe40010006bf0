//! A JSON file that is always whole: each change goes to a file beside it, which then takes its name.

use std::{
    error::Error,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::listing::Mistake;

/// Why the state could not be read or written.
#[derive(Debug)]
pub enum StateError {
    /// The file could not be read.
    Read { path: PathBuf, source: io::Error },
    /// The file could not be written.
    Write { path: PathBuf, source: io::Error },
    /// The file is not what it should be.
    Malformed { path: PathBuf, line: usize, message: String },
}

impl fmt::Display for StateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, source } => write!(out, "{}: cannot be read: {source}", path.display()),
            Self::Write { path, source } => write!(out, "{}: cannot be written: {source}", path.display()),
            Self::Malformed { path, line, message } => write!(out, "{}:{line}: {message}", path.display()),
        }
    }
}

impl Error for StateError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } => Some(source),
            Self::Malformed { .. } => None,
        }
    }
}

pub(super) struct StateFile {
    path: PathBuf,
    /// What the file holds, as far as we know. None if there is no file yet.
    text: Option<String>,
}

impl StateFile {
    pub(super) fn open(path: &Path) -> Result<Self, StateError> {
        let path = path.to_owned();
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self { path, text: Some(text) }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self { path, text: None }),
            Err(source) => Err(StateError::Read { path, source }),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    pub(super) fn malformed(&self, mistake: Mistake) -> StateError {
        StateError::Malformed { path: self.path.clone(), line: mistake.line, message: mistake.message }
    }

    /// Replaces the content, if it differs.
    pub(super) fn write(&mut self, value: &impl Serialize) -> Result<(), StateError> {
        let failed = |source| StateError::Write { path: self.path.clone(), source };
        let text = serde_json::to_string_pretty(value).map_err(|error| failed(error.into()))? + "\n";
        if self.text.as_ref() != Some(&text) {
            let beside = self.path.with_added_extension(format!("{}.tmp", std::process::id()));
            fs::write(&beside, &text).and_then(|()| fs::rename(&beside, &self.path)).map_err(failed)?;
            self.text = Some(text);
        }
        Ok(())
    }
}
