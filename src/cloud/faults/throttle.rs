//! Request rates, where AWS documents them, and the errors that tell of them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::cloud::error::ApiError;

/// Calls a second of an operation, and how many may come at once. An operation ending in `*`
/// stands for all that begin so; the first line that fits counts.
struct Rate {
    service: &'static str,
    operation: &'static str,
    burst: f64,
    per_second: f64,
}

const fn rate(service: &'static str, operation: &'static str, burst: f64, per_second: f64) -> Rate {
    Rate {
        service,
        operation,
        burst,
        per_second,
    }
}

/// Real seconds, whatever the time scale. Kinesis: "Quotas and limits" of its developer guide;
/// EC2: "Request throttling for the Amazon EC2 API"; the others: their quota pages.
const RATES: &[Rate] = &[
    rate("kinesis", "DescribeStreamSummary", 20.0, 20.0),
    rate("kinesis", "DescribeStreamConsumer", 20.0, 20.0),
    rate("kinesis", "DescribeStream", 10.0, 10.0),
    rate("kinesis", "ListShards", 1000.0, 1000.0),
    rate("kinesis", "UpdateShardCount", 10.0, 10.0),
    rate("kinesis", "CreateStream", 5.0, 5.0),
    rate("kinesis", "DeleteStream", 5.0, 5.0),
    rate("kinesis", "ListStreams", 5.0, 5.0),
    rate("kinesis", "AddTagsToStream", 5.0, 5.0),
    rate("kinesis", "RemoveTagsFromStream", 5.0, 5.0),
    rate("kinesis", "ListTagsForStream", 5.0, 5.0),
    rate("kinesis", "IncreaseStreamRetentionPeriod", 5.0, 5.0),
    rate("kinesis", "DecreaseStreamRetentionPeriod", 5.0, 5.0),
    rate("kinesis", "StartStreamEncryption", 5.0, 5.0),
    rate("kinesis", "StopStreamEncryption", 5.0, 5.0),
    rate("kinesis", "UpdateStreamMode", 5.0, 5.0),
    rate("kinesis", "EnableEnhancedMonitoring", 5.0, 5.0),
    rate("kinesis", "DisableEnhancedMonitoring", 5.0, 5.0),
    rate("ec2", "Describe*", 100.0, 20.0),
    rate("ec2", "RunInstances", 5.0, 2.0),
    rate("ec2", "*", 50.0, 5.0),
    rate("ssm", "GetParameter*", 40.0, 40.0),
    rate("ssm", "PutParameter", 3.0, 3.0),
    rate("resourcegroupstaggingapi", "GetResources", 15.0, 15.0),
    rate("resourcegroupstaggingapi", "*", 5.0, 5.0),
];

fn of(service: &str, operation: &str) -> Option<&'static Rate> {
    RATES.iter().find(|rate| {
        rate.service == service
            && match rate.operation.strip_suffix('*') {
                Some(prefix) => operation.starts_with(prefix),
                None => rate.operation == operation,
            }
    })
}

/// A token bucket an operation.
#[derive(Debug, Default)]
pub(super) struct Buckets(Mutex<HashMap<String, (f64, Instant)>>);

impl Buckets {
    /// Whether the call is within its rate; takes a token if so.
    pub(super) fn take(&self, service: &str, operation: &str) -> bool {
        let Some(rate) = of(service, operation) else {
            return true;
        };
        let now = Instant::now();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, since) = buckets
            .entry(format!("{service} {operation}"))
            .or_insert((rate.burst, now));
        let refill = now.duration_since(*since).as_secs_f64() * rate.per_second;
        *tokens = (*tokens + refill).min(rate.burst);
        *since = now;
        if *tokens < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}

/// The throttling error of a service.
pub(super) fn error(service: &str, operation: &str) -> ApiError {
    let (code, status, message) = match service {
        "ec2" => (
            "RequestLimitExceeded",
            503,
            "Request limit exceeded.".to_owned(),
        ),
        "iam" | "sts" => ("Throttling", 400, "Rate exceeded".to_owned()),
        "s3" => (
            "SlowDown",
            503,
            "Please reduce your request rate.".to_owned(),
        ),
        "kafka" | "kafkaconnect" => (
            "TooManyRequestsException",
            429,
            "Too Many Requests".to_owned(),
        ),
        "kinesis" => (
            "LimitExceededException",
            400,
            format!("Rate exceeded for API {operation}."),
        ),
        "resourcegroupstaggingapi" => ("ThrottledException", 400, "Rate exceeded".to_owned()),
        _ => ("ThrottlingException", 400, "Rate exceeded".to_owned()),
    };
    ApiError::new(code, status, message)
}
