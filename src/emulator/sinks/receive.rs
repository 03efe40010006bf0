//! The way of one message: the fault it meets, the judgement, the record.

use std::time::Duration;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use tokio::time::sleep;

use super::{
    Dropped, Emulator, Message, Notification, Peer, Reply, Sink, Verdict,
    faults::{Moment, SinkFault, Taken},
};

pub(crate) async fn receive(sink: Sink, emulator: Emulator, peer: Peer, message: Message) -> Response {
    let fault = emulator.world().faults.for_sink(sink);
    let take = || accept(sink, &emulator, message);
    match fault {
        None => take(),
        Some(Taken { fault: SinkFault::Status { status, body, retry_after }, .. }) => refuse(status, body, retry_after),
        Some(Taken { fault: SinkFault::Drop {}, moment }) => {
            if moment == Moment::After {
                take();
            }
            peer.hang_up();
            StatusCode::OK.into_response()
        }
        Some(Taken { fault: SinkFault::Slow { ms }, moment: Moment::After }) => {
            let response = take();
            sleep(Duration::from_millis(ms)).await;
            response
        }
        Some(Taken { fault: SinkFault::Slow { ms }, moment: Moment::Before }) => {
            sleep(Duration::from_millis(ms)).await;
            take()
        }
    }
}

fn accept(sink: Sink, emulator: &Emulator, message: Message) -> Response {
    let mut world = emulator.world();
    let verdict = sink.judge(&message, &world.sink_secrets, world.clock.now());
    let notification = || Notification::new(sink.name(), &message.query, &message.headers, message.body);
    let reply = match verdict {
        Verdict::Kept(reply) => {
            world.notifications.push(notification());
            reply
        }
        Verdict::Dropped(reply, why) => {
            world.dropped.push(Dropped { notification: notification(), why });
            reply
        }
        Verdict::Refused(reply) => reply,
    };
    reply.into_response()
}

fn refuse(status: u16, body: String, retry_after: Option<String>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Reply { status, body }.into_response();
    if let Some(value) = retry_after.and_then(|text| text.try_into().ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}
