//! A configuration some of whose secrets are in KMS: what it lacks until they have been read.

use std::fmt;
use std::path::PathBuf;

use super::file::File;
use super::part::Part;
use super::{Config, ConfigError, understood};
use crate::aliyun::secrets::{Values, Wanted};
use crate::env::Env;

/// What has to be read, and what waits for it.
pub struct Unread {
    pub wanted: Wanted,
    /// What is left out until then.
    pub left_out: Vec<Part>,
    /// What a command changes in any configuration before it uses it.
    pub then: fn(&mut Config),
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) env: Env,
}

impl Unread {
    /// The whole configuration, with the values of its secrets.
    pub fn with(&self, values: &Values) -> Result<Config, ConfigError> {
        let file = File::parse(self.path.clone(), self.text.clone())?;
        let mut config = understood(file, &self.env, Some(values))?;
        (self.then)(&mut config);
        Ok(config)
    }
}

/// Without the file, in which the address of a sink may stand.
impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unread").field("left_out", &self.left_out).finish_non_exhaustive()
    }
}
