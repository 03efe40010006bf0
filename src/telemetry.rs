//! The program's own log: sentences on stderr. Never a body, a token or a sink's URL; what libraries log is left out,
//! because they do not know what is secret here.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::stdio::{PIECE, Stream};

/// Starts the log of a command. To be called once per process.
pub fn start(level: LevelFilter) {
    start_to(level, io::stderr);
}

/// Starts the log of a server, which waits for nobody who has stopped reading it. To be called once per process.
pub fn start_server(level: LevelFilter) -> io::Result<()> {
    start_to(level, Arc::new(UnwaitedLog::to(Stream::stderr()?)));
    Ok(())
}

fn start_to<W>(level: LevelFilter, out: W)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // A second start keeps the first log, which is what a process with one log wants.
    let _ = tracing::subscriber::set_global_default(log(level, io::stderr().is_terminal(), out));
}

/// A log whose lines are left out, and counted, while the stream has no room for them.
#[derive(Debug)]
pub struct UnwaitedLog {
    out: Stream,
    left_out: AtomicU64,
}

impl UnwaitedLog {
    pub fn to(out: Stream) -> Self {
        Self { out, left_out: AtomicU64::new(0) }
    }

    fn try_to_write(&self, line: &[u8]) -> io::Result<()> {
        let left_out = self.left_out.load(Ordering::Relaxed);
        if left_out > 0 {
            let lines = if left_out == 1 { "1 line" } else { &format!("{left_out} lines") };
            self.out.write_some(format!("{lines} of this log are missing here: nobody read it\n").as_bytes())?;
            self.left_out.fetch_sub(left_out, Ordering::Relaxed);
        }
        if line.len() <= PIECE {
            return self.out.write_some(line).map(|_| ());
        }
        // A line goes in whole or not at all. Nothing that belongs into a log is longer; characters stay whole.
        let is_boundary = |at: &usize| line[*at] & 0xC0 != 0x80;
        let end = (0..=PIECE - CUT.len()).rev().find(is_boundary).unwrap_or_default();
        self.out.write_some(&[&line[..end], CUT].concat()).map(|_| ())
    }
}

/// How a line ends that is cut.
const CUT: &[u8] = b" [cut]\n";

/// Each write is one line (read in tracing-subscriber, `fmt_layer`).
impl Write for &UnwaitedLog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.try_to_write(line).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A log of this program's own sentences.
pub fn log<W>(level: LevelFilter, colours: bool, out: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let ours = Targets::new().with_target("rds_seal", level);
    tracing_subscriber::registry().with(ours).with(layer().with_target(false).with_ansi(colours).with_writer(out))
}

/// `SEAL_LOG`: how much the log says.
pub fn level(text: &str) -> Option<LevelFilter> {
    match text {
        "off" => Some(LevelFilter::OFF),
        "error" => Some(LevelFilter::ERROR),
        "warn" => Some(LevelFilter::WARN),
        "info" => Some(LevelFilter::INFO),
        "debug" => Some(LevelFilter::DEBUG),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{PipeReader, Read as _};
    use std::os::fd::OwnedFd;

    use super::*;

    fn log_to_a_pipe() -> (PipeReader, UnwaitedLog) {
        let (reader, writer) = io::pipe().unwrap();
        (reader, UnwaitedLog::to(Stream::from(OwnedFd::from(writer))))
    }

    fn all_of(mut reader: PipeReader, log: UnwaitedLog) -> String {
        drop(log);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn lines_that_nobody_reads_are_left_out_and_counted() {
        let (mut reader, log) = log_to_a_pipe();
        let line = format!("{}\n", "x".repeat(PIECE - 1));
        while log.left_out.load(Ordering::Relaxed) < 3 {
            (&log).write_all(line.as_bytes()).unwrap();
        }
        reader.read_exact(&mut [0; 2 * PIECE]).unwrap();

        (&log).write_all(b"and then\n").unwrap();

        let text = all_of(reader, log);
        assert!(text.ends_with("x\n3 lines of this log are missing here: nobody read it\nand then\n"));
    }

    #[test]
    fn a_line_too_long_to_go_in_whole_is_cut() {
        let (reader, log) = log_to_a_pipe();
        (&log).write_all("é".repeat(PIECE).as_bytes()).unwrap();
        (&log).write_all(b"next\n").unwrap();
        let text = all_of(reader, log);
        assert!(text.ends_with("é [cut]\nnext\n") && text.len() <= PIECE + 5, "{}", text.len());
    }
}
