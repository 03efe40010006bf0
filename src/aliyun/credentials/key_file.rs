//! Small files that hold credentials, read whole and never shown.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::kind::{CredentialFile, CredentialProblem, FileProblem};

/// No file with profiles or sections is larger, in bytes.
pub(super) const SETTINGS_LIMIT: u64 = 1024 * 1024;

/// A file, and how to speak of it: a variable's value is not shown, a usual place is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    pub(super) label: CredentialFile,
    /// Somebody named it, so it must be there.
    pub(super) named: bool,
}

impl KeyFile {
    /// The file that a variable names.
    pub(super) fn from_variable(env: &Env, variable: &str) -> Option<Self> {
        let path = env.get(variable)?.into();
        Some(Self { path, label: CredentialFile::NamedBy { variable: variable.to_owned() }, named: true })
    }

    /// A usual place below the home directory.
    pub(super) fn at_home(env: &Env, below: &str) -> Option<Self> {
        let path = Path::new(&env.get("HOME")?).join(below);
        Some(Self { path, label: CredentialFile::BelowHome { path: below.to_owned() }, named: false })
    }

    /// The text of the file, at most `limit` bytes of it; nothing where nobody named it and it is not there.
    pub(super) fn read(&self, limit: u64) -> Result<Option<String>, CredentialProblem> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if is_absence(error.kind()) && !self.named => return Ok(None),
            Err(error) if is_absence(error.kind()) => return Err(self.broken(FileProblem::Missing {})),
            Err(_) => return Err(self.broken(FileProblem::NotOpened {})),
        };
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|_| self.broken(FileProblem::NotRead {}))?;
        if bytes.len() as u64 > limit {
            return Err(self.broken(FileProblem::TooLarge { limit }));
        }
        String::from_utf8(bytes).map(Some).map_err(|_| self.broken(FileProblem::NotText {}))
    }

    pub(super) fn broken(&self, problem: FileProblem) -> CredentialProblem {
        CredentialProblem::File { file: self.label.clone(), problem }
    }
}

fn is_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// A file of a test's own, gone with it.
#[cfg(test)]
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

#[cfg(test)]
impl Scratch {
    pub(super) fn new(text: &str) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("rds-seal-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

#[cfg(test)]
impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_file_must_be_there_and_a_usual_one_need_not() {
        let env = Env::fixed([("HOME", "/nowhere/at/all"), ("A_FILE", "/nowhere/at/all")]);
        assert_eq!(KeyFile::at_home(&env, ".aliyun/config.json").unwrap().read(9), Ok(None));
        let broken = KeyFile::from_variable(&env, "A_FILE").unwrap().read(9).unwrap_err();
        assert_eq!(broken.to_string(), "The file that A_FILE names does not exist.");
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let scratch = Scratch::new("four");
        let key_file = KeyFile::from_variable(&Env::fixed([("A_FILE", scratch.path())]), "A_FILE").unwrap();
        assert_eq!(key_file.read(4), Ok(Some("four".to_owned())));
        assert!(key_file.read(3).unwrap_err().to_string().contains("larger than 3 bytes"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_broken_and_its_path_is_not_shown() {
        let folder = std::env::temp_dir();
        let key_file = KeyFile::from_variable(&Env::fixed([("A_FILE", folder.to_str().unwrap())]), "A_FILE").unwrap();
        assert_eq!(key_file.read(9).unwrap_err().to_string(), "The file that A_FILE names cannot be read.");
    }
}
