//! The `pinfra` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    pinfra::cli::main()
}
