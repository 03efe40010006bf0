//! Control requests about functions, the queue and the passing of time.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::{Changed, Emulator, Functions, json, malformed};

/// The body of `POST /_emulator/clock/advance`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

pub(crate) fn routes() -> Router<Emulator> {
    Router::new()
        .route("/functions", get(functions).put(put_functions))
        .route("/queue", get(queue).delete(forget_queue))
        .route("/clock/advance", post(advance))
}

async fn functions(State(emulator): State<Emulator>) -> Response {
    json(&emulator.world().functions.all())
}

async fn put_functions(State(emulator): State<Emulator>, body: Bytes) -> Changed {
    let functions = Functions::parse(&body).map_err(malformed)?;
    emulator.world().functions = functions;
    Ok(StatusCode::NO_CONTENT)
}

async fn queue(State(emulator): State<Emulator>) -> Response {
    json(&emulator.world().queue.view())
}

async fn forget_queue(State(emulator): State<Emulator>) -> StatusCode {
    emulator.world().queue.forget();
    emulator.post.look_again();
    StatusCode::NO_CONTENT
}

async fn advance(State(emulator): State<Emulator>, body: Bytes) -> Changed {
    let Advance { seconds } = serde_json::from_slice(&body).map_err(|error| malformed(error.to_string()))?;
    emulator.advance(seconds).await.map_err(malformed)?;
    Ok(StatusCode::NO_CONTENT)
}
