//! The provider generator: AWS's facts and specs, checked strictly, become Rust.
//!
//! `src/provider/aws/<service>/<type>/spec.yaml` is read into a tree that knows its places
//! (`tree`), strictly, into a `Spec` (`fields`, `read`, `spec`, `input`). With the facts under
//! `models/` (`facts`) the type's attributes are derived from it (`attributes`, `kind`, `changes`,
//! `seen`), and every name in it is checked (`check`, `check_calls`, `check_changes`). What templates
//! need is computed (`contract`, `constants` and `tables` for a type's constants, `shapes` for a
//! service's calls and conversions, `docs` with `calls`, `plan_calls`, `permissions` and `prose` for its
//! page), rendered by logic-free templates and formatted (`render`), and written or compared
//! (`output`). All problems of all specs are reported together; with any, nothing is written.

mod attributes;
mod calls;
mod changes;
mod check;
mod check_calls;
mod check_changes;
mod check_elements;
mod constants;
mod contract;
mod docs;
mod draft;
mod draft_calls;
mod draft_facts;
mod draft_names;
mod facts;
mod fields;
mod files;
mod input;
mod json_rules;
mod json_schema;
mod kind;
mod new;
mod output;
mod permissions;
mod plan_calls;
mod problem;
mod prose;
mod read;
mod read_attributes;
mod read_calls;
mod read_changes;
mod render;
mod seen;
mod shapes;
mod spec;
mod stats;
mod tables;
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::aws_model::{Model, ModelError, RegistryType};

pub use new::{Drafted, NewType, new_type};
pub use output::{Mode, Outcome};
use problem::Problems;
pub use problem::{Place, Problem};
use spec::Spec;
pub use stats::{Lines, MOST_HOOKS, Stats, stats};

/// Why nothing was generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// Mistakes in specs: all of them, in the order of files and lines.
    #[error("{}", show(.0))]
    Problems(Vec<Problem>),
    /// The facts could not be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// There is nothing to generate from in this folder.
    #[error(
        "`{}` is not pinfra's repository: it has no folder {SPECS}; begin there, or name it with `--root DIR`",
        .0.display()
    )]
    Root(PathBuf),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No spec can be drafted of a type: its name in the registry, and why.
    #[error("{0}: {1}")]
    New(String, String),
    /// A template is wrong.
    #[error("{0}")]
    Template(String),
    /// What came out is no Rust, or there is no rustfmt.
    #[error("rustfmt: {0}")]
    Format(String),
}

/// Where the specs are, below the repository.
const SPECS: &str = "src/provider/aws";

/// Refuses a folder that has no specs.
fn repository(root: &Path) -> Result<(), GenerateError> {
    match root.join(SPECS).is_dir() {
        true => Ok(()),
        false => Err(GenerateError::Root(root.to_owned())),
    }
}

