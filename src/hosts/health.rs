//! The sign of life: whether this process could do its work now.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use super::HostState;

/// 503 while the audit stream takes no line, for nothing is changed off the record.
pub(super) async fn health(State(state): State<Arc<HostState>>) -> (StatusCode, &'static str) {
    if state.deployment.audit.takes_lines() {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the audit stream takes no lines\n")
    }
}
