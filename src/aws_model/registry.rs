//! What the CloudFormation registry knows of a resource type.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::ModelError;

/// One resource type. Properties are JSON pointers into the schema (`/properties/KeyName`,
/// `/properties/Rules/*/Arn`).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryType {
    /// The registry's name (`AWS::Kinesis::Stream`).
    pub type_name: String,
    /// What identifies a resource.
    pub primary_identifier: Vec<String>,
    /// What can be set only at creation.
    #[serde(default)]
    pub create_only_properties: Vec<String>,
    /// What some changes of can only be had by a new resource.
    #[serde(default)]
    pub conditional_create_only_properties: Vec<String>,
    /// What AWS sets.
    #[serde(default)]
    pub read_only_properties: Vec<String>,
    /// What AWS never shows again.
    #[serde(default)]
    pub write_only_properties: Vec<String>,
    /// The top-level properties that must be given.
    #[serde(default)]
    pub required: Vec<String>,
    /// How it takes tags.
    pub tagging: Option<Tagging>,
    /// The IAM permissions that each handler (create, read, ...) needs.
    #[serde(default)]
    pub handlers: BTreeMap<String, Handler>,
    /// The top-level properties' schemas.
    pub properties: IndexMap<String, Value>,
    /// The schemas they refer to.
    #[serde(default)]
    pub definitions: IndexMap<String, Value>,
}

/// `tagging` of a registry schema.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tagging {
    /// The type takes tags at all.
    #[serde(default)]
    pub taggable: bool,
    /// In the create call itself.
    #[serde(default)]
    pub tag_on_create: bool,
    /// Tags can be changed.
    #[serde(default)]
    pub tag_updatable: bool,
    /// The property that holds them.
    pub tag_property: Option<String>,
}

/// One handler of a registry schema.
#[derive(Debug, Clone, Deserialize)]
pub struct Handler {
    /// The IAM actions it needs.
    #[serde(default)]
    pub permissions: Vec<String>,
}

impl RegistryType {
    /// Parses one schema; `file` names it in errors.
    ///
    /// # Errors
    /// [`ModelError::Malformed`].
    pub fn parse(file: &str, text: &str) -> Result<Self, ModelError> {
        serde_json::from_str(text).map_err(|error| ModelError::Malformed {
            file: file.to_owned(),
            reason: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_schema_parses_under_its_own_name() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/registry");
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            let schema =
                RegistryType::parse(&file, &std::fs::read_to_string(&path).unwrap()).unwrap();
            assert_eq!(
                format!("{}.json", schema.type_name.replace("::", "-")),
                file
            );
        }
    }

    #[test]
    fn what_is_no_schema_names_its_file() {
        let error = RegistryType::parse("registry/AWS-A-B.json", "{}").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("models/registry/AWS-A-B.json: missing field"),
            "{error}"
        );
    }
}
