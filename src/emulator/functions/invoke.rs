//! `InvokeFunction` of version 2023-03-30: `POST /2023-03-30/functions/{name}/invocations?qualifier=…` (*read in code*),
//! the body being the event as it is. Asynchronous invocations go into the queue, the others are delivered at once.

use axum::{body::Bytes, http::Method};

use super::{
    Answer, Arrival, Call, Emulator, Endpoint, Errand, Exchange, Functions, Operation, Refusal, Version, World, answer,
    new_request_id,
    queue::Order,
    wire::{self, Event, Outcome},
};

const VERSION: &str = "2023-03-30";
/// The longest body of an asynchronous invocation (*documented*).
const ASYNC_BODY: usize = 128 * 1024;
/// The longest delay, in seconds. One of the vendor's pages allows 3600 as well, another does not.
const LONGEST_DELAY: u64 = 3599;

/// Whether a request is for FC: by its host, or by its path if the host does not say.
pub(crate) fn are_addressed(arrival: &Arrival, endpoint: Option<&Endpoint>) -> bool {
    match endpoint {
        Some(Endpoint::Functions { .. }) => true,
        Some(Endpoint::Anywhere) => arrival.path.strip_prefix('/').is_some_and(|path| path.starts_with(VERSION)),
        Some(Endpoint::Central | Endpoint::Region(_)) | None => false,
    }
}

/// The operation a request asks for. Older signatures than V3 sign neither path nor body and are not taken.
pub(crate) fn operation(arrival: &Arrival) -> Result<Operation, Refusal> {
    if arrival.method != Method::POST || name(arrival).is_none() {
        return Err(Refusal::named("InvalidApi.NotFound"));
    }
    if Version::of(arrival) != Some(Version::V3) {
        return Err(Refusal::named("SignatureDoesNotMatch").because("Only ACS3-HMAC-SHA256 is taken here."));
    }
    let operation = Operation::InvokeFunction;
    let is_meant = arrival.action() == Some(operation.name()) && arrival.version() == Some(VERSION);
    is_meant.then_some(operation).ok_or_else(|| Refusal::named("InvalidApi.NotFound"))
}

/// Carries an invocation out: queues it, or delivers it and waits.
pub(crate) async fn perform(exchange: &Exchange, errand: &Errand) -> Answer {
    let emulator = &exchange.emulator;
    let accepted = accept(&mut emulator.world(), &exchange.arrival, &errand.endpoint);
    match accepted {
        Err(refusal) => answer::refusal(refusal),
        Ok(Accepted::Queued { request_id }) => {
            emulator.post.look_again();
            answer::accepted(&request_id)
        }
        Ok(Accepted::Now(event)) => {
            answer::returned(&wire::deliver(emulator.post.client(), &event).await, &event.request_id)
        }
    }
}

/// Invokes the first function there is, as a trigger would: its HTTP status, `x-fc-status` and answer. None without one.
pub(crate) async fn trigger(emulator: &Emulator, body: Bytes) -> Option<(Option<u16>, Option<String>, String)> {
    let function = emulator.world().functions.all().first()?.clone();
    let event = Event { request_id: new_request_id(), function, qualifier: None, attempt: 0, body };
    let Outcome { http_status, x_fc_status, answer } = wire::deliver(emulator.post.client(), &event).await;
    Some((http_status, x_fc_status, answer))
}

/// The record's line, if the request is for FC: no instance, no key, and the function's region if the host has none.
pub(crate) fn as_call(call: Call, arrival: &Arrival, functions: &Functions, endpoint: Option<&Endpoint>) -> Call {
    let Some(endpoint) = endpoint.filter(|endpoint| are_addressed(arrival, Some(endpoint))) else { return call };
    let (name, own_region) = (name(arrival), endpoint.region().map(str::to_owned));
    let function = name.and_then(|name| functions.reached(name, endpoint));
    Call {
        operation: name.map(|_| Operation::InvokeFunction.name().to_owned()).or(call.operation),
        instance: None,
        key: None,
        region: own_region.or_else(|| function.map(|function| function.region.clone())),
        ..call
    }
}

enum Accepted {
    Queued { request_id: String },
    Now(Event),
}

/// Takes an invocation on, or says why not.
fn accept(world: &mut World, arrival: &Arrival, endpoint: &Endpoint) -> Result<Accepted, Refusal> {
    let name = name(arrival).unwrap_or_default();
    let function = world.functions.reached(name, endpoint).ok_or_else(|| not_found(name))?.clone();
    let qualifier = qualifier(arrival)?;
    let (request_id, body) = (new_request_id(), arrival.body.clone());
    match arrival.header("x-fc-invocation-type") {
        None | Some("Sync") => Ok(Accepted::Now(Event { request_id, function, qualifier, attempt: 0, body })),
        Some("Async") => {
            let delay_seconds = delay_seconds(arrival)?;
            if body.len() > ASYNC_BODY {
                let why = format!("payload size exceeds maximum allowed size ({ASYNC_BODY} bytes)");
                return Err(invalid(why));
            }
            if !function.loses {
                let order = Order { request_id: request_id.clone(), qualifier, delay_seconds, body };
                let now = world.clock.now();
                world.queue.add(&function, order, now);
            }
            Ok(Accepted::Queued { request_id })
        }
        Some(other) => Err(invalid(format!("invocation type '{other}' is not supported"))),
    }
}

/// `x-fc-async-delay`: whole seconds. Without it there is no delay.
fn delay_seconds(arrival: &Arrival) -> Result<u64, Refusal> {
    let Some(header) = arrival.headers.get("x-fc-async-delay") else { return Ok(0) };
    let digits = header.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds = digits.and_then(|text| text.parse().ok()).filter(|seconds| (1..=LONGEST_DELAY).contains(seconds));
    seconds.ok_or_else(|| invalid(format!("x-fc-async-delay must be a whole number from 1 to {LONGEST_DELAY}")))
}

/// A version or an alias. It becomes a header of the delivery, so it must be able to.
fn qualifier(arrival: &Arrival) -> Result<Option<String>, Refusal> {
    let mut pairs = arrival.query.iter().filter(|(name, value)| name == "qualifier" && !value.is_empty());
    match pairs.next() {
        Some((_, text)) if !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(invalid("qualifier is invalid".to_owned()))
        }
        other => Ok(other.map(|(_, text)| text.clone())),
    }
}

/// The function that the path names.
pub(crate) fn name(arrival: &Arrival) -> Option<&str> {
    let rest = arrival.path.strip_prefix('/')?.strip_prefix(VERSION)?.strip_prefix("/functions/")?;
    let name = rest.strip_suffix("/invocations")?;
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

/// Code, status and wording are *documented*.
fn not_found(name: &str) -> Refusal {
    Refusal::named("FunctionNotFound").saying(format!("function '{name}' does not exist."))
}

fn invalid(message: String) -> Refusal {
    Refusal::named("InvalidArgument").saying(message)
}
