//! The body of a request, bounded in size and time, whichever door it comes to.

use axum::body::{Body, Bytes};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::ingress::BODY_LIMIT;
use crate::request::rejection::RejectionReason;
use crate::time::Deadline;

/// Why there is no body.
#[derive(Debug)]
pub(super) enum BodyError {
    TooLarge,
    BrokeOff,
}

impl From<BodyError> for RejectionReason {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::TooLarge { limit: BODY_LIMIT },
            BodyError::BrokeOff => Self::Incomplete,
        }
    }
}

/// The whole body, if it is within [`BODY_LIMIT`] and arrives before the deadline.
pub(super) async fn whole(body: Body, deadline: Deadline) -> Result<Bytes, BodyError> {
    timeout(deadline.remaining(), gathered(body)).await.unwrap_or(Err(BodyError::BrokeOff))
}

async fn gathered(body: Body) -> Result<Bytes, BodyError> {
    let (mut pieces, mut whole) = (body.into_data_stream(), Vec::new());
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| BodyError::BrokeOff)?;
        if whole.len() + piece.len() > BODY_LIMIT {
            return Err(BodyError::TooLarge);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}
