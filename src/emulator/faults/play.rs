//! Plays a fault in place of an answer.
//!
//! Refusals change nothing. All the others spoil only the answer: what was asked for is done, unless the fault strikes
//! before. A client cannot tell the two apart, and that is the point.

use std::{io, iter::repeat_n, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use futures_util::stream::{self, StreamExt as _};
use serde_json::json;
use tokio::{task::yield_now, time::sleep};

use super::{Answer, CloudFault, Errand, Exchange, Moment, Peer, Refusal, Taken};

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sorry</title></head><body>Back soon.</body></html>\n";
const PADDING: &[u8] = &[b' '; 64 * 1024];

/// Ends one request the way the fault says.
pub(crate) async fn play(taken: Taken<CloudFault>, exchange: &Exchange, errand: &Errand, peer: &Peer) -> Response {
    let Taken { fault, moment } = taken;
    let spoilt = async |name: &str, status: Option<u16>| {
        if moment == Moment::After {
            exchange.perform(errand).await;
        }
        exchange.record(name, status);
    };
    match fault {
        CloudFault::Code { code, status, message } => refuse(exchange, scripted(&code, status, message)),
        CloudFault::Throttle { retry_after_ms } => {
            refuse(exchange, Refusal { retry_after_ms, ..Refusal::named("Throttling.User") })
        }
        CloudFault::Slow { ms } => slow(Duration::from_millis(ms), moment, exchange, errand).await,
        CloudFault::Drop {} => {
            spoilt("drop", None).await;
            peer.hang_up();
            StatusCode::OK.into_response()
        }
        CloudFault::Garbage {} => {
            spoilt("garbage", Some(200)).await;
            Html(PAGE).into_response()
        }
        CloudFault::Truncated {} => {
            let answer = if moment == Moment::After { exchange.perform(errand).await } else { would_be(exchange) };
            exchange.record("truncated", Some(answer.status.as_u16()));
            truncated(answer)
        }
        CloudFault::Empty {} => {
            spoilt("empty", Some(200)).await;
            StatusCode::OK.into_response()
        }
        CloudFault::Huge { bytes } => {
            spoilt("huge", Some(200)).await;
            padding(bytes).into_response()
        }
        CloudFault::Raw { status, body } => {
            spoilt("raw", Some(status)).await;
            (checked(status), [(header::CONTENT_TYPE, "application/json;charset=utf-8")], body).into_response()
        }
    }
}

fn refuse(exchange: &Exchange, refusal: Refusal) -> Response {
    exchange.recorded(exchange.refusal(refusal)).into_response()
}

/// What the table says about a code, as far as the script says nothing else.
fn scripted(code: &str, status: Option<u16>, message: Option<String>) -> Refusal {
    let usual = Refusal::named(code);
    let status = status.unwrap_or(usual.status);
    let message = message.unwrap_or_else(|| usual.message.clone());
    Refusal { status, message, ..usual }
}

/// Late after the change; or before it, so that a client who goes away in the meantime has changed nothing.
async fn slow(delay: Duration, moment: Moment, exchange: &Exchange, errand: &Errand) -> Response {
    match moment {
        Moment::After => {
            let answer = exchange.perform(errand).await;
            exchange.record("slow", Some(answer.status.as_u16()));
            sleep(delay).await;
            answer.into_response()
        }
        Moment::Before => {
            let number = exchange.record("slow", None);
            sleep(delay).await;
            let answer = exchange.perform(errand).await;
            exchange.emulator.world().calls.answered(number, answer.status.as_u16());
            answer.into_response()
        }
    }
}

/// What success would have looked like.
fn would_be(exchange: &Exchange) -> Answer {
    Answer::success(json!({ "DBInstanceId": exchange.arrival.instance() }))
}

/// Promises the whole answer and breaks off in the middle.
fn truncated(answer: Answer) -> Response {
    let whole = answer.body.len();
    let half = Bytes::copy_from_slice(&answer.body.as_bytes()[..whole / 2]);
    let broken = stream::once(async {
        // The server first sends what it has, and only then meets the error.
        yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    let mut response = answer.into_response();
    *response.body_mut() = Body::from_stream(stream::iter([Ok(half)]).chain(broken));
    response.headers_mut().insert(header::CONTENT_LENGTH, whole.into());
    response
}

/// Blanks, sent piece by piece, so that no `Content-Length` warns the client.
fn padding(bytes: usize) -> Body {
    let whole = repeat_n(PADDING, bytes / PADDING.len());
    let chunks =
        whole.chain([&PADDING[..bytes % PADDING.len()]]).map(|chunk| io::Result::Ok(Bytes::from_static(chunk)));
    Body::from_stream(stream::iter(chunks))
}

fn checked(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
