//! The command line: one file a command, each with its arguments and its run.
//!
//! Commands hold no logic: they read arguments, call the library and print. [`main`] maps how they
//! end to exit codes: 0, 1 for errors, refusals and wrong usage, 2 for a plan with changes.

#[cfg(feature = "aws")]
mod apply;
#[cfg(feature = "cloud")]
mod cloud;
mod completions;
mod error;
#[cfg(feature = "generate")]
mod generate;
#[cfg(feature = "stack")]
mod options;
#[cfg(feature = "aws")]
mod output;
#[cfg(feature = "aws")]
mod plan;
#[cfg(feature = "stack")]
mod render_configs;
#[cfg(feature = "stack")]
mod schema;
#[cfg(feature = "stack")]
mod validate;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::schema::secrets::mask;

pub use error::CliError;

/// Infrastructure as code for event pipelines on AWS, without a state file.
#[derive(Debug, Parser)]
#[command(
    name = "pinfra",
    version,
    arg_required_else_help = true,
    max_term_width = 80
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "stack")]
    Validate(validate::ValidateArgs),
    #[cfg(feature = "aws")]
    Plan(plan::PlanArgs),
    #[cfg(feature = "aws")]
    Apply(apply::ApplyArgs),
    #[cfg(feature = "aws")]
    Destroy(apply::DestroyArgs),
    #[cfg(feature = "stack")]
    RenderConfigs(render_configs::RenderConfigsArgs),
    #[cfg(feature = "aws")]
    Output(output::OutputArgs),
    /// The embedded AWS, for any client
    #[cfg(feature = "cloud")]
    Cloud(cloud::CloudArgs),
    #[cfg(feature = "stack")]
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    /// Write the provider's Rust from AWS's facts and specs
    #[cfg(feature = "generate")]
    Generate(generate::GenerateArgs),
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
            if error.use_stderr() {
                // Nobody is left to tell if the terminal itself is gone.
                drop(error.print());
                return ExitCode::FAILURE;
            }
            return ended(help(&error));
        }
    };
    ended(run(cli.command))
}

/// Prints what was asked for with `--help` or `--version`.
fn help(asked: &clap::Error) -> Result<Ended, CliError> {
    written(asked.print().and_then(|()| std::io::stdout().flush()))?;
    Ok(Ended::Well)
}

fn ended(how: Result<Ended, CliError>) -> ExitCode {
    match how {
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
        Command::Completions(args) => completions::run(&args),
        #[cfg(feature = "stack")]
        Command::Schema(args) => schema::run(&args),
        #[cfg(feature = "stack")]
        Command::Validate(args) => validate::run(&args),
        #[cfg(feature = "aws")]
        Command::Plan(args) => plan::run(&args),
        #[cfg(feature = "aws")]
        Command::Apply(args) => apply::apply(&args),
        #[cfg(feature = "aws")]
        Command::Destroy(args) => apply::destroy(&args),
        #[cfg(feature = "stack")]
        Command::RenderConfigs(args) => render_configs::run(&args),
        #[cfg(feature = "aws")]
        Command::Output(args) => output::run(&args),
        #[cfg(feature = "cloud")]
        Command::Cloud(args) => cloud::run(args),
    }
}

/// Runs a command that talks to AWS.
#[cfg(feature = "aws")]
fn run_async(command: impl Future<Output = Result<Ended, CliError>>) -> Result<Ended, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(command)
}

/// Prints what was asked for.
///
/// # Errors
/// It did not get where it was to go. A closed pipe is none: the reader has what it wants.
fn print_stdout(text: &str) -> Result<(), CliError> {
    let mut stdout = std::io::stdout().lock();
    let sent = stdout.write_all(text.as_bytes());
    written(sent.and_then(|()| stdout.flush()))
}

fn written(how: std::io::Result<()>) -> Result<(), CliError> {
    match how {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::new(format!(
            "standard output cannot be written: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Prints what is said beside it, without what is secret. A reader that has gone needs no telling.
fn print_stderr(text: &str) {
    drop(std::io::stderr().lock().write_all(mask(text).as_bytes()));
}

/// Prints a file's diagnostics.
#[cfg(feature = "stack")]
fn print_diagnostics(diagnostics: &crate::stack::Diagnostics) {
    if !diagnostics.is_empty() {
        print_stderr(&draw(diagnostics));
    }
}

/// Prints what someone should look at in a file of which nothing is applied now. What is wrong in its
/// declarations stops only what applies them.
#[cfg(feature = "stack")]
fn print_warnings(stack: &crate::stack::Stack) {
    let mut warnings = stack.all_findings();
    warnings
        .0
        .retain(|one| one.severity == crate::stack::Severity::Warning);
    print_diagnostics(&warnings);
}

/// Diagnostics as text, in colours on a terminal.
#[cfg(feature = "stack")]
fn draw(diagnostics: &crate::stack::Diagnostics) -> String {
    let colours = crate::report::Style::of(&std::io::stderr()) == crate::report::Style::Terminal;
    crate::stack::report(diagnostics, colours)
}
