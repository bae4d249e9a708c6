//! `pinfra validate`: is the file right, as far as can be told without AWS.

use clap::Args;

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
    let stack = args.stack.load_to_bring()?;
    super::print_diagnostics(&stack.all_findings());
    let blocks = crate::report::counted(stack.resources.len(), "resource block");
    let path = args.stack.path().display();
    super::print_stdout(&format!("{path} is valid: {blocks}\n"))?;
    Ok(Ended::Well)
}
