//! The errors a handler answers with, as AWS would: a code, a status, a message.

use serde_json::{Map, Value};

use super::store::StoreError;

/// An error reply of an API. How it is written depends on the request's protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// The code clients match on (`NoSuchEntity`, `InvalidGroup.NotFound`).
    pub code: String,
    /// HTTP status.
    pub status: u16,
    /// What AWS says to people.
    pub message: String,
    /// Further members of the error's shape (`invalidParameter`), by the model's member names.
    pub members: Box<Map<String, Value>>,
}

impl ApiError {
    /// An error of this code and HTTP status.
    pub fn new(code: impl Into<String>, status: u16, message: impl Into<String>) -> Self {
        ApiError {
            code: code.into(),
            status,
            message: message.into(),
            members: Box::default(),
        }
    }

    /// What this cloud knows of but does not model: 501, which clients do not retry.
    pub fn not_implemented(what: impl std::fmt::Display) -> Self {
        ApiError::new(
            "NotImplemented",
            501,
            format!("pinfra's embedded cloud does not implement {what}."),
        )
    }

    /// A fault of the embedded cloud itself.
    pub fn internal(message: impl Into<String>) -> Self {
        ApiError::new("InternalFailure", 500, message)
    }

    /// The same error with one more member of its shape.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.status, self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        ApiError::internal(format!("the local store failed: {error}"))
    }
}
