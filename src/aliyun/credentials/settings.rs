//! Which sources there are, and how they are looked for.

use reqwest::Url;

use super::credential::Source;

/// The variable that names the profile, or the section of a credentials file.
pub(super) const PROFILE: &str = "ALIBABA_CLOUD_PROFILE";

/// The sources by the names that a configuration gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceName {
    Environment,
    Oidc,
    Profile,
    File,
    Uri,
    Metadata,
}

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

impl SourceName {
    /// In the order in which they are tried.
    pub const ALL: [Self; 6] = [Self::Environment, Self::Oidc, Self::Profile, Self::File, Self::Uri, Self::Metadata];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Oidc => "oidc",
            Self::Profile => "profile",
            Self::File => "file",
            Self::Uri => "uri",
            Self::Metadata => "metadata",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    /// What would set it up.
    pub(super) fn how_to_set_up(self) -> &'static str {
        match self {
            Self::Environment => "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET",
            Self::Oidc => {
                "set ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE"
            }
            Self::Profile => "write ~/.aliyun/config.json, or name a file in ALIBABA_CLOUD_CONFIG_FILE",
            Self::File => "write ~/.alibabacloud/credentials, or name a file in ALIBABA_CLOUD_CREDENTIALS_FILE",
            Self::Uri => "set ALIBABA_CLOUD_CREDENTIALS_URI",
            Self::Metadata => "run on a virtual machine that has a role",
        }
    }
}
