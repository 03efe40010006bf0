//! The binary as a process: what it prints and where, how it ends, and what it makes of the environment it is started in.

mod audit;
mod check;
mod crowds;
mod deploy;
mod invoke;
mod plan;
mod policy;
mod process;
mod replay;
mod serve;
mod setup;
mod several;
mod sign;
pub(crate) mod sinks;
mod split;
mod stand_in;
mod template;
