//! Every outcome, brought about for an instance of its own.

use serde_json::{Value, json};

pub(super) const OUTCOMES: [&str; 7] =
    ["enabled", "already_enabled", "planned", "refused", "waiting", "failed", "unknown"];

/// One request, and how it is to end.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) outcome: &'static str,
    pub(super) instance: String,
    region: &'static str,
}

impl Ask {
    /// For an instance that no other has: `lane` is a digit.
    pub(super) fn new(outcome: &'static str, lane: usize, region: &'static str) -> Self {
        Self { outcome, instance: format!("rm-{}{lane}", outcome.replace('_', "")), region }
    }

    /// The instance, so that the request ends so.
    pub(super) fn in_the_cloud(&self) -> Value {
        let status = match self.outcome {
            "waiting" => "Creating",
            "failed" => "Stopped",
            _ => "Running",
        };
        let is_on = self.outcome == "already_enabled";
        json!({"id": self.instance, "region": self.region, "status": status, "backup_encryption": is_on})
    }

    pub(super) fn body(&self) -> String {
        let mut body = json!({"instance": self.instance, "region": self.region, "id": self.instance});
        match self.outcome {
            "planned" => body["mode"] = json!("plan"),
            "refused" => body["account"] = json!("6543210987654321"),
            _ => {}
        }
        body.to_string()
    }

    /// What the cloud is told so that the request ends so.
    pub(super) fn script(&self) -> Option<Value> {
        (self.outcome == "unknown").then(|| json!({"fault": "drop", "times": 1_000_000}))
    }

    /// Whether the sink is told of this at all, by the contract: a wait without a queue is told of at its end, and nobody
    /// gets up for a plan.
    pub(super) fn is_heard_by(&self, sink: &str, has_queue: bool) -> bool {
        match self.outcome {
            "waiting" => has_queue,
            "planned" => sink != "pagerduty",
            _ => true,
        }
    }

    /// Whether the platform is told again whatever becomes of the report.
    pub(super) fn comes_again(&self, has_queue: bool) -> bool {
        matches!(self.outcome, "waiting" | "unknown") && !has_queue
    }
}
