//! `pinfra output`: the values that a stack gives to people and scripts.

use clap::Args;
use serde_json::{Map, Value};

use crate::apply::values;
use crate::schema::Draft;
use crate::stack::suggest;

use super::options::{CloudArgs, StackArgs};
use super::plan::Format;
use super::{CliError, Ended, run_async};

/// Print the stack's outputs, read live
#[derive(Args, Debug)]
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
            known.push(shown(name, &value, args.name.is_some())?);
        }
        super::print_stdout(&text(known, args));
        Ok(Ended::Well)
    })
}

/// An output's value; sensitive ones are masked unless asked for by name.
fn shown(name: String, value: &Draft, named: bool) -> Result<(String, Value), CliError> {
    if value.is_sensitive() && !named {
        return Ok((name, Value::String("(sensitive)".to_owned())));
    }
    match value.resolve() {
        Ok(value) => Ok((name, value)),
        Err(unknown) if named => Err(CliError::new(format!(
            "`{name}` is not there yet: `{}` is not live",
            unknown.reference
        ))
        .hint("apply the stack first")),
        Err(_) => Ok((name, Value::Null)),
    }
}

fn text(outputs: Vec<(String, Value)>, args: &OutputArgs) -> String {
    let bare = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let one = args.name.is_some();
    match args.format {
        Format::Json => match outputs.first() {
            Some((_, value)) if one => json(value),
            _ => json(&Value::Object(outputs.into_iter().collect::<Map<_, _>>())),
        },
        Format::Text if one => outputs
            .iter()
            .map(|(_, v)| format!("{}\n", bare(v)))
            .collect(),
        Format::Text => {
            let width = outputs.iter().map(|(name, _)| name.chars().count()).max();
            let width = width.unwrap_or(0);
            let lines = outputs.iter().map(|(name, value)| {
                let value = match value {
                    Value::Null => "(not there yet)".to_owned(),
                    value => bare(value),
                };
                format!("{name:<width$}  {value}\n")
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
