//! The bytes of the files.

use std::path::PathBuf;

use crate::schema::{Unknown, Why};
use crate::stack::{ConfigBlock, Diagnostics, Scope, Stack, suggest};

/// One rendered file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Its name.
    pub name: String,
    /// Its contents, which end in a newline.
    pub bytes: Vec<u8>,
    /// Whether a value in it is sensitive: then only its owner may read it.
    pub secret: bool,
}

/// An input that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The file that needs it.
    pub file: String,
    /// The input.
    pub input: String,
    /// What would give it, as the stack file spells it.
    pub reference: String,
    /// Why that does not.
    pub why: Why,
}

/// Why files cannot be rendered or written.
#[derive(Debug, thiserror::Error)]
pub enum ConfigsError {
    /// The stack file or a template is wrong.
    #[error("{0}")]
    Wrong(Diagnostics),
    /// `--only` names no file of the stack.
    #[error("the stack has no configuration file `{name}`: {label}")]
    NoSuchFile {
        /// The name given.
        name: String,
        /// What there is.
        label: String,
    },
    /// There is nothing to render.
    #[error("the stack has no `configs:`")]
    NoFiles,
    /// `--set` names an input that no file has.
    #[error("no configuration file has an input `{name}`: {label}")]
    NoSuchInput {
        /// The name given.
        name: String,
        /// What there is.
        label: String,
    },
    /// Inputs are not known.
    #[error("{}", unknown(.0))]
    Unknown(Vec<Missing>),
    /// A file would be written where the stack file is, or where a template is looked for.
    #[error(
        "{} is not written: the stack would read it as its own from then on; choose another folder with --out",
        path.display()
    )]
    Source {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

fn unknown(missing: &[Missing]) -> String {
    let lines = missing.iter().map(|missing| {
        let Missing {
            file,
            input,
            reference,
            why,
        } = missing;
        let is = match why {
            Why::AfterApply => "is not known yet",
            Why::Unavailable => "is not available now",
        };
        format!("{file} needs `{input}`, and `{reference}` {is}")
    });
    let mut inputs: Vec<&str> = missing
        .iter()
        .map(|missing| missing.input.as_str())
        .collect();
    inputs.sort_unstable();
    inputs.dedup();
    let set = inputs.iter().map(|input| format!(" --set {input}=VALUE"));
    let mut text = lines.collect::<Vec<_>>().join("\n");
    let first = match missing.iter().any(|missing| missing.why == Why::AfterApply) {
        true => "apply the stack first",
        false => "wait until it is (apply waits for what is being made)",
    };
    text.push_str(&format!("\n{first}, or give:{}", set.collect::<String>()));
    if inputs.contains(&"zookeeper_connect") {
        text.push_str("\n(`--set zookeeper_connect=` for a cluster without ZooKeeper)");
    }
    text
}

/// The inputs that are not known in `scope` and not set; with
/// [`NothingKnown`](crate::stack::NothingKnown), those that would have to be read live.
///
/// # Errors
/// Anything but that.
pub fn missing(
    stack: &Stack,
    scope: &dyn Scope,
    only: Option<&str>,
    set: &[(String, String)],
) -> Result<Vec<Missing>, ConfigsError> {
    let mut all = Vec::new();
    for block in chosen(stack, only, set)? {
        let inputs = stack.config_inputs(block, set, scope);
        for (input, value) in inputs.map_err(ConfigsError::Wrong)? {
            if let Some(unknown) = value.first_unknown()
                // A template may do without what its live resource does not have now.
                && unknown.why != Why::Unavailable
            {
                all.push(Missing::new(block, input, unknown));
            }
        }
    }
    Ok(all)
}

impl Missing {
    fn new(block: &ConfigBlock, input: String, unknown: &Unknown) -> Self {
        Self {
            file: block.name.clone(),
            input,
            reference: unknown.reference.to_string(),
            why: unknown.why,
        }
    }
}

/// The files of a stack, in file order; only one of them if asked.
///
/// # Errors
/// A name that is none, inputs that are not known, a template that is wrong. Nothing is rendered
/// unless everything can be.
pub fn render(
    stack: &Stack,
    scope: &dyn Scope,
    only: Option<&str>,
    set: &[(String, String)],
) -> Result<Vec<Rendered>, ConfigsError> {
    let unknown = missing(stack, scope, only, set)?;
    if !unknown.is_empty() {
        return Err(ConfigsError::Unknown(unknown));
    }
    let mut files = Vec::new();
    for block in chosen(stack, only, set)? {
        let text = stack.config_text(block, set, scope);
        let text = text.map_err(ConfigsError::Wrong)?;
        let Ok(known) = text.resolve() else {
            let inputs = stack.config_inputs(block, set, scope);
            let inputs = inputs.map_err(ConfigsError::Wrong)?.into_iter();
            let gone = inputs.filter_map(|(input, value)| {
                Some(Missing::new(block, input, value.first_unknown()?))
            });
            return Err(ConfigsError::Unknown(gone.collect()));
        };
        files.push(Rendered {
            name: block.name.clone(),
            bytes: known.as_str().unwrap_or_default().as_bytes().to_vec(),
            secret: text.is_sensitive(),
        });
    }
    Ok(files)
}

/// The inputs that pinfra itself knows.
const INPUTS: [&str; 3] = ["bootstrap_servers", "zookeeper_connect", "role_arn"];

fn chosen<'s>(
    stack: &'s Stack,
    only: Option<&str>,
    set: &[(String, String)],
) -> Result<Vec<&'s ConfigBlock>, ConfigsError> {
    let names: Vec<&str> = stack
        .configs
        .iter()
        .map(|block| block.name.as_str())
        .collect();
    if names.is_empty() {
        return Err(ConfigsError::NoFiles);
    }
    for (name, _) in set {
        let declared = |block: &ConfigBlock| block.inputs.iter().any(|entry| entry.key == *name);
        let asked = |block: &&ConfigBlock| declared(block) || stack.config_mentions(block, name);
        if !INPUTS.contains(&name.as_str()) && !stack.configs.iter().any(|block| asked(&block)) {
            let own = stack.configs.iter().flat_map(|block| &block.inputs);
            let own = own.map(|entry| entry.key.as_str());
            let mut inputs: Vec<&str> = INPUTS.into_iter().chain(own).collect();
            inputs.sort_unstable();
            inputs.dedup();
            return Err(ConfigsError::NoSuchInput {
                name: name.clone(),
                label: suggest(name, inputs, "input"),
            });
        }
    }
    let Some(only) = only else {
        return Ok(stack.configs.iter().collect());
    };
    match stack.configs.iter().find(|block| block.name == only) {
        Some(block) => Ok(vec![block]),
        None => Err(ConfigsError::NoSuchFile {
            name: only.to_owned(),
            label: suggest(only, names, "configuration file"),
        }),
    }
}
