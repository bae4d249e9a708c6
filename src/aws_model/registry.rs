//! What the CloudFormation registry knows of a resource type.

use std::collections::BTreeMap;
use std::sync::OnceLock;

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

struct Embedded {
    name: &'static str,
    file: &'static str,
    text: &'static str,
    parsed: OnceLock<Result<RegistryType, ModelError>>,
}

macro_rules! embedded {
    ($($name:literal $file:literal),* $(,)?) => {
        [$(Embedded {
            name: $name,
            file: concat!("registry/", $file),
            text: include_str!(concat!("../../models/registry/", $file)),
            parsed: OnceLock::new(),
        }),*]
    };
}

static TYPES: [Embedded; 13] = embedded![
    "AWS::EC2::Instance" "AWS-EC2-Instance.json",
    "AWS::EC2::KeyPair" "AWS-EC2-KeyPair.json",
    "AWS::EC2::SecurityGroup" "AWS-EC2-SecurityGroup.json",
    "AWS::EC2::Subnet" "AWS-EC2-Subnet.json",
    "AWS::EC2::VPC" "AWS-EC2-VPC.json",
    "AWS::IAM::InstanceProfile" "AWS-IAM-InstanceProfile.json",
    "AWS::IAM::ManagedPolicy" "AWS-IAM-ManagedPolicy.json",
    "AWS::IAM::Role" "AWS-IAM-Role.json",
    "AWS::Kinesis::Stream" "AWS-Kinesis-Stream.json",
    "AWS::Logs::LogGroup" "AWS-Logs-LogGroup.json",
    "AWS::MSK::Cluster" "AWS-MSK-Cluster.json",
    "AWS::MSK::Configuration" "AWS-MSK-Configuration.json",
    "AWS::S3::Bucket" "AWS-S3-Bucket.json",
];

/// The names of all types that have a registry schema here, in order.
pub fn registry_types() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|entry| entry.name)
}

/// One type's schema, by the registry's name for it.
///
/// # Errors
/// If there is none, or its file is malformed (which a test of this module excludes).
pub fn registry_type(name: &str) -> Result<&'static RegistryType, ModelError> {
    let Some(entry) = TYPES.iter().find(|entry| entry.name == name) else {
        return Err(ModelError::Unknown {
            name: name.to_owned(),
            known: registry_types().collect::<Vec<_>>().join(", "),
        });
    };
    entry
        .parsed
        .get_or_init(|| RegistryType::parse(entry.file, entry.text))
        .as_ref()
        .map_err(Clone::clone)
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
        for name in registry_types() {
            assert_eq!(registry_type(name).unwrap().type_name, name);
        }
        let stream = registry_type("AWS::Kinesis::Stream").unwrap();
        assert_eq!(stream.create_only_properties, ["/properties/Name"]);
        assert!(stream.tagging.as_ref().unwrap().tag_on_create);
        assert!(
            stream.handlers["delete"]
                .permissions
                .contains(&"kinesis:DeleteStream".to_owned())
        );
    }
}
