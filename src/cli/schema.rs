//! `pinfra schema`: the stack language as JSON Schema.

use clap::Args;

use super::{CliError, Ended};

/// What `pinfra generate` made of the specs that this binary's types were made of.
const SCHEMA: &str = include_str!("../../stack.schema.json");

/// Print the JSON Schema of stack files, for editors
#[derive(Args, Debug)]
pub struct SchemaArgs {}

/// Runs the command.
pub fn run(_: &SchemaArgs) -> Result<Ended, CliError> {
    super::print_stdout(SCHEMA)?;
    Ok(Ended::Well)
}
