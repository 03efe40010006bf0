//! What every HTTP host shares: the listener, the health check, the end.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use futures_util::future::select;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection;
use super::health::health;
use super::held::Places;
use super::limits::ConnectionLimits;
use super::throttle::Throttle;
use super::{Deliveries, HostState, chat, webhook};

/// A plain server: the doors that a deployment has opened, and a sign of life.
pub fn router(state: &Arc<HostState>) -> Router {
    let routes = Router::new().route("/healthz", get(health)).merge(webhook::routes(state)).merge(chat::routes(state));
    routes.with_state(Arc::clone(state))
}

/// How long connections get to end by themselves once every accepted delivery has ended.
const GRACE: Duration = Duration::from_secs(1);

/// How long a server that could not accept, for want of descriptors, waits before it tries again.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Serves until `stop` resolves or a delivery asks for a new process, then lets every accepted delivery end. A connection
/// that neither sends nor closes does not hold up the end.
///
/// Without limits only a platform is to connect. Function Compute wants connections kept for at least 15 minutes
/// (documented), so there is no idle time-out for it.
pub async fn serve_until(
    listener: TcpListener,
    router: Router,
    deliveries: Deliveries,
    limits: Option<ConnectionLimits>,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let (stopping, connections) = (CancellationToken::new(), TaskTracker::new());
    {
        let accepting = pin!(accept(listener, router, limits.map(Places::new), &connections, &stopping));
        let told = pin!(async {
            select(pin!(stop), pin!(deliveries.retired())).await;
        });
        // Accepting never ends by itself, and takes the listener with it.
        select(accepting, told).await;
    }
    stopping.cancel();
    deliveries.drain().await;
    connections.close();
    // What is left after this says nothing and does not close.
    let _ = timeout(GRACE, connections.wait()).await;
    deliveries.drain().await;
    Ok(())
}

/// Accepts connections, each of which is served in a task of its own.
async fn accept(
    listener: TcpListener,
    router: Router,
    places: Option<Arc<Places>>,
    connections: &TaskTracker,
    stopping: &CancellationToken,
) {
    let mut warning = Throttle::default();
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                if let Some((first, count)) = warning.note(error, Instant::now()) {
                    tracing::error!("connections cannot be accepted, {count} so far: {first}");
                }
                if let Some(places) = &places {
                    places.make_room();
                }
                sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let held = match &places {
            Some(places) => Some(places.take(peer).await),
            None => None,
        };
        connections.spawn(connection::serve(stream, peer, router.clone(), held, stopping.clone()));
    }
}

/// Whether the next connection may well be accepted.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
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
