//! The `rds-seal` program: the function's `bootstrap`, and the tool beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    rds_seal::cli::run()
}
