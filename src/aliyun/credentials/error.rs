//! Why there are no credentials although a source is set up.

use std::fmt;

use crate::aliyun::error::Failure;

/// A source that is set up and cannot be used: a person must mend it. The sentence names the missing part, never a
/// value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

/// What a source that is set up gave instead of credentials.
#[derive(Debug, Clone, PartialEq)]
pub enum CredentialsError {
    /// A person must mend the source.
    Broken(Broken),
    /// A call failed. The kind of the failure says whether waiting helps.
    Failed {
        /// Which source, in words that follow "from".
        source: String,
        failure: Box<Failure>,
    },
}

impl CredentialsError {
    /// A call to `source` failed. Whatever it may have come to, it changed nothing that anybody asked for.
    pub(super) fn failed(source: impl Into<String>, failure: Failure) -> Self {
        Self::Failed { source: source.into(), failure: Box::new(Failure { may_have_applied: false, ..failure }) }
    }

    /// `source` gave no usable answer for now, as `message` says.
    pub(super) fn unavailable(source: impl Into<String>, message: &str) -> Self {
        Self::failed(source, Failure::not_sent(message))
    }
}

impl From<Broken> for CredentialsError {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, failure) = match self {
            Self::Broken(broken) => return broken.fmt(f),
            Self::Failed { source, failure } => (source, failure),
        };
        write!(f, "No credentials came from {source}")?;
        match failure.code.as_deref() {
            Some(code) if failure.message.is_empty() => write!(f, ": {code}."),
            Some(code) => write!(f, " ({code}): {}", failure.message),
            None => write!(f, ": {}", failure.message),
        }
    }
}

impl std::error::Error for CredentialsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_call_is_one_sentence_and_casts_no_doubt_on_the_change() {
        let failed =
            CredentialsError::failed("the metadata service", Failure::ambiguous("No answer came in time.", None));
        assert_eq!(failed.to_string(), "No credentials came from the metadata service: No answer came in time.");
        let CredentialsError::Failed { failure, .. } = failed else { panic!("it is a failed call") };
        assert!(!failure.may_have_applied);
        let coded = Failure { code: Some("NoPermission".to_owned()), message: "Not you.".to_owned(), ..*failure };
        let failed = CredentialsError::failed("the role", coded);
        assert_eq!(failed.to_string(), "No credentials came from the role (NoPermission): Not you.");
    }
}
