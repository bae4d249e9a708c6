//! `pinfra generate`: the provider's Rust from AWS's facts and specs.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, Ended};
use crate::generate::{GenerateError, Mode, generate};

/// The arguments of `pinfra generate`.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// Write nothing; show what differs and fail
    #[arg(long)]
    check: bool,
    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
}

/// Generates, or checks that everything is as it would be generated.
///
/// # Errors
/// Mistakes in specs, all of them, or files that cannot be read or written.
#[allow(clippy::print_stdout)]
pub fn run(args: &GenerateArgs) -> Result<Ended, CliError> {
    let mode = if args.check { Mode::Check } else { Mode::Write };
    let outcome = match generate(&args.root, mode) {
        Ok(outcome) => outcome,
        Err(problems @ GenerateError::Problems(_)) => {
            return Err(CliError::rendered(problems.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    if outcome.changed.is_empty() {
        println!("{} generated files are up to date", outcome.files);
        return Ok(Ended::Well);
    }
    if args.check {
        print!("{}", outcome.diff);
        let hint = "run `cargo run -- generate` and commit what it writes";
        let message = format!(
            "{} of {} generated files differ",
            outcome.changed.len(),
            outcome.files
        );
        return Err(CliError::new(message).hint(hint));
    }
    for name in &outcome.changed {
        println!("wrote {name}");
    }
    Ok(Ended::Well)
}
