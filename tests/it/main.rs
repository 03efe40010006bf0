//! Everything that crosses a socket, in one binary with one vocabulary.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod accounts;
mod architecture;
mod bad_input;
mod chats;
mod cli;
mod configuration;
mod credentials;
mod diagnosis;
mod docs;
mod doors;
mod doubt;
mod earlier_doubt;
mod emulator;
mod errors;
mod events;
mod fc;
mod identities;
mod later;
mod leftovers;
mod limits;
mod losses;
mod main_job;
mod openapi;
mod plan;
mod raw;
mod recorded;
mod roles;
mod secrets;
mod shapes;
mod sinks;
mod strangers;
mod tasks;
mod webhooks;
mod world;
