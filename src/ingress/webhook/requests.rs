//! `POST /v1/requests`: one direct request, or an array of them.

use axum::http::HeaderMap;
use serde_json::Value;

use super::media::{WrongContentType, media_type};
use super::{DeliveryDefaults, DeliveryId, EventDoor, Intake, Verified};
use crate::ingress::event::{Nesting, direct, each, json};
use crate::request::rejection::{Rejection, RejectionReason};

pub(super) fn read(
    headers: &HeaderMap,
    body: &Verified,
    door: &EventDoor,
    defaults: &DeliveryDefaults,
    delivery: &DeliveryId,
) -> Result<Intake, WrongContentType> {
    if media_type(headers).as_deref() != Some("application/json") {
        return Err(WrongContentType("application/json"));
    }
    let body = body.as_bytes();
    let defaults = DeliveryDefaults { request_id: Some(delivery.as_str().to_owned()), ..defaults.clone() };
    let nesting = Nesting::outside(body, door, &defaults);
    Ok(match json::read(body) {
        Err(rejection) => Intake::rejecting(rejection),
        Ok(json) => each(json, nesting, |item, nesting, intake| match item {
            Value::Object(request) => {
                intake.requests.push(direct::read(request, nesting)?);
                Ok(())
            }
            _ => Err(Rejection::new("body", RejectionReason::NotARequest)),
        }),
    })
}
