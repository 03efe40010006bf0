//! What every HTTP host shares: the listener, the health check, the end.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use futures_util::future::{Either, select};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::health::health;
use super::{Deliveries, HostState, chat, webhook};

/// A plain server: the doors that a deployment has opened, and a sign of life.
pub fn router(state: &Arc<HostState>) -> Router {
    let routes = Router::new().route("/healthz", get(health)).merge(webhook::routes(state)).merge(chat::routes(state));
    routes.with_state(Arc::clone(state))
}

/// How long connections get to end by themselves once every accepted delivery has ended.
const GRACE: Duration = Duration::from_secs(1);

/// Serves until `stop` resolves or a delivery asks for a new process, then lets every accepted delivery end. There is no
/// idle time-out: Function Compute wants connections kept for at least 15 minutes (documented). A connection that neither
/// sends nor closes does not hold up the end.
pub async fn serve_until(
    listener: TcpListener,
    router: Router,
    deliveries: Deliveries,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let listener = listener.tap_io(|stream| {
        // Answers are small; without this they may wait for the peer's acknowledgement.
        let _ = stream.set_nodelay(true);
    });
    let stopping = CancellationToken::new();
    let server = axum::serve(listener, router).with_graceful_shutdown(stopping.clone().cancelled_owned()).into_future();
    let ended = async {
        select(pin!(stop), pin!(deliveries.retired())).await;
        stopping.cancel();
        deliveries.drain().await;
        tokio::time::sleep(GRACE).await;
    };
    let result = match select(pin!(server), pin!(ended)).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => Ok(()),
    };
    deliveries.drain().await;
    result
}

/// Resolves when the process is told to stop, by SIGTERM or Ctrl-C.
pub async fn signalled() {
    let interrupt = pin!(tokio::signal::ctrl_c());
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            select(pin!(terminate.recv()), interrupt).await;
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
    tracing::info!("told to stop: finishing what was accepted");
}

/// Binds an address, with a sentence that says which where it cannot be had.
pub async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| std::io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))
}
