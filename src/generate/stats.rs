//! How much of each type is spec, by hand, and generated.

use std::path::Path;

use super::{GenerateError, SPECS, folders, read_file, repository};

/// The most lines that a type's `hooks.rs` may have: where more is needed, the spec language lacks
/// something.
pub const MOST_HOOKS: usize = 120;

/// The lines of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The type.
    pub name: String,
    /// Of `spec.yaml`.
    pub spec: usize,
    /// Of `hooks.rs`; 0 if there is none.
    pub hooks: usize,
    /// Of `generated.rs`.
    pub generated: usize,
}

/// The lines of all types, in the order of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats(pub Vec<Lines>);

/// Counts the lines of all types below `root`.
///
/// # Errors
/// There are no specs below `root`, or a file cannot be read.
pub fn stats(root: &Path) -> Result<Stats, GenerateError> {
    let mut types = Vec::new();
    repository(root)?;
    let aws = root.join(SPECS);
    for service in folders(&aws)? {
        for name in folders(&aws.join(&service))? {
            let folder = aws.join(&service).join(&name);
            if !folder.join("spec.yaml").exists() {
                continue;
            }
            types.push(Lines {
                spec: count(&folder.join("spec.yaml"))?,
                hooks: count(&folder.join("hooks.rs"))?,
                generated: count(&folder.join("generated.rs"))?,
                name,
            });
        }
    }
    types.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Stats(types))
}

/// The lines of a file; none of one that is not there.
fn count(path: &Path) -> Result<usize, GenerateError> {
    Ok(read_file(path)?.map_or(0, |text| text.lines().count()))
}

impl Stats {
    /// How many types have hooks.
    pub fn with_hooks(&self) -> usize {
        self.0.iter().filter(|lines| lines.hooks > 0).count()
    }

    /// What is more than may be: hooks that are too long, and too many types that have any.
    pub fn excesses(&self) -> Vec<String> {
        let long = self.0.iter().filter(|lines| lines.hooks > MOST_HOOKS);
        let mut excesses: Vec<String> = long
            .map(|lines| {
                format!(
                    "the hooks of {} have {} lines; at most {MOST_HOOKS}, else the spec language lacks something",
                    lines.name, lines.hooks
                )
            })
            .collect();
        if self.with_hooks() * 2 > self.0.len() {
            excesses.push(format!(
                "{} of {} types have hooks; at least half must do without",
                self.with_hooks(),
                self.0.len()
            ));
        }
        excesses
    }

    /// A table for people.
    pub fn table(&self) -> String {
        let width = self.0.iter().map(|lines| lines.name.len()).max();
        let width = width.unwrap_or(0).max("type".len());
        let mut text = format!("{:width$}   spec  hooks  generated\n", "type");
        let mut sum = [0; 3];
        for lines in &self.0 {
            let counts = [lines.spec, lines.hooks, lines.generated];
            sum.iter_mut()
                .zip(counts)
                .for_each(|(sum, count)| *sum += count);
            row(&mut text, &lines.name, width, counts);
        }
        row(&mut text, "all", width, sum);
        text
    }
}

fn row(text: &mut String, name: &str, width: usize, [spec, hooks, generated]: [usize; 3]) {
    text.push_str(&format!(
        "{name:width$}  {spec:>5}  {hooks:>5}  {generated:>9}\n"
    ));
}
