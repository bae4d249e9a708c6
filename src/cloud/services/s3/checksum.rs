//! The checksums that S3 keeps beside an object's ETag.
//!
//! A client names one algorithm; without one S3 computes CRC64NVME by itself. Of an upload in
//! parts the checksum is over the whole (`FULL_OBJECT`: CRCs only) or over the checksums of its
//! parts (`COMPOSITE`: `<base64>-<parts>`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::errors;
use crate::cloud::error::ApiError;
use crate::cloud::protocol::chunked;
use crate::cloud::services::Call;

/// What S3 computes when no one names an algorithm.
pub(super) const DEFAULT: &str = "CRC64NVME";

/// Over the whole object.
pub(super) const FULL: &str = "FULL_OBJECT";

/// Over the checksums of the parts.
pub(super) const COMPOSITE: &str = "COMPOSITE";

/// The algorithms computed here.
const ALGORITHMS: [&str; 7] = [
    "CRC32",
    "CRC32C",
    "CRC64NVME",
    "SHA1",
    "SHA256",
    "SHA512",
    "MD5",
];

/// The algorithms that the API has and the embedded cloud does not.
const NOT_MODELLED: [&str; 3] = ["XXHASH64", "XXHASH3", "XXHASH128"];

/// A checksum as S3 gives it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checksum {
    /// `CRC32`, …
    pub algorithm: String,
    /// Base64; a composite one ends in `-<parts>`.
    pub value: String,
    /// [`FULL`] or [`COMPOSITE`].
    pub kind: String,
}

impl Checksum {
    /// The checksum of a whole body.
    pub(super) fn of(algorithm: &str, body: &Bytes) -> Option<Checksum> {
        Some(Checksum {
            algorithm: algorithm.to_owned(),
            value: chunked::checksum(algorithm, body)?,
            kind: FULL.to_owned(),
        })
    }

    /// Adds the member that carries the checksum (`ChecksumCRC32`).
    pub(super) fn show(&self, reply: &mut Map<String, Value>) {
        reply.insert(member(&self.algorithm), Value::from(&*self.value));
    }

    /// As [`Checksum::show`], with `ChecksumType`.
    pub(super) fn show_with_type(&self, reply: &mut Map<String, Value>) {
        self.show(reply);
        reply.insert("ChecksumType".to_owned(), Value::from(&*self.kind));
    }
}

/// The member that carries a checksum of an algorithm.
pub(super) fn member(algorithm: &str) -> String {
    format!("Checksum{algorithm}")
}

/// Whether an algorithm can be computed here.
pub(super) fn check_modelled(algorithm: &str) -> Result<(), ApiError> {
    if NOT_MODELLED.contains(&algorithm) {
        return Err(ApiError::not_implemented(format_args!(
            "{algorithm} checksums in S3"
        )));
    }
    if ALGORITHMS.contains(&algorithm) {
        return Ok(());
    }
    Err(errors::invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: \
         [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    ))
}

/// The checksum that the call's members state: algorithm and value; more than one is an error.
pub(super) fn stated(call: &Call<'_>) -> Result<Option<(&'static str, String)>, ApiError> {
    let mut found = None;
    for algorithm in NOT_MODELLED.iter().chain(&ALGORITHMS).copied() {
        let Some(value) = call.str(&member(algorithm)) else {
            continue;
        };
        check_modelled(algorithm)?;
        if found.replace((algorithm, value.to_owned())).is_some() {
            return Err(errors::invalid_request(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not \
                 allowed.",
            ));
        }
    }
    Ok(found)
}

/// The checksum of an uploaded body: the one stated, proved; else of `fallback`, computed.
pub(super) fn of_upload(call: &Call<'_>, fallback: &str) -> Result<Option<Checksum>, ApiError> {
    let Some((algorithm, value)) = stated(call)? else {
        check_modelled(fallback)?;
        return Ok(Checksum::of(fallback, &call.body));
    };
    let computed = Checksum::of(algorithm, &call.body);
    if computed.as_ref().is_some_and(|c| c.value != value) {
        return Err(mismatch(algorithm));
    }
    Ok(computed)
}

/// 400: the checksum stated is not that of the body.
pub(super) fn mismatch(algorithm: &str) -> ApiError {
    ApiError::new(
        "BadDigest",
        400,
        format!("The {algorithm} you specified did not match the calculated checksum."),
    )
}

/// The checksum over the checksums of an upload's parts.
pub(super) fn composite(algorithm: &str, parts: &[&Checksum]) -> Option<Checksum> {
    let mut joined = Vec::new();
    for part in parts {
        joined.extend(STANDARD.decode(&part.value).ok()?);
    }
    let value = chunked::checksum(algorithm, &Bytes::from(joined))?;
    Some(Checksum {
        algorithm: algorithm.to_owned(),
        value: format!("{value}-{}", parts.len()),
        kind: COMPOSITE.to_owned(),
    })
}
