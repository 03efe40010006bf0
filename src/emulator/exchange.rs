//! One request to the cloud, from the moment it was read to its line in the record.

use super::{
    ACCOUNT, Emulator,
    answer::Answer,
    arrival::Arrival,
    calls::Call,
    endpoint::Endpoint,
    functions,
    gateway::Errand,
    operations::{Invocation, Operation},
    refusal::Refusal,
    signature::{self, Version},
};

pub(super) struct Exchange {
    pub(super) emulator: Emulator,
    pub(super) arrival: Arrival,
}

impl Exchange {
    /// Carries the operation out. State is changed and kept; the record is not written.
    pub(super) async fn perform(&self, errand: &Errand) -> Answer {
        if errand.operation == Operation::InvokeFunction {
            return functions::perform(self, errand).await;
        }
        let mut world = self.emulator.world();
        let now = world.clock.now();
        let (arrival, endpoint, caller) = (&self.arrival, &errand.endpoint, errand.caller.as_ref());
        let result = errand.operation.run(&mut Invocation { arrival, endpoint, caller, world: &mut world, now });
        let saved = world.instances.save();
        drop(world);
        match (result, saved) {
            (Ok(fields), Ok(())) => Answer::success(fields),
            (Err(refusal), Ok(())) => self.refusal(refusal),
            (_, Err(error)) => self.refusal(Refusal::named("InternalError").because(&error.to_string())),
        }
    }

    pub(super) fn refusal(&self, refusal: Refusal) -> Answer {
        let host = self.arrival.host();
        if functions::are_addressed(&self.arrival, Endpoint::of_any(host).as_ref()) {
            return functions::refusal(refusal);
        }
        Answer::refusal(refusal, host)
    }

    /// Writes an answer into the record.
    pub(super) fn recorded(&self, answer: Answer) -> Answer {
        self.record(&answer.code, Some(answer.status.as_u16()));
        answer
    }

    /// Writes a line into the record and returns its number.
    pub(super) fn record(&self, code: &str, http_status: Option<u16>) -> u64 {
        let arrival = &self.arrival;
        let mut world = self.emulator.world();
        let account = signature::key_id(arrival).and_then(|key| world.identities.account_of(&key));
        let endpoint = Endpoint::of_any(arrival.host());
        let region = endpoint.as_ref().and_then(|endpoint| {
            let owner = account.as_deref().unwrap_or(ACCOUNT);
            let found = || world.instances.region(arrival.instance()?, endpoint, owner);
            let region = endpoint.region().or_else(found).or_else(|| arrival.parameter("RegionId"));
            region.map(str::to_owned)
        });
        let call = Call {
            operation: arrival.action().map(str::to_owned),
            instance: arrival.instance().map(str::to_owned),
            key: arrival.key().map(str::to_owned),
            region,
            code: code.to_owned(),
            http_status,
            signature: Version::of(arrival).map(Version::name),
            account: account.filter(|account| account != ACCOUNT),
        };
        let call = functions::as_call(call, arrival, &world.functions, endpoint.as_ref());
        world.calls.add(call)
    }
}
