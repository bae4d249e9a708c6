//! CreateStream, DeleteStream and the account's limits.

use serde_json::json;

use super::shard::{Shard, even_ranges};
use super::stream::{self, Settings, Stream, fail};
use super::{consumer, settings, tag};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// The quota of open shards of an account in us-east-1, us-west-2 and eu-west-1.
const SHARD_LIMIT: usize = 20_000;
/// The quota of on-demand streams of an account.
const ON_DEMAND_LIMIT: usize = 50;
/// Shards a new on-demand stream has.
const ON_DEMAND_SHARDS: u64 = 4;

/// CreateStream.
pub fn create_stream(call: &mut Call<'_>) -> Reply {
    let name = call.str("StreamName").unwrap_or_default().to_owned();
    if stream::find(call, &name)?.is_some() {
        return Err(fail(
            "ResourceInUseException",
            format!(
                "Stream {name} under account {} already exists.",
                call.account
            ),
        ));
    }
    let mode = call.input["StreamModeDetails"]["StreamMode"]
        .as_str()
        .unwrap_or("PROVISIONED");
    let mode = mode.to_owned();
    let shards = wanted_shards(call, &mode)?;
    let spreads_records = settings::spreads_records(call, &mode)?;
    let tags = tag::given(call)?;
    within_limits(call, &name, &mode, shards)?;
    let now = call.now;
    let stream = Stream {
        arn: call.arn("kinesis", &format!("stream/{name}")),
        id: call.txn.hex_id(20)?,
        created_at: now,
        deleted_at: None,
        settings: Settings {
            mode,
            retention_hours: 24,
            shards: even_ranges(shards)
                .into_iter()
                .zip(0..)
                .map(|((start, end), number)| Shard::open(number, start, end, &[], now))
                .collect(),
            key_id: None,
            shard_level_metrics: Vec::new(),
            max_record_kib: call.int("MaxRecordSizeInKiB").unwrap_or(1024),
            warm_throughput_mibps: call.int("WarmThroughputMiBps"),
            spreads_records,
        },
        change: None,
        tags,
        policy: None,
        rescaled_at: Vec::new(),
        mode_changed_at: Vec::new(),
        name,
    };
    stream.save(call.txn, call.region)?;
    Ok(json!({}))
}

fn wanted_shards(call: &Call<'_>, mode: &str) -> Result<u64, ApiError> {
    match (mode, call.int("ShardCount")) {
        ("ON_DEMAND", None) => Ok(ON_DEMAND_SHARDS),
        ("ON_DEMAND", Some(_)) => Err(fail(
            "InvalidArgumentException",
            "ShardCount cannot be specified for a stream in ON_DEMAND mode.",
        )),
        (_, None) => Err(fail(
            "InvalidArgumentException",
            "ShardCount must be specified for a stream in PROVISIONED mode.",
        )),
        (_, Some(_)) if call.has("WarmThroughputMiBps") => Err(fail(
            "InvalidArgumentException",
            "WarmThroughputMiBps can only be specified for a stream in ON_DEMAND mode.",
        )),
        (_, Some(count)) => Ok(count.unsigned_abs()),
    }
}

fn within_limits(call: &mut Call<'_>, name: &str, mode: &str, new: u64) -> Result<(), ApiError> {
    let streams = stream::all(call.txn, call.region, call.now)?;
    let creating = streams
        .iter()
        .filter(|s| s.status(call.now) == Some("CREATING"))
        .count();
    if creating >= 5 {
        return Err(fail(
            "LimitExceededException",
            format!(
                "This request would exceed the limit of 5 streams in CREATING state for the \
                 account {}: stream {name} cannot be created now.",
                call.account
            ),
        ));
    }
    if mode == "ON_DEMAND" {
        let on_demand = streams
            .iter()
            .filter(|s| s.settings.mode == "ON_DEMAND")
            .count();
        if on_demand >= ON_DEMAND_LIMIT {
            return Err(fail(
                "LimitExceededException",
                format!("The account may have at most {ON_DEMAND_LIMIT} on-demand streams."),
            ));
        }
        return Ok(());
    }
    shards_within_limit(call, &streams, usize::try_from(new).unwrap_or(usize::MAX))
}

/// LimitExceededException where `more` shards would pass the account's quota.
pub fn shards_within_limit(
    call: &Call<'_>,
    streams: &[Stream],
    more: usize,
) -> Result<(), ApiError> {
    let open = open_shards(streams);
    if open.saturating_add(more) > SHARD_LIMIT {
        return Err(fail(
            "LimitExceededException",
            format!(
                "This request would exceed the shard limit for the account {} in {}. Current \
                 shard count for the account: {open}. Limit: {SHARD_LIMIT}. Number of \
                 additional shards that would have resulted from this request: {more}. Refer \
                 to the AWS Service Limits page \
                 (https://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for \
                 current limits and how to request higher limits.",
                call.account, call.region
            ),
        ));
    }
    Ok(())
}

fn open_shards(streams: &[Stream]) -> usize {
    streams
        .iter()
        .filter(|s| s.deleted_at.is_none() && s.settings.mode == "PROVISIONED")
        .map(|s| s.open_shards().count())
        .sum()
}

/// DescribeLimits.
pub fn describe_limits(call: &mut Call<'_>) -> Reply {
    let streams = stream::all(call.txn, call.region, call.now)?;
    Ok(json!({
        "ShardLimit": SHARD_LIMIT,
        "OpenShardCount": open_shards(&streams),
        "OnDemandStreamCount": streams.iter().filter(|s| s.settings.mode == "ON_DEMAND").count(),
        "OnDemandStreamCountLimit": ON_DEMAND_LIMIT,
    }))
}

/// DescribeAccountSettings: the billing commitment is not modelled beyond its default.
pub fn describe_account_settings(_: &mut Call<'_>) -> Reply {
    Ok(json!({ "MinimumThroughputBillingCommitment": { "Status": "DISABLED" } }))
}

/// DeleteStream: the stream is DELETING, and its name taken, for a while. Its consumers go
/// with it only when EnforceConsumerDeletion says so.
pub fn delete_stream(call: &mut Call<'_>) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    let consumers = consumer::of_stream(call, &stream.arn)?;
    if !consumers.is_empty() && call.bool("EnforceConsumerDeletion") != Some(true) {
        return Err(fail(
            "ResourceInUseException",
            format!(
                "Stream {} under account {} has {} registered consumers and \
                 EnforceConsumerDeletion is not set.",
                stream.name,
                call.account,
                consumers.len()
            ),
        ));
    }
    for consumer in consumers {
        consumer::remove(call, consumer)?;
    }
    for (key, _) in call
        .txn
        .scan(super::put::KIND, &super::put::prefix(&stream.id))?
    {
        call.txn.delete(super::put::KIND, &key)?;
    }
    stream.deleted_at = Some(call.now);
    stream.save(call.txn, call.region)?;
    Ok(json!({}))
}
