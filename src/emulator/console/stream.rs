//! Changes as they happen, by server-sent events.

use std::convert::Infallible;

use axum::{
    Extension,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response, Sse, sse::Event},
};
use futures_util::stream::{self, StreamExt as _};
use tokio_util::sync::CancellationToken;

use super::Emulator;

/// The number of the newest change at once, and then of each that follows; of several in a row, of the last. What has
/// changed is for the page to ask. The stream ends with the server.
pub(super) async fn events(
    State(emulator): State<Emulator>,
    Extension(ended): Extension<CancellationToken>,
) -> Response {
    let Some((mut version, place)) = emulator.changes.watch() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "as many pages as there may be are open").into_response();
    };
    version.mark_changed();
    let changes = stream::unfold((version, place), async |(mut version, place)| {
        version.changed().await.ok()?;
        let number = *version.borrow_and_update();
        Some((Ok::<_, Infallible>(Event::default().data(number.to_string())), (version, place)))
    });
    Sse::new(changes.take_until(ended.cancelled_owned())).into_response()
}
