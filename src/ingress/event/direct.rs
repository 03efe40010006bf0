//! A direct request: `{"instance":"rm-…","region":"cn-hangzhou","account":"…","key":"…","mode":"plan","id":"…"}`.
//! The API's own names for the instance, the region and the key are taken too.

use serde_json::{Map, Value};

use crate::request::ids::{AccountId, InstanceId, KeyId, RegionId};
use crate::request::rejection::{Rejection, RejectionReason};
use crate::request::{Door, Mode, Origin, SealRequest};

use super::field::{parsed, text, wrong};
use super::nesting::Nesting;

/// Our name of a field, and the API's for the same thing.
const FIELDS: [(&str, Option<&str>); 6] = [
    ("instance", Some("DBInstanceName")),
    ("region", Some("RegionId")),
    ("key", Some("EncryptionKey")),
    ("account", None),
    ("mode", None),
    ("id", None),
];

pub(in crate::ingress) fn read(request: Map<String, Value>, nesting: Nesting<'_>) -> Result<SealRequest, Rejection> {
    let request = &with_our_names(request)?.into();
    let instance = text(request, "instance")?.ok_or_else(|| Rejection::missing("instance"))?;
    let instance = InstanceId::parse(instance).map_err(|invalid| wrong("instance", invalid))?;
    let region = parsed("region", text(request, "region")?, RegionId::parse)?;
    Ok(SealRequest {
        instance,
        account: parsed("account", text(request, "account")?, AccountId::parse)?,
        region: nesting.region(region)?,
        key: parsed("key", text(request, "key")?, KeyId::parse)?,
        mode: text(request, "mode")?.map(mode).transpose()?,
        happened_at: None,
        asked_at: nesting.asked_at(),
        origin: Origin {
            door: Door::Event,
            source: String::new(),
            event_id: match text(request, "id")?.filter(|id| !id.is_empty()) {
                Some(id) => id.to_owned(),
                None => nesting.event_id(),
            },
            event_name: None,
            actor: None,
            requested_by: None,
        },
    })
}

/// Refuses unknown names and a thing that is named twice, and leaves our names only.
fn with_our_names(request: Map<String, Value>) -> Result<Map<String, Value>, Rejection> {
    let mut ours = Map::new();
    for (name, value) in request {
        let Some((field, _)) = FIELDS.iter().find(|(our, api)| *our == name || *api == Some(name.as_str())) else {
            return Err(Rejection::new("body", RejectionReason::unknown_field(&name)));
        };
        if ours.insert((*field).to_owned(), value).is_some() {
            return Err(Rejection::new(*field, RejectionReason::GivenUnderTwoNames));
        }
    }
    Ok(ours)
}

fn mode(text: &str) -> Result<Mode, Rejection> {
    Mode::parse(text).ok_or_else(|| Rejection::new("mode", RejectionReason::NotAMode))
}
