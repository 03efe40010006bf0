//! Whose hand signs. *Absent* and *broken* are different things: a source that is set up and cannot be used stops the
//! search, because the next one would be somebody else.
//!
//! [`chain`] finds the source that is set up, [`identity`] keeps what it gave until that must be refreshed, and
//! [`assume`] takes on roles of other accounts with it. Every other file is one source, or what several of them share.

pub mod assume;
mod cache;
pub mod chain;
mod credential;
mod credentials_file;
mod environment;
mod error;
#[cfg(feature = "external-credentials")]
mod external;
mod fetch;
pub mod identity;
mod invocation;
mod key_file;
mod metadata;
mod oidc;
mod profile;
mod provider;
mod role;
mod section;
mod settings;
mod static_credentials;
mod sts_host;
mod uri;

pub use credential::{Credentials, Source};
pub use environment::from_environment;
pub use error::CredentialsError;
pub use invocation::from_invocation;
pub use provider::{Found, ProvideCredentials, Provided, Provider};
pub use settings::ChainSettings;

pub use crate::kind::SourceName;
