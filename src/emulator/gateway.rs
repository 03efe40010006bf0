//! What happens to a request before it reaches its service.
//!
//! Order (*inferred*): product by host, method, operation, signature, nonce. Scripted faults come right after, so a
//! request that is not properly signed never uses one up.

use std::time::Instant;

use axum::http::Method;

use super::{
    arrival::Arrival,
    endpoint::Endpoint,
    faults::{CloudFault, Taken},
    functions,
    operations::Operation,
    refusal::Refusal,
    signature,
    world::World,
};

/// What is to be done, and where.
pub(super) struct Errand {
    pub(super) operation: Operation,
    pub(super) endpoint: Endpoint,
}

/// Lets a request pass, with the fault it is going to meet.
pub(super) fn admit(world: &mut World, arrival: &Arrival) -> Result<(Errand, Option<Taken<CloudFault>>), Refusal> {
    let endpoint = Endpoint::of(arrival.host()).ok_or_else(|| Refusal::named("InvalidProduct.NotFound"))?;
    let for_functions = functions::are_addressed(arrival, Some(&endpoint));
    let operation = if for_functions { functions::operation(arrival)? } else { of_rds(arrival)? };
    let verified = signature::verify(arrival, world.clock.now())?;
    if verified.nonce.is_some_and(|nonce| !world.nonces.spend(&nonce, Instant::now())) {
        return Err(Refusal::named("SignatureNonceUsed"));
    }
    let fault = world.faults.for_cloud(operation);
    Ok((Errand { operation, endpoint }, fault))
}

fn of_rds(arrival: &Arrival) -> Result<Operation, Refusal> {
    if ![Method::GET, Method::POST].contains(&arrival.method) {
        return Err(Refusal::named("UnsupportedHTTPMethod"));
    }
    if arrival.path != "/" {
        return Err(Refusal::named("InvalidApi.NotFound"));
    }
    Operation::of(arrival)
}
