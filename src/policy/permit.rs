//! By whose leave a request came in, and how far that leave reaches.

use super::grants::{self, Grant};
use crate::outcome::Refusal;
use crate::request::ids::AccountId;
use crate::request::scope::Scope;
use crate::request::{Mode, SealRequest};

/// By whose leave.
#[derive(Debug, Clone)]
pub enum Permit<'a> {
    /// The platform delivered it: `[policy]` alone decides.
    Platform,
    /// A webhook credential proved who sends. Its requests may do no more than this mode.
    Scope(&'a Scope, Mode),
    /// A person in a chat holds these grants for the command.
    Grants(Vec<&'a Grant>),
    /// Whoever gave leave is no longer configured.
    Revoked,
    /// Nobody gives leave any more, for this reason.
    Denied(Refusal),
}

impl Permit<'_> {
    /// The strongest mode it allows.
    pub(super) fn mode(&self) -> Mode {
        match self {
            Self::Platform | Self::Grants(_) => Mode::Enforce,
            Self::Scope(_, mode) => *mode,
            Self::Revoked | Self::Denied(_) => Mode::Plan,
        }
    }

    /// Whether the account has to be known before it can be said how far it reaches.
    pub(super) fn limits_accounts(&self) -> bool {
        match self {
            Self::Platform | Self::Revoked | Self::Denied(_) => false,
            Self::Scope(scope, _) => scope.limits_accounts(),
            Self::Grants(granted) => granted.iter().any(|grant| grant.limits_accounts()),
        }
    }

    /// Whether a region has to be seen before it is believed. What a person in a chat says always is:
    /// they may have mistyped it, and what they confirm is the instance that they were shown.
    pub(super) fn doubts_regions(&self) -> bool {
        match self {
            Self::Platform | Self::Revoked | Self::Denied(_) => false,
            Self::Scope(scope, _) => scope.limits_regions(),
            Self::Grants(_) => true,
        }
    }

    pub(super) fn reaches(&self, request: &SealRequest, account: Option<&AccountId>) -> Result<(), Refusal> {
        match self {
            Self::Platform => Ok(()),
            Self::Scope(scope, _) => scope.admits(request, account),
            Self::Grants(granted) => grants::reaching(granted, account, &request.region),
            Self::Revoked => Err(Refusal::CredentialRevoked {}),
            Self::Denied(refusal) => Err(refusal.clone()),
        }
    }
}
