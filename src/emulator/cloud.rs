//! The cloud's front: every request that is not a control request.

use axum::{
    body::{Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse as _, Response},
};

use super::{
    BODY_LIMIT, Emulator, arrival::Arrival, exchange::Exchange, faults, gateway, line::Peer, refusal::Refusal,
};

pub(super) async fn handle(
    State(emulator): State<Emulator>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        let exchange = Exchange { emulator, arrival: Arrival::new(parts, Bytes::new()) };
        let refusal = exchange.refusal(Refusal::named("RequestEntityTooLarge"));
        return exchange.recorded(refusal).into_response();
    };
    let exchange = Exchange { emulator, arrival: Arrival::new(parts, body) };
    let admitted = gateway::admit(&mut exchange.emulator.world(), &exchange.arrival);
    match admitted {
        Err(refusal) => exchange.recorded(exchange.refusal(refusal)).into_response(),
        Ok((errand, None)) => exchange.recorded(exchange.perform(&errand).await).into_response(),
        Ok((errand, Some(fault))) => faults::play(fault, &exchange, &errand, &peer).await,
    }
}
