//! Which sources there are, and how they are looked for.

use reqwest::Url;

use super::credential::Source;
use crate::kind::SourceName;

/// The variable that names the profile, or the section of a credentials file.
pub(super) const PROFILE: &str = "ALIBABA_CLOUD_PROFILE";

/// Where to look.
#[derive(Debug, Clone)]
pub struct ChainSettings {
    /// The one source to ask, which must then be set up.
    pub only: Option<SourceName>,
    /// Inside a function there is no machine to ask and no person's home; unless one source is named, the environment
    /// is all there is.
    pub on_function: bool,
    /// What the environment's pair counts as here.
    pub environment: Source,
    /// Where this process is, if that is known: its STS is asked.
    pub region: Option<String>,
    /// Whether the metadata service may be asked without a token.
    pub allow_metadata_v1: bool,
    /// Where the metadata service is, if not at its usual address.
    pub metadata: Option<Url>,
}

impl Default for ChainSettings {
    fn default() -> Self {
        Self {
            only: None,
            on_function: false,
            environment: Source::Environment,
            region: None,
            allow_metadata_v1: false,
            metadata: None,
        }
    }
}