fn show(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(Problem::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A type whose spec was read and checked.
struct Checked {
    /// The spec's file, below the repository.
    file: String,
    spec: Spec,
    attributes: Vec<kind::Attribute>,
    registry: Option<RegistryType>,
}

/// Generates everything below `root`, the repository, and writes or compares it.
///
/// # Errors
/// [`GenerateError`]; nothing is written then.
pub fn generate(root: &Path, mode: Mode) -> Result<Outcome, GenerateError> {
    repository(root)?;
    let mut problems = Problems::default();
    let specs = read_specs(root, &mut problems)?;
    names_twice(&specs, &mut problems);
    let models = read_models(root, &specs, &mut problems)?;
    let types: Vec<String> = specs
        .iter()
        .map(|(_, spec)| spec.type_name.text.clone())
        .collect();
    let mut checked = Vec::new();
    for (file, mut spec) in specs {
        let Some(model) = models.get(spec.service.text.as_str()) else {
            continue;
        };
        let registry = read_registry(root, &spec, &mut problems)?;
        unknown_operations(&spec, model, &mut problems);
        let attributes = attributes::derive(&spec, model, registry.as_ref(), &mut problems);
        contract::complete_creation(&mut spec, model, &attributes);
        check::Checker {
            spec: &spec,
            model,
            attributes: &attributes,
            types: &types,
            problems: &mut problems,
        }
        .run();
        checked.push(Checked {
            file,
            spec,
            attributes,
            registry,
        });
    }
    if !problems.is_empty() {
        return Err(GenerateError::Problems(problems.into_sorted()));
    }
    let mut files = render::files(root, files::plan(root, &checked, &models)?)?;
    files.push(files::json_schema(root, &checked, &models)?);
    output::put(root, files, mode)
}

/// Every spec that can be read, with its file's name below the root, in the order of names.
fn read_specs(root: &Path, problems: &mut Problems) -> Result<Vec<(String, Spec)>, GenerateError> {
    let mut specs = Vec::new();
    for service in folders(&root.join(SPECS))? {
        for folder in folders(&root.join(SPECS).join(&service))? {
            let file = format!("{SPECS}/{service}/{folder}/spec.yaml");
            let Some(text) = read_file(&root.join(&file))? else {
                continue;
            };
            open_questions(&file, &text, problems);
            let Some(tree) = tree::parse(&file, &text, problems) else {
                continue;
            };
            let Some(spec) = read::spec(&tree, problems) else {
                continue;
            };
            let mut fits = true;
            for (said, is, what) in [
                (&spec.service, &service, "service"),
                (&spec.type_name, &folder, "type"),
            ] {
                if &said.text != is {
                    problems.add(
                        said.place.clone(),
                        format!("the {what} is the folder's name, `{is}`"),
                    );
                    fits = false;
                }
            }
            if spec.hooks && !root.join(&file).with_file_name("hooks.rs").exists() {
                problems.add(
                    spec.type_name.place.clone(),
                    "`hooks: true`, but there is no hooks.rs beside it",
                );
            }
            specs.extend(fits.then_some((file, spec)));
        }
    }
    Ok(specs)
}

/// Stack files know a type by its name alone, whatever its service.
fn names_twice(specs: &[(String, Spec)], problems: &mut Problems) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for (file, spec) in specs {
        let name = &spec.type_name;
        match first.get(name.text.as_str()) {
            Some(first) => problems.add(
                name.place.clone(),
                format!(
                    "{first} is of a type `{}` already: call this one, and its folder, something else",
                    name.text
                ),
            ),
            None => drop(first.insert(&name.text, file)),
        }
    }
}

/// What a draft asks must be answered: it may have guessed wrong.
fn open_questions(file: &str, text: &str, problems: &mut Problems) {
    for (index, line) in text.lines().enumerate() {
        if let Some(at) = line.find(draft::QUESTION) {
            let place = Place {
                file: file.to_owned(),
                line: index + 1,
                column: line[..at].chars().count() + 1,
            };
            let question = line[at + draft::QUESTION.len()..].trim();
            problems.add(
                place,
                format!("an open question: {question} (answer it and take the comment away)"),
            );
        }
    }
}

/// A file's text; `None` if there is no such file.
fn read_file(path: &Path) -> Result<Option<String>, GenerateError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(GenerateError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The names of the folders in a folder, sorted.
fn folders(path: &Path) -> Result<Vec<String>, GenerateError> {
    let failed = |source| GenerateError::File {
        path: path.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn read_models(
    root: &Path,
    specs: &[(String, Spec)],
    problems: &mut Problems,
) -> Result<BTreeMap<String, Model>, GenerateError> {
    let mut models = BTreeMap::new();
    for (_, spec) in specs {
        let service = &spec.service.text;
        if models.contains_key(service) {
            continue;
        }
        let path = root.join(format!("models/api/{service}.json"));
        match read_file(&path)? {
            Some(text) => drop(models.insert(service.clone(), Model::parse(service, &text)?)),
            None => problems.add(
                spec.service.place.clone(),
                format!("there is no models/api/{service}.json: is it in models/selection.yaml?"),
            ),
        }
    }
    Ok(models)
}

fn read_registry(
    root: &Path,
    spec: &Spec,
    problems: &mut Problems,
) -> Result<Option<RegistryType>, GenerateError> {
    let Some(name) = &spec.registry else {
        if spec.create.is_some() {
            problems.add(
                spec.type_name.place.clone(),
                "a type that is created needs `registry`, or `registry: none` if that has no such type",
            );
        }
        return Ok(None);
    };
    if name.text == "none" {
        return Ok(None);
    }
    let file = format!("registry/{}.json", name.text.replace("::", "-"));
    match read_file(&root.join("models").join(&file))? {
        Some(text) => Ok(Some(RegistryType::parse(&file, &text)?)),
        None => {
            problems.add(
                name.place.clone(),
                format!("there is no models/{file}: is it in models/selection.yaml?"),
            );
            Ok(None)
        }
    }
}

fn unknown_operations(spec: &Spec, model: &Model, problems: &mut Problems) {
    for call in spec.calls() {
        let name = &call.operation;
        if model.not_modelled.contains(&name.text) {
            let message = format!(
                "operation `{}` is not modelled: add it to models/selection.yaml",
                name.text
            );
            problems.add(name.place.clone(), message);
        } else if !model.operations.contains_key(&name.text) {
            problems.unknown(
                &name.place,
                "there is no operation",
                &name.text,
                model.operations.keys().map(String::as_str),
            );
        } else if let Some(member) = shapes::unsupported(model, &name.text) {
            problems.add(
                name.place.clone(),
                format!(
                    "{} streams its `{member}`: no call of it is generated",
                    name.text
                ),
            );
        }
    }
}
