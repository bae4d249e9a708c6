//! One API call as a handler sees it, and what it answers.

use bytes::Bytes;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arn;
use crate::cloud::error::ApiError;
use crate::cloud::store::{StoreError, Txn};

/// One call, parsed and validated.
///
/// Values are JSON with the API's member names as in the model (`RoleName`, `clusterArn`). Blobs
/// are base64 text, timestamps integer milliseconds since the epoch; streaming bodies travel
/// beside the value.
pub struct Call<'a> {
    /// The service's name in `models/api` (`iam`, `resourcegroupstaggingapi`).
    pub service: &'static str,
    /// The operation (`CreateRole`).
    pub operation: &'a str,
    /// Always an object, already validated against the model.
    pub input: Value,
    /// The streaming payload of the request (PutObject, UploadPart), without chunk framing.
    pub body: Bytes,
    /// The raw headers, for the rare operation that looks at them.
    pub headers: &'a HeaderMap,
    /// The account's twelve digits.
    pub account: &'a str,
    /// From the request's signature scope.
    pub region: &'a str,
    /// Who calls.
    pub principal_arn: &'a str,
    /// Simulated time, milliseconds since the epoch.
    pub now: i64,
    /// Simulated seconds a real second.
    pub time_scale: f64,
    /// The id this reply will carry.
    pub request_id: &'a str,
    /// The call's transaction on the store: committed when the handler answers without error.
    pub txn: &'a mut Txn,
    /// What this call makes is to fail later on, as a fault asks; only for operations that are in
    /// [`Faults`](crate::cloud::faults)' table of those.
    pub failure: Option<Failure>,
    /// The streaming payload of the reply, set by GetObject.
    pub reply_body: Option<Bytes>,
    /// Set where the reply's status is not the model's (206, 304).
    pub reply_status: Option<u16>,
}

/// Why something fails later on, in the words of its service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The service's code of it.
    pub code: String,
    /// For people.
    #[serde(default)]
    pub message: String,
}

/// The reply's members, or an error. `Value::Null` and `{}` both are an empty reply.
pub type Reply = Result<Value, ApiError>;

/// One operation of a service.
pub type Handler = fn(&mut Call<'_>) -> Reply;

/// A service of the embedded cloud: its operations as a table.
pub struct Service {
    /// The name of its file in `models/api`.
    pub name: &'static str,
    /// Every operation it implements.
    pub operations: &'static [(&'static str, Handler)],
    /// The error code of a request that the model refuses (`ValidationError`).
    pub validation_code: &'static str,
    /// Writes what a fresh account holds. Runs once for each region, on the region's first use;
    /// the region is [`Txn::region`].
    pub seed: fn(&mut Txn) -> Result<(), StoreError>,
}

impl Service {
    /// The handler of an operation.
    pub fn handler(&self, operation: &str) -> Option<Handler> {
        self.operations
            .iter()
            .find(|(name, _)| *name == operation)
            .map(|(_, handler)| *handler)
    }
}

/// The `seed` of a service whose fresh account is empty.
pub fn no_seed(_: &mut Txn) -> Result<(), StoreError> {
    Ok(())
}

impl Call<'_> {
    /// A text member.
    pub fn str(&self, member: &str) -> Option<&str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// An integer or timestamp member.
    pub fn int(&self, member: &str) -> Option<i64> {
        self.input.get(member).and_then(Value::as_i64)
    }

    /// A boolean member.
    pub fn bool(&self, member: &str) -> Option<bool> {
        self.input.get(member).and_then(Value::as_bool)
    }

    /// A list member; empty when absent.
    pub fn list(&self, member: &str) -> &[Value] {
        self.input
            .get(member)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// The texts of a list member; empty when absent.
    pub fn strings(&self, member: &str) -> Vec<String> {
        self.list(member)
            .iter()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    }

    /// Whether the member was sent (and is not null).
    pub fn has(&self, member: &str) -> bool {
        self.input.get(member).is_some_and(|v| !v.is_null())
    }

    /// A span of a client's clock in simulated ms, never less than what it says: who writes and reads
    /// data lives in real time, and with a clock that runs fast a day of its life must not shrink
    /// to minutes.
    pub fn client_ms(&self, real_ms: i64) -> i64 {
        (real_ms as f64 * self.time_scale.max(1.0)) as i64
    }

    /// An ARN of this account and region, as the service writes them (no region for iam, neither
    /// for s3).
    pub fn arn(&self, service: &str, resource: &str) -> String {
        arn::arn(service, self.region, self.account, resource)
    }
}
