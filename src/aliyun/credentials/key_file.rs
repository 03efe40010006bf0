//! Small files that hold credentials, read whole and never shown.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::error::Broken;
use crate::env::Env;

/// No file with profiles or sections is larger, in bytes.
pub(super) const SETTINGS_LIMIT: u64 = 1024 * 1024;

/// A file, and how to speak of it: a variable's value is not shown, a usual place is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    pub(super) label: String,
    /// Somebody named it, so it must be there.
    pub(super) named: bool,
}

impl KeyFile {
    /// The file that a variable names.
    pub(super) fn from_variable(env: &Env, variable: &str) -> Option<Self> {
        let path = env.get(variable)?.into();
        Some(Self { path, label: format!("The file that {variable} names"), named: true })
    }

    /// A usual place below the home directory.
    pub(super) fn at_home(env: &Env, below: &str) -> Option<Self> {
        let path = Path::new(&env.get("HOME")?).join(below);
        Some(Self { path, label: format!("~/{below}"), named: false })
    }

    /// The text of the file, at most `limit` bytes of it; nothing where nobody named it and it is not there.
    pub(super) fn read(&self, limit: u64) -> Result<Option<String>, Broken> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if is_absence(error.kind()) && !self.named => return Ok(None),
            Err(error) if is_absence(error.kind()) => return Err(self.broken("does not exist")),
            Err(_) => return Err(self.broken("cannot be opened: check its permissions")),
        };
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|_| self.broken("cannot be read"))?;
        if bytes.len() as u64 > limit {
            return Err(self.broken(&format!("is larger than {limit} bytes, so it is something else")));
        }
        String::from_utf8(bytes).map(Some).map_err(|_| self.broken("is not UTF-8 text"))
    }

    pub(super) fn broken(&self, what: &str) -> Broken {
        Broken(format!("{} {what}.", self.label))
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
        assert_eq!(broken.0, "The file that A_FILE names does not exist.");
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let scratch = Scratch::new("four");
        let key_file = KeyFile::from_variable(&Env::fixed([("A_FILE", scratch.path())]), "A_FILE").unwrap();
        assert_eq!(key_file.read(4), Ok(Some("four".to_owned())));
        assert!(key_file.read(3).unwrap_err().0.contains("larger than 3 bytes"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_broken_and_its_path_is_not_shown() {
        let folder = std::env::temp_dir();
        let key_file = KeyFile::from_variable(&Env::fixed([("A_FILE", folder.to_str().unwrap())]), "A_FILE").unwrap();
        assert_eq!(key_file.read(9).unwrap_err().0, "The file that A_FILE names cannot be read.");
    }
}
