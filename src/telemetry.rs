//! The program's own log: sentences on stderr. Never a body, a token or a sink's URL; what libraries log is left out,
//! because they do not know what is secret here.

use std::io::IsTerminal as _;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt as _;

/// Starts the log. To be called once per process.
pub fn start(level: LevelFilter) {
    // A second start keeps the first log, which is what a process with one log wants.
    let _ = tracing::subscriber::set_global_default(log(level, std::io::stderr().is_terminal(), std::io::stderr));
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
