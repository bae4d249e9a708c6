//! IAM's errors, with its statuses and sentences.

use crate::cloud::error::ApiError;

/// 404 with IAM's sentence for the kind of thing.
pub fn no_such_entity(message: impl Into<String>) -> ApiError {
    ApiError::new("NoSuchEntity", 404, message)
}

/// The role of this name does not exist.
pub fn no_such_role(name: &str) -> ApiError {
    no_such_entity(format!("The role with name {name} cannot be found."))
}

/// The instance profile of this name does not exist.
pub fn no_such_profile(name: &str) -> ApiError {
    no_such_entity(format!("Instance Profile {name} cannot be found."))
}

/// The managed policy of this ARN does not exist.
pub fn no_such_policy(arn: &str) -> ApiError {
    no_such_entity(format!("Policy {arn} was not found."))
}

/// The name is taken.
pub fn already_exists(message: impl Into<String>) -> ApiError {
    ApiError::new("EntityAlreadyExists", 409, message)
}

/// Something still hangs on what is to be deleted.
pub fn delete_conflict(message: impl Into<String>) -> ApiError {
    ApiError::new("DeleteConflict", 409, message)
}

/// A quota of the account or the object.
pub fn limit_exceeded(message: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceeded", 409, message)
}

/// A quota in the form in which most of them are reported.
pub fn quota(name: &str, limit: usize) -> ApiError {
    limit_exceeded(format!("Cannot exceed quota for {name}: {limit}"))
}

/// A value that IAM understands and refuses.
pub fn invalid_input(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", 400, message)
}

/// A value that breaks a rule of its form.
pub fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", 400, message)
}

/// A policy document that IAM cannot take.
pub fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new("MalformedPolicyDocument", 400, message)
}

/// A service-linked role can only be changed by its service.
pub fn unmodifiable(role: &str) -> ApiError {
    ApiError::new(
        "UnmodifiableEntity",
        400,
        format!(
            "Cannot perform the operation on the protected role '{role}' - this role is only modifiable by AWS"
        ),
    )
}
