//! What happens to a request before it reaches its service.
//!
//! Order (*inferred*): product by host, method, operation, signature, nonce, permission. Scripted faults come right
//! after, so a request that is not properly signed and allowed never uses one up.

use std::time::Instant;

use axum::http::Method;

use super::{
    arrival::Arrival,
    endpoint::Endpoint,
    faults::{CloudFault, Taken},
    functions,
    identities::Caller,
    operations::Operation,
    refusal::Refusal,
    signature,
    world::World,
};

/// What is to be done, where, and for whom.
pub(super) struct Errand {
    pub(super) operation: Operation,
    pub(super) endpoint: Endpoint,
    /// None if the operation needs no signature.
    pub(super) caller: Option<Caller>,
}

/// Lets a request pass, with the fault it is going to meet.
pub(super) fn admit(world: &mut World, arrival: &Arrival) -> Result<(Errand, Option<Taken<CloudFault>>), Refusal> {
    let endpoint = Endpoint::of_any(arrival.host()).ok_or_else(|| Refusal::named("InvalidProduct.NotFound"))?;
    let for_functions = functions::are_addressed(arrival, Some(&endpoint));
    let operation = if for_functions { functions::operation(arrival)? } else { of_rpc(arrival)? };
    let endpoint = Endpoint::of(operation.product(), arrival.host());
    let endpoint = endpoint.ok_or_else(|| Refusal::named("InvalidApi.NotFound"))?;
    let caller = if operation.is_anonymous() { None } else { Some(identify(world, arrival)?) };
    if let Some(caller) = &caller {
        let resource = operation.resource(arrival, caller, &endpoint, &world.instances);
        world.identities.may(caller, &operation.action(), &resource)?;
    }
    let fault = world.faults.for_cloud(operation);
    Ok((Errand { operation, endpoint, caller }, fault))
}

/// Whose signature the request bears. Its nonce is spent.
fn identify(world: &mut World, arrival: &Arrival) -> Result<Caller, Refusal> {
    let verified = signature::verify(arrival, &world.identities, world.clock.now())?;
    if verified.nonce.is_some_and(|nonce| !world.nonces.spend(&nonce, Instant::now())) {
        return Err(Refusal::named("SignatureNonceUsed"));
    }
    Ok(verified.caller)
}

/// All services but FC are asked at `/`.
fn of_rpc(arrival: &Arrival) -> Result<Operation, Refusal> {
    if ![Method::GET, Method::POST].contains(&arrival.method) {
        return Err(Refusal::named("UnsupportedHTTPMethod"));
    }
    if arrival.path != "/" {
        return Err(Refusal::named("InvalidApi.NotFound"));
    }
    Operation::of(arrival)
}
