//! What can be set on a live stream: retention, encryption, shard-level metrics, record size,
//! warm throughput.

use serde_json::json;

use super::stream::{self, fail};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// Every shard-level metric, in the order AWS lists them.
const METRICS: [&str; 7] = [
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
];
const LEAST_HOURS: i64 = 24;
const MOST_HOURS: i64 = 8760;

/// IncreaseStreamRetentionPeriod.
pub fn increase_retention(call: &mut Call<'_>) -> Reply {
    change_retention(call, true)
}

/// DecreaseStreamRetentionPeriod.
pub fn decrease_retention(call: &mut Call<'_>) -> Reply {
    change_retention(call, false)
}

fn change_retention(call: &mut Call<'_>, up: bool) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    let hours = call.int("RetentionPeriodHours").unwrap_or_default();
    let held = stream.settings.retention_hours;
    let name = &stream.name;
    let refused = if hours < LEAST_HOURS {
        Some(format!(
            "Minimum allowed retention period is {LEAST_HOURS} hours. Requested retention period \
             ({hours} hours) is too short."
        ))
    } else if hours > MOST_HOURS {
        Some(format!(
            "Maximum allowed retention period is {MOST_HOURS} hours. Requested retention period \
             ({hours} hours) is too long."
        ))
    } else if up && hours < held {
        Some(format!(
            "Requested retention period ({hours} hours) for stream {name} can not be shorter than \
             existing retention period ({held} hours). Use DecreaseRetentionPeriod API."
        ))
    } else if !up && hours > held {
        Some(format!(
            "Requested retention period ({hours} hours) for stream {name} can not be longer than \
             existing retention period ({held} hours). Use IncreaseRetentionPeriod API."
        ))
    } else {
        None
    };
    if let Some(message) = refused {
        return Err(fail("InvalidArgumentException", message));
    }
    stream.begin(call.now, |settings, _| settings.retention_hours = hours);
    stream.save(call.txn, call.region)?;
    Ok(json!({}))
}

/// StartStreamEncryption. The key is shown as it was given; an alias, an id or an ARN in form
/// is taken for an existing key.
pub fn start_encryption(call: &mut Call<'_>) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    let key = call.str("KeyId").unwrap_or_default().to_owned();
    if call.str("EncryptionType") != Some("KMS") {
        return Err(fail(
            "InvalidArgumentException",
            "EncryptionType must be KMS to start the encryption of a stream.",
        ));
    }
    if !names_a_key(&key) {
        return Err(fail("KMSNotFoundException", format!("Invalid keyId {key}")));
    }
    stream.begin(call.now, |settings, _| settings.key_id = Some(key));
    stream.save(call.txn, call.region)?;
    Ok(json!({}))
}

/// `alias/…`, a UUID, `mrk-…` or the ARN of a key or an alias.
fn names_a_key(text: &str) -> bool {
    let uuid = |id: &str| {
        id.len() == 36 && id.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
            || id.starts_with("mrk-")
    };
    let name = match text.strip_prefix("arn:") {
        Some(rest) => match rest.splitn(5, ':').collect::<Vec<_>>().as_slice() {
            [_, "kms", _, _, resource] => match resource.strip_prefix("key/") {
                Some(id) => id,
                None => resource,
            },
            _ => return false,
        },
        None => text,
    };
    name.strip_prefix("alias/")
        .is_some_and(|alias| !alias.is_empty())
        || uuid(name)
}

/// StopStreamEncryption.
pub fn stop_encryption(call: &mut Call<'_>) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    stream.begin(call.now, |settings, _| settings.key_id = None);
    stream.save(call.txn, call.region)?;
    Ok(json!({}))
}

/// EnableEnhancedMonitoring.
pub fn enable_monitoring(call: &mut Call<'_>) -> Reply {
    change_metrics(call, |held, named| held || named)
}

/// DisableEnhancedMonitoring.
pub fn disable_monitoring(call: &mut Call<'_>) -> Reply {
    change_metrics(call, |held, named| held && !named)
}

fn change_metrics(call: &mut Call<'_>, wanted: fn(bool, bool) -> bool) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    let named = call.strings("ShardLevelMetrics");
    let all = named.iter().any(|metric| metric == "ALL");
    let before = stream.settings.shard_level_metrics.clone();
    let has = |list: &[String], metric: &str| list.iter().any(|name| name == metric);
    let after: Vec<String> = METRICS
        .iter()
        .filter(|metric| wanted(has(&before, metric), all || has(&named, metric)))
        .map(|metric| (*metric).to_owned())
        .collect();
    let reply = json!({
        "StreamName": stream.name,
        "CurrentShardLevelMetrics": before,
        "DesiredShardLevelMetrics": after,
        "StreamARN": stream.arn,
    });
    stream.begin(call.now, |settings, _| settings.shard_level_metrics = after);
    stream.save(call.txn, call.region)?;
    Ok(reply)
}

/// UpdateMaxRecordSize.
pub fn update_max_record_size(call: &mut Call<'_>) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    let size = call.int("MaxRecordSizeInKiB").unwrap_or(1024);
    stream.begin(call.now, |settings, _| settings.max_record_kib = size);
    stream.save(call.txn, call.region)?;
    Ok(json!({}))
}

/// UpdateStreamWarmThroughput: on-demand streams only.
pub fn update_warm_throughput(call: &mut Call<'_>) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    if stream.settings.mode != "ON_DEMAND" {
        return Err(fail(
            "ValidationException",
            "Warm throughput can only be set on a stream in ON_DEMAND mode.",
        ));
    }
    let target = call.int("WarmThroughputMiBps").unwrap_or_default();
    let current = stream.settings.warm_throughput_mibps.unwrap_or_default();
    stream.begin(call.now, |settings, _| {
        settings.warm_throughput_mibps = Some(target)
    });
    stream.save(call.txn, call.region)?;
    Ok(json!({
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "WarmThroughput": { "TargetMiBps": target, "CurrentMiBps": current },
    }))
}

/// Whether the request asks for the strategy AUTO, which only on-demand streams have.
pub fn spreads_records(call: &Call<'_>, mode: &str) -> Result<bool, ApiError> {
    let auto = call.str("RecordDistributionStrategy") == Some("AUTO");
    if auto && mode != "ON_DEMAND" {
        return Err(fail(
            "InvalidArgumentException",
            "The record distribution strategy AUTO is only supported for streams in ON_DEMAND mode.",
        ));
    }
    Ok(auto)
}

/// UpdateStreamRecordDistributionStrategy: takes effect at once.
pub fn update_distribution(call: &mut Call<'_>) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    stream.settings.spreads_records = spreads_records(call, &stream.settings.mode)?;
    stream.save(call.txn, call.region)?;
    Ok(json!({}))
}
