//! Amazon Kinesis Data Streams.
//!
//! A stream is one record ([`stream::Stream`]): what it is set to, and at most one change under
//! way that takes effect at a known moment. Every handler reads the record as it is *now*
//! (`stream::wanted`), so a status is never stored. Shards ([`shard`]) live in the stream's
//! record; the data records and the registered consumers are records of their own.

mod consumer;
mod describe;
mod get;
mod lifecycle;
mod policy;
mod put;
mod scaling;
mod settings;
mod shard;
mod stream;
mod tag;

use serde_json::json;

use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Handler, Service, no_seed};
use crate::cloud::services::record;
use crate::cloud::services::tags::Tags;
use crate::cloud::store::Txn;

/// The service's operations.
pub static SERVICE: Service = Service {
    name: "kinesis",
    operations: OPERATIONS,
    validation_code: "ValidationException",
    seed: no_seed,
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AddTagsToStream", tag::add_tags_to_stream),
    ("CreateStream", lifecycle::create_stream),
    (
        "DecreaseStreamRetentionPeriod",
        settings::decrease_retention,
    ),
    ("DeleteResourcePolicy", policy::delete_resource_policy),
    ("DeleteStream", lifecycle::delete_stream),
    (
        "DeregisterStreamConsumer",
        consumer::deregister_stream_consumer,
    ),
    (
        "DescribeAccountSettings",
        lifecycle::describe_account_settings,
    ),
    ("DescribeLimits", lifecycle::describe_limits),
    ("DescribeStream", describe::describe_stream),
    ("DescribeStreamConsumer", consumer::describe_stream_consumer),
    ("DescribeStreamSummary", describe::describe_stream_summary),
    ("DisableEnhancedMonitoring", settings::disable_monitoring),
    ("EnableEnhancedMonitoring", settings::enable_monitoring),
    ("GetRecords", get::get_records),
    ("GetResourcePolicy", policy::get_resource_policy),
    ("GetShardIterator", get::get_shard_iterator),
    (
        "IncreaseStreamRetentionPeriod",
        settings::increase_retention,
    ),
    ("ListShards", describe::list_shards),
    ("ListStreamConsumers", consumer::list_stream_consumers),
    ("ListStreams", describe::list_streams),
    ("ListTagsForResource", tag::list_tags_for_resource),
    ("ListTagsForStream", tag::list_tags_for_stream),
    ("MergeShards", scaling::merge_shards),
    ("PutRecord", put::put_record),
    ("PutRecords", put::put_records),
    ("PutResourcePolicy", policy::put_resource_policy),
    ("RegisterStreamConsumer", consumer::register_stream_consumer),
    ("RemoveTagsFromStream", tag::remove_tags_from_stream),
    ("SplitShard", scaling::split_shard),
    ("StartStreamEncryption", settings::start_encryption),
    ("StopStreamEncryption", settings::stop_encryption),
    ("TagResource", tag::tag_resource),
    ("UntagResource", tag::untag_resource),
    ("UpdateMaxRecordSize", settings::update_max_record_size),
    ("UpdateShardCount", scaling::update_shard_count),
    ("UpdateStreamMode", scaling::update_stream_mode),
    (
        "UpdateStreamRecordDistributionStrategy",
        settings::update_distribution,
    ),
    (
        "UpdateStreamWarmThroughput",
        settings::update_warm_throughput,
    ),
];

/// What the request's ResourceARN names: a stream or one of its consumers.
fn find_resource(call: &mut Call<'_>) -> Result<tag::Resource, ApiError> {
    let arn = call.str("ResourceARN").unwrap_or_default().to_owned();
    if arn.contains("/consumer/") {
        return Ok(tag::Resource::Consumer(consumer::by_arn(call, &arn)?));
    }
    let name = stream::name_in_arn(call, &arn)?;
    match stream::find(call, &name)? {
        Some(stream) => Ok(tag::Resource::Stream(Box::new(stream))),
        None => Err(stream::not_found(call, &name)),
    }
}

/// Puts a record into the stream of this ARN for another service; `data` is base64.
///
/// # Errors
/// As PutRecord.
pub fn put_into(call: &mut Call<'_>, arn: &str, data: &str, key: &str) -> Result<(), ApiError> {
    let entry = json!({ "StreamARN": arn, "Data": data, "PartitionKey": key });
    let input = std::mem::replace(&mut call.input, entry);
    let put = put::put_record(call);
    call.input = input;
    put.map(drop)
}

/// The ARNs and tags of the region's streams and consumers, for the Resource Groups Tagging API.
///
/// # Errors
/// `InternalFailure` when the store fails.
pub fn tagged(txn: &mut Txn, region: &str) -> Result<Vec<(String, Tags)>, ApiError> {
    let now = txn.now();
    let mut found: Vec<(String, Tags)> = stream::all(txn, region, now)?
        .into_iter()
        .map(|stream| (stream.arn, stream.tags))
        .collect();
    let consumers: Vec<consumer::Consumer> =
        record::scan(txn, consumer::KIND, &format!("{region}/"))?;
    found.extend(
        consumers
            .into_iter()
            .filter(|consumer| consumer.status(now).is_some())
            .map(|consumer| (consumer.arn, consumer.tags)),
    );
    Ok(found)
}
