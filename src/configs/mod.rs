//! The Kafka clients' configuration files.
//!
//! The road: a stack's `configs:` blocks → [`missing`], what would have to be read live or set →
//! [`render`], the bytes of each file → [`run`], which writes, prints or compares them. Values come
//! from a [`Scope`](crate::stack::Scope); with all inputs set it is never asked. Templates, their
//! escaping and the built-in ones belong to the language (`stack`), whose functions use them too.

mod files;
mod render;

pub use files::{Change, Comparison, Written, compare, spare_sources, write};
pub use render::{ConfigsError, Missing, Rendered, missing, render};

use std::path::PathBuf;

use crate::stack::{Scope, Stack};

/// What is asked of a run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder that files are written to.
    pub out: PathBuf,
    /// The only file wanted.
    pub only: Option<String>,
    /// Print the files and write none.
    pub stdout: bool,
    /// Compare the files with those in `out` and write none.
    pub check: bool,
    /// Inputs given by hand (name, value): they win.
    pub set: Vec<(String, String)>,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// For standard output: the files, or how they differ.
    pub output: String,
    /// For standard error: a line for each file.
    pub notes: Vec<String>,
    /// Whether `check` found a difference: exit code 1.
    pub differs: bool,
}

/// Renders the files and does with them what is asked.
///
/// # Errors
/// A file cannot be rendered, or not be read or written; then nothing, or what the error says, has
/// been written.
pub fn run(stack: &Stack, scope: &dyn Scope, options: &Options) -> Result<Outcome, ConfigsError> {
    let rendered = render(stack, scope, options.only.as_deref(), &options.set)?;
    if !options.stdout {
        spare_sources(stack, &rendered, &options.out)?;
    }
    let mut outcome = Outcome::default();
    if options.check {
        for file in compare(&rendered, &options.out)? {
            outcome.differs |= file.diff.is_some();
            outcome.notes.push(match &file.diff {
                Some(_) => format!("{} differs", file.path.display()),
                None => format!("{} is up to date", file.path.display()),
            });
            outcome.output.extend(file.diff);
        }
        return Ok(outcome);
    }
    if options.stdout {
        for (position, file) in rendered.iter().enumerate() {
            if rendered.len() > 1 {
                let blank = if position > 0 { "\n" } else { "" };
                outcome
                    .output
                    .push_str(&format!("{blank}==> {} <==\n", file.name));
            }
            outcome
                .output
                .push_str(&String::from_utf8_lossy(&file.bytes));
        }
        return Ok(outcome);
    }
    for file in write(&rendered, &options.out)? {
        outcome.notes.push(match file.change {
            Change::Written => format!("{} written", file.path.display()),
            Change::Unchanged => format!("{} unchanged", file.path.display()),
        });
    }
    Ok(outcome)
}
