//! `pinfra completions`: what a shell completes.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::{Cli, CliError, Ended};

/// Print a shell's completions of all commands
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Runs the command. A closed pipe is no error: the reader has what it wants.
pub fn run(args: &CompletionsArgs) -> Result<Ended, CliError> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "pinfra", &mut script);
    drop(std::io::stdout().lock().write_all(&script));
    Ok(Ended::Well)
}
