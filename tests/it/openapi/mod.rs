//! `docs/openapi.json`: written from the types, and held to the running host.

mod description;
mod held;

pub(crate) use description::description;
