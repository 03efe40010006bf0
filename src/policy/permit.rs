//! By whose leave a request came in, and how far that leave reaches.

use super::grants::{self, Grant};
use super::{Pattern, Refusal};
use crate::request::Mode;
use crate::request::ids::{AccountId, RegionId};

/// How far a webhook credential reaches. Deny by default.
#[derive(Debug, Clone)]
pub struct Scope {
    pub accounts: Vec<Pattern>,
    pub regions: Vec<Pattern>,
    pub mode: Mode,
}

/// By whose leave.
#[derive(Debug, Clone)]
pub enum Permit<'a> {
    /// The platform delivered it: `[policy]` alone decides.
    Platform,
    /// A webhook credential proved who sends.
    Scope(&'a Scope),
    /// A person in a chat holds these grants for the command.
    Grants(Vec<&'a Grant>),
}

impl Permit<'_> {
    /// The strongest mode it allows.
    pub(super) fn mode(&self) -> Mode {
        match self {
            Self::Platform | Self::Grants(_) => Mode::Enforce,
            Self::Scope(scope) => scope.mode,
        }
    }

    /// Whether a region that is only claimed has to be seen before it is believed.
    pub(super) fn limits_regions(&self) -> bool {
        match self {
            Self::Platform => false,
            Self::Scope(_) | Self::Grants(_) => true,
        }
    }

    pub(super) fn reaches(&self, account: Option<&AccountId>, region: &RegionId) -> Result<(), Refusal> {
        let any = |patterns: &[Pattern], text: &str| patterns.iter().any(|pattern| pattern.matches(text));
        match self {
            Self::Platform => Ok(()),
            Self::Grants(granted) => grants::reaching(granted, account, region).map(|_| ()),
            Self::Scope(scope) if !any(&scope.accounts, account.map_or("", AccountId::as_str)) => Err(beyond(
                "webhook-accounts",
                account.map_or_else(|| "an account that is not known".to_owned(), |it| format!("account {it}")),
            )),
            Self::Scope(scope) if !any(&scope.regions, region.as_str()) => {
                Err(beyond("webhook-regions", format!("region {region}")))
            }
            Self::Scope(_) => Ok(()),
        }
    }
}

fn beyond(name: &'static str, what: String) -> Refusal {
    Refusal {
        name,
        message: format!("The credential of this webhook does not reach {what}."),
        value: Some(what),
        next_step: "Widen its entry under `[[doors.webhook]]`, or send with another credential.".to_owned(),
    }
}
