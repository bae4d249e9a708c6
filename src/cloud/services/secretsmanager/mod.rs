//! AWS Secrets Manager, without rotation and replication.
//!
//! A secret is one record with its versions ([`secret::Secret`]). Staging labels belong to
//! versions; [`stages`] moves them. A deleted secret stays, and keeps its name, until its
//! recovery window ends.

mod create;
mod delete;
mod list;
mod password;
mod policy;
mod read;
mod secret;
mod stages;
mod tag;
mod write;

pub use tag::tagged;

use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Handler, Service, no_seed};
use crate::cloud::store::Txn;

/// The service's operations.
pub static SERVICE: Service = Service {
    name: "secretsmanager",
    operations: OPERATIONS,
    validation_code: "ValidationException",
    seed: no_seed,
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("BatchGetSecretValue", read::batch_get),
    ("CreateSecret", create::create_secret),
    ("DeleteResourcePolicy", policy::delete),
    ("DeleteSecret", delete::delete_secret),
    ("DescribeSecret", read::describe),
    ("GetRandomPassword", password::get_random_password),
    ("GetResourcePolicy", policy::get),
    ("GetSecretValue", read::get_value),
    ("ListSecretVersionIds", list::versions),
    ("ListSecrets", list::secrets),
    ("PutResourcePolicy", policy::put),
    ("PutSecretValue", write::put_value),
    ("RestoreSecret", delete::restore),
    ("TagResource", tag::tag),
    ("UntagResource", tag::untag),
    ("UpdateSecret", write::update),
    ("UpdateSecretVersionStage", stages::update),
    ("ValidateResourcePolicy", policy::validate),
];

/// The key a secret is encrypted with: `None` where there is no such secret, `Some(None)` where
/// it is AWS's own key. For services that use secrets.
///
/// # Errors
/// `InternalFailure` when the store fails.
pub fn key_of(txn: &mut Txn, region: &str, arn: &str) -> Result<Option<Option<String>>, ApiError> {
    let secrets = secret::all(txn, region)?;
    let found = secrets.into_iter().find(|secret| secret.arn == arn);
    Ok(found
        .filter(|secret| secret.deleted_at.is_none())
        .map(|secret| secret.key_id.filter(|key| key != secret::MANAGED_KEY)))
}
