//! Why one of our own rules says no: the rule, and the values that broke it.

use serde::{Deserialize, Serialize};

use super::tagged::tagged;
use crate::request::facts::Difference;
use crate::request::ids::{AccountId, InstanceId, KeyId, RegionId};

/// A refusal, before any write. Each belongs to one rule; what is said of it is made elsewhere, in any language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema), schemars(tag = "code", content = "params"))]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Refusal {
    AccountNotAllowed {
        account: AccountId,
    },
    AccountUnknown {},
    RegionNotAllowed {
        region: RegionId,
    },
    InstanceNotAllowed {
        instance: InstanceId,
    },
    TooManyAtOnce {
        asked: usize,
        limit: usize,
    },
    /// Seconds.
    TooOld {
        happened_at: String,
        age: i64,
        limit: i64,
    },
    FromTheFuture {
        happened_at: String,
    },
    TimeUnknown {},
    EngineNotAllowed {
        engine: String,
    },
    EngineUnknown {},
    ResourceGroupNotAllowed {
        group: String,
    },
    ResourceGroupUnknown {},
    OutsideTheGuide {
        difference: Difference,
    },
    InstanceUnknown {},
    Exempt {
        tag: String,
    },
    ExemptUntil {
        tag: String,
        last_day: String,
    },
    ExemptionUnreadable {
        tag: String,
    },
    TagsMissing {
        wanted: String,
    },
    TagsUnknown {},
    KeyNotAllowed {
        key: KeyId,
    },
    /// The default depends on the account, which is not known.
    KeyOfUnknownAccount {
        region: RegionId,
    },
    KeyRequired {
        region: RegionId,
    },
    ForeignAccount {
        account: AccountId,
        own: AccountId,
    },
    AccountNotComparable {
        account: AccountId,
    },
    /// Whoever asked is no longer configured.
    CredentialRevoked {},
    CredentialAccount {
        account: Option<AccountId>,
    },
    CredentialRegion {
        region: RegionId,
    },
    /// `ids` is what a grant would have to say.
    NotGranted {
        command: String,
        ids: String,
    },
    GrantAccount {
        account: Option<AccountId>,
    },
    GrantRegion {
        region: RegionId,
    },
    SealingOff {},
    BodyNotSigned {},
    PlansOnly {},
    SecondPersonNeeded {},
    TokenInvalid {},
    TokenExpired {},
    KeyChanged {},
    InstanceChanged {},
    /// The chat takes no answer that comes late, and no sink would tell how it ends.
    NobodyTells {},
    RegionMismatch {
        found: String,
        asked: RegionId,
    },
    /// A session that is narrowed to a region does not reach it.
    OutOfReach {
        asked: RegionId,
    },
    NotPrimary {
        instance_type: String,
    },
}

tagged!(Refusal);

impl Refusal {
    /// The rule's name, as reports have it.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::AccountNotAllowed { .. } | Self::AccountUnknown {} => "accounts",
            Self::RegionNotAllowed { .. } => "regions",
            Self::InstanceNotAllowed { .. } => "instances",
            Self::TooManyAtOnce { .. } => "max-per-invocation",
            Self::TooOld { .. } | Self::FromTheFuture { .. } | Self::TimeUnknown {} => "event-age",
            Self::EngineNotAllowed { .. } | Self::EngineUnknown {} => "engines",
            Self::ResourceGroupNotAllowed { .. } | Self::ResourceGroupUnknown {} => "resource-groups",
            Self::OutsideTheGuide { .. } => "strict",
            Self::InstanceUnknown {} => "policy",
            Self::Exempt { .. } | Self::ExemptUntil { .. } | Self::ExemptionUnreadable { .. } => "exempt-tags",
            Self::TagsMissing { .. } => "include-tags",
            Self::TagsUnknown {} => "tags",
            Self::KeyNotAllowed { .. } => "key-not-allowed",
            Self::KeyOfUnknownAccount { .. } | Self::KeyRequired { .. } => "key-required",
            Self::ForeignAccount { .. } | Self::AccountNotComparable { .. } => "foreign-account",
            Self::CredentialRevoked {} => "webhook-credential",
            Self::CredentialAccount { .. } => "webhook-accounts",
            Self::CredentialRegion { .. } => "webhook-regions",
            Self::NotGranted { .. } => "grant",
            Self::GrantAccount { .. } => "grant-accounts",
            Self::GrantRegion { .. } => "grant-regions",
            Self::SealingOff {} => "sealing-off",
            Self::BodyNotSigned {} => "body-not-signed",
            Self::PlansOnly {} => "only-plans",
            Self::SecondPersonNeeded {} => "second-person",
            Self::TokenInvalid {} => "plan-token",
            Self::TokenExpired {} => "plan-expired",
            Self::KeyChanged {} | Self::InstanceChanged {} => "plan-changed",
            Self::NobodyTells {} => "nobody-tells",
            Self::RegionMismatch { .. } | Self::OutOfReach { .. } => "region-mismatch",
            Self::NotPrimary { .. } => "instance-type",
        }
    }

    /// The value that broke the rule, where one did.
    pub fn value(&self) -> Option<String> {
        match self {
            Self::AccountNotAllowed { account }
            | Self::ForeignAccount { account, .. }
            | Self::AccountNotComparable { account } => Some(account.to_string()),
            Self::CredentialAccount { account } | Self::GrantAccount { account } => {
                account.as_ref().map(ToString::to_string)
            }
            Self::RegionNotAllowed { region }
            | Self::KeyOfUnknownAccount { region }
            | Self::KeyRequired { region }
            | Self::CredentialRegion { region }
            | Self::GrantRegion { region } => Some(region.to_string()),
            Self::InstanceNotAllowed { instance } => Some(instance.to_string()),
            Self::TooManyAtOnce { asked, .. } => Some(asked.to_string()),
            Self::TooOld { happened_at: value, .. }
            | Self::FromTheFuture { happened_at: value }
            | Self::EngineNotAllowed { engine: value }
            | Self::ResourceGroupNotAllowed { group: value }
            | Self::Exempt { tag: value }
            | Self::ExemptUntil { tag: value, .. }
            | Self::ExemptionUnreadable { tag: value }
            | Self::TagsMissing { wanted: value }
            | Self::NotGranted { command: value, .. }
            | Self::RegionMismatch { found: value, .. }
            | Self::NotPrimary { instance_type: value } => Some(value.clone()),
            Self::OutsideTheGuide { difference } => Some(difference.value()),
            Self::KeyNotAllowed { key } => Some(key.to_string()),
            Self::AccountUnknown {}
            | Self::TimeUnknown {}
            | Self::EngineUnknown {}
            | Self::ResourceGroupUnknown {}
            | Self::InstanceUnknown {}
            | Self::TagsUnknown {}
            | Self::CredentialRevoked {}
            | Self::SealingOff {}
            | Self::BodyNotSigned {}
            | Self::PlansOnly {}
            | Self::SecondPersonNeeded {}
            | Self::TokenInvalid {}
            | Self::TokenExpired {}
            | Self::KeyChanged {}
            | Self::InstanceChanged {}
            | Self::NobodyTells {}
            | Self::OutOfReach { .. } => None,
        }
    }
}
