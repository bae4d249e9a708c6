//! AWS Systems Manager Parameter Store: parameters only; the rest of the service is not modelled.
//!
//! A parameter is one record with all its versions ([`parameter::Parameter`]). AWS's own public
//! parameters ([`public`]) are a table, not records. What a caller names is found, with its
//! selector, by [`find`]; [`filter`] serves the two listing operations.

mod delete;
mod filter;
mod find;
mod get;
mod label;
mod parameter;
pub mod public;
mod put;
mod tag;

pub use tag::tagged;

use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Handler, Service, no_seed};

/// The value of the parameter that a text names, with its version or label: what other services
/// resolve. Secrets are not resolved.
///
/// # Errors
/// As GetParameter.
pub fn value_of(call: &mut Call<'_>, text: &str) -> Result<String, ApiError> {
    let (parameter, version, _) = find::selected(call, text)?;
    Ok(parameter.value(&version, false))
}

/// The service's operations.
pub static SERVICE: Service = Service {
    name: "ssm",
    operations: OPERATIONS,
    validation_code: "ValidationException",
    seed: no_seed,
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AddTagsToResource", tag::add),
    ("DeleteParameter", delete::one),
    ("DeleteParameters", delete::many),
    ("DescribeParameters", get::describe),
    ("GetParameter", get::one),
    ("GetParameterHistory", get::history),
    ("GetParameters", get::many),
    ("GetParametersByPath", get::by_path),
    ("LabelParameterVersion", label::label),
    ("ListTagsForResource", tag::list),
    ("PutParameter", put::put_parameter),
    ("RemoveTagsFromResource", tag::remove),
    ("UnlabelParameterVersion", label::unlabel),
];
