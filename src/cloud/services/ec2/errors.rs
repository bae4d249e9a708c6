//! EC2's errors: nearly all are 400, the code says what.

use crate::cloud::error::ApiError;

/// A 400 of this code.
pub fn error(code: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(code, 400, message)
}

/// A value that EC2 refuses.
pub fn invalid_value(message: impl Into<String>) -> ApiError {
    error("InvalidParameterValue", message)
}

/// Members that do not go together.
pub fn combination(message: impl Into<String>) -> ApiError {
    error("InvalidParameterCombination", message)
}

/// A member that must be there, by its name on the wire (`cidrBlock`).
pub fn missing(parameter: &str) -> ApiError {
    error(
        "MissingParameter",
        format!("The request must contain the parameter {parameter}"),
    )
}

/// Something still hangs on what is to be deleted.
pub fn dependency(message: impl Into<String>) -> ApiError {
    error("DependencyViolation", message)
}
