//! DescribeStream, DescribeStreamSummary, ListStreams and ListShards.

use serde_json::{Value, json};

use super::shard::Shard;
use super::stream::{self, Stream, fail};
use super::{consumer, put};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::paging;

/// What DescribeStream and DescribeStreamSummary have in common.
fn common(stream: &Stream, now: i64) -> Value {
    let settings = &stream.settings;
    let mut view = json!({
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "StreamStatus": stream.status(now),
        "StreamModeDetails": { "StreamMode": settings.mode },
        "RetentionPeriodHours": settings.retention_hours,
        "StreamCreationTimestamp": stream.created_at,
        "EnhancedMonitoring": [{ "ShardLevelMetrics": settings.shard_level_metrics }],
        "EncryptionType": if settings.key_id.is_some() { "KMS" } else { "NONE" },
    });
    if let Some(key) = &settings.key_id {
        view["KeyId"] = key.as_str().into();
    }
    view
}

/// The shards a caller may see: closed ones for as long as records in them can be read, and
/// none before the stream exists.
fn visible(call: &Call<'_>, stream: &Stream) -> Vec<Shard> {
    if stream.status(call.now) == Some("CREATING") {
        return Vec::new();
    }
    let horizon = put::horizon(call, stream);
    let shards = stream.settings.shards.iter();
    shards
        .filter(|s| s.closed_at.is_none_or(|at| at > horizon))
        .cloned()
        .collect()
}

/// DescribeStream.
pub fn describe_stream(call: &mut Call<'_>) -> Reply {
    let stream = stream::wanted(call)?;
    let after = call
        .str("ExclusiveStartShardId")
        .unwrap_or_default()
        .to_owned();
    let mut shards = visible(call, &stream);
    shards.retain(|shard| shard.id() > after);
    let limit = usize::try_from(call.int("Limit").unwrap_or(100)).unwrap_or(100);
    let more = shards.len() > limit;
    shards.truncate(limit);
    let mut view = common(&stream, call.now);
    view["Shards"] = shards.iter().map(Shard::view).collect();
    view["HasMoreShards"] = more.into();
    Ok(json!({ "StreamDescription": view }))
}

/// DescribeStreamSummary.
pub fn describe_stream_summary(call: &mut Call<'_>) -> Reply {
    let stream = stream::wanted(call)?;
    let consumers = consumer::of_stream(call, &stream.arn)?.len();
    let mut view = common(&stream, call.now);
    let creating = stream.status(call.now) == Some("CREATING");
    view["OpenShardCount"] = if creating {
        0
    } else {
        stream.open_shards().count()
    }
    .into();
    view["ConsumerCount"] = consumers.into();
    view["MaxRecordSizeInKiB"] = stream.settings.max_record_kib.into();
    if stream.settings.mode == "ON_DEMAND" {
        let auto = stream.settings.spreads_records;
        view["RecordDistributionStrategy"] =
            if auto { "AUTO" } else { "USER_PARTITION_KEY" }.into();
    }
    if let Some(warm) = stream.settings.warm_throughput_mibps {
        view["WarmThroughput"] = json!({ "TargetMiBps": warm, "CurrentMiBps": warm });
    }
    Ok(json!({ "StreamDescriptionSummary": view }))
}

/// ListStreams, by name; a page of 100 unless Limit says otherwise.
pub fn list_streams(call: &mut Call<'_>) -> Reply {
    let after = match (call.str("NextToken"), call.str("ExclusiveStartStreamName")) {
        (Some(_), Some(_)) => {
            return Err(fail(
                "InvalidArgumentException",
                "NextToken and ExclusiveStartStreamName cannot be provided together.",
            ));
        }
        (Some(token), None) => read_token(token)?,
        (None, name) => name.unwrap_or_default().to_owned(),
    };
    let limit = usize::try_from(call.int("Limit").unwrap_or(100)).unwrap_or(100);
    let mut streams = stream::listed(call.txn, call.region, call.now)?;
    streams.sort_by(|a, b| a.name.cmp(&b.name));
    streams.retain(|stream| stream.name > after);
    let more = streams.len() > limit;
    streams.truncate(limit);
    let mut reply = json!({
        "StreamNames": streams.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
        "HasMoreStreams": more,
        "StreamSummaries": streams.iter().map(|s| json!({
            "StreamName": s.name,
            "StreamARN": s.arn,
            "StreamStatus": s.status(call.now),
            "StreamModeDetails": { "StreamMode": s.settings.mode },
            "StreamCreationTimestamp": s.created_at,
        })).collect::<Vec<_>>(),
    });
    if let (true, Some(last)) = (more, streams.last()) {
        reply["NextToken"] = paging::encode(&last.name).into();
    }
    Ok(reply)
}

