//! The command line: one file a command, each with its arguments and its run.
//!
//! Commands hold no logic: they read arguments, call the library and print. [`main`] maps how they
//! end to exit codes: 0, 1 for errors, refusals and wrong usage, 2 for a plan with changes.

#[cfg(feature = "cloud")]
mod cloud;
mod error;
#[cfg(feature = "generate")]
mod generate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use error::CliError;

/// Infrastructure as code for event pipelines on AWS, without a state file.
#[derive(Debug, Parser)]
#[command(name = "pinfra", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the provider's Rust from AWS's facts and specs
    #[cfg(feature = "generate")]
    Generate(generate::GenerateArgs),
    /// The embedded AWS, for any client
    #[cfg(feature = "cloud")]
    Cloud(cloud::CloudArgs),
}

/// How a command ended when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Done: exit code 0.
    Well,
    /// A plan has changes: exit code 2.
    WithChanges,
    /// What was asked is not so, and the output says why: exit code 1.
    Badly,
}

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 1 } else { 0 };
            // Nobody is left to tell if the terminal itself is gone.
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    match run(cli.command) {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::WithChanges) => ExitCode::from(2),
        Ok(Ended::Badly) => ExitCode::FAILURE,
        Err(error) => {
            error.print();
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<Ended, CliError> {
    match command {
        #[cfg(feature = "generate")]
        Command::Generate(args) => generate::run(&args),
        #[cfg(feature = "cloud")]
        Command::Cloud(args) => cloud::run(args),
    }
}
