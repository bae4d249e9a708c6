//! `pinfra output`: the values that a stack gives to people and scripts.

use clap::Args;
use serde_json::{Map, Value};

use crate::apply::values;
use crate::plan::LiveScope;
use crate::provider::catalog;
use crate::schema::secrets::{MASK, masked};
use crate::schema::{Address, Draft, Unknown, Why};
use crate::stack::{Scope, suggest};

use super::options::{CloudArgs, StackArgs};
use super::plan::Format;
use super::{CliError, Ended, run_async};

/// Print the stack's outputs, read live
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pinfra output stack.yaml\n  pinfra output stack.yaml bootstrap_servers\n  pinfra output stack.yaml --format json | jq -r .bucket"
)]
pub struct OutputArgs {
    #[command(flatten)]
    stack: StackArgs,
    /// Only this output, bare; sensitive ones are shown
    name: Option<String>,
    #[command(flatten)]
    cloud: CloudArgs,
    /// How they are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Runs the command.
pub fn run(args: &OutputArgs) -> Result<Ended, CliError> {
    let stack = args.stack.load()?;
    super::print_warnings(&stack);
    let names: Vec<&str> = stack
        .outputs
        .iter()
        .map(|output| output.name.as_str())
        .collect();
    if let Some(name) = &args.name
        && !names.contains(&name.as_str())
    {
        let error = CliError::new(format!("the file has no output `{name}`"));
        return Err(error.hint(suggest(name, names, "output")));
    }
    run_async(async {
        let provider = args.cloud.connect(&stack).await?;
        let only = args.name.as_deref();
        let scope = values(&stack, &provider, |scope| drop(stack.outputs(scope, only)))
            .await
            .map_err(CliError::from_survey)?;
        let outputs = stack
            .outputs(&scope, only)
            .map_err(CliError::from_diagnostics)?;
        let mut known = Vec::new();
        for (name, value) in outputs {
            known.push(shown(name, &value, args.name.is_some(), &scope)?);
        }
        super::print_stdout(&text(known, args))?;
        Ok(Ended::Well)
    })
}

/// An output's value; what is sensitive is masked unless it is asked for by name.
fn shown(name: String, value: &Draft, named: bool, scope: &LiveScope) -> Result<Output, CliError> {
    if value.is_sensitive() && !named {
        return Ok(Output::known(name, MASK.into()));
    }
    match value.resolve() {
        Ok(value) if named => Ok(Output::known(name, value)),
        Ok(value) => Ok(Output::known(name, masked(value))),
        Err(unknown) if named => Err(not_there(&name, &unknown, scope)),
        Err(unknown) => Ok(Output {
            name,
            value: Value::Null,
            instead: match unknown.why {
                Why::AfterApply => "(not there yet)",
                Why::Unavailable => "(not available)",
            },
        }),
    }
}

/// Why an output has no value.
fn not_there(name: &str, unknown: &Unknown, scope: &LiveScope) -> CliError {
    let reference = &unknown.reference;
    if unknown.why == Why::AfterApply {
        let error = CliError::new(format!(
            "`{name}` is not there yet: `{reference}` is not live"
        ));
        return error.hint("apply the stack first");
    }
    let Some((resource, attribute)) = parts(reference) else {
        return CliError::new(format!(
            "`{name}` is not available now: nothing gives `{reference}`"
        ));
    };
    let why = format!("`{name}` is not available now: {resource} has no {attribute}");
    match not_ready(resource, scope) {
        Some((state, true)) => {
            CliError::new(format!("{why} (it is {state})")).hint("apply waits for what is at work")
        }
        Some((state, false)) => CliError::new(format!("{why} (it is {state})")),
        None => CliError::new(why),
    }
}

/// The resource that a reference names, and what of it: `instance.a["k"].public_dns_name`.
fn parts(reference: &str) -> Option<(&str, &str)> {
    let key = reference.find("\"]").map(|end| end + 2);
    let name = || Some(reference.match_indices('.').nth(1)?.0);
    let (resource, rest) = reference.split_at_checked(key.or_else(name)?)?;
    Some((resource, rest.strip_prefix('.')?))
}

/// The state of a resource that is at work, or has been stopped, and whether it is the former.
fn not_ready(resource: &str, scope: &LiveScope) -> Option<(String, bool)> {
    let address: Address = resource.parse().ok()?;
    let ty = catalog::find(address.type_name())?;
    let states = ty.states?;
    let state = scope
        .resource(&address, Some(states.path))?
        .resolve()
        .ok()?;
    let state = state.as_str()?;
    let at_work = states.pending.contains(&state);
    let at_rest = ty.rest.is_some_and(|rest| rest.states.contains(&state));
    (at_work || at_rest).then(|| (state.to_owned(), at_work))
}

/// One output.
struct Output {
    name: String,
    /// Null where there is none.
    value: Value,
    /// What is said then.
    instead: &'static str,
}

impl Output {
    fn known(name: String, value: Value) -> Self {
        Self {
            name,
            value,
            instead: "null",
        }
    }
}

fn text(outputs: Vec<Output>, args: &OutputArgs) -> String {
    let bare = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let one = args.name.is_some();
    match args.format {
        Format::Json => match outputs.first() {
            Some(output) if one => json(&output.value),
            _ => {
                let members = outputs
                    .into_iter()
                    .map(|output| (output.name, output.value));
                json(&Value::Object(members.collect::<Map<_, _>>()))
            }
        },
        Format::Text if one => outputs
            .iter()
            .map(|output| format!("{}\n", bare(&output.value)))
            .collect(),
        Format::Text => {
            let width = outputs
                .iter()
                .map(|output| output.name.chars().count())
                .max();
            let width = width.unwrap_or(0);
            let lines = outputs.iter().map(|output| {
                let value = match &output.value {
                    Value::Null => output.instead.to_owned(),
                    value => bare(value),
                };
                format!("{:<width$}  {value}\n", output.name)
            });
            lines.collect()
        }
    }
}

fn json(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