/// The text a continuation token stands for.
pub fn read_token(token: &str) -> Result<String, ApiError> {
    paging::decode(token).map_err(|_| fail("InvalidArgumentException", "The NextToken is invalid."))
}

/// ListShards. A NextToken stands for stream, filter and position, so none of them may come
/// with it.
pub fn list_shards(call: &mut Call<'_>) -> Reply {
    let (stream, filter, after) = shards_wanted(call)?;
    let limit = usize::try_from(call.int("MaxResults").unwrap_or(1000)).unwrap_or(1000);
    let mut shards = filtered(call, &stream, &filter)?;
    shards.retain(|shard| shard.id() > after);
    let more = shards.len() > limit;
    shards.truncate(limit);
    let mut reply = json!({ "Shards": shards.iter().map(Shard::view).collect::<Vec<_>>() });
    if let (true, Some(last)) = (more, shards.last()) {
        let position = json!([stream.name, filter, last.id()]).to_string();
        reply["NextToken"] = paging::encode(&position).into();
    }
    Ok(reply)
}

fn shards_wanted(call: &mut Call<'_>) -> Result<(Stream, Value, String), ApiError> {
    let Some(token) = call.str("NextToken").map(str::to_owned) else {
        let stream = stream::wanted(call)?;
        let after = call
            .str("ExclusiveStartShardId")
            .unwrap_or_default()
            .to_owned();
        return Ok((stream, call.input["ShardFilter"].clone(), after));
    };
    for member in [
        "StreamName",
        "StreamARN",
        "ShardFilter",
        "ExclusiveStartShardId",
    ] {
        if call.has(member) {
            return Err(fail(
                "InvalidArgumentException",
                format!("NextToken and {member} cannot be provided together."),
            ));
        }
    }
    let position: Value = serde_json::from_str(&read_token(&token)?).unwrap_or(Value::Null);
    let name = position[0].as_str().unwrap_or_default().to_owned();
    let after = position[2].as_str().unwrap_or_default().to_owned();
    let stream = stream::find(call, &name)?.ok_or_else(|| stream::not_found(call, &name))?;
    Ok((stream, position[1].clone(), after))
}

fn filtered(call: &Call<'_>, stream: &Stream, filter: &Value) -> Result<Vec<Shard>, ApiError> {
    let mut shards = visible(call, stream);
    let at = || {
        filter["Timestamp"].as_i64().ok_or_else(|| {
            fail(
                "InvalidArgumentException",
                "The ShardFilter of this type needs a Timestamp.",
            )
        })
    };
    match filter["Type"].as_str() {
        Some("AFTER_SHARD_ID") => {
            let after = filter["ShardId"].as_str().ok_or_else(|| {
                fail(
                    "InvalidArgumentException",
                    "The ShardFilter of this type needs a ShardId.",
                )
            })?;
            shards.retain(|shard| shard.id().as_str() > after);
        }
        // Open when the oldest record that can still be read was written.
        Some("AT_TRIM_HORIZON") => {
            let horizon = put::horizon(call, stream);
            let start = horizon.max(stream.created_at);
            shards.retain(|shard| shard.opened_at <= start);
        }
        Some("AT_LATEST") => shards.retain(|shard| shard.closed_at.is_none()),
        Some("AT_TIMESTAMP") => {
            let at = at()?;
            shards.retain(|s| s.opened_at <= at && s.closed_at.is_none_or(|end| end >= at));
        }
        Some("FROM_TIMESTAMP") => {
            let at = at()?;
            shards.retain(|shard| shard.closed_at.is_none_or(|end| end >= at));
        }
        _ => {}
    }
    Ok(shards)
}
