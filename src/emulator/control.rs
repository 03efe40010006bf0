//! Control requests: for tests and people, from this machine only, and not by a web page from elsewhere.
//!
//! | request | meaning |
//! |---|---|
//! | `GET`, `DELETE /_emulator/calls` | every request to the cloud, in order; forget them |
//! | `GET`, `PUT /_emulator/instances` | the instances there are; replace them all |
//! | `GET`, `POST`, `DELETE /_emulator/faults` | those that wait; script more, or none with `[]`; forget those that wait |
//! | `POST /_emulator/{sink}` | a place for reports: `slack`, `slack-bot`, `dingtalk`, `feishu`, `wecom`, `teams`, `webhook`, `cloudevents`, `pagerduty` (from any machine) |
//! | `GET`, `DELETE /_emulator/notifications` | what sinks took, and `PutEvents` as `eventbridge`; forget it |
//! | `GET /_emulator/notifications/dropped` | what sinks took and then lost, and why; forgotten with the rest |
//! | `GET`, `PUT /_emulator/sink_secrets` | what robots sign with: `{"dingtalk": "SEC…", "feishu": "…"}` |
//! | `POST /_emulator/chats/{chat}` | say something in a chat: send it to a door, signed, and see its answer |
//! | `GET`, `PUT /_emulator/functions` | the functions there are, and where they listen; replace them all |
//! | `GET`, `DELETE /_emulator/queue` | tasks that wait, deliveries made, dead letters; forget them |
//! | `PUT /_emulator/clock` | set the stand-in's clock off: `{"offset_seconds": 3600}` |
//! | `POST /_emulator/clock/advance` | move it on, `{"seconds": 60}`, and deliver what becomes due, in order, before answering |
//! | `GET`, `PUT /_emulator/accounts` | accounts with access keys and roles; the default one always keeps its test pair |
//! | `GET`, `PUT /_emulator/denied` | actions that RAM denies everybody: `["rds:DescribeBackups"]` |
//! | `GET`, `PUT /_emulator/files` | what vendors' own hosts hand out, such as a certificate: `{"host/path": "text"}` |
//! | `GET`, `PUT /_emulator/keys` | keys of KMS; until the first `PUT` every key exists and works |
//! | `GET`, `PUT /_emulator/secrets` | secrets of KMS: `[{"name": "slack", "data": "…", "previous": "…"}]` |
//! | `GET`, `PUT /_emulator/unsupported_regions` | regions without backup encryption: `["cn-chengdu"]` |
//! | `GET`, `PUT /_emulator/metadata` | role, version and faults of the ECS metadata and of the credentials URI |
//! | `GET /_emulator/credentials` | a credentials URI: a session of the metadata's role |
//!
//! A change is answered with 204, a mistake with 400 and one sentence, and then nothing was changed.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    middleware::from_fn,
    response::{IntoResponse as _, Response},
    routing::{get, put},
};
use serde::Serialize;

use super::{Emulator, chats, faults::Faults, functions, listing::Listing, local, settings};

/// A change was made, or a sentence says why not.
pub(super) type Changed = Result<StatusCode, (StatusCode, String)>;

pub(super) fn routes() -> Router<Emulator> {
    Router::new()
        .route("/calls", get(calls).delete(forget_calls))
        .route("/instances", get(instances).put(put_instances))
        .route("/faults", get(faults).post(add_faults).delete(forget_faults))
        .route("/notifications", get(notifications).delete(forget_notifications))
        .route("/notifications/dropped", get(dropped))
        .route("/clock", put(set_clock))
        .merge(chats::routes())
        .merge(functions::routes())
        .merge(settings::routes())
        .route_layer(from_fn(local::from_here_only))
}

/// The answer to control requests that do not exist.
pub(super) async fn unknown() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "there is no such control request")
}

async fn calls(State(emulator): State<Emulator>) -> Response {
    json(&emulator.world().calls.all())
}

async fn forget_calls(State(emulator): State<Emulator>) -> StatusCode {
    emulator.world().calls.forget();
    StatusCode::NO_CONTENT
}

async fn instances(State(emulator): State<Emulator>) -> Response {
    let mut world = emulator.world();
    let now = world.clock.now();
    json(&world.instances.all(now))
}

async fn put_instances(State(emulator): State<Emulator>, body: String) -> Changed {
    let listing = Listing::parse(&body).map_err(|mistake| malformed(mistake.to_string()))?;
    let mut world = emulator.world();
    let now = world.clock.now();
    let saved = world.instances.replace(listing, now);
    saved.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn faults(State(emulator): State<Emulator>) -> Response {
    json(&emulator.world().faults.waiting())
}

async fn add_faults(State(emulator): State<Emulator>, body: Bytes) -> Changed {
    let faults = Faults::parse(&body).map_err(malformed)?;
    emulator.world().faults.take_in(faults);
    Ok(StatusCode::NO_CONTENT)
}

async fn forget_faults(State(emulator): State<Emulator>) -> StatusCode {
    emulator.world().faults = Faults::default();
    StatusCode::NO_CONTENT
}

async fn notifications(State(emulator): State<Emulator>) -> Response {
    json(&emulator.world().notifications)
}

async fn dropped(State(emulator): State<Emulator>) -> Response {
    json(&emulator.world().dropped)
}

async fn forget_notifications(State(emulator): State<Emulator>) -> StatusCode {
    let mut world = emulator.world();
    world.notifications.clear();
    world.dropped.clear();
    StatusCode::NO_CONTENT
}

async fn set_clock(State(emulator): State<Emulator>, body: Bytes) -> Changed {
    let setting = serde_json::from_slice(&body).map_err(|error| malformed(error.to_string()))?;
    emulator.world().clock.set(&setting).map_err(malformed)?;
    emulator.post.look_again();
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn malformed(why: String) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, why)
}

pub(super) fn json(value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("the stand-in's own data has string keys");
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
