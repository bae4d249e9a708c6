//! Typed records in the store: what a service keeps is a plain serde struct, written and read
//! under `(kind, key)` as one JSON value.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cloud::error::ApiError;
use crate::cloud::store::Txn;

/// The record under `(kind, key)`, strongly consistent; `None` where there is none.
///
/// # Errors
/// `InternalFailure` when the store cannot be read or the record does not have the shape of `T`.
pub fn load<T: DeserializeOwned>(
    txn: &mut Txn,
    kind: &str,
    key: &str,
) -> Result<Option<T>, ApiError> {
    match txn.get(kind, key)? {
        Some(value) => Ok(Some(serde_json::from_value(value).map_err(unreadable)?)),
        None => Ok(None),
    }
}

/// Writes `record` under `(kind, key)`, replacing what was there.
///
/// # Errors
/// `InternalFailure` when the store cannot be written.
pub fn save<T: Serialize>(
    txn: &mut Txn,
    kind: &str,
    key: &str,
    record: &T,
) -> Result<(), ApiError> {
    let value = serde_json::to_value(record).map_err(unreadable)?;
    Ok(txn.put(kind, key, &value)?)
}

/// All records of `kind` whose key begins with `prefix`, strongly consistent, in key order.
///
/// # Errors
/// As [`load`].
pub fn scan<T: DeserializeOwned>(
    txn: &mut Txn,
    kind: &str,
    prefix: &str,
) -> Result<Vec<T>, ApiError> {
    txn.scan(kind, prefix)?
        .into_iter()
        .map(|(_, value)| typed(value))
        .collect()
}

/// As [`scan`], but as AWS's lists answer: behind the writes when the `lag` fault is on.
///
/// # Errors
/// As [`load`].
pub fn list<T: DeserializeOwned>(
    txn: &mut Txn,
    kind: &str,
    prefix: &str,
) -> Result<Vec<T>, ApiError> {
    txn.list(kind, prefix)?
        .into_iter()
        .map(|(_, value)| typed(value))
        .collect()
}

fn typed<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, ApiError> {
    serde_json::from_value(value).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> ApiError {
    ApiError::new(
        "InternalFailure",
        500,
        format!("a record in the store is unreadable: {error}"),
    )
}
