//! The command line. Exit codes: 0 done (ignored and planned too), 2 usage, configuration or an event that cannot be read,
//! 3 refused, 4 failed or a required sink not reached, 5 waiting or unknown, or a server that has to be replaced; of several,
//! the highest.

mod assemble;
mod check;
#[cfg(feature = "dev")]
mod dev;
#[cfg(feature = "dev")]
mod emulator;
mod explain;
mod invoke;
mod plan;
mod policy;
mod print;
mod replay;
mod serve;
mod sign;

pub use assemble::{Assembly, StandIn};

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::env::Env;

/// Turns on backup encryption for ApsaraDB RDS instances the moment it matters.
#[derive(Debug, Parser)]
#[command(name = "rds-seal", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve as the function, or as a plain HTTP server where no platform shows itself; on a platform also without a word
    Serve {
        /// Where to listen; default on Function Compute: its own port on every address, elsewhere 127.0.0.1:9000
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
    },
    /// Send events from files through the real path and print how they ended
    Invoke {
        /// Files that hold an event each; `-` is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Use a stand-in cloud inside this process, and its own key pair
        #[arg(long)]
        emulator: bool,
        /// Print the answer as one line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what would happen to some instances, and why; changes nothing
    Plan(plan::Arguments),
    /// Look whether this deployment would work: configuration, identity, permissions, region, role, key, clock, sinks
    Check(check::Arguments),
    /// Print the least RAM policy and the trust policy for this configuration
    Policy {
        /// Print a ROS template of the role that each further account needs
        #[arg(long)]
        account_template: bool,
    },
    /// Run the function, a stand-in cloud and captured sinks on this machine
    Dev {
        /// Where the function listens
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9000")]
        listen: SocketAddr,
    },
    /// Send reports from audit lines to the sinks again, after an outage; changes nothing and plans nothing
    Replay(replay::Arguments),
    /// Print a signed webhook request, ready to be sent
    Sign(sign::Arguments),
    /// Say what an error code means and what to do about it
    Explain {
        /// The code, such as IncorrectDBInstanceState
        code: String,
    },
    /// Run the stand-in cloud alone, for any client
    Emulator {
        /// Where it listens; port 0 takes a free one
        #[arg(long, value_name = "ADDR")]
        listen: SocketAddr,
        /// Keep the instances in this file
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
    },
}

/// What ends a command before it has an outcome: one sentence, exit code 2.
type Unable = Box<dyn std::error::Error>;

/// Runs the program with the process's arguments and environment.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors and go to stdout; the rest goes to stderr.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let command = match arguments.command {
        Some(command) => command,
        None if serve::shows_where_it_runs(&Env::Process) => Command::Serve { listen: None },
        None => {
            print::help(&Arguments::command());
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return print::unable(&format!("no runtime: {error}").into()),
    };
    let result = runtime.block_on(dispatch(command, &Env::Process));
    // A blocking read of a name server must not hold up the end.
    runtime.shutdown_background();
    match result {
        Ok(code) => ExitCode::from(code),
        Err(unable) => print::unable(&unable),
    }
}

async fn dispatch(command: Command, env: &Env) -> Result<u8, Unable> {
    match command {
        Command::Serve { listen } => serve::run(env, listen).await,
        Command::Invoke { files, emulator, json } => Box::pin(invoke::run(env, &files, emulator, json)).await,
        Command::Plan(arguments) => Box::pin(plan::run(env, arguments)).await,
        Command::Check(arguments) => Box::pin(check::run(env, arguments)).await,
        Command::Policy { account_template } => policy::run(env, account_template),
        Command::Replay(arguments) => Box::pin(replay::run(env, arguments)).await,
        Command::Sign(arguments) => Box::pin(sign::run(env, &arguments)).await,
        Command::Explain { code } => Ok(explain::run(&code)),
        #[cfg(feature = "dev")]
        Command::Dev { listen } => dev::run(env, listen).await,
        #[cfg(feature = "dev")]
        Command::Emulator { listen, state } => emulator::run(listen, state.as_deref()).await,
        #[cfg(not(feature = "dev"))]
        Command::Dev { .. } | Command::Emulator { .. } => Err(NOT_BUILT_IN.into()),
    }
}

#[cfg(not(feature = "dev"))]
const NOT_BUILT_IN: &str = "the stand-in cloud is not built in: build with the default features to use it";
