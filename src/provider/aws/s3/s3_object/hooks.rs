//! What S3 answers of an object in the form that the stack file has, and where contents may come from.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use serde_json::{Map, Value};

use crate::provider::hooks::{Finding, Hooks};

/// An object's hand-written parts.
pub static HOOKS: Object = Object;

/// See [`HOOKS`].
#[derive(Debug)]
pub struct Object;

impl Hooks for Object {
    fn live(&self, mut live: Value) -> Value {
        if let Some(members) = live.as_object_mut().filter(|all| all.contains_key("e_tag")) {
            // S3 leaves out the class that objects have of themselves.
            members
                .entry("storage_class")
                .or_insert_with(|| "STANDARD".into());
            if let Some(digest) = members.get("sha256").and_then(in_hexadecimal) {
                members.insert("sha256".to_owned(), digest.into());
            }
        }
        live
    }

    fn desired(&self, attribute: &str, value: Value) -> Value {
        match value {
            // They are headers, and S3 gives their names back in lower case.
            Value::Object(metadata) if attribute == "metadata" => {
                let entries = metadata.into_iter();
                let entries = entries.map(|(name, value)| (name.to_ascii_lowercase(), value));
                Value::Object(entries.collect())
            }
            other => other,
        }
    }

    fn check(&self, desired: &Map<String, Value>) -> Vec<Finding> {
        let text = |name: &str| desired.get(name).and_then(Value::as_str);
        let mut found = Vec::new();
        if text("source_url").is_some_and(|address| !is_safe(address)) {
            let label = "expected https:// (http:// only to this machine)";
            let text = "nothing is downloaded from there";
            found.push(Finding::error("source_url", text, label));
        }
        let too_long = text("key").filter(|key| key.len() > 1024);
        if let Some(key) = too_long {
            let text = format!("a key has at most 1024 bytes, and this has {}", key.len());
            found.push(Finding::error("key", text, "expected a shorter key"));
        }
        let metadata = desired.get("metadata").and_then(Value::as_object);
        for (name, value) in metadata.into_iter().flatten() {
            let text = value.as_str().unwrap_or_default();
            let printable = |text: &str| text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
            let wrong = !printable(text) || !printable(name) || name.contains(' ');
            if wrong || text.trim() != text {
                let text = "metadata are headers";
                let label = "expected a name without spaces, and ASCII without spaces around it";
                found.push(Finding::error(format!("metadata.{name}"), text, label));
            }
        }
        found
    }
}

/// A SHA-256 as S3 writes it; that of an upload in parts is of another kind and stays as it is.
fn in_hexadecimal(checksum: &Value) -> Option<String> {
    let bytes = STANDARD.decode(checksum.as_str()?).ok()?;
    (bytes.len() == 32).then(|| hex::encode(bytes))
}

/// Whether something may be downloaded from an address: what passes over a network in the open must
/// not be believed, not even with its checksum known.
fn is_safe(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    let here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    let scheme = uri.scheme_str();
    scheme == Some("https") || here && scheme == Some("http")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_checksum_is_told_in_hexadecimal_and_one_of_parts_stays() {
        let live = |checksum: &str| {
            let live = HOOKS.live(json!({ "e_tag": "x", "sha256": checksum }));
            live["sha256"].clone()
        };
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(live(empty), hex);
        assert_eq!(live("abcd-2"), "abcd-2");
    }

    #[test]
    fn only_this_machine_is_asked_in_the_open() {
        let open = [
            "http://127.0.0.1:8000/a.zip",
            "http://localhost/a",
            "https://example.com/a",
        ];
        assert!(open.iter().all(|address| is_safe(address)));
        let wrong = ["http://example.com/a", "ftp://localhost/a", "a b"];
        assert!(wrong.iter().all(|address| !is_safe(address)));
    }
}
