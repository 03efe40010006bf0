//! Whoever reads the standard output of a process: eagerly, slowly, not at all for a while, or never again.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::process::ChildStdout;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::net::unix::pipe;
use tokio::time::sleep;

use crate::plant::Plant;

const LOOK: Duration = Duration::from_millis(10);
const SLOW: Duration = Duration::from_millis(50);
const SLOW_BYTES: usize = 1024;

/// A pipe cannot be read to its end and closed at once: what is written in between is on record, and read by nobody.
const BLIND: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Eager,
    Slow,
    Stopped,
    Gone,
}

/// The reading end of a process's standard output, and what came out of it.
pub(crate) struct AuditPipe {
    file: RefCell<Option<File>>,
    unread: RefCell<Vec<u8>>,
    reader: Cell<Reader>,
    left_at: Cell<Option<Instant>>,
    plant: Option<Plant>,
    pub(crate) read: RefCell<AuditRecord>,
}

#[derive(Debug, Default)]
pub(crate) struct AuditRecord {
    /// By operation and, where it is about one, instance.
    intents: HashMap<(String, String), u32>,
    pub(crate) reports: Vec<Value>,
    /// Lines that are neither ours nor the platform's.
    pub(crate) foreign: Vec<String>,
}

impl AuditRecord {
    /// Whether an intent for such a write has been read. What is not about one instance needs an intent for the operation.
    pub(crate) fn intends(&self, operation: &str, instance: &str) -> bool {
        let is_meant =
            |(known, about): &(String, String)| known == operation && (instance.is_empty() || about == instance);
        self.intents.keys().any(is_meant)
    }

    pub(crate) fn has_report(&self, id: &str) -> bool {
        self.reports.iter().any(|report| report["id"] == id)
    }

    fn take(&mut self, line: &str, plant: Option<Plant>) {
        if line.starts_with("FC Invoke Start RequestId: ") || line.starts_with("FC Invoke End RequestId: ") {
            return;
        }
        let value: Value = serde_json::from_str(line).unwrap_or_default();
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        match text("schema").split('/').next() {
            Some("rds-seal.intent") if plant == Some(Plant::IntentsUnwritten) => {}
            Some("rds-seal.intent") => *self.intents.entry((text("operation"), text("instance"))).or_default() += 1,
            Some("rds-seal.report") if plant == Some(Plant::ReportsUnwritten) => {}
            Some("rds-seal.report") => self.reports.push(value),
            _ => self.foreign.push(line.to_owned()),
        }
    }
}

impl AuditPipe {
    pub(crate) fn of(stdout: ChildStdout, plant: Option<Plant>) -> io::Result<Rc<Self>> {
        // Read directly, not when the runtime has heard of it: whether a line was there before a call is what is judged.
        let fd = pipe::Receiver::from_owned_fd(OwnedFd::from(stdout))?.into_nonblocking_fd()?;
        let (file, reader) = (RefCell::new(Some(File::from(fd))), Cell::new(Reader::Eager));
        let unread = if plant == Some(Plant::ForeignLine) { "a line of somebody else\n" } else { "" };
        let unread = RefCell::new(unread.as_bytes().to_vec());
        let left_at = Cell::new(None);
        Ok(Rc::new(Self { file, unread, reader, left_at, plant, read: RefCell::default() }))
    }

    /// Reads for as long as there is something to come.
    pub(crate) async fn keep_reading(self: Rc<Self>) {
        while self.file.borrow().is_some() {
            match self.reader.get() {
                Reader::Eager => self.take(usize::MAX),
                Reader::Slow => self.take(SLOW_BYTES),
                Reader::Stopped => {}
                Reader::Gone => return,
            }
            sleep(if self.reader.get() == Reader::Slow { SLOW } else { LOOK }).await;
        }
    }

    pub(crate) fn reader(&self) -> Reader {
        self.reader.get()
    }

    /// Whether its reader left so lately that what was written in that moment was seen by nobody.
    pub(crate) fn has_just_lost_its_reader(&self) -> bool {
        self.left_at.get().is_some_and(|left_at| left_at.elapsed() < BLIND)
    }

    /// Changes how it is read. Nobody comes back who has gone.
    pub(crate) fn let_reader_be(&self, reader: Reader) {
        if self.reader.get() == Reader::Gone {
            return;
        }
        if reader == Reader::Gone {
            self.take(usize::MAX);
            *self.file.borrow_mut() = None;
            self.left_at.set(Some(Instant::now()));
        }
        self.reader.set(reader);
    }

    /// Reads all there is, unless the reader stands still or has gone.
    pub(crate) fn catch_up(&self) {
        if matches!(self.reader.get(), Reader::Eager | Reader::Slow) {
            self.take(usize::MAX);
        }
    }

    /// Reads what a process has left behind, whoever read it before.
    pub(crate) fn read_the_rest(&self) {
        self.take(usize::MAX);
    }

    fn take(&self, most: usize) {
        let mut taken = 0;
        let mut buffer = [0; 16 * 1024];
        while taken < most {
            let length = buffer.len().min(most - taken);
            let result = match self.file.borrow_mut().as_mut() {
                Some(file) => file.read(&mut buffer[..length]),
                None => break,
            };
            match result {
                Ok(0) => *self.file.borrow_mut() = None,
                Ok(bytes) => {
                    taken += bytes;
                    self.unread.borrow_mut().extend_from_slice(&buffer[..bytes]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let mut unread = self.unread.borrow_mut();
        while let Some(end) = unread.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = unread.drain(..=end).collect();
            self.read.borrow_mut().take(String::from_utf8_lossy(&line).trim_end_matches('\n'), self.plant);
        }
    }
}
