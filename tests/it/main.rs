//! Everything that crosses a socket, in one binary with one vocabulary.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod architecture;
mod credentials;
mod doubt;
mod emulator;
mod errors;
mod main_job;
mod world;
