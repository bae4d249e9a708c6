//! S3's errors: code, status, message and the further members that it puts beside them.

use crate::cloud::error::ApiError;

/// 404: the bucket is not there.
pub(super) fn no_such_bucket(name: &str) -> ApiError {
    ApiError::new("NoSuchBucket", 404, "The specified bucket does not exist")
        .with("BucketName", name)
}

/// 404: no object under the key, or its newest version is a delete marker.
pub(super) fn no_such_key(key: &str) -> ApiError {
    ApiError::new("NoSuchKey", 404, "The specified key does not exist.").with("Key", key)
}

/// 404: a version id that could exist and does not.
pub(super) fn no_such_version(key: &str, version: &str) -> ApiError {
    ApiError::new(
        "NoSuchVersion",
        404,
        "The specified version does not exist.",
    )
    .with("Key", key)
    .with("VersionId", version)
}

/// 404: an upload in parts that was never begun, or is over.
pub(super) fn no_such_upload(upload: &str) -> ApiError {
    ApiError::new(
        "NoSuchUpload",
        404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may \
         have been aborted or completed.",
    )
    .with("UploadId", upload)
}

/// 404: a setting that the bucket does not have; each setting has a code of its own.
pub(super) fn not_set(code: &str, message: &str, bucket: &str) -> ApiError {
    ApiError::new(code, 404, message).with("BucketName", bucket)
}

/// 400: one argument is wrong; `name` as S3 spells it on the wire (`partNumber`).
pub(super) fn invalid_argument(
    message: impl Into<String>,
    name: &str,
    value: impl Into<String>,
) -> ApiError {
    ApiError::new("InvalidArgument", 400, message)
        .with("ArgumentName", name)
        .with("ArgumentValue", value.into())
}

/// 400: what is asked for makes no sense as a whole.
pub(super) fn invalid_request(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidRequest", 400, message)
}

/// 400: the document is not what the schema wants.
pub(super) fn malformed_xml() -> ApiError {
    ApiError::new(
        "MalformedXML",
        400,
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// 403: without a reason, as S3 does.
pub(super) fn access_denied() -> ApiError {
    ApiError::new("AccessDenied", 403, "Access Denied")
}

/// 412: `condition` is the header that did not hold.
pub(super) fn precondition_failed(condition: &str) -> ApiError {
    ApiError::new(
        "PreconditionFailed",
        412,
        "At least one of the pre-conditions you specified did not hold",
    )
    .with("Condition", condition)
}

/// 400: the bucket's ownership setting switches ACLs off.
pub(super) fn acl_not_supported() -> ApiError {
    ApiError::new(
        "AccessControlListNotSupported",
        400,
        "The bucket does not allow ACLs",
    )
}

/// 405: the version asked for is a delete marker.
pub(super) fn is_delete_marker(method: &str) -> ApiError {
    ApiError::new(
        "MethodNotAllowed",
        405,
        "The specified method is not allowed against this resource.",
    )
    .with("Method", method)
    .with("ResourceType", "DeleteMarker")
}

/// 400: the token of a next page is none of ours.
pub(super) fn bad_token(token: &str) -> ApiError {
    invalid_argument(
        "The continuation token provided is incorrect",
        "continuation-token",
        token,
    )
}
