//! Control requests that show or set what the cloud is like: each a `GET` and a `PUT` of the same JSON.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    routing::{MethodRouter, get},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Emulator, control, identities::Accounts, keys::Keys, metadata, secrets::SecretStore, world::World};

pub(super) fn routes() -> Router<Emulator> {
    let accounts = setting(
        |world| world.identities.accounts.all().to_vec(),
        |world, listed| {
            world.identities.accounts = Accounts::of(listed)?;
            Ok(())
        },
    );
    let denied = setting(
        |world| world.identities.denied.clone(),
        |world, listed| {
            world.identities.denied = actions(listed)?;
            Ok(())
        },
    );
    let keys = setting(
        |world| world.keys.listed().to_vec(),
        |world, listed| {
            world.keys = Keys::of(listed)?;
            Ok(())
        },
    );
    let secrets = setting(
        |world| world.secrets.listed().to_vec(),
        |world, listed| {
            world.secrets = SecretStore::of(listed)?;
            Ok(())
        },
    );
    let files = setting(
        |world| world.files.clone(),
        |world, listed| {
            world.files = listed;
            Ok(())
        },
    );
    let sink_secrets = setting(
        |world| world.sink_secrets.clone(),
        |world, listed| {
            world.sink_secrets = listed;
            Ok(())
        },
    );
    let metadata = setting(|world| world.metadata.setting.clone(), World::set_metadata);
    let unsupported = setting(
        |world| world.unsupported_regions.clone(),
        |world, listed| {
            world.unsupported_regions = listed;
            Ok(())
        },
    );
    Router::new()
        .route("/accounts", accounts)
        .route("/denied", denied)
        .route("/files", files)
        .route("/keys", keys)
        .route("/metadata", metadata)
        .route("/secrets", secrets)
        .route("/sink_secrets", sink_secrets)
        .route("/unsupported_regions", unsupported)
        .route("/credentials", get(metadata::uri))
}

/// Shows a part of the world, or replaces it.
fn setting<Shown: Serialize + 'static, New: DeserializeOwned + 'static>(
    show: fn(&World) -> Shown,
    change: fn(&mut World, New) -> Result<(), String>,
) -> MethodRouter<Emulator> {
    let shown = async move |State(emulator): State<Emulator>| {
        let part = show(&emulator.world());
        control::json(&part)
    };
    get(shown).put(async move |State(emulator): State<Emulator>, body: Bytes| {
        let new = serde_json::from_slice(&body).map_err(|error| control::malformed(error.to_string()))?;
        change(&mut emulator.world(), new).map_err(control::malformed)?;
        Ok::<_, (StatusCode, String)>(StatusCode::NO_CONTENT)
    })
}

/// Names of actions, such as `rds:DescribeBackups`.
fn actions(listed: Vec<String>) -> Result<Vec<String>, String> {
    let is_action = |text: &str| {
        text == "*" || text.split_once(':').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
    };
    match listed.iter().find(|text| !is_action(text)) {
        Some(text) => Err(format!("`{text}` is no action like `rds:DescribeBackups`")),
        None => Ok(listed),
    }
}
