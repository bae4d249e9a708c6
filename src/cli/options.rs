//! Arguments that several commands share.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::schema::secrets;
use crate::stack::{Sources, Stack};

use super::CliError;

/// The stack file and its variables.
#[derive(Args, Debug)]
pub struct StackArgs {
    /// The stack file
    #[arg(value_name = "STACK")]
    pub stack: PathBuf,

    /// Set a variable
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = pair)]
    pub vars: Vec<(String, String)>,

    /// Read variables from a YAML file
    #[arg(long = "var-file", value_name = "FILE")]
    pub var_files: Vec<PathBuf>,
}

impl StackArgs {
    /// Reads and checks the stack file.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn load(&self) -> Result<Stack, CliError> {
        let sources = Sources {
            vars: self.vars.clone(),
            var_files: self.var_files.clone(),
            env: std::env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
        };
        let catalog = &crate::provider::catalog::Types;
        let stack = crate::stack::load(&self.stack, &sources, catalog);
        let stack = stack.map_err(CliError::from_diagnostics)?;
        let made = stack.resources.iter().map(|block| &block.name);
        let found = stack.existing.iter().map(|lookup| &lookup.name);
        made.chain(found)
            .for_each(|name| secrets::spare(name.to_string()));
        Ok(stack)
    }

    /// Reads and checks the stack file, for what brings its declarations.
    ///
    /// # Errors
    /// Every mistake in it, also what is wrong with declarations by their types' own checks.
    pub fn load_to_bring(&self) -> Result<Stack, CliError> {
        let stack = self.load()?;
        match stack.findings.has_errors() {
            true => Err(CliError::from_diagnostics(stack.all_findings())),
            false => Ok(stack),
        }
    }

    /// The file as the person gave it.
    pub fn path(&self) -> &Path {
        &self.stack
    }
}

/// Where AWS is.
#[cfg(feature = "aws")]
#[derive(Args, Debug)]
pub struct CloudArgs {
    /// Use the embedded cloud, kept in DIR
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = ".pinfra/local")]
    pub local: Option<PathBuf>,

    /// Use the AWS that answers at URL
    #[arg(long, value_name = "URL", conflicts_with = "local", value_parser = address)]
    pub endpoint_url: Option<String>,

    /// The AWS profile whose credentials and region to use
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
}

#[cfg(feature = "aws")]
impl CloudArgs {
    /// The way to AWS for a stack.
    ///
    /// # Errors
    /// No credentials, no region, a store that cannot be opened.
    pub async fn connect(&self, stack: &Stack) -> Result<crate::provider::Provider, CliError> {
        use crate::provider::{Options, Target, catalog};
        let target = match (&self.local, &self.endpoint_url) {
            (Some(folder), _) => Target::Local(folder.clone()),
            (None, Some(url)) => Target::Endpoint(url.clone()),
            (None, None) => Target::Aws,
        };
        let options = Options {
            target,
            region: stack.region.clone(),
            profile: self.profile.clone(),
        };
        Ok(crate::provider::Provider::connect(options, catalog::TYPES.to_vec()).await?)
    }
}

/// Reads an endpoint's address.
#[cfg(feature = "aws")]
fn address(text: &str) -> Result<String, String> {
    match crate::provider::is_address(text) {
        true => Ok(text.to_owned()),
        false => Err("expected an address that begins with http:// or https://".to_owned()),
    }
}

/// Reads `name=value`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
