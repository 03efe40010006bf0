//! The faults that wait: as a script would have them, and some of them taken back.

use serde::Serialize;
use serde_json::Value;

use super::{Faults, Moment, Operation, Scripted, Sink};

impl Faults {
    /// Those of the cloud before those of the sinks.
    pub(crate) fn waiting(&self) -> Vec<Value> {
        let cloud = self.cloud.iter().map(|scripted| scripted.shown(Operation::name));
        cloud.chain(self.sinks.iter().map(|scripted| scripted.shown(Sink::name))).collect()
    }

    /// Takes back what is the same fault for the same operation, however often it would still strike.
    pub(crate) fn take_back(&mut self, others: &Self) {
        self.cloud.retain(|waiting| !others.cloud.iter().any(|other| waiting.is_as(other)));
        self.sinks.retain(|waiting| !others.sinks.iter().any(|other| waiting.is_as(other)));
    }
}

impl<T: Copy + PartialEq, F: PartialEq + Serialize> Scripted<T, F> {
    fn is_as(&self, other: &Self) -> bool {
        self.target == other.target && self.taken == other.taken
    }

    fn shown(&self, name: impl Fn(T) -> &'static str) -> Value {
        let mut fields = serde_json::to_value(&self.taken.fault).expect("a fault is names, numbers and texts");
        fields["operation"] = name(self.target).into();
        fields["times"] = self.times.into();
        fields["before"] = (self.taken.moment == Moment::Before).into();
        fields
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_waits_is_shown_as_it_was_scripted_and_can_be_taken_back() {
        let mut faults = Faults::parse(
            br#"[{"fault": "throttle", "times": 3}, {"fault": "drop", "before": true}, {"fault": "status", "status": 503, "operation": "slack"}]"#,
        )
        .unwrap();
        let throttle = json!({"fault": "throttle", "retry_after_ms": null, "operation": "EnableBackupEncryption", "times": 3, "before": false});
        let waiting = faults.waiting();
        assert_eq!(waiting[0], throttle);
        assert_eq!((&waiting[1]["before"], &waiting[2]["operation"]), (&json!(true), &json!("slack")));

        faults.take_back(&Faults::parse(br#"[{"fault": "throttle"}, {"fault": "drop"}]"#).unwrap());
        let left: Vec<_> = faults.waiting().iter().map(|fault| fault["fault"].clone()).collect();
        assert_eq!(left, ["drop", "status"], "a drop before the change is another fault");
    }
}
