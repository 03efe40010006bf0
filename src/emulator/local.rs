//! Who may give orders: programs of this machine, and of all web pages only the stand-in's own.
//!
//! A page from elsewhere that a browser on this machine shows can reach a loopback address too. It is told apart by what
//! browsers send with such requests and no page can change: `Origin` and `Sec-Fetch-Site`. A name of its own that leads
//! to a loopback address (DNS rebinding) shows in `Host`.

use axum::{
    extract::{ConnectInfo, Request},
    http::{HeaderName, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{endpoint, line::Peer};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// For control requests: from this machine, and not by a page of somebody else's.
pub(super) async fn from_here_only(ConnectInfo(peer): ConnectInfo<Peer>, request: Request, next: Next) -> Response {
    match refusal(&peer, &request) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    }
}

/// For the console: the same, and only its own page changes anything, as the browser says of it.
pub(super) async fn from_own_page_only(ConnectInfo(peer): ConnectInfo<Peer>, request: Request, next: Next) -> Response {
    let is_vouched_for = [header::ORIGIN, SITE].iter().any(|name| request.headers().contains_key(name));
    match refusal(&peer, &request) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None if request.method().is_safe() || is_vouched_for => next.run(request).await,
        None => (StatusCode::FORBIDDEN, "the console takes orders from its own page only").into_response(),
    }
}

fn refusal(peer: &Peer, request: &Request) -> Option<&'static str> {
    let text = |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(header::HOST).unwrap_or_default();
    if !peer.is_local() {
        return Some("control requests are taken from this machine only");
    }
    if !endpoint::is_loopback(host) {
        return Some("control requests are taken at a loopback address only");
    }
    let foreign_origin = text(header::ORIGIN).is_some_and(|origin| origin.strip_prefix("http://") != Some(host));
    let foreign_site = !request.method().is_safe() && text(SITE).is_some_and(|site| site != "same-origin");
    (foreign_origin || foreign_site).then_some("a page from elsewhere gives no orders here")
}
