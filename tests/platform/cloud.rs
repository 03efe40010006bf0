//! The stand-in cloud of one run, and its controls.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rds_seal::emulator::Emulator;
use serde_json::{Value, json};

use crate::wire::{Patience, request, send};

pub(crate) const ACCOUNT: &str = rds_seal::emulator::ACCOUNT;
pub(crate) const REGION: &str = "cn-hangzhou";
pub(crate) const FUNCTION: &str = "rds-seal";

pub(crate) struct Cloud {
    pub(crate) port: u16,
}

impl Cloud {
    pub(crate) async fn start() -> io::Result<Self> {
        let address = Emulator::new().start(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        Ok(Self { port: address.port() })
    }

    async fn control(&self, method: &str, what: &str, body: &Value) -> io::Result<String> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (bytes, head) = request(method, &format!("/_emulator/{what}"), &[], body.as_bytes());
        let answer = send(self.port, &bytes, head, Patience::Until(Duration::from_secs(20))).await?.unwrap_or_default();
        match answer.status() {
            200 | 204 => Ok(answer.text()),
            status => Err(io::Error::other(format!("{method} {what}: {status} {}", answer.text()))),
        }
    }

    pub(crate) async fn get(&self, what: &str) -> io::Result<Value> {
        Ok(serde_json::from_str(&self.control("GET", what, &Value::Null).await?)?)
    }

    pub(crate) async fn put(&self, what: &str, now: Value) -> io::Result<()> {
        self.control("PUT", what, &now).await.map(drop)
    }

    pub(crate) async fn post(&self, what: &str, body: &Value) -> io::Result<String> {
        self.control("POST", what, body).await
    }

    pub(crate) async fn forget(&self, what: &str) -> io::Result<()> {
        self.control("DELETE", what, &Value::Null).await.map(drop)
    }

    /// Has its queue deliver to this port.
    pub(crate) async fn delivers_to(&self, port: u16, loses: bool) -> io::Result<()> {
        let url = format!("http://127.0.0.1:{port}");
        self.put("functions", json!([{"name": FUNCTION, "url": url, "region": REGION, "loses": loses}])).await
    }

    pub(crate) async fn clock_is_ahead_by(&self, seconds: i64) -> io::Result<()> {
        self.put("clock", json!({"offset_seconds": seconds})).await
    }

    /// When the next task of its queue is due, in seconds, if one waits.
    pub(crate) async fn next_due(&self) -> io::Result<Option<i64>> {
        let queue = self.get("queue").await?;
        let waiting = queue["waiting"].as_array().cloned().unwrap_or_default();
        let due = waiting.iter().filter_map(|task| task["due"].as_str()?.parse::<jiff::Timestamp>().ok());
        Ok(due.min().map(|due| due.as_second() + 1))
    }

    /// The ids of the instances that are sealed.
    pub(crate) async fn sealed(&self) -> io::Result<Vec<String>> {
        let all = self.get("instances").await?;
        let sealed = all.as_array().into_iter().flatten().filter(|one| one["backup_encryption"] == true);
        Ok(sealed.filter_map(|one| one["id"].as_str().map(str::to_owned)).collect())
    }

    /// Whether one instance is sealed. Read as text: this is asked often, and there are many instances.
    pub(crate) async fn is_sealed(&self, instance: &str) -> bool {
        let all = self.control("GET", "instances", &Value::Null).await.unwrap_or_default();
        let about = all.split_once(&format!("\"id\":\"{instance}\"")).map(|(_, about)| about);
        about.and_then(|about| about.split_once("\"backup_encryption\":")).is_some_and(|(_, is)| is.starts_with("true"))
    }
}
