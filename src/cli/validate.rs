//! `pinfra validate`: is the file right, as far as can be told without AWS.

use clap::Args;

use crate::plan::check_declarations;

use super::options::StackArgs;
use super::{CliError, Ended};

/// Check a stack file against AWS's facts, without any call
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pinfra validate stack.yaml\n  pinfra validate stack.yaml --var user_id=0a60b9a8a831"
)]
pub struct ValidateArgs {
    #[command(flatten)]
    stack: StackArgs,
}

/// Runs the command.
pub fn run(args: &ValidateArgs) -> Result<Ended, CliError> {
    let stack = args.stack.load()?;
    let mut warnings = stack.warnings.clone();
    let found = check_declarations(&stack).map_err(CliError::from_diagnostics)?;
    warnings.0.extend(found.0);
    super::print_diagnostics(&warnings);
    let count = stack.resources.len();
    let plural = if count == 1 { "" } else { "s" };
    let path = args.stack.path().display();
    super::print_stdout(&format!(
        "{path} is valid: {count} resource block{plural}\n"
    ))?;
    Ok(Ended::Well)
}
