//! `pinfra apply` and `pinfra destroy`: carrying a plan out.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Mutex;
use std::time::Instant;

use clap::Args;

use crate::apply::{Context, Goal, Interrupt, Survey, by_address, survey};
use crate::plan::{Plan, Waivers};
use crate::provider::Provider;
use crate::report::{Progress, Style, outcome_text};
use crate::stack::Stack;

use super::options::{CloudArgs, StackArgs};
use super::plan::WaiverArgs;
use super::{CliError, Ended, run_async};

/// Show the plan, ask, and carry it out
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pinfra apply stack.yaml --local\n  pinfra apply stack.yaml --auto-approve\n  pinfra apply stack.yaml --adopt s3_bucket.data"
)]
pub struct ApplyArgs {
    #[command(flatten)]
    stack: StackArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    waivers: WaiverArgs,
    #[command(flatten)]
    consent: ConsentArgs,
}

/// Destroy everything that the stack owns, in the file or not
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pinfra destroy stack.yaml --local\n  pinfra destroy stack.yaml --auto-approve --allow-data-loss"
)]
pub struct DestroyArgs {
    #[command(flatten)]
    stack: StackArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    consent: ConsentArgs,
}

/// What a machine says in a person's place.
#[derive(Args, Debug)]
struct ConsentArgs {
    /// Do not ask
    #[arg(long)]
    auto_approve: bool,
    /// Allow what loses data
    #[arg(long)]
    allow_data_loss: bool,
}

/// Runs `pinfra apply`.
pub fn apply(args: &ApplyArgs) -> Result<Ended, CliError> {
    let stack = args.stack.load_to_bring()?;
    super::print_diagnostics(&stack.warnings);
    let waivers = args.waivers.checked(&stack)?;
    run_async(carry_out(
        &stack,
        &args.cloud,
        &waivers,
        &args.consent,
        Goal::Apply,
    ))
}

/// Runs `pinfra destroy`.
pub fn destroy(args: &DestroyArgs) -> Result<Ended, CliError> {
    let stack = args.stack.load()?;
    super::print_warnings(&stack);
    let waivers = Waivers::default();
    run_async(carry_out(
        &stack,
        &args.cloud,
        &waivers,
        &args.consent,
        Goal::Destroy,
    ))
}

async fn carry_out(
    stack: &Stack,
    cloud: &CloudArgs,
    waivers: &Waivers,
    consent: &ConsentArgs,
    goal: Goal,
) -> Result<Ended, CliError> {
    let interrupt = Interrupt::listen(|| {
        super::print_stderr(
            "\nStopping: nothing new is started, calls under way are finished. \
             Ctrl-C again stops at once.\n",
        );
    });
    let provider = cloud.connect(stack).await?;
    let survey = survey(stack, &provider, waivers, goal)
        .await
        .map_err(CliError::from_survey)?;
    super::plan::match_waivers(waivers, &survey)?;
    super::print_diagnostics(&survey.warnings);
    super::plan::print(&survey)?;
    if survey.plan.is_refused() {
        return Ok(Ended::Badly);
    }
    if survey.plan.is_empty() {
        return Ok(Ended::Well);
    }
    if !approved(&survey.plan, consent)? {
        super::print_stderr("Nothing was done.\n");
        return Ok(Ended::Badly);
    }
    do_it(stack, &provider, waivers, survey, &interrupt).await
}

async fn do_it(
    stack: &Stack,
    provider: &Provider,
    waivers: &Waivers,
    survey: Survey<'_>,
    interrupt: &Interrupt,
) -> Result<Ended, CliError> {
    let started = Instant::now();
    let style = Style::of(&std::io::stderr());
    let progress = Progress::new(style, survey.plan.changes.iter().map(|c| &c.address));
    interrupt.begin();
    let scope = Mutex::new(survey.scope);
    let context = Context {
        stack: &survey.stack,
        directory: &stack.directory,
        instances: &survey.instances,
        by_address: by_address(&survey.instances),
        needs: &survey.needs,
        adopt: &waivers.adopt,
        provider,
        observer: &progress,
        interrupt,
        scope: &scope,
        gone: Mutex::default(),
    };
    let report = crate::apply::run(&context, &survey.plan).await;
    progress.finish();
    let calls = provider.calls().total;
    let text = outcome_text(&report, started.elapsed(), calls, style);
    super::print_stderr(&text);
    Ok(match report.is_complete() {
        true => Ended::Well,
        false => Ended::Badly,
    })
}

/// Whether the plan may be carried out: asks the person at the terminal, or takes the flags' word.
fn approved(plan: &Plan, consent: &ConsentArgs) -> Result<bool, CliError> {
    let loses_data = plan.loses_data();
    if consent.auto_approve {
        if loses_data && !consent.allow_data_loss {
            let holders = plan.changes.iter().filter(|change| change.lost.is_some());
            let names: Vec<String> = holders.map(|change| change.address.to_string()).collect();
            let what = format!("this would lose the data in {}", names.join(", "));
            return Err(CliError::new(what)
                .hint("nothing was done; if the loss is meant, add --allow-data-loss"));
        }
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        return Err(
            CliError::new("there is nobody to ask: standard input is no terminal")
                .hint("nothing was done; --auto-approve carries the plan out without asking"),
        );
    }
    let (question, expected) = match loses_data && !consent.allow_data_loss {
        true => (
            format!(
                "This loses data. Type the stack's name ({}) to go on: ",
                plan.stack
            ),
            plan.stack.as_str(),
        ),
        false => (
            "Carry this out? Only `yes` is taken for yes: ".to_owned(),
            "yes",
        ),
    };
    super::print_stderr(&question);
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == expected)
}
