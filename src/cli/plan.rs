//! `pinfra plan`: what would be done.

use std::fs::File;
use std::io::IsTerminal;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use clap::{Args, ValueEnum};

use crate::apply::{Goal, Survey, survey};
use crate::plan::{Plan, Reason, Waivers};
use crate::report::{Header, Style, plan_json, plan_text};
use crate::schema::Address;
use crate::schema::secrets::mask;
use crate::stack::Stack;

use super::options::{CloudArgs, StackArgs};
use super::{CliError, Ended, run_async};

/// Show what apply would do: exit code 0 for nothing, 2 for changes, 1 for an error or a refusal
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pinfra plan stack.yaml --local\n  pinfra plan stack.yaml --profile work\n  pinfra plan stack.yaml --format json | jq .summary"
)]
pub struct PlanArgs {
    #[command(flatten)]
    stack: StackArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    waivers: WaiverArgs,
    /// How the plan is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What a person allows that is otherwise refused.
#[derive(Args, Debug)]
pub struct WaiverArgs {
    /// Take over the live object that stands where ADDRESS would be made
    #[arg(long, value_name = "ADDRESS")]
    adopt: Vec<Address>,
    /// Destroy the live object of ADDRESS, whose unique name changed, and make the new one
    #[arg(long, value_name = "ADDRESS")]
    rename: Vec<Address>,
}

/// How something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For scripts
    Json,
}

impl WaiverArgs {
    /// The waivers, once every address is known to be in the file.
    pub(super) fn checked(&self, stack: &Stack) -> Result<Waivers, CliError> {
        for address in self.adopt.iter().chain(&self.rename) {
            if stack.block(&address.resource).is_none() {
                let names = stack.resources.iter().map(|block| block.name.to_string());
                let hint = format!("the file has {}", names.collect::<Vec<_>>().join(", "));
                return Err(CliError::new(format!("there is no {address} in the file")).hint(hint));
            }
        }
        Ok(Waivers {
            adopt: self.adopt.iter().cloned().collect(),
            rename: self.rename.iter().cloned().collect(),
        })
    }
}

/// # Errors
/// A waiver for an address that the file does not make.
pub(super) fn match_waivers(waivers: &Waivers, survey: &Survey<'_>) -> Result<(), CliError> {
    for address in waivers.adopt.iter().chain(&waivers.rename) {
        let all = survey.instances.iter().map(|instance| &instance.address);
        if !all.clone().any(|known| known == address) {
            let same = all.filter(|known| known.resource == address.resource);
            let names: Vec<String> = same.map(ToString::to_string).collect();
            return Err(CliError::new(format!("the file does not make {address}"))
                .hint(format!("it makes {}", names.join(", "))));
        }
    }
    Ok(())
}

/// Runs the command.
pub fn run(args: &PlanArgs) -> Result<Ended, CliError> {
    let stack = args.stack.load_to_bring()?;
    super::print_diagnostics(&stack.warnings);
    let waivers = args.waivers.checked(&stack)?;
    run_async(async {
        let provider = args.cloud.connect(&stack).await?;
        let survey = survey(&stack, &provider, &waivers, Goal::Apply)
            .await
            .map_err(CliError::from_survey)?;
        match_waivers(&waivers, &survey)?;
        super::print_diagnostics(&survey.warnings);
        match args.format {
            Format::Text => print(&survey)?,
            Format::Json => {
                super::print_stdout(&plan_json(&survey.plan, &survey.calls.by_operation))?;
                super::print_stderr(&refusals(&survey.plan));
            }
        }
        Ok(match (survey.plan.is_refused(), survey.plan.is_empty()) {
            (true, _) => Ended::Badly,
            (false, true) => Ended::Well,
            (false, false) => Ended::WithChanges,
        })
    })
}

/// Prints a plan for people. Where standard output goes elsewhere, what is refused is said on
/// standard error too.
///
/// # Errors
/// It cannot be printed.
pub(super) fn print(survey: &Survey<'_>) -> Result<(), CliError> {
    let header = Header {
        took: survey.took,
        calls: survey.calls.total,
    };
    let style = Style::of(&std::io::stdout());
    super::print_stdout(&mask(&plan_text(&survey.plan, header, style)))?;
    if !read_together() {
        super::print_stderr(&refusals(&survey.plan));
    }
    Ok(())
}

/// Whether whoever reads standard error reads standard output too: both are one terminal, file or
/// pipe, or standard output is on its way to the terminal through a pager.
fn read_together() -> bool {
    let (stdout, stderr) = (std::io::stdout(), std::io::stderr());
    if stdout.is_terminal() {
        return true;
    }
    let about = |stream: BorrowedFd<'_>| {
        File::from(stream.try_clone_to_owned().ok()?)
            .metadata()
            .ok()
    };
    let (Some(out), Some(err)) = (about(stdout.as_fd()), about(stderr.as_fd())) else {
        return false;
    };
    let same = (out.dev(), out.ino()) == (err.dev(), err.ino());
    same || stderr.is_terminal() && out.file_type().is_fifo()
}

/// What is refused, a paragraph each.
fn refusals(plan: &Plan) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        if let Reason::Refused { why, help } = &change.reason {
            text.push_str(&format!("error: {}: {why}\nhint: {help}\n", change.address));
        }
    }
    text
}
