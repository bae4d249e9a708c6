//! Writing what was generated, or comparing it with what is there.

use std::path::Path;

use similar::TextDiff;

use super::{GenerateError, read_file};

/// What is done with what was generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is written where it differs.
    Write,
    /// It is compared.
    Check,
}

/// What was found or done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many files there are in all.
    pub files: usize,
    /// The files that differed, or are no longer generated: written or removed by [`Mode::Write`].
    pub changed: Vec<String>,
    /// The differences, as a unified diff from what is there to what should be.
    pub diff: String,
}

/// Writes or compares (name, text) below the root.
pub(super) fn put(
    root: &Path,
    files: Vec<(String, String)>,
    mode: Mode,
) -> Result<Outcome, GenerateError> {
    let mut outcome = Outcome {
        files: files.len(),
        ..Outcome::default()
    };
    let stale = stale(root, &files)?;
    for (name, text) in files
        .into_iter()
        .chain(stale.into_iter().map(|name| (name, String::new())))
    {
        let path = root.join(&name);
        let there = read_file(&path)?.unwrap_or_default();
        if there == text {
            continue;
        }
        let diff = TextDiff::from_lines(&there, &text);
        outcome
            .diff
            .push_str(&diff.unified_diff().header(&name, &name).to_string());
        if mode == Mode::Write {
            let done = if text.is_empty() {
                std::fs::remove_file(&path)
            } else {
                path.parent()
                    .map_or(Ok(()), std::fs::create_dir_all)
                    .and_then(|()| std::fs::write(&path, text))
            };
            done.map_err(|source| GenerateError::File { path, source })?;
        }
        outcome.changed.push(name);
    }
    Ok(outcome)
}

/// Generated files of types and services that are gone. What a person wrote stays where it is.
fn stale(root: &Path, files: &[(String, String)]) -> Result<Vec<String>, GenerateError> {
    let mut candidates = Vec::new();
    for service in super::folders(&root.join("src/provider/aws"))? {
        let folder = format!("src/provider/aws/{service}");
        candidates.extend([format!("{folder}/mod.rs"), format!("{folder}/shapes.rs")]);
        for name in super::folders(&root.join(&folder))? {
            candidates.push(format!("{folder}/{name}/generated.rs"));
        }
    }
    for entry in std::fs::read_dir(root.join("docs/resources"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            candidates.push(format!("docs/resources/{name}"));
        }
    }
    candidates.sort();
    candidates.retain(|name| !files.iter().any(|(generated, _)| generated == name));
    let mut stale = Vec::new();
    for name in candidates {
        if is_generated(&root.join(&name))? {
            stale.push(name);
        }
    }
    Ok(stale)
}

/// Whether a file is there and its first line says that it was generated, as every template's does.
fn is_generated(path: &Path) -> Result<bool, GenerateError> {
    if !path.is_file() {
        return Ok(false);
    }
    let bytes = std::fs::read(path).map_err(|source| GenerateError::File {
        path: path.to_owned(),
        source,
    })?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text
        .lines()
        .next()
        .is_some_and(|line| line.contains("@generated")))
}
