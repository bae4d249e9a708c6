//! `pinfra completions`: what a shell completes.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::{Cli, CliError, Ended};

/// Print a shell's completions of all commands
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pinfra completions bash > ~/.local/share/bash-completion/completions/pinfra"
)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Runs the command.
pub fn run(args: &CompletionsArgs) -> Result<Ended, CliError> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "pinfra", &mut script);
    super::print_stdout(&String::from_utf8_lossy(&script))?;
    Ok(Ended::Well)
}
