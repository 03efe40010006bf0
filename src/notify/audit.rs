//! The audit stream: one JSON line per intent and per report, flushed as it is written, whatever else happens.

use std::io::Write;
use std::sync::Mutex;

use serde::Serialize;

use crate::outcome::to_json;

pub struct Audit(Mutex<Box<dyn Write + Send>>);

impl Audit {
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(out)))
    }

    /// Writes one record as one line and flushes it. Says whether it is on record.
    pub fn record(&self, record: &impl Serialize) -> bool {
        match to_json(record, 640) {
            Ok(line) => self.write(line.into_bytes()),
            Err(error) => {
                tracing::error!("an audit record could not be written as JSON: {error}");
                false
            }
        }
    }

    /// Writes one plain line and flushes it: a report's JSON, or the platform's own log conventions, which share the
    /// stream. Says whether it is on record.
    pub fn line(&self, text: &str) -> bool {
        let mut line = Vec::with_capacity(text.len() + 1);
        line.extend_from_slice(text.as_bytes());
        self.write(line)
    }

    fn write(&self, mut line: Vec<u8>) -> bool {
        line.push(b'\n');
        let mut out = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let written = out.write_all(&line).and_then(|()| out.flush());
        written.inspect_err(|error| tracing::error!("the audit stream took no line: {error}")).is_ok()
    }
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Audit")
    }
}
