//! A parameter's record and how replies show it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;
use crate::cloud::services::record;
use crate::cloud::services::tags::Tags;

/// Where parameters live, under `<region>/<name>`.
pub const KIND: &str = "ssm.parameter";
/// Versions a parameter keeps.
pub const MOST_VERSIONS: usize = 100;

/// One version of a parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    pub number: i64,
    /// String, StringList or SecureString.
    pub kind: String,
    pub value: String,
    pub key_id: Option<String>,
    pub modified_at: i64,
    pub modified_by: String,
    pub description: Option<String>,
    pub allowed_pattern: Option<String>,
    pub tier: String,
    pub data_type: String,
    pub labels: Vec<String>,
}

/// One parameter; its versions from the oldest kept to the newest, never none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    pub name: String,
    pub arn: String,
    pub tags: Tags,
    pub versions: Vec<Version>,
}

impl Parameter {
    /// The newest version.
    pub fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// Writes the record back.
    pub fn save(&self, call: &mut Call<'_>) -> Result<(), ApiError> {
        record::save(
            call.txn,
            KIND,
            &format!("{}/{}", call.region, self.name),
            self,
        )
    }

    /// The API's Parameter: one version with its value, in clear only with `decrypt`.
    pub fn view(&self, version: &Version, selector: Option<&str>, decrypt: bool) -> Value {
        let mut view = json!({
            "Name": self.name,
            "Type": version.kind,
            "Value": self.value(version, decrypt),
            "Version": version.number,
            "LastModifiedDate": version.modified_at,
            "ARN": self.arn,
            "DataType": version.data_type,
        });
        if let Some(selector) = selector {
            view["Selector"] = format!(":{selector}").into();
        }
        view
    }

    /// The value as a reply has it: a secret's is ciphertext unless it is asked for in clear.
    pub fn value(&self, version: &Version, decrypt: bool) -> String {
        if version.kind != "SecureString" || decrypt {
            return version.value.clone();
        }
        let seed = format!("{}/{}/{}", self.arn, version.number, version.value);
        let noise = Sha512::digest(seed.as_bytes());
        // The header every ciphertext of KMS begins with, then noise of the value.
        let mut bytes = vec![1, 2, 2, 0, 0x78];
        bytes.extend_from_slice(&noise);
        bytes.extend_from_slice(&Sha512::digest(noise));
        STANDARD.encode(bytes)
    }

    /// The API's ParameterMetadata of a version.
    pub fn metadata(&self, version: &Version) -> Value {
        let mut view = json!({
            "Name": self.name,
            "Type": version.kind,
            "LastModifiedDate": version.modified_at,
            "LastModifiedUser": version.modified_by,
            "Version": version.number,
            "Tier": version.tier,
            "Policies": [],
            "DataType": version.data_type,
        });
        let optional = [
            ("KeyId", &version.key_id),
            ("Description", &version.description),
            ("AllowedPattern", &version.allowed_pattern),
        ];
        for (member, text) in optional {
            if let Some(text) = text {
                view[member] = text.as_str().into();
            }
        }
        view
    }
}

/// An error of this service: all of them answer with status 400.
pub fn fail(code: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(code, 400, message)
}

/// `arn:aws:ssm:us-east-1:123456789012:parameter/a/b` of `/a/b`, and of `a` alike.
pub fn arn(call: &Call<'_>, name: &str) -> String {
    call.arn(
        "ssm",
        &format!("parameter/{}", name.trim_start_matches('/')),
    )
}
