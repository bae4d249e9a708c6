//! `pinfra generate`: the provider's Rust from AWS's facts and specs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, Ended};
use crate::generate::{GenerateError, Mode, NewType, generate, new_type, stats};

/// The arguments of `pinfra generate`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct GenerateArgs {
    #[command(subcommand)]
    command: Option<GenerateCommand>,
    /// Write nothing; show what differs and fail
    #[arg(long)]
    check: bool,
    /// Write nothing; show how many lines of each type are spec, by hand, and generated; fail if too
    /// many are by hand
    #[arg(long, conflicts_with = "check")]
    stats: bool,
    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
}

#[derive(Debug, Subcommand)]
enum GenerateCommand {
    New(NewArgs),
}

/// Draft the spec of a type, extracting AWS's facts of it first (python3 with pip)
#[derive(Debug, Args)]
struct NewArgs {
    /// Its name in AWS's registry
    #[arg(value_name = "AWS::Service::Type")]
    registry: String,
    /// Its name in stack files [default: Terraform's without `aws_`, as far as can be told]
    #[arg(long = "type", value_name = "NAME")]
    name: Option<String>,
    /// botocore's name of its service, where IAM's is another
    #[arg(long)]
    service: Option<String>,
    /// A folder that holds the wheels of botocore and cfn-lint already
    #[arg(long, value_name = "DIR")]
    wheels: Option<PathBuf>,
    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
}

/// Generates, or checks that everything is as it would be generated.
///
/// # Errors
/// Mistakes in specs, all of them, or files that cannot be read or written.
pub fn run(args: &GenerateArgs) -> Result<Ended, CliError> {
    match &args.command {
        Some(GenerateCommand::New(args)) => return draft(args),
        None if args.stats => return show_stats(args),
        None => {}
    }
    let mode = if args.check { Mode::Check } else { Mode::Write };
    let outcome = match generate(&args.root, mode) {
        Ok(outcome) => outcome,
        Err(problems @ GenerateError::Problems(_)) => {
            return Err(CliError::rendered(problems.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    if outcome.changed.is_empty() {
        super::print_stdout(&format!(
            "{} generated files are up to date\n",
            outcome.files
        ))?;
        return Ok(Ended::Well);
    }
    if args.check {
        super::print_stdout(&outcome.diff.to_string())?;
        let hint = "run `cargo run -- generate` and commit what it writes";
        let message = format!(
            "{} of {} generated files differ",
            outcome.changed.len(),
            outcome.files
        );
        return Err(CliError::new(message).hint(hint));
    }
    for name in &outcome.changed {
        super::print_stdout(&format!("wrote {name}\n"))?;
    }
    Ok(Ended::Well)
}

fn show_stats(args: &GenerateArgs) -> Result<Ended, CliError> {
    let stats = stats(&args.root)?;
    super::print_stdout(&format!(
        "{}{} of {} types have hooks\n",
        stats.table(),
        stats.with_hooks(),
        stats.0.len()
    ))?;
    match stats.excesses().as_slice() {
        [] => Ok(Ended::Well),
        excesses => Err(CliError::new(excesses.join("\n"))),
    }
}

fn draft(args: &NewArgs) -> Result<Ended, CliError> {
    let wanted = NewType {
        registry: args.registry.clone(),
        name: args.name.clone(),
        service: args.service.clone(),
        wheels: args.wheels.clone(),
    };
    let drafted = new_type(&args.root, &wanted)?;
    super::print_stdout(&format!(
        "{}wrote {}\nAnswer its {} questions (the lines with `# ?`), then run `cargo run -- generate`; docs/adding-a-type.md goes on from there.\n",
        drafted.extracted, drafted.file, drafted.questions
    ))?;
    Ok(Ended::Well)
}
