//! The operation of `EventBridge` that we use, API version 2020-04-01.
//!
//! Source: the vendor's page (2026-09) and its Python SDK (8.7.0): a form body, hosts that differ by region. The RAM action is
//! inferred from the operation's name.

use serde::Deserialize;

use super::endpoint::{Network, eventbridge};
use super::operation::{Operation, Shape};

/// Puts events on a custom bus.
#[derive(Debug)]
pub struct PutEvents<'a> {
    pub bus: &'a str,
    /// JSON text of a list, with `Id`, `Source` and `Type` in each.
    pub events: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Put {
    data: Option<PutData>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutData {
    failed_entry_count: u32,
    #[serde(default)]
    entry_list: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    error_code: Option<String>,
}

impl Put {
    /// How many events were not taken.
    pub fn failed(&self) -> u32 {
        self.data.as_ref().map_or(0, |data| data.failed_entry_count)
    }

    /// Why the first of those was not.
    pub fn first_error(self) -> String {
        let codes = self.data.into_iter().flat_map(|data| data.entry_list).filter_map(|entry| entry.error_code);
        codes.into_iter().find(|code| !code.is_empty()).unwrap_or_else(|| "an entry failed".to_owned())
    }
}

impl Operation for PutEvents<'_> {
    const ACTION: &'static str = "PutEvents";
    const VERSION: &'static str = "2020-04-01";
    const RAM_ACTION: &'static str = "eventbridge:PutEvents";
    type Response = Put;

    fn host(&self, region: &str, network: Network) -> String {
        eventbridge(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        vec![("EventBusName", self.bus), ("EventList", self.events)]
    }

    fn shape(&self) -> Shape {
        Shape::Form
    }

    /// Without the count nothing says that they were taken.
    fn is_answered_by(&self, response: &Put) -> bool {
        response.data.is_some()
    }
}
