//! One connection: what is served on it, for how long it may say nothing, and how it ends.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower_service::Service as _;

use super::bare_refusal::MarkRefusals;
use super::held::Held;
use super::limits::HEAD_LIMIT;
use super::refusals::Peer;
use super::socket::Socket;

/// Serves one connection to its end: until the peer closes it, it is overdue, or, once the server stops, its last request is
/// answered. What is not held is the platform's own.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    held: Option<Held>,
    stopping: CancellationToken,
) {
    // Answers are small; without this they may wait for the peer's acknowledgement.
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    if held.is_some() {
        http.max_buf_size(HEAD_LIMIT);
    }
    let service = service_fn(|mut request: Request<Incoming>| {
        let under_way = held.as_ref().map(Held::request);
        if held.is_some() {
            request.extensions_mut().insert(Peer(peer.ip()));
        }
        let answer = router.clone().call(request);
        async move {
            let answer: Result<Response<_>, Infallible> = answer.await;
            drop(under_way);
            answer
        }
    });
    let socket = MarkRefusals::new(Socket::new(stream, stopping.clone()), held.is_none());
    let mut connection = pin!(http.serve_connection(socket, service));
    let mut stop = pin!(stopping.cancelled());
    let mut overdue = pin!(async {
        match &held {
            Some(held) => held.overdue().await,
            None => std::future::pending().await,
        }
    });
    let mut is_stopping = false;
    poll_fn(|cx| {
        if !is_stopping && stop.as_mut().poll(cx).is_ready() {
            is_stopping = true;
            connection.as_mut().graceful_shutdown();
        }
        // What goes wrong on a connection is the peer's business.
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        overdue.as_mut().poll(cx)
    })
    .await;
}
