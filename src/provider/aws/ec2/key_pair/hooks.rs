//! The private half of a key pair: made and kept on this machine, never sent.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::provider::hooks::{Finding, Hooks, LocalContext};
use crate::provider::keys::LocalKey;
use crate::provider::live::Live;

/// A key pair's hand-written parts.
pub static HOOKS: KeyPair = KeyPair;

/// See [`HOOKS`].
#[derive(Debug)]
pub struct KeyPair;

impl Hooks for KeyPair {
    /// A name is no place: a file goes elsewhere only where that is declared.
    fn check(&self, desired: &Map<String, Value>) -> Vec<Finding> {
        let name = desired.get("key_name").and_then(Value::as_str);
        let name = name.filter(|name| !desired.contains_key("private_key_file") && !is_plain(name));
        let why = "its private half would be in a file of this name beside the stack file: say with \
                   `private_key_file` where it is";
        let text = |name: &str| format!("`{name}` is no plain file name: {why}");
        let label = "expected `private_key_file` beside it";
        let wrong = name.map(|name| Finding::error("key_name", text(name), label));
        wrong.into_iter().collect()
    }

    fn local(&self, context: &LocalContext<'_>, desired: &Value) -> Result<Vec<String>, String> {
        let mut notes = Vec::new();
        let Some(path) = path(context, desired) else {
            return Ok(notes);
        };
        let shown = path.display();
        match (read(&path, desired)?, context.live) {
            (Some(key), Some(live)) => {
                let fingerprint = live.get("fingerprint").and_then(Value::as_str);
                if !key.is(live.get("public_key").and_then(Value::as_str), fingerprint) {
                    return Err(format!(
                        "the live key pair has the fingerprint {}, and the key in {shown} has {}: point \
                         private_key_file at the live pair's own file, choose another key_name, or \
                         delete the live pair if nothing uses it",
                        fingerprint.unwrap_or("(none)"),
                        key.fingerprint(),
                    ));
                }
            }
            (None, Some(_)) => notes.push(format!(
                "the private key is not on this machine: there is no {shown}"
            )),
            (_, None) => {}
        }
        Ok(notes)
    }

    fn before_create(
        &self,
        context: &LocalContext<'_>,
        mut desired: Value,
    ) -> Result<Value, String> {
        let path = path(context, &desired).ok_or("it has no key_name")?;
        let key = match read(&path, &desired)? {
            Some(key) => key,
            None => made(&path, &desired)?,
        };
        desired["public_key_material"] = STANDARD.encode(key.public_line()?).into();
        Ok(desired)
    }

    fn after_delete(&self, context: &LocalContext<'_>, live: &Live) -> Option<String> {
        let path = path(context, &live.attributes)?;
        Some(if path.exists() {
            format!("the private key stays in {}", path.display())
        } else {
            "its private key stays where it is".to_owned()
        })
    }
}

/// Whether a name is that of a file in the folder itself.
fn is_plain(name: &str) -> bool {
    Path::new(name).file_name() == Some(name.as_ref()) && !name.contains('\\')
}

/// Where the private half is: as declared, or `<key_name>.pem` beside the stack file.
fn path(context: &LocalContext<'_>, attributes: &Value) -> Option<PathBuf> {
    let text = |member: &str| attributes.get(member).and_then(Value::as_str);
    let declared = text("private_key_file").map(str::to_owned);
    let file = declared.or_else(|| Some(format!("{}.pem", text("key_name")?)))?;
    Some(context.directory.join(file))
}

/// The key in the file, if there is one, and of the declared type.
fn read(path: &Path, desired: &Value) -> Result<Option<LocalKey>, String> {
    let shown = path.display();
    let key = LocalKey::read(path).map_err(|why| format!("{shown} cannot be used: {why}"))?;
    let declared = desired.get("key_type").and_then(Value::as_str);
    match (key, declared) {
        (Some(key), Some(declared)) if key.key_type() != declared => Err(format!(
            "{shown} holds a key of type {}, and key_type says {declared}",
            key.key_type()
        )),
        (key, _) => Ok(key),
    }
}

/// A new key in the file; or the one that somebody else has put there in the meantime.
fn made(path: &Path, desired: &Value) -> Result<LocalKey, String> {
    let key_type = desired.get("key_type").and_then(Value::as_str);
    let key = LocalKey::generate(key_type.unwrap_or("rsa"))?;
    let saved = key.save(path);
    match saved.map_err(|why| format!("{} cannot be written: {why}", path.display()))? {
        true => Ok(key),
        false => read(path, desired)?.ok_or_else(|| format!("{} came and went", path.display())),
    }
}
