//! A direct request: `{"instance":"rm-…","region":"cn-hangzhou","account":"…","key":"…","mode":"plan","id":"…"}`.
//! The API's own names for the instance, the region and the key are taken too.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value};

use crate::ingress::{Envelope, Rejection};
use crate::request::ids::{AccountId, InstanceId, KeyId, RegionId};
use crate::request::{Door, Mode, Origin, Region, SealRequest};

use super::field::{parsed, text, wrong};

/// Our name of a field, and the API's for the same thing.
const FIELDS: [(&str, Option<&str>); 6] = [
    ("instance", Some("DBInstanceName")),
    ("region", Some("RegionId")),
    ("key", Some("EncryptionKey")),
    ("account", None),
    ("mode", None),
    ("id", None),
];

pub(in crate::ingress) fn read(
    request: Map<String, Value>,
    body: &[u8],
    envelope: &Envelope,
) -> Result<SealRequest, Rejection> {
    let request = &with_our_names(request)?.into();
    let instance = text(request, "instance")?.ok_or_else(|| Rejection::missing("instance"))?;
    let instance = InstanceId::parse(instance).map_err(|invalid| wrong("instance", invalid))?;
    let region = parsed("region", text(request, "region")?, RegionId::parse)?.or_else(|| envelope.region.clone());
    Ok(SealRequest {
        instance,
        account: parsed("account", text(request, "account")?, AccountId::parse)?,
        region: Region { id: region.ok_or_else(|| Rejection::missing("region"))?, attested: false },
        key: parsed("key", text(request, "key")?, KeyId::parse)?,
        mode: text(request, "mode")?.map(mode).transpose()?,
        happened_at: None,
        origin: Origin {
            door: Door::Event,
            source: String::new(),
            event_id: event_id(text(request, "id")?, body, envelope),
            event_name: None,
            actor: None,
        },
    })
}

/// Refuses unknown names and a thing that is named twice, and leaves our names only.
fn with_our_names(request: Map<String, Value>) -> Result<Map<String, Value>, Rejection> {
    let mut ours = Map::new();
    for (name, value) in request {
        let Some((field, _)) = FIELDS.iter().find(|(our, api)| *our == name || *api == Some(name.as_str())) else {
            return Err(Rejection::new(
                "body",
                "has an unknown field: a request takes instance, region, account, key, mode and id",
            ));
        };
        if ours.insert((*field).to_owned(), value).is_some() {
            return Err(Rejection::new(*field, "is given twice, by our name and by the API's"));
        }
    }
    Ok(ours)
}

fn mode(text: &str) -> Result<Mode, Rejection> {
    Mode::parse(text).ok_or_else(|| Rejection::new("mode", "must be \"plan\" or \"enforce\""))
}

/// The request's own id, else the platform's for this invocation, else one worked out from the body.
fn event_id(own: Option<&str>, body: &[u8], envelope: &Envelope) -> String {
    match own.filter(|id| !id.is_empty()) {
        Some(id) => id.to_owned(),
        None => envelope
            .request_id
            .clone()
            .unwrap_or_else(|| base16ct::lower::encode_string(digest(&SHA256, body).as_ref())),
    }
}
