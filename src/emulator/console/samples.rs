//! The sample events, which are those of `events/`.

use axum::response::Response;
use serde::Serialize;

use super::json;

#[derive(Serialize)]
pub(super) struct Sample {
    name: &'static str,
    title: &'static str,
    pub(super) body: &'static str,
}

macro_rules! samples {
    ($($name:literal: $title:literal,)*) => {
        &[$(Sample {
            name: $name,
            title: $title,
            body: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/events/", $name)),
        },)*]
    };
}

const SAMPLES: &[Sample] = samples! {
    "instance-created.json": "Instance created",
    "clone-created.json": "Instance cloned",
    "bulk-created.json": "Three in one call",
    "failed-create.json": "Creation refused",
    "direct-request.json": "Direct request",
    "direct-request-plan.json": "Direct request, plan only",
    "config-noncompliant.json": "Cloud Config finding",
    "smq-topic.json": "Topic message",
    "smq-queue.json": "Queue messages",
    "remediation.json": "Remediation",
    "bare-actiontrail.json": "ActionTrail record",
    "dead-letter.json": "Dead letter",
    "timer.json": "Timer",
};

pub(super) async fn list() -> Response {
    json(&SAMPLES)
}

pub(super) fn named(name: &str) -> Option<&'static Sample> {
    SAMPLES.iter().find(|sample| sample.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_event_is_on_the_list() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/events")).unwrap();
        let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut there: Vec<_> = names.filter(|name| name != "README.md").collect();
        let mut listed: Vec<_> = SAMPLES.iter().map(|sample| sample.name.to_owned()).collect();
        there.sort();
        listed.sort();
        assert_eq!(listed, there);
    }
}
