//! The program's own log: sentences on stderr. Never a body, a token or a sink's URL.

use std::io::IsTerminal as _;

use tracing::level_filters::LevelFilter;

/// Starts the log. To be called once per process.
pub fn start(level: LevelFilter) {
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .finish();
    // A second start keeps the first log, which is what a process with one log wants.
    let _ = tracing::subscriber::set_global_default(log);
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
