//! How many calls may be under way, and how fast they may follow each other.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::call::Api;
use super::contract::Service;

/// How many calls are under way at once, over all services.
const UNDER_WAY: usize = 32;

/// A documented rate: so many calls a second, of which this many may come at once.
#[derive(Clone, Copy, Debug)]
struct Rate {
    api: Api,
    /// One operation; empty for all of the service that are not listed themselves.
    operation: &'static str,
    per_second: f64,
    burst: f64,
}

const fn rate(api: Api, operation: &'static str, per_second: f64, burst: f64) -> Rate {
    Rate {
        api,
        operation,
        per_second,
        burst,
    }
}

const KINESIS: Api = Api::Of(Service::Kinesis);
const EC2: Api = Api::Of(Service::Ec2);
const IAM: Api = Api::Of(Service::Iam);
const LOGS: Api = Api::Of(Service::Logs);

/// The rates, from the operations' reference pages (Kinesis: limits per account and operation; Logs: its quotas; EC2:
/// the token buckets of its throttling page, mutating calls; Tagging: 15 a second) and, for IAM,
/// which documents none, what it bears in practice.
const RATES: &[Rate] = &[
    rate(KINESIS, "DescribeStreamSummary", 20.0, 20.0),
    rate(KINESIS, "CreateStream", 5.0, 5.0),
    rate(KINESIS, "DeleteStream", 5.0, 5.0),
    rate(KINESIS, "AddTagsToStream", 5.0, 5.0),
    rate(KINESIS, "RemoveTagsFromStream", 5.0, 5.0),
    rate(KINESIS, "ListTagsForStream", 5.0, 5.0),
    rate(KINESIS, "ListStreams", 5.0, 5.0),
    rate(EC2, "", 20.0, 100.0),
    rate(IAM, "", 15.0, 30.0),
    rate(LOGS, "DescribeLogGroups", 10.0, 10.0),
    rate(LOGS, "DescribeLogStreams", 25.0, 25.0),
    rate(LOGS, "CreateLogGroup", 10.0, 10.0),
    rate(LOGS, "DeleteLogGroup", 10.0, 10.0),
    rate(Api::Tagging, "", 15.0, 15.0),
    rate(Api::GlobalTagging, "", 15.0, 15.0),
];

/// Keeps calls within the rates.
#[derive(Debug)]
pub struct Limits {
    under_way: Semaphore,
    buckets: Mutex<HashMap<(Api, &'static str), Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            under_way: Semaphore::new(UNDER_WAY),
            buckets: Mutex::default(),
        }
    }
}

impl Limits {
    /// Waits for its turn to call an operation; the turn lasts as long as what is given back.
    pub async fn slot(
        &self,
        api: Api,
        operation: &str,
        time_scale: f64,
    ) -> Option<SemaphorePermit<'_>> {
        let pause = self.pause(api, operation, time_scale, Instant::now());
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        self.under_way.acquire().await.ok()
    }

    /// Takes a token, which may be one of the future: then the pause until it is there.
    fn pause(&self, api: Api, operation: &str, time_scale: f64, now: Instant) -> Duration {
        let listed = |name: &str| RATES.iter().find(|r| r.api == api && r.operation == name);
        let Some(rate) = listed(operation).or_else(|| listed("")) else {
            return Duration::ZERO;
        };
        let per_second = rate.per_second * time_scale.max(1e-3);
        let mut buckets = self.buckets.lock().unwrap_or_else(|bad| bad.into_inner());
        let bucket = buckets.entry((api, rate.operation)).or_insert(Bucket {
            tokens: rate.burst,
            filled: now,
        });
        let grown = now.duration_since(bucket.filled).as_secs_f64() * per_second;
        bucket.tokens = (bucket.tokens + grown).min(rate.burst) - 1.0;
        bucket.filled = now;
        Duration::from_secs_f64((-bucket.tokens / per_second).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Duration = Duration::ZERO;

    #[test]
    fn what_exceeds_the_burst_is_spread_over_time() {
        let limits = Limits::default();
        let now = Instant::now();
        let pause = |now| limits.pause(KINESIS, "CreateStream", 1.0, now);
        assert!((0..5).all(|_| pause(now) == FREE));
        assert_eq!(pause(now), Duration::from_millis(200));
        assert_eq!(pause(now), Duration::from_millis(400));
        assert_eq!(pause(now + Duration::from_secs(1)), FREE);
    }

    #[test]
    fn a_faster_cloud_bears_more_and_what_is_not_listed_is_free() {
        let limits = Limits::default();
        let now = Instant::now();
        let pauses = (0..6).map(|_| limits.pause(KINESIS, "CreateStream", 100.0, now));
        assert_eq!(pauses.last(), Some(Duration::from_millis(2)));
        assert!((0..100).all(|_| limits.pause(Api::Sts, "GetCallerIdentity", 1.0, now) == FREE));
    }
}
