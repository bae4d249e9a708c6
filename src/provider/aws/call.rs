//! How a call of the SDK fails, without the SDK's types.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use aws_smithy_types::timeout::TimeoutConfig;

use super::convert::ConvertError;

/// A call that failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// How far it came.
    pub failure: Failure,
    /// The service's error code, if it answered with one.
    pub code: Option<String>,
    /// The service's message, or what went wrong on the way, with its causes.
    pub message: String,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The service's id of the request, for its support.
    pub request_id: Option<String>,
}

/// How far a failed call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The input does not fit the operation; nothing was sent.
    Input,
    /// The request could not be made (no credentials, no region); nothing was sent.
    NotSent,
    /// No answer in time; it may have taken effect.
    Timeout,
    /// No answer (no connection, or one that broke); it may have taken effect.
    Dispatch,
    /// An answer that could not be read; it may have taken effect.
    Unreadable,
    /// The service answered with an error.
    Answered,
}

/// The timeouts of a call that sends a stream: of those that a client has, that of connecting alone.
pub fn unlimited(usual: Option<&TimeoutConfig>) -> TimeoutConfig {
    usual
        .map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder)
        .disable_operation_attempt_timeout()
        .disable_operation_timeout()
        .build()
}

/// An error and its causes as they are said to people, without their debugging text.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

impl From<ConvertError> for CallError {
    fn from(error: ConvertError) -> Self {
        Self {
            failure: Failure::Input,
            code: None,
            message: error.to_string(),
            status: None,
            request_id: None,
        }
    }
}

impl CallError {
    /// The error of an operation that the service's generated calls do not have.
    pub fn no_such_operation(service: &str, operation: &str) -> Self {
        ConvertError {
            path: format!("{service}:{operation}"),
            reason: "no spec uses this operation, so there is no generated call of it".to_owned(),
        }
        .into()
    }

    /// Takes what matters out of the SDK's error.
    pub fn of<E>(error: SdkError<E, HttpResponse>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
    {
        let failure = match &error {
            SdkError::ConstructionFailure(_) => Failure::NotSent,
            SdkError::TimeoutError(_) => Failure::Timeout,
            SdkError::DispatchFailure(_) => Failure::Dispatch,
            SdkError::ServiceError(_) => Failure::Answered,
            _ => Failure::Unreadable,
        };
        let response = error.raw_response();
        let status = response.map(|response| response.status().as_u16());
        let header = |name| {
            response
                .and_then(|response| response.headers().get(name))
                .map(str::to_owned)
        };
        let request_id = header("x-amzn-requestid").or_else(|| header("x-amz-request-id"));
        let answer = error.as_service_error().map(ProvideErrorMetadata::meta);
        let message = match answer.and_then(|answer| answer.message()) {
            Some(message) => message.to_owned(),
            None => chain(&error),
        };
        Self {
            failure,
            code: answer.and_then(|answer| answer.code()).map(str::to_owned),
            message,
            status,
            request_id: request_id.or_else(|| {
                answer
                    .and_then(|answer| answer.extra("aws_request_id"))
                    .map(str::to_owned)
            }),
        }
    }
}
