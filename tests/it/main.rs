//! Everything that crosses a socket, in one binary with one vocabulary.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod architecture;
mod bad_input;
mod cli;
mod configuration;
mod credentials;
mod docs;
mod doubt;
mod emulator;
mod errors;
mod events;
mod fc;
mod identities;
mod later;
mod main_job;
mod shapes;
mod sinks;
mod world;
