//! How many calls may be under way, and how fast they may follow each other.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::call::Api;
use super::contract::Service;

/// How many calls are under way at once, over all services.
const UNDER_WAY: usize = 32;

/// How fast calls may follow each other.
#[derive(Clone, Copy, Debug)]
enum Pace {
    /// At most so many in any second.
    Second(usize),
    /// A bucket of tokens: so many come back each second, and so many it holds.
    Bucket { per_second: f64, holds: f64 },
}

/// The pace of an operation.
#[derive(Clone, Copy, Debug)]
struct Rate {
    api: Api,
    /// One operation; empty for all of the service that are not listed themselves.
    operation: &'static str,
    pace: Pace,
}

const fn second(api: Api, operation: &'static str, calls: usize) -> Rate {
    let pace = Pace::Second(calls);
    Rate {
        api,
        operation,
        pace,
    }
}

const fn bucket(api: Api, per_second: f64, holds: f64) -> Rate {
    let pace = Pace::Bucket { per_second, holds };
    Rate {
        api,
        operation: "",
        pace,
    }
}

/// What a second is taken for: two calls do not take the same time on their way.
const SECOND: f64 = 1.05;

const KINESIS: Api = Api::Of(Service::Kinesis);
const EC2: Api = Api::Of(Service::Ec2);
const IAM: Api = Api::Of(Service::Iam);
const LOGS: Api = Api::Of(Service::Logs);

/// The rates, from the operations' reference pages (Kinesis: limits per account and operation; Logs: its quotas; EC2:
/// the token buckets of its throttling page, mutating calls; Tagging: 15 a second) and, for IAM,
/// which documents none, what it bears in practice.
const RATES: &[Rate] = &[
    second(KINESIS, "DescribeStreamSummary", 20),
    second(KINESIS, "CreateStream", 5),
    second(KINESIS, "DeleteStream", 5),
    second(KINESIS, "AddTagsToStream", 5),
    second(KINESIS, "RemoveTagsFromStream", 5),
    second(KINESIS, "ListTagsForStream", 5),
    second(KINESIS, "ListStreams", 5),
    bucket(EC2, 20.0, 100.0),
    bucket(IAM, 15.0, 30.0),
    second(LOGS, "DescribeLogGroups", 10),
    second(LOGS, "DescribeLogStreams", 25),
    second(LOGS, "CreateLogGroup", 10),
    second(LOGS, "DeleteLogGroup", 10),
    bucket(Api::Tagging, 15.0, 15.0),
    bucket(Api::GlobalTagging, 15.0, 15.0),
];

/// Keeps calls within the rates.
#[derive(Debug)]
pub struct Limits {
    under_way: Semaphore,
    used: Mutex<HashMap<(Api, &'static str), Used>>,
}

/// What of a rate is used.
#[derive(Debug)]
struct Used {
    tokens: f64,
    filled: Instant,
    /// The last turns of a second, the oldest first; some may be to come.
    turns: VecDeque<Instant>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            under_way: Semaphore::new(UNDER_WAY),
            used: Mutex::default(),
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

    /// Takes a turn, which may be one of the future: then the pause until it comes.
    fn pause(&self, api: Api, operation: &str, time_scale: f64, now: Instant) -> Duration {
        let listed = |name: &str| RATES.iter().find(|r| r.api == api && r.operation == name);
        let Some(rate) = listed(operation).or_else(|| listed("")) else {
            return Duration::ZERO;
        };
        let time_scale = time_scale.max(1e-3);
        let mut all = self.used.lock().unwrap_or_else(|bad| bad.into_inner());
        let used = all.entry((api, rate.operation)).or_insert_with(|| Used {
            tokens: f64::INFINITY,
            filled: now,
            turns: VecDeque::new(),
        });
        match rate.pace {
            Pace::Second(calls) => used.turn(calls, time_scale, now) - now,
            Pace::Bucket { per_second, holds } => used.token(per_second * time_scale, holds, now),
        }
    }
}

impl Used {
    /// The next turn, a second after the one so many calls before.
    fn turn(&mut self, calls: usize, time_scale: f64, now: Instant) -> Instant {
        let oldest = (self.turns.len() >= calls).then(|| self.turns.pop_front());
        let after = |turn: Instant| turn + Duration::from_secs_f64(SECOND / time_scale);
        let turn = oldest.flatten().map_or(now, |turn| now.max(after(turn)));
        self.turns.push_back(turn);
        turn
    }

    /// Takes a token: the pause until it is there.
    fn token(&mut self, per_second: f64, holds: f64, now: Instant) -> Duration {
        let grown = now.duration_since(self.filled).as_secs_f64() * per_second;
        self.tokens = (self.tokens + grown).min(holds) - 1.0;
        self.filled = now;
        Duration::from_secs_f64((-self.tokens / per_second).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Duration = Duration::ZERO;

    #[test]
    fn what_exceeds_a_bucket_is_spread_over_time() {
        let limits = Limits::default();
        let now = Instant::now();
        let pause = |now| limits.pause(IAM, "GetRole", 1.0, now);
        assert!((0..30).all(|_| pause(now) == FREE));
        assert_eq!(pause(now).as_millis(), 66);
        assert_eq!(pause(now).as_millis(), 133);
        assert_eq!(pause(now + Duration::from_secs(1)), FREE);
    }

    #[test]
    fn no_second_has_more_calls_than_are_documented() {
        let limits = Limits::default();
        let now = Instant::now();
        // They ask for their turns in bursts, some while others are still waiting.
        let turn = |n: u64| {
            let asked = now + Duration::from_millis(n / 7 * 230);
            asked + limits.pause(KINESIS, "DescribeStreamSummary", 1.0, asked)
        };
        let turns: Vec<Instant> = (0..200).map(turn).collect();
        assert!(turns.is_sorted());
        let second = Duration::from_secs(1);
        let most = turns.iter().enumerate().map(|(n, first)| {
            let later = turns[n..]
                .iter()
                .take_while(|turn| **turn - *first <= second);
            later.count()
        });
        assert_eq!(most.max(), Some(20));
    }

    #[test]
    fn a_faster_cloud_bears_more_and_what_is_not_listed_is_free() {
        let limits = Limits::default();
        let now = Instant::now();
        let pauses = (0..6).map(|_| limits.pause(KINESIS, "CreateStream", 100.0, now));
        assert_eq!(pauses.last(), Some(Duration::from_micros(10_500)));
        assert!((0..100).all(|_| limits.pause(Api::Sts, "GetCallerIdentity", 1.0, now) == FREE));
    }
}
