//! A secret's record, and finding the one a caller names.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;
use crate::cloud::services::record;
use crate::cloud::services::tags::Tags;
use crate::cloud::store::Txn;

/// Where secrets live, under `<region>/<name>`.
pub const KIND: &str = "secretsmanager.secret";
/// The key AWS encrypts with where the user names none.
pub const MANAGED_KEY: &str = "alias/aws/secretsmanager";
/// The label of the version that is read by default.
pub const CURRENT: &str = "AWSCURRENT";
/// The label of the version before that.
pub const PREVIOUS: &str = "AWSPREVIOUS";

/// One version of a secret's value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    pub id: String,
    pub string: Option<String>,
    /// Base64.
    pub binary: Option<String>,
    pub stages: Vec<String>,
    pub created_at: i64,
    pub accessed_at: Option<i64>,
}

/// One secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Secret {
    pub name: String,
    pub arn: String,
    pub description: Option<String>,
    pub key_id: Option<String>,
    pub created_at: i64,
    pub changed_at: i64,
    pub accessed_at: Option<i64>,
    /// When it was marked for deletion, and when it will be gone.
    pub deleted_at: Option<i64>,
    pub gone_at: Option<i64>,
    pub tags: Tags,
    pub versions: Vec<Version>,
    pub policy: Option<String>,
}

impl Secret {
    /// Writes the record back.
    pub fn save(&self, call: &mut Call<'_>) -> Result<(), ApiError> {
        record::save(
            call.txn,
            KIND,
            &format!("{}/{}", call.region, self.name),
            self,
        )
    }

    /// The version with a staging label.
    pub fn staged(&self, stage: &str) -> Option<&Version> {
        self.versions
            .iter()
            .find(|version| version.stages.iter().any(|held| held == stage))
    }

    /// The version of an id.
    pub fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    /// The API's map of version ids to their staging labels; versions without any are left out.
    pub fn version_stages(&self) -> Value {
        let staged = self
            .versions
            .iter()
            .filter(|version| !version.stages.is_empty());
        Value::Object(
            staged
                .map(|v| (v.id.clone(), v.stages.clone().into()))
                .collect(),
        )
    }

    /// What DescribeSecret and ListSecrets have in common.
    pub fn view(&self) -> Value {
        let mut view = json!({
            "ARN": self.arn,
            "Name": self.name,
            "LastChangedDate": self.changed_at,
            "CreatedDate": self.created_at,
        });
        let texts = [
            ("Description", &self.description),
            ("KmsKeyId", &self.key_id),
        ];
        for (member, text) in texts {
            if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
                view[member] = text.into();
            }
        }
        let times = [
            ("LastAccessedDate", self.accessed_at),
            ("DeletedDate", self.deleted_at),
        ];
        for (member, at) in times {
            if let Some(at) = at {
                view[member] = at.into();
            }
        }
        view
    }
}

/// An error of this service: all of them answer with status 400.
pub fn fail(code: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(code, 400, message)
}

/// All secrets of the region that are not gone, strongly consistent.
pub fn all(txn: &mut Txn, region: &str) -> Result<Vec<Secret>, ApiError> {
    let now = txn.now();
    let mut all: Vec<Secret> = record::scan(txn, KIND, &format!("{region}/"))?;
    all.retain(|secret| secret.gone_at.is_none_or(|at| now < at));
    Ok(all)
}

/// The secret of a name, an ARN, or an ARN without its random ending.
pub fn find(call: &mut Call<'_>, id: &str) -> Result<Option<Secret>, ApiError> {
    let named: Option<Secret> = record::load(call.txn, KIND, &format!("{}/{id}", call.region))?;
    if let Some(secret) = named.filter(|s| s.gone_at.is_none_or(|at| call.now < at)) {
        return Ok(Some(secret));
    }
    let is_partial = |arn: &str| arn.rsplit_once('-').is_some_and(|(start, _)| start == id);
    let secrets = all(call.txn, call.region)?;
    Ok(secrets
        .into_iter()
        .find(|secret| secret.arn == id || is_partial(&secret.arn)))
}

/// ResourceNotFoundException.
pub fn not_found() -> ApiError {
    fail(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
    )
}

/// The secret the request's SecretId names, also one marked for deletion.
pub fn wanted_any(call: &mut Call<'_>) -> Result<Secret, ApiError> {
    let id = call.str("SecretId").unwrap_or_default().to_owned();
    find(call, &id)?.ok_or_else(not_found)
}

/// The secret the request's SecretId names, which may not be marked for deletion.
pub fn wanted(call: &mut Call<'_>) -> Result<Secret, ApiError> {
    let secret = wanted_any(call)?;
    must_live(&secret)?;
    Ok(secret)
}

/// InvalidRequestException for a secret marked for deletion.
pub fn must_live(secret: &Secret) -> Result<(), ApiError> {
    if secret.deleted_at.is_some() {
        return Err(fail(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        ));
    }
    Ok(())
}
