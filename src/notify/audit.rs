//! The audit stream: one JSON line per intent and per report, written through as it comes, whatever else happens.
//!
//! It neither blocks nor is skipped. A line that the stream has no room for waits, with nothing else in this process
//! waiting; if it is still there at its deadline, whoever wrote it is told that it is not on record. There is no thread and
//! no queue: a line costs a poll(2) and a write(2), and none of it a wake-up.

use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use crate::outcome::to_json;
use crate::stdio::Stream;
use crate::time::Deadline;

/// How often a full stream is asked for room.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// How long lines wait once the process has been told to stop.
const LAST_WAIT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Audit {
    /// Held for longer than a moment only by a line that waits for room.
    lines: Mutex<Lines>,
    /// An error that no waiting mends has come up, such as a pipe without a reader.
    is_broken: AtomicBool,
    /// When the last line has to be out, once there is a last one.
    end: OnceLock<Instant>,
}

impl Audit {
    /// Lines to a stream that may have no room.
    pub fn to_stream(stream: Stream) -> Self {
        Self::over(Out::Stream(stream))
    }

    /// Lines to something that takes them at once, or holds up a command that nobody else waits for.
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self::over(Out::Writer(Box::new(out)))
    }

    fn over(out: Out) -> Self {
        let lines = Mutex::new(Lines { out, bytes: Vec::new(), written: 0 });
        Self { lines, is_broken: AtomicBool::new(false), end: OnceLock::new() }
    }

    /// Writes one record as one line. Says whether it is on record.
    pub async fn record(&self, record: &impl Serialize, deadline: Deadline) -> bool {
        match to_json(record, 640) {
            Ok(json) => self.line(&json, deadline).await,
            Err(error) => {
                tracing::error!("an audit record could not be written as JSON: {error}");
                false
            }
        }
    }

    /// Writes a record's JSON as one line. Says whether it is on record.
    pub async fn line(&self, json: &str, deadline: Deadline) -> bool {
        let written = self.write(json, deadline).await;
        written.inspect_err(|error| tracing::error!("the audit stream took no line: {error}")).is_ok()
    }

    /// Writes a line of the platform's own log conventions, which share the stream, where there is room for it now.
    pub fn remark(&self, text: &str) {
        if let Ok(mut lines) = self.lines.try_lock()
            && !self.is_broken()
        {
            let start = lines.add(text);
            let written = lines.advance();
            self.note(&written);
            lines.give_up_from(start);
        }
    }

    /// Whether no line will be taken by this process any more.
    pub fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }

    /// Whether a line would be taken now.
    pub fn takes_lines(&self) -> bool {
        !self.is_broken() && self.lines.try_lock().is_ok_and(|lines| lines.out.has_room())
    }

    /// The process has been told to stop: no line waits for much longer.
    pub fn end(&self) {
        self.end.get_or_init(|| Instant::now() + LAST_WAIT);
    }

    async fn write(&self, line: &str, deadline: Deadline) -> io::Result<()> {
        let mut lines = match self.lines.try_lock() {
            Ok(lines) => lines,
            Err(_) => timeout(deadline.remaining(), self.lines.lock()).await.map_err(|_| ErrorKind::TimedOut)?,
        };
        if self.is_broken() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let (start, mut pause) = (lines.add(line), FIRST_PAUSE);
        loop {
            let written = lines.advance();
            self.note(&written);
            if written? {
                return Ok(());
            }
            let left = self.end.get().map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
            let left = left.min(deadline.remaining());
            if left.is_zero() {
                lines.give_up_from(start);
                return Err(ErrorKind::TimedOut.into());
            }
            sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn note(&self, written: &io::Result<bool>) {
        if written.is_err() {
            self.is_broken.store(true, Ordering::Relaxed);
        }
    }
}

/// What is to be written next: at most the end of one line that was given up in its middle, and one line more.
#[derive(Debug)]
struct Lines {
    out: Out,
    bytes: Vec<u8>,
    written: usize,
}

impl Lines {
    /// Puts a line behind what there is. Returns where it starts.
    fn add(&mut self, line: &str) -> usize {
        self.bytes.drain(..std::mem::take(&mut self.written));
        let start = self.bytes.len();
        self.bytes.extend_from_slice(line.as_bytes());
        self.bytes.push(b'\n');
        start
    }

    /// Writes while there is room. Says whether all is written.
    fn advance(&mut self) -> io::Result<bool> {
        while self.written < self.bytes.len() {
            match self.out.write_some(&self.bytes[self.written..]) {
                Ok(more) => self.written += more,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Takes a line back of which nothing is written. The rest of one that has begun goes before the next.
    fn give_up_from(&mut self, start: usize) {
        if self.written <= start {
            self.bytes.truncate(start);
        }
    }
}

enum Out {
    Stream(Stream),
    Writer(Box<dyn Write + Send>),
}

impl Out {
    fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(stream) => stream.write_some(bytes),
            Self::Writer(out) => out.write_all(bytes).and_then(|()| out.flush()).map(|()| bytes.len()),
        }
    }

    fn has_room(&self) -> bool {
        match self {
            Self::Stream(stream) => stream.has_room(),
            Self::Writer(_) => true,
        }
    }
}

impl std::fmt::Debug for Out {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Out")
    }
}

#[cfg(test)]
mod tests {
    use std::io::{PipeReader, Read as _};
    use std::os::fd::OwnedFd;

    use super::*;
    use crate::stdio::PIECE;

    /// An audit stream without room, its reader, and how much stands in its way.
    fn full() -> (Audit, PipeReader, usize) {
        let (reader, writer) = io::pipe().unwrap();
        let stream = Stream::from(OwnedFd::from(writer));
        let mut standing = 0;
        while let Ok(more) = stream.write_some(&[b'x'; PIECE]) {
            standing += more;
        }
        (Audit::to_stream(stream), reader, standing)
    }

    fn within(seconds: u64) -> Deadline {
        Deadline::after(Duration::from_secs(seconds))
    }

    fn taken(reader: &mut PipeReader, bytes: usize) -> String {
        let mut taken = vec![0; bytes];
        reader.read_exact(&mut taken).unwrap();
        String::from_utf8(taken).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_waits_for_room_as_long_as_it_may() {
        let (audit, mut reader, standing) = full();
        assert!(!audit.line("too late", within(2)).await);
        assert!(!audit.takes_lines() && !audit.is_broken());
        let reading = async {
            sleep(Duration::from_secs(1)).await;
            taken(&mut reader, standing);
        };
        let ((first, second), ()) = futures_util::future::join(
            async { (audit.line("one", within(5)).await, audit.line("two", within(5)).await) },
            reading,
        )
        .await;
        assert!(first && second && audit.takes_lines());
        assert_eq!(taken(&mut reader, 8), "one\ntwo\n", "what came too late is not written later");
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_is_given_up_in_its_middle_is_finished_before_the_next() {
        let (audit, mut reader, standing) = full();
        taken(&mut reader, PIECE);
        let long = "y".repeat(2 * PIECE);
        assert!(!audit.line(&long, within(1)).await, "half of it is no record");
        audit.remark("nor is there room for a remark");
        taken(&mut reader, standing - PIECE);
        assert!(audit.line("next", within(1)).await);
        assert_eq!(taken(&mut reader, 2 * PIECE + 6), format!("{long}\nnext\n"));
    }

    #[tokio::test(start_paused = true)]
    async fn lines_wait_a_second_more_once_the_end_has_come() {
        let (audit, _reader, _) = full();
        let started = Instant::now();
        let told = async {
            sleep(Duration::from_secs(5)).await;
            audit.end();
        };
        let lines = futures_util::future::join(audit.line("one", within(60)), audit.line("two", within(60)));
        assert_eq!(futures_util::future::join(lines, told).await.0, (false, false));
        assert_eq!(started.elapsed().as_secs(), 6);
    }

    #[tokio::test]
    async fn a_stream_without_a_reader_is_broken_at_the_first_line() {
        let (audit, reader, _) = full();
        drop(reader);
        audit.remark("anything");
        assert!(audit.is_broken());
        assert!(!audit.line("one", within(60)).await);
    }
}
