//! The body of a request, bounded in size and time, whichever door it comes to; and in what all of them hold together, as
//! long as their senders have proved nothing.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody as _};
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::limits::BodyLimits;
use crate::ingress::BODY_LIMIT;
use crate::request::rejection::RejectionReason;
use crate::time::Deadline;

/// Why there is no body.
#[derive(Debug)]
pub(super) enum BodyError {
    TooLarge,
    BrokeOff,
    /// Others hold all that may be held.
    NoRoom,
}

/// As large as nearly every message that a door is for, in bytes.
const SMALL: usize = 16 * 1024;

/// What a sender is told for whose body there is no room.
pub(super) const NO_ROOM: &str = "too many bodies arrive at once";

/// The whole body of a delivery of the platform's, if it is within [`BODY_LIMIT`] and arrives before the deadline.
pub(super) async fn whole(body: Body, deadline: Deadline) -> Result<Bytes, RejectionReason> {
    let until = Instant::now() + deadline.remaining();
    match gathered(body, BODY_LIMIT, None, until).await {
        Ok((body, _)) => Ok(body),
        Err(BodyError::TooLarge) => Err(RejectionReason::TooLarge { limit: BODY_LIMIT }),
        Err(BodyError::BrokeOff | BodyError::NoRoom) => Err(RejectionReason::Incomplete),
    }
}

/// The room for bodies whose senders have proved nothing yet, all connections together. A small body needs none: whoever
/// fills the room with large ones keeps out large ones alone.
#[derive(Debug)]
pub(super) struct Room {
    limits: BodyLimits,
    bytes: Arc<Semaphore>,
}

/// A body of which nobody knows yet who sent it. It takes up room until it is dropped.
#[derive(Debug)]
pub(super) struct Unproven {
    pub(super) bytes: Bytes,
    pub(super) room: Option<OwnedSemaphorePermit>,
}

impl Room {
    pub(super) fn new(limits: BodyLimits) -> Self {
        Self { limits, bytes: Arc::new(Semaphore::new(limits.bytes)) }
    }

    /// The whole body, if it has no more bytes than this and arrives in time.
    pub(super) async fn read(&self, body: Body, most: usize, deadline: Deadline) -> Result<Unproven, BodyError> {
        let until = Instant::now() + self.limits.time.min(deadline.remaining());
        let (bytes, room) = gathered(body, most, Some(&self.bytes), until).await?;
        Ok(Unproven { bytes, room })
    }
}

async fn gathered(
    body: Body,
    most: usize,
    room: Option<&Arc<Semaphore>>,
    until: Instant,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), BodyError> {
    let said = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if said > most {
        return Err(BodyError::TooLarge);
    }
    let mut taken = if said > SMALL { take(room, said, until).await? } else { None };
    let (mut pieces, mut whole) = (body.into_data_stream(), Vec::with_capacity(said));
    while let Some(piece) = timeout_at(until, pieces.next()).await.map_err(|_| BodyError::BrokeOff)? {
        let piece = piece.map_err(|_| BodyError::BrokeOff)?;
        if whole.len() + piece.len() > most {
            return Err(BodyError::TooLarge);
        }
        if taken.is_none() && whole.len() + piece.len() > SMALL {
            // Chunks, of which nobody said how many there are.
            taken = take(room, most, until).await?;
        }
        whole.extend_from_slice(&piece);
    }
    Ok((whole.into(), taken))
}

/// Takes room for all bytes of a body at once, as soon as there is some, so that no two wait for each other.
async fn take(
    room: Option<&Arc<Semaphore>>,
    bytes: usize,
    until: Instant,
) -> Result<Option<OwnedSemaphorePermit>, BodyError> {
    let Some(room) = room else { return Ok(None) };
    let bytes = u32::try_from(bytes).map_err(|_| BodyError::TooLarge)?;
    let waiting = timeout_at(until, Arc::clone(room).acquire_many_owned(bytes)).await;
    waiting.ok().and_then(Result::ok).map(Some).ok_or(BodyError::NoRoom)
}
