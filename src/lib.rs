//! `rds-seal` turns on backup encryption for `ApsaraDB` RDS instances: one event in, one sealed instance, one report out.
//!
//! The map, in reading order. Who may import whom is a table that a test enforces (`tests/it/architecture/`).
//!
//! 1. [`request`]: what is asked, pure data.
//! 2. [`ingress`]: bytes, verified, then requests.
//! 3. [`policy`]: may it happen, a pure decision.
//! 4. [`aliyun`]: the cloud's API: signed calls, credentials, errors, retries. Its failures have a [`kind`].
//! 5. [`seal`]: from a request to its resolution: reads, and one write that cannot be undone.
//! 6. [`outcome`]: how a request ended and why, as data, and the report that says so.
//! 7. [`words`]: from reasons to sentences, in three languages. [`card`]: what people see of them, in five chats.
//! 8. [`notify`]: from a report to the audit stream and the sinks.
//! 9. [`relay`]: what cannot be done yet waits in the platform's own queue.
//! 10. [`app`]: that line, on one screen.
//! 11. [`hosts`]: where it runs. [`cli`]: the command line, and the only wiring. [`config`]: what a deployment says.
//! 12. [`emulator`]: a stand-in cloud on a real socket, for tests and newcomers.
//!
//! Beside the line: [`env`], [`time`], [`outbound`], [`secret`], [`stdio`] and [`telemetry`], which know nothing of the
//! rest.

pub mod aliyun;
pub mod app;
pub mod card;
pub mod cli;
pub mod config;
#[cfg(feature = "dev")]
pub mod emulator;
pub mod env;
pub mod hosts;
pub mod ingress;
pub mod kind;
pub mod notify;
pub mod outbound;
pub mod outcome;
pub mod policy;
pub mod relay;
pub mod request;
pub mod seal;
pub mod secret;
pub mod stdio;
pub mod telemetry;
pub mod time;
pub mod words;
