//! Why there are no credentials although a source is set up.

use std::fmt;

use crate::aliyun::error::Failure;
use crate::kind::{CredentialProblem, CredentialSource, NoAnswer};

/// What a source that is set up gave instead of credentials.
#[derive(Debug, Clone, PartialEq)]
pub enum CredentialsError {
    /// A person must mend the source.
    Broken(CredentialProblem),
    /// A call failed. The kind of the failure says whether waiting helps.
    Failed { source: CredentialSource, failure: Box<Failure> },
}

impl CredentialsError {
    /// A call to `source` failed. Whatever it may have come to, it changed nothing that anybody asked for.
    pub(super) fn failed(source: CredentialSource, failure: Failure) -> Self {
        Self::Failed { source, failure: Box::new(Failure { may_have_applied: false, ..failure }) }
    }

    /// `source` gave no usable answer for now.
    pub(super) fn unavailable(source: CredentialSource, why: NoAnswer) -> Self {
        Self::failed(source, Failure::unsent(why))
    }
}

impl From<CredentialProblem> for CredentialsError {
    fn from(problem: CredentialProblem) -> Self {
        Self::Broken(problem)
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, failure) = match self {
            Self::Broken(problem) => return problem.fmt(f),
            Self::Failed { source, failure } => (source, failure),
        };
        write!(f, "No credentials came from {source}")?;
        match (failure.code.as_deref(), &failure.no_answer) {
            (Some(code), _) if failure.message.is_empty() => write!(f, ": {code}."),
            (Some(code), _) => write!(f, " ({code}): {}", failure.message),
            (None, Some(why)) => write!(f, ": {why}."),
            (None, None) => write!(f, ": {}", failure.message),
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
            CredentialsError::failed(CredentialSource::Metadata {}, Failure::unanswered(NoAnswer::TimedOut, None));
        assert_eq!(failed.to_string(), "No credentials came from the metadata service: No answer came in time.");
        let CredentialsError::Failed { failure, .. } = failed else { panic!("it is a failed call") };
        assert!(!failure.may_have_applied);
        let coded = Failure { code: Some("NoPermission".to_owned()), message: "Not you.".to_owned(), ..*failure };
        let role = CredentialSource::RoleOfAccount { account: "222".to_owned() };
        let failed = CredentialsError::failed(role, coded);
        assert_eq!(failed.to_string(), "No credentials came from the role of account 222 (NoPermission): Not you.");
    }
}
