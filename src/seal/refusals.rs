//! What is refused of an instance that was seen: it is somewhere else, or none of its own.

use super::context::SealContext;
use crate::outcome::Refusal;
use crate::request::facts::InstanceFacts;
use crate::request::ids::printable;

/// The refusal of an instance that is somewhere else than a caller says. The key would be that of another region, and
/// final.
pub(super) fn region_mismatch(context: &SealContext<'_>, facts: &InstanceFacts) -> Option<Refusal> {
    is_elsewhere(context, facts)
        .then(|| Refusal::RegionMismatch { found: facts.shown_region(), asked: context.region.clone() })
}

/// The refusal of an instance that has no backups of its own. The request is never moved to its primary one: nobody asked
/// for that.
pub(super) fn not_primary(facts: &InstanceFacts) -> Option<Refusal> {
    let kind = facts.instance_type.as_deref().filter(|_| !facts.is_primary())?;
    Some(Refusal::NotPrimary { instance_type: printable(kind) })
}

pub(super) fn is_elsewhere(context: &SealContext<'_>, facts: &InstanceFacts) -> bool {
    facts.region.as_deref() != Some(context.region.as_str())
}
