//! What is wrong with a source of credentials, as data. It names variables, files and fields, and never holds a value of one.
//!
//! The English sentences are here, because the client of the cloud says them too where it stands alone.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A source that is set up and cannot be used: a person must mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CredentialProblem {
    #[error("The source of credentials \"{}\" is not set up: {}.", name.as_str(), name.how_to_set_up())]
    NotSetUp { name: SourceName },
    #[error("{variable} is set but {missing} is not.")]
    HalfSet { variable: String, missing: String },
    #[error("The invocation's {header} cannot be read.")]
    HeaderUnreadable { header: String },
    #[error("The invocation carries {header} but no {missing}.")]
    HeaderMissing { header: String, missing: String },
    #[error("{variable} {problem}.")]
    Variable { variable: String, problem: VariableProblem },
    #[error("{file} {problem}.")]
    File { file: CredentialFile, problem: FileProblem },
    #[error("The {section} {problem}.")]
    Section { section: Section, problem: SectionProblem },
    #[error("The program {program} {problem}.")]
    Program { program: String, problem: ProgramProblem },
    #[error("The answer of {from} {problem}.")]
    Answer { from: CredentialSource, problem: AnswerProblem },
    #[error("{0}")]
    Metadata(MetadataProblem),
}

/// What is wrong with the value of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VariableProblem {
    #[error("is not a URL: write one like https://example.com/hook")]
    NotUrl,
    #[error("must begin with https:// (http:// is for this machine only)")]
    NotHttps,
    #[error("is not a region: write one like cn-hangzhou")]
    NotRegion,
    #[error("is not a host of aliyuncs.com: write one like sts-vpc.cn-hangzhou.aliyuncs.com")]
    NotVendorHost,
    #[error("is not the name of a role")]
    NotRole,
}

/// A file, by what it may be called: the value of a variable is not shown, a usual place is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CredentialFile {
    NamedBy { variable: String },
    BelowHome { path: String },
    OfField { field: String, section: Section },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileProblem {
    #[error("does not exist")]
    Missing {},
    #[error("cannot be opened: check its permissions")]
    NotOpened {},
    #[error("cannot be read")]
    NotRead {},
    #[error("is larger than {limit} bytes, so it is something else")]
    TooLarge { limit: u64 },
    #[error("is not UTF-8 text")]
    NotText {},
    #[error("is empty")]
    Empty {},
    #[error("holds something that is no token")]
    NotToken {},
    #[error("is not a JSON object with profiles")]
    NotProfiles {},
    #[error("has no profile of the name that {named_by} gives")]
    NoSuchProfile { named_by: String },
    #[error("has no profile {name:?}")]
    NoProfile { name: String },
    #[error("has profiles that lead in a circle: {}", quoted(names))]
    Circle { names: Vec<String> },
    #[error("has no section of the name that {named_by} gives")]
    NoSuchSection { named_by: String },
    #[error("cannot be read at line {line}, which is neither a [section] nor a key = value")]
    BadLine { line: usize },
}

/// A part of a file that describes one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Section {
    #[error("profile {name:?}")]
    Profile { name: String },
    #[error("section {name:?} of the credentials file")]
    OfCredentialsFile { name: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SectionProblem {
    #[error("has no {field}")]
    NoField { field: String },
    #[error("has an expired_seconds that is not 900 to 43200")]
    BadDuration {},
    #[error("has an sts_region that is no region")]
    BadRegion {},
    #[error("has a {field} that is not taken here: use {}", one_of(known))]
    UnknownMode { field: String, known: Vec<String> },
    #[error("asks for the role of a virtual machine, and a function is none")]
    MachineOnFunction {},
    #[error("names a program, and none is run inside a function")]
    ProgramOnFunction {},
    #[error("names a program, and this build runs none: build it with the feature external-credentials")]
    ProgramNotBuiltIn {},
    #[error("has a process_command with an open quote or nothing in it")]
    BadCommand {},
    #[error("is switched off")]
    SwitchedOff {},
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProgramProblem {
    #[error("cannot be started")]
    NotStarted {},
    #[error("prints something that is not text")]
    NotText {},
    #[error("prints too much")]
    TooMuch {},
    #[error("was lost")]
    Lost {},
    #[error("ended with a failure")]
    Failed {},
    #[error("does not print credentials as a JSON object")]
    NotCredentials {},
    #[error("prints no {field}")]
    NoField { field: String },
    #[error("prints a mode that is neither AK nor StsToken")]
    BadMode {},
    #[error("prints an expiration that is no time")]
    BadExpiration {},
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnswerProblem {
    #[error("is too large to be one")]
    TooLarge {},
    #[error("has the HTTP status {status}")]
    Status { status: u16 },
    #[error("cannot be read as credentials")]
    NotCredentials {},
    #[error("does not say Success")]
    NotSuccess {},
    #[error("has no {field}")]
    NoField { field: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MetadataProblem {
    #[error("The metadata service is asked for, and {variable} forbids it.")]
    Forbidden { variable: String },
    #[error("The role of a profile that asks the metadata service is no name.")]
    BadRole {},
    #[error("The metadata service knows no role for this machine: attach one, or check the name.")]
    NoRole {},
    #[error("What answers in place of the metadata service does not name a role.")]
    NamesNoRole {},
    #[error("What answers in place of the metadata service gives no token.")]
    GivesNoToken {},
}

/// Where credentials, or what is known of them, were to come from. In English it follows "from".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CredentialSource {
    /// Whichever is set up.
    #[error("their source")]
    Any {},
    #[error("the metadata service")]
    Metadata {},
    #[error("the credentials URI")]
    Uri {},
    #[error("the exchange of the OIDC token")]
    Oidc {},
    #[error("the role of the {section}")]
    RoleOfSection { section: Section },
    #[error("the role of account {account}")]
    RoleOfAccount { account: String },
    #[error("the program {program}")]
    Program { program: String },
    /// The operation that says whose they are.
    #[error("GetCallerIdentity")]
    CallerIdentity {},
}

/// The sources by the names that a configuration gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SourceName {
    Environment,
    Oidc,
    Profile,
    File,
    Uri,
    Metadata,
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
    fn how_to_set_up(self) -> &'static str {
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

impl fmt::Display for CredentialFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NamedBy { variable } => write!(f, "The file that {variable} names"),
            Self::BelowHome { path } => write!(f, "~/{path}"),
            Self::OfField { field, section } => write!(f, "The {field} of the {section}"),
        }
    }
}

impl From<MetadataProblem> for CredentialProblem {
    fn from(problem: MetadataProblem) -> Self {
        Self::Metadata(problem)
    }
}

/// Names in quotes, in their order.
pub fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

/// The last one behind "or".
fn one_of(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => names.join(", "),
    }
}
