//! Tasks from acceptance to success or dead letter. Nothing here waits or talks to anybody.

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    Function, Functions,
    wire::{Event, Outcome, UNHANDLED},
};

/// An accepted asynchronous invocation.
pub(super) struct Order {
    pub(super) request_id: String,
    pub(super) qualifier: Option<String>,
    pub(super) delay_seconds: u64,
    pub(super) body: Bytes,
}

#[derive(Default)]
pub(crate) struct Queue {
    /// In order of acceptance. A task stays here until its last delivery was answered.
    waiting: Vec<Task>,
    /// Deliveries that were made, whatever came of them.
    delivered: Vec<Value>,
    dead_letters: Vec<Value>,
    next: u64,
}

struct Task {
    number: u64,
    /// The function's ARN, so that one listed anew in the meantime is delivered to where it is then.
    arn: String,
    name: String,
    order: Order,
    due: Timestamp,
    attempt: u32,
    is_under_way: bool,
}

/// A delivery that has to be made now, and then to be settled.
pub(super) struct Delivery {
    number: u64,
    at: Timestamp,
    pub(super) event: Event,
}

impl Queue {
    pub(super) fn add(&mut self, function: &Function, order: Order, now: Timestamp) {
        let delay_ms = if function.honours_delay { order.delay_seconds * 1000 } else { 0 };
        let delay_ms = delay_ms.max(function.latency_ms);
        self.waiting.push(Task {
            number: self.next,
            arn: function.arn(),
            name: function.name.clone(),
            order,
            due: after_ms(now, delay_ms),
            attempt: 0,
            is_under_way: false,
        });
        self.next += 1;
    }

    /// When the next delivery has to be made.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.waiting.iter().filter(|task| !task.is_under_way).map(|task| task.due).min()
    }

    /// Whether a delivery was taken and is not settled.
    pub(super) fn is_busy(&self) -> bool {
        self.waiting.iter().any(|task| task.is_under_way)
    }

    /// The delivery that is due first, if one is due. Nobody else gets it until it is settled.
    pub(super) fn take_due(&mut self, functions: &Functions, now: Timestamp) -> Option<Delivery> {
        loop {
            let due = |task: &&mut Task| !task.is_under_way && task.due <= now;
            let task = self.waiting.iter_mut().filter(due).min_by_key(|task| (task.due, task.number))?;
            if let Some(function) = functions.with_arn(&task.arn) {
                task.is_under_way = true;
                return Some(Delivery { number: task.number, at: now, event: task.event(function) });
            }
            let number = task.number;
            self.bury(number, "FunctionNotFound", "", now);
        }
    }

    /// What came of a delivery: success, another attempt, or a dead letter. One that was forgotten leaves no trace.
    pub(super) fn settle(&mut self, delivery: &Delivery, outcome: &Outcome, now: Timestamp) {
        let Some(place) = self.waiting.iter().position(|task| task.number == delivery.number) else { return };
        let (function, task) = (&delivery.event.function, &mut self.waiting[place]);
        self.delivered.push(task.delivered(outcome, delivery.at));
        if outcome.is_success() {
            self.waiting.remove(place);
        } else if task.attempt < function.max_retries {
            task.attempt += 1;
            task.due = after_ms(now, function.retry_after_ms);
            task.is_under_way = false;
        } else {
            self.bury(delivery.number, "RetriesExhausted", &outcome.answer, now);
        }
    }

    pub(super) fn forget(&mut self) {
        // Numbers go on, so that a delivery under way finds nothing to settle.
        *self = Self { next: self.next, ..Self::default() };
    }

    pub(crate) fn view(&self) -> Value {
        let waiting: Vec<Value> = self.waiting.iter().map(Task::view).collect();
        json!({ "waiting": waiting, "delivered": self.delivered, "dead_letters": self.dead_letters })
    }

    fn bury(&mut self, number: u64, condition: &str, answer: &str, now: Timestamp) {
        let Some(place) = self.waiting.iter().position(|task| task.number == number) else { return };
        let task = self.waiting.remove(place);
        self.dead_letters.push(task.dead_letter(condition, answer, now));
    }
}

impl Task {
    /// Retries keep the request id that the 202 had (*inferred*).
    fn event(&self, function: &Function) -> Event {
        Event {
            request_id: self.order.request_id.clone(),
            function: function.clone(),
            qualifier: self.order.qualifier.clone(),
            attempt: self.attempt,
            body: self.order.body.clone(),
        }
    }

    fn view(&self) -> Value {
        json!({
            "function": self.name,
            "due": self.due.to_string(),
            "delay_seconds": self.order.delay_seconds,
            "attempt": self.attempt,
            "body": readable(&self.order.body),
        })
    }

    fn delivered(&self, outcome: &Outcome, at: Timestamp) -> Value {
        json!({
            "function": self.name,
            "at": at.to_string(),
            "attempt": self.attempt,
            "x_fc_status": outcome.x_fc_status,
            "http_status": outcome.http_status,
            "answer": readable(outcome.answer.as_bytes()),
        })
    }

    /// The record that a failure destination gets. Its shape is *documented*, the names of the conditions are *inferred*.
    fn dead_letter(&self, condition: &str, answer: &str, now: Timestamp) -> Value {
        json!({
            "timestamp": now.as_millisecond(),
            "requestContext": {
                "requestId": self.order.request_id,
                "functionArn": self.arn,
                "condition": condition,
                "approximateInvokeCount": self.attempt + 1,
            },
            "requestPayload": String::from_utf8_lossy(&self.order.body),
            "responseContext": { "statusCode": 200, "functionError": UNHANDLED },
            "responsePayload": answer,
        })
    }
}

fn after_ms(now: Timestamp, ms: u64) -> Timestamp {
    let duration = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
    now.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// As JSON if it is that, else as text.
fn readable(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_that_was_forgotten_leaves_no_trace_whatever_comes_of_it() {
        let function = Function::at("seal", "http://127.0.0.1:1".to_owned());
        let mut functions = Functions::default();
        functions.put(function.clone());
        let now = Timestamp::UNIX_EPOCH;
        for http_status in [Some(200), None] {
            let mut queue = Queue::default();
            let order =
                |id: &str| Order { request_id: id.to_owned(), qualifier: None, delay_seconds: 0, body: Bytes::new() };
            queue.add(&function, order("forgotten"), now);
            let delivery = queue.take_due(&functions, now).unwrap();
            queue.forget();
            queue.add(&function, order("kept"), now);
            let before = queue.view();
            queue.settle(&delivery, &Outcome { http_status, x_fc_status: None, answer: String::new() }, now);
            assert_eq!(queue.view(), before);
            assert_eq!(queue.take_due(&functions, now).unwrap().event.request_id, "kept");
        }
    }
}
