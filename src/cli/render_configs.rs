//! `pinfra render-configs`: the Kafka clients' configuration files.

use std::path::PathBuf;

use clap::Args;

use crate::configs::{self, Options};
use crate::stack::{NothingKnown, Scope, Stack};

#[cfg(feature = "aws")]
use super::options::CloudArgs;
use super::options::{StackArgs, pair};
use super::{CliError, Ended};

/// Render the files under `configs:` from live values, or from --set without any cloud
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pinfra render-configs stack.yaml --out /etc/kafka\n  pinfra render-configs stack.yaml --only client.properties --stdout\n  pinfra render-configs stack.yaml --check"
)]
pub struct RenderConfigsArgs {
    #[command(flatten)]
    stack: StackArgs,
    /// The folder the files are written to
    #[arg(long, value_name = "DIR", default_value = "rendered")]
    out: PathBuf,
    /// Only this file
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Print the files instead of writing them
    #[arg(long, conflicts_with = "check")]
    stdout: bool,
    /// Write nothing; show what differs, and exit with 1 if anything does
    #[arg(long)]
    check: bool,
    /// Set an input instead of reading it live: bootstrap_servers, zookeeper_connect, role_arn
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    cloud: CloudArgs,
}

/// Runs the command. AWS is asked only for what is not set.
pub fn run(args: &RenderConfigsArgs) -> Result<Ended, CliError> {
    let stack = args.stack.load()?;
    super::print_warnings(&stack);
    let options = Options {
        out: args.out.clone(),
        only: args.only.clone(),
        stdout: args.stdout,
        check: args.check,
        set: args.set.clone(),
    };
    let missing = configs::missing(&stack, &NothingKnown, options.only.as_deref(), &options.set)
        .map_err(CliError::from_configs)?;
    match missing.is_empty() {
        true => finish(&stack, &NothingKnown, &options),
        false => live(&stack, args, &options),
    }
}

#[cfg(feature = "aws")]
fn live(stack: &Stack, args: &RenderConfigsArgs, options: &Options) -> Result<Ended, CliError> {
    super::run_async(async {
        let provider = args.cloud.connect(stack).await?;
        let (only, set) = (options.only.as_deref(), &options.set);
        let scope = crate::apply::values(stack, &provider, |scope| {
            drop(configs::missing(stack, scope, only, set));
        });
        let scope = scope.await.map_err(CliError::from_survey)?;
        finish(stack, &scope, options)
    })
}

/// Without the SDK there is nothing to ask: the error says what to set.
#[cfg(not(feature = "aws"))]
fn live(stack: &Stack, _: &RenderConfigsArgs, options: &Options) -> Result<Ended, CliError> {
    finish(stack, &NothingKnown, options)
}

fn finish(stack: &Stack, scope: &dyn Scope, options: &Options) -> Result<Ended, CliError> {
    let outcome = configs::run(stack, scope, options).map_err(CliError::from_configs)?;
    super::print_stdout(&outcome.output)?;
    for note in &outcome.notes {
        super::print_stderr(&format!("{note}\n"));
    }
    Ok(match outcome.differs {
        true => Ended::Badly,
        false => Ended::Well,
    })
}
