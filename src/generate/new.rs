//! `pinfra generate new`: from a name in AWS's registry to the draft of a spec.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::aws_model::{Model, RegistryType};

use super::draft::{QUESTION, draft};
use super::draft_names::type_name;
use super::{GenerateError, SPECS, folders, read_file, repository};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct NewType {
    /// The registry's name: `AWS::KafkaConnect::WorkerConfiguration`.
    pub registry: String,
    /// The name in stack files; Terraform's without `aws_` if there is none, as far as can be told.
    pub name: Option<String>,
    /// botocore's name of the service, where IAM's is another.
    pub service: Option<String>,
    /// A folder with the wheels of botocore and cfn-lint; otherwise pip brings them.
    pub wheels: Option<PathBuf>,
}

/// What was drafted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafted {
    /// The spec, below the repository.
    pub file: String,
    /// How many questions it asks.
    pub questions: usize,
    /// What the extraction of facts said; empty if they were there.
    pub extracted: String,
}

/// Drafts a type's spec, and extracts AWS's facts of it first where they are missing.
///
/// # Errors
/// There is a spec of this name already: nothing is written then. Or the type cannot be extracted or
/// drafted: there is no spec then, but the facts that were extracted before stay under `models/`.
pub fn new_type(root: &Path, wanted: &NewType) -> Result<Drafted, GenerateError> {
    let failed = |reason: String| GenerateError::New(wanted.registry.clone(), reason);
    match wanted.registry.split("::").collect::<Vec<_>>().as_slice() {
        ["AWS", service, noun] if !service.is_empty() && !noun.is_empty() => {}
        _ => return Err(failed("a type's name is AWS::Service::Type".to_owned())),
    }
    repository(root)?;
    let guessed = || type_name(&wanted.registry);
    let name = wanted.name.clone().unwrap_or_else(guessed);
    if let Some(file) = existing(root, &name)? {
        let reason = format!("there is {file} already: say `--type` if this is another type");
        return Err(failed(reason));
    }
    let (mut facts, mut extracted) = (known(root, wanted)?, String::new());
    if facts.is_none() {
        extracted = extract(root, wanted).map_err(failed)?;
        facts = known(root, wanted)?;
    }
    let Some((service, model, registry)) = facts else {
        let reason = "the registry's handlers name no operation of a service under models/api: say `--service`";
        return Err(failed(reason.to_owned()));
    };
    let file = format!("{SPECS}/{service}/{name}/spec.yaml");
    let path = root.join(&file);
    let text = draft(&name, &service, &model, &registry).map_err(failed)?;
    let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    written
        .and_then(|()| std::fs::write(&path, &text))
        .map_err(|source| GenerateError::File { path, source })?;
    Ok(Drafted {
        file,
        questions: text.matches(QUESTION).count(),
        extracted,
    })
}

/// The spec of a type of this name: names are the same for all services.
fn existing(root: &Path, name: &str) -> Result<Option<String>, GenerateError> {
    let services = folders(&root.join(SPECS))?.into_iter();
    let mut files = services.map(|service| format!("{SPECS}/{service}/{name}/spec.yaml"));
    Ok(files.find(|file| root.join(file).exists()))
}

/// The service, its model and the registry's facts, if all that the handlers name is there.
fn known(
    root: &Path,
    wanted: &NewType,
) -> Result<Option<(String, Model, RegistryType)>, GenerateError> {
    let file = format!("registry/{}.json", wanted.registry.replace("::", "-"));
    let Some(text) = read_file(&root.join("models").join(&file))? else {
        return Ok(None);
    };
    let registry = RegistryType::parse(&file, &text)?;
    let Some(service) = wanted.service.clone().or_else(|| service_of(&registry)) else {
        return Ok(None);
    };
    let Some(text) = read_file(&root.join(format!("models/api/{service}.json")))? else {
        return Ok(None);
    };
    let model = Model::parse(&service, &text)?;
    let prefix = format!("{}:", model.metadata.signing_name());
    let mut named = registry
        .handlers
        .values()
        .flat_map(|handler| &handler.permissions);
    let lacks = named.any(|action| {
        let operation = action.strip_prefix(&prefix);
        operation.is_some_and(|operation| model.not_modelled.contains(operation))
    });
    Ok((!lacks).then_some((service, model, registry)))
}

/// The service that most of the handlers' actions are of: beside its own, a type's creation may need
/// many of another's.
fn service_of(registry: &RegistryType) -> Option<String> {
    let handlers = registry.handlers.values();
    let actions = handlers.flat_map(|handler| &handler.permissions);
    let services: Vec<&str> = actions
        .filter_map(|action| Some(action.split_once(':')?.0))
        .collect();
    let count = |service: &str| services.iter().filter(|other| **other == service).count();
    let most = services.iter().map(|service| count(service)).max()?;
    services
        .iter()
        .find(|service| count(service) == most)
        .map(|service| (*service).to_owned())
}

/// Adds the type and its operations to the selection and extracts everything again.
fn extract(root: &Path, wanted: &NewType) -> Result<String, String> {
    let mut arguments = vec![
        "models/extract.py".to_owned(),
        "--add".to_owned(),
        wanted.registry.clone(),
    ];
    if let Some(service) = &wanted.service {
        arguments.extend(["--service".to_owned(), service.clone()]);
    }
    if let Some(wheels) = &wanted.wheels {
        let wheels = std::path::absolute(wheels).unwrap_or_else(|_| wheels.clone());
        arguments.extend(["--wheels".to_owned(), wheels.display().to_string()]);
    }
    let command = format!("python3 {}", arguments.join(" "));
    let run = Command::new("python3")
        .args(&arguments)
        .current_dir(root)
        .output();
    let output = run.map_err(|error| {
        format!("its facts are not under models/, and python3 cannot be started ({error}): install it, then run `{command}`")
    })?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.success() {
        true => Ok(said),
        false => Err(format!(
            "`{command}` failed:\n{}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        )),
    }
}
