//! Ids that are made of attributes: an object is its bucket and its key.

use serde_json::Value;

use super::contract::ResourceType;
use super::path;

/// What joins the parts; only the last one may have it itself.
const JOINT: char = '/';

/// The id of an object with these attributes, if its type makes ids of attributes and has them all.
pub fn made_of(ty: &ResourceType, attributes: &Value) -> Option<String> {
    let parts = ty.id_of.iter().map(|part| path::text_at(attributes, part));
    let parts: Vec<String> = parts.collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| parts.join(&JOINT.to_string()))
}

/// Puts the attributes that an id is made of into `attributes`.
pub(super) fn take_apart(ty: &ResourceType, id: &str, attributes: &mut Value) {
    let parts = id.splitn(ty.id_of.len().max(1), JOINT);
    for (name, part) in ty.id_of.iter().zip(parts) {
        path::set(attributes, name, part.into());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::provider::catalog;
    use serde_json::json;

    #[test]
    fn an_id_comes_apart_at_its_first_joint() {
        let ty = catalog::find("s3_object").unwrap();
        let attributes = json!({ "bucket": "b", "key": "a/b/c.txt" });
        let id = made_of(ty, &attributes).unwrap();
        assert_eq!(id, "b/a/b/c.txt");
        let mut back = json!({});
        take_apart(ty, &id, &mut back);
        assert_eq!(back, attributes);
        assert_eq!(made_of(ty, &json!({ "bucket": "b" })), None);
        assert_eq!(
            made_of(catalog::find("s3_bucket").unwrap(), &attributes),
            None
        );
    }
}
