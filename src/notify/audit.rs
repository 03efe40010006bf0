//! The audit stream: one JSON line per intent and per report, flushed as it is written, whatever else happens.

use std::io::Write;
use std::sync::Mutex;

use serde::Serialize;

pub struct Audit(Mutex<Box<dyn Write + Send>>);

impl Audit {
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(out)))
    }

    /// Writes one record as one line and flushes it.
    pub fn record(&self, record: &impl Serialize) {
        match serde_json::to_vec(record) {
            Ok(line) => self.write(line),
            Err(error) => tracing::error!("an audit record could not be written as JSON: {error}"),
        }
    }

    /// Writes one plain line and flushes it: the platform's own log conventions share the stream.
    pub fn line(&self, text: &str) {
        let mut line = Vec::with_capacity(text.len() + 1);
        line.extend_from_slice(text.as_bytes());
        self.write(line);
    }

    fn write(&self, mut line: Vec<u8>) {
        line.push(b'\n');
        let mut out = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Err(error) = out.write_all(&line).and_then(|()| out.flush()) {
            tracing::error!("the audit stream took no line: {error}");
        }
    }
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Audit")
    }
}
