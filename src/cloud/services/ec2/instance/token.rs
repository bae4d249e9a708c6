//! Client tokens: for a day, the same request again gives what it gave before.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::errors::{error, invalid_value};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;

const KIND: &str = "ec2.client_token";
/// How long a token is remembered, simulated ms.
const REMEMBERED: i64 = 24 * 3_600_000;
/// Characters of a token.
const LONGEST: usize = 64;

fn key(call: &Call<'_>, token: &str) -> String {
    format!("{}/{}/{token}", call.region, call.operation)
}

/// What was remembered for the call's token: none where it has none or a new one.
///
/// # Errors
/// `IdempotentParameterMismatch` where the token came with another request.
pub fn recall(call: &mut Call<'_>) -> Result<Option<Value>, ApiError> {
    let Some(token) = call.str("ClientToken").filter(|token| !token.is_empty()) else {
        return Ok(None);
    };
    if token.len() > LONGEST || !token.is_ascii() {
        return Err(invalid_value(format!(
            "Value ({token}) for parameter clientToken is invalid. Client tokens have at most {LONGEST} ASCII characters."
        )));
    }
    let key = key(call, token);
    let found = call.txn.get(KIND, &key)?;
    let Some(record) = found.filter(|r| r["Until"].as_i64().is_some_and(|until| call.now < until))
    else {
        return Ok(None);
    };
    if record["Request"] != request(call) {
        return Err(error(
            "IdempotentParameterMismatch",
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        ));
    }
    Ok(Some(record["Result"].clone()))
}

/// Remembers what the call with this token led to.
pub fn remember(call: &mut Call<'_>, result: Value) -> Result<(), ApiError> {
    let Some(token) = call.str("ClientToken").filter(|token| !token.is_empty()) else {
        return Ok(());
    };
    let key = key(call, token);
    let record = json!({
        "Request": request(call),
        "Result": result,
        "Until": call.now + REMEMBERED,
    });
    Ok(call.txn.put(KIND, &key, &record)?)
}

/// A digest of all that was asked for.
fn request(call: &Call<'_>) -> String {
    let mut input = call.input.clone();
    if let Some(members) = input.as_object_mut() {
        members.remove("DryRun");
        members.remove("ClientToken");
    }
    input.sort_all_objects();
    hex::encode(Sha256::digest(input.to_string()))
}
