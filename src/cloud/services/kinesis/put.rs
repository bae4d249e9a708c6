//! PutRecord and PutRecords: a record goes to the shard whose range holds its hash key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::shard::{hash_key, sequence_number};
use super::stream::{self, Stream, fail, not_found};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// Where records live, under `<stream id>/<shard>/<sequence number>`.
pub const KIND: &str = "kinesis.record";
/// All records of one PutRecords together, in bytes.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// The keys of a stream's records.
pub fn prefix(stream_id: &str) -> String {
    format!("{stream_id}/")
}

/// Before which simulated time records can no longer be read.
pub fn horizon(call: &Call<'_>, stream: &Stream) -> i64 {
    call.now - call.client_ms(stream.settings.retention_hours * 3_600_000)
}

/// The stream of a data operation: to those, one that is being created or deleted is not there.
pub fn data_stream(call: &mut Call<'_>) -> Result<Stream, ApiError> {
    let stream = stream::wanted(call)?;
    match stream.status(call.now) {
        Some("ACTIVE" | "UPDATING") => Ok(stream),
        _ => Err(not_found(call, &stream.name)),
    }
}

/// DryRunOperationException where the request asks for no more than the checks.
pub fn stop_dry_run(call: &Call<'_>) -> Result<(), ApiError> {
    if call.bool("DryRun") == Some(true) {
        return Err(fail(
            "DryRunOperationException",
            "Request would have succeeded, but DryRun flag is set.",
        ));
    }
    Ok(())
}

/// PutRecord.
pub fn put_record(call: &mut Call<'_>) -> Reply {
    let stream = data_stream(call)?;
    let entry = call.input.clone();
    check_sizes(&stream, std::slice::from_ref(&entry))?;
    stop_dry_run(call)?;
    let mut reply = put_one(call, &stream, &entry)?;
    reply["EncryptionType"] = encryption(&stream).into();
    Ok(reply)
}

/// PutRecords. No shard is ever over its throughput here, so no entry fails by itself.
pub fn put_records(call: &mut Call<'_>) -> Reply {
    let stream = data_stream(call)?;
    let entries = call.list("Records").to_vec();
    check_sizes(&stream, &entries)?;
    stop_dry_run(call)?;
    let mut records = Vec::with_capacity(entries.len());
    for entry in &entries {
        records.push(put_one(call, &stream, entry)?);
    }
    Ok(json!({
        "FailedRecordCount": 0,
        "Records": records,
        "EncryptionType": encryption(&stream),
    }))
}

/// What replies say of a stream's encryption.
pub fn encryption(stream: &Stream) -> &'static str {
    if stream.settings.key_id.is_some() {
        "KMS"
    } else {
        "NONE"
    }
}

fn size(entry: &Value) -> usize {
    let data = entry["Data"].as_str().unwrap_or_default();
    let bytes = STANDARD.decode(data).map_or(0, |bytes| bytes.len());
    bytes + entry["PartitionKey"].as_str().unwrap_or_default().len()
}

fn check_sizes(stream: &Stream, entries: &[Value]) -> Result<(), ApiError> {
    let limit = usize::try_from(stream.settings.max_record_kib).unwrap_or(1024) * 1024;
    for entry in entries {
        if size(entry) > limit {
            return Err(fail(
                "InvalidArgumentException",
                format!(
                    "Record data and partition key together must have at most {limit} bytes, \
                     the MaxRecordSize of stream {}.",
                    stream.name
                ),
            ));
        }
        if !stream.settings.spreads_records {
            hash_of(entry)?;
        }
    }
    if entries.iter().map(size).sum::<usize>() > MOST_BYTES {
        return Err(fail(
            "InvalidArgumentException",
            "Records size exceeds 10 MB limit",
        ));
    }
    Ok(())
}

fn hash_of(entry: &Value) -> Result<u128, ApiError> {
    match (
        entry["ExplicitHashKey"].as_str(),
        entry["PartitionKey"].as_str(),
    ) {
        (Some(text), _) => text.parse::<u128>().map_err(|_| {
            fail(
                "InvalidArgumentException",
                format!(
                    "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. \
                     Specified value was {text}"
                ),
            )
        }),
        (None, Some(key)) => Ok(hash_key(key)),
        (None, None) => Err(fail(
            "InvalidArgumentException",
            "PartitionKey must be specified for a stream that distributes its records by it.",
        )),
    }
}

fn put_one(call: &mut Call<'_>, stream: &Stream, entry: &Value) -> Reply {
    let count = call.txn.next_id()?;
    // A service that spreads records itself ignores their keys: the count's hash is even enough.
    let hash = if stream.settings.spreads_records {
        hash_key(&count.to_string())
    } else {
        hash_of(entry)?
    };
    let shard = stream
        .open_shards()
        .find(|shard| shard.holds(hash))
        .ok_or_else(|| ApiError::internal(format!("no shard holds the hash key {hash}")))?;
    let number = sequence_number(call.now, count, shard.number);
    let record = json!({
        "SequenceNumber": number,
        "ApproximateArrivalTimestamp": call.now,
        "Data": entry["Data"],
        "PartitionKey": entry["PartitionKey"].as_str().unwrap_or_default(),
        "EncryptionType": encryption(stream),
    });
    let key = format!("{}{}/{number}", prefix(&stream.id), shard.id());
    call.txn.put(KIND, &key, &record)?;
    Ok(json!({ "ShardId": shard.id(), "SequenceNumber": number }))
}
