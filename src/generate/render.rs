//! Templates to formatted Rust.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use handlebars::Handlebars;

use super::GenerateError;
use super::files::Wanted;

/// `.rs` under `templates/provider/`, `.md` under `templates/docs/`.
const TEMPLATES: [&str; 10] = [
    "aws.rs",
    "clients.rs",
    "embedded.rs",
    "resource.md",
    "resources.md",
    "service.rs",
    "service_enum.rs",
    "shapes.rs",
    "type.rs",
    "types.rs",
];

/// Renders and formats files; gives (output, text).
pub(super) fn files(
    root: &Path,
    wanted: Vec<Wanted>,
) -> Result<Vec<(String, String)>, GenerateError> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(handlebars::no_escape);
    for name in TEMPLATES {
        let folder = if name.ends_with(".md") {
            "docs"
        } else {
            "provider"
        };
        let path = root.join(format!("templates/{folder}/{name}.hbs"));
        let text = std::fs::read_to_string(&path)
            .map_err(|source| GenerateError::File { path, source })?;
        engine
            .register_template_string(name, text)
            .map_err(|error| GenerateError::Template(error.to_string()))?;
    }
    let mut rendered = Vec::new();
    for file in wanted {
        let text = engine
            .render(file.template, &file.values)
            .map_err(|error| GenerateError::Template(format!("{}: {error}", file.output)))?;
        rendered.push((file.output, text));
    }
    format_all(rendered)
}

/// Formats all files, as many at once as there are cores.
fn format_all(files: Vec<(String, String)>) -> Result<Vec<(String, String)>, GenerateError> {
    let count = files.len();
    let waiting = Mutex::new(files.into_iter().enumerate());
    let done = Mutex::new(Vec::with_capacity(count));
    let work = || {
        loop {
            let next = waiting.lock().map(|mut waiting| waiting.next());
            let Ok(Some((index, (output, text)))) = next else {
                return Ok(());
            };
            let text = format_one(&output, text)?;
            if let Ok(mut done) = done.lock() {
                done.push((index, (output, text)));
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err(GenerateError::Format("a worker panicked".to_owned())))
        })
    })?;
    let mut done = done
        .into_inner()
        .map_err(|_| GenerateError::Format("a worker panicked".to_owned()))?;
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, file)| file).collect())
}

fn format_one(output: &str, text: String) -> Result<String, GenerateError> {
    if !output.ends_with(".rs") {
        return Ok(text);
    }
    let failed = |reason: String| GenerateError::Format(format!("{output}: {reason}"));
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            failed(format!(
                "cannot be started ({error}); `rustup component add rustfmt` installs it"
            ))
        })?;
    // It reads all of its input before it writes: the pipes cannot block one another. One that ends
    // without reading says why itself.
    let sent = child
        .stdin
        .take()
        .map(|mut stdin| stdin.write_all(text.as_bytes()));
    let result = child
        .wait_with_output()
        .map_err(|error| failed(error.to_string()))?;
    if !result.status.success() {
        return Err(failed(why_failed(&result)));
    }
    if let Some(Err(error)) = sent {
        return Err(failed(error.to_string()));
    }
    String::from_utf8(result.stdout).map_err(|error| failed(error.to_string()))
}

/// What rustfmt says itself, and what to do about it.
fn why_failed(result: &Output) -> String {
    let said = String::from_utf8_lossy(&result.stderr);
    // What is wrong with its input has its place in that.
    let help = match said.contains("<stdin>") {
        true => "what came out is no Rust: mend the template, or the spec",
        false => "`rustfmt --version` must work: `rustup component add rustfmt` installs it",
    };
    match said.trim_end() {
        "" => format!("{}; {help}", result.status),
        said => format!("{said}\n{help}"),
    }
}
