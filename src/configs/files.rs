//! The files on disk.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::stack::Stack;

use super::render::{ConfigsError, Rendered};

/// A file that was asked to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where it is.
    pub path: PathBuf,
    /// What happened.
    pub change: Change,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new, or was replaced.
    Written,
    /// It was so already and was not touched.
    Unchanged,
}

/// A file beside what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Where it is, or should be.
    pub path: PathBuf,
    /// How it differs, if it does; without the lines where they are sensitive.
    pub diff: Option<String>,
}

/// Refuses a folder in which a file would stand where the stack file is, or where a template is
/// looked for: the next run would read what this one wrote.
///
/// # Errors
/// The first such file.
pub fn spare_sources(stack: &Stack, files: &[Rendered], out: &Path) -> Result<(), ConfigsError> {
    let sources: Vec<PathBuf> = std::iter::once(stack.path.clone())
        .chain(stack.template_paths())
        .filter_map(|path| place(&path))
        .collect();
    let meant =
        |file: &&Rendered| place(&out.join(&file.name)).is_some_and(|path| sources.contains(&path));
    match files.iter().find(meant) {
        Some(file) => Err(ConfigsError::Source {
            path: out.join(&file.name),
        }),
        None => Ok(()),
    }
}

/// A path by which two of the same file can be told; none where the folder is not there.
fn place(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}

/// Writes files into a folder, which is made if need be. Each is replaced as a whole or not at
/// all, and left alone where it is so already.
///
/// # Errors
/// A file cannot be written; those before it have been.
pub fn write(files: &[Rendered], out: &Path) -> Result<Vec<Written>, ConfigsError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |error| ConfigsError::File { path, error }
    };
    fs::create_dir_all(out).map_err(failed(out))?;
    let mut written = Vec::new();
    for file in files {
        let path = out.join(&file.name);
        let now = present(&path).map_err(failed(&path))?;
        let change = if now.as_ref() == Some(&file.bytes) {
            if file.secret {
                permit(&path, mode(file)).map_err(failed(&path))?;
            }
            Change::Unchanged
        } else {
            replace(&path, out, file).map_err(failed(&path))?;
            Change::Written
        };
        written.push(Written { path, change });
    }
    Ok(written)
}

/// Compares files with those in a folder. A file that is not there is an empty one.
///
/// # Errors
/// A file cannot be read.
pub fn compare(files: &[Rendered], out: &Path) -> Result<Vec<Comparison>, ConfigsError> {
    let mut compared = Vec::new();
    for file in files {
        let path = out.join(&file.name);
        let now = present(&path).map_err(|error| ConfigsError::File {
            path: path.clone(),
            error,
        })?;
        let diff = (now.as_ref() != Some(&file.bytes)).then(|| difference(&path, now, file));
        compared.push(Comparison { path, diff });
    }
    Ok(compared)
}

fn difference(path: &Path, now: Option<Vec<u8>>, file: &Rendered) -> String {
    let hidden = file.secret || is_private(path);
    let path = path.display();
    if hidden {
        return format!("{path} differs; its lines are sensitive and not shown\n");
    }
    let there = now.is_some();
    let now = String::from_utf8_lossy(&now.unwrap_or_default()).into_owned();
    let wanted = String::from_utf8_lossy(&file.bytes);
    let before = if there {
        path.to_string()
    } else {
        format!("{path} (not there)")
    };
    TextDiff::from_lines(now.as_str(), &wanted)
        .unified_diff()
        .header(&before, &format!("{path} (rendered)"))
        .to_string()
}

fn present(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn replace(path: &Path, folder: &Path, file: &Rendered) -> std::io::Result<()> {
    // Readable by its owner alone from the start, then by others unless it is secret.
    let mut temporary = tempfile::Builder::new()
        .prefix(".pinfra-")
        .tempfile_in(folder)?;
    temporary.write_all(&file.bytes)?;
    permit(temporary.path(), mode(file))?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Who may read a file, and run it if it is a script.
fn mode(file: &Rendered) -> u32 {
    let script = file.bytes.starts_with(b"#!");
    match (file.secret, script) {
        (true, false) => 0o600,
        (true, true) => 0o700,
        (false, false) => 0o644,
        (false, true) => 0o755,
    }
}

/// Whether a file is there that only its owner may read: it was written as a secret, by an earlier
/// run or by a person.
#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let about = fs::metadata(path);
    about.is_ok_and(|about| about.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn permit(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn permit(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}
