//! The console: a page that shows the way of an event, and sends one.
//!
//! | request | meaning |
//! |---|---|
//! | `GET /_console/` | the page, and what it consists of beside it |
//! | `GET /_console/events` | a stream: one event for each change, with the number of the change |
//! | `GET /_console/state`, `GET /_console/samples` | all that the page shows; the events it can send |
//! | `POST /_console/send` | send the function an event: `{"sample": "name"}` or `{"body": "text"}` |
//! | `POST /_console/say` | speak in a chat: `{"chat": "slack", "text": "help"}`, or a pressed button's `button` and `label` |
//! | `POST /_console/advance` | move the clock on: `{"seconds": 60}` |
//! | `POST /_console/faults` | script faults or take them back: `{"on": […]}`, `{"off": […]}` |
//! | `POST /_console/language` | choose among the languages on offer: `{"language": "zh"}` |
//!
//! It is there for the browser on this machine, and takes orders from its own page only. Nothing it consists of comes from
//! elsewhere, and the page may load nothing else. The secrets by which it speaks in chats never reach the page.

mod log;
mod orders;
mod page;
mod samples;
mod state;
mod stream;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::{from_fn, map_response},
    response::{Redirect, Response},
    routing::{get, post},
};

use super::{
    Emulator,
    chats::{ChatAccess, Said},
    control::{Changed, json, malformed},
    faults::Faults,
    functions, local,
};

pub(super) use state::ConsoleState;

const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

pub(super) fn routes() -> Router<Emulator> {
    Router::new()
        .route("/_console", get(async || Redirect::permanent("/_console/")))
        .route("/_console/", get(page::whole))
        .route("/_console/{*file}", get(page::part))
        .route("/_console/events", get(stream::events))
        .route("/_console/state", get(state::show))
        .route("/_console/samples", get(samples::list))
        .route("/_console/send", post(orders::send))
        .route("/_console/say", post(orders::say))
        .route("/_console/advance", post(orders::advance))
        .route("/_console/faults", post(orders::switch_faults))
        .route("/_console/language", post(orders::choose_language))
        .route_layer(from_fn(local::from_own_page_only))
        .route_layer(map_response(strict))
}

async fn strict(mut response: Response) -> Response {
    response.headers_mut().extend(HeaderMap::from_iter(HEADERS));
    response
}

impl Emulator {
    /// Lets the console speak in these chats.
    pub fn open_chats(&self, chats: Vec<ChatAccess>) {
        self.world().console.chats = chats;
    }

    /// Shows a line of the function's audit stream.
    pub fn audit_line(&self, line: String) {
        self.world().console.audit.push(line);
    }

    /// Lets people choose the language of cards. `choose` is told each choice.
    pub fn offer_languages(&self, offered: &[&str], chosen: &str, choose: impl Fn(&str) + Send + Sync + 'static) {
        let offered = offered.iter().map(|&language| language.to_owned()).collect();
        let choose = Arc::new(choose);
        self.world().console.languages = state::Languages { offered, chosen: chosen.to_owned(), choose: Some(choose) };
    }
}
