//! What a plan without changes costs: how many calls, and how many of them have to wait for others.
#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used)]

#[path = "support/applied.rs"]
mod applied;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use pinfra::apply::values;
use pinfra::configs::missing;
use pinfra::provider::call::{Api, Calls, Reply, Request};
use pinfra::provider::{Provider, Sdk, catalog};
use pinfra::stack::Scope;
use tokio::sync::oneshot;

use applied::{Applied, REGION, plan};

/// For the shipped stack.
const MOST_CALLS: u64 = 30;
/// For the pipeline in it, without the client machine.
const MOST_PIPELINE_CALLS: u64 = 20;
/// What is asked for the client machine: itself, its image and profile, its files, the brokers' log.
const CLIENT: [&str; 9] = [
    "ec2:DescribeInstanceAttribute",
    "ec2:DescribeInstances",
    "iam:GetInstanceProfile",
    "kafka:GetBootstrapBrokers",
    "logs:DescribeLogGroups",
    "logs:ListTagsForResource",
    "s3:GetObjectTagging",
    "s3:HeadObject",
    "ssm:GetParameter",
];
/// One after the other: with so many, each call's latency is felt so often.
const MOST_ROUND_TRIPS: usize = 4;

#[tokio::test]
async fn a_plan_without_changes_takes_few_calls_and_few_round_trips() {
    let applied = Applied::new();
    let stack = applied.stack();
    let waves = Waves::default();
    let sdk = Sdk::in_cloud(applied.cloud("[]"), REGION);
    let traffic = sdk.traffic();
    let calls = InWaves {
        sdk,
        waves: waves.clone(),
    };
    let types = catalog::TYPES.to_vec();
    let provider = Provider::over(Box::new(calls), traffic, REGION.to_owned(), types);
    let (survey, round_trips) = waves.count(plan(&stack, &provider)).await;
    let asked = &survey.calls.by_operation;
    assert!(
        survey.calls.total > 0 && survey.calls.total <= MOST_CALLS,
        "{asked:#?}"
    );
    let pipeline = asked
        .iter()
        .filter(|(operation, _)| !CLIENT.contains(&operation.as_str()));
    let pipeline: u64 = pipeline.map(|(_, count)| count).sum();
    assert!(pipeline <= MOST_PIPELINE_CALLS, "{asked:#?}");
    assert!(round_trips <= MOST_ROUND_TRIPS, "{:#?}", waves.told());
}

/// Values are read where they come from, and nothing is searched.
#[tokio::test]
async fn values_cost_what_they_are_made_of() {
    let applied = Applied::new();
    let stack = applied.stack();
    let existing = ["ec2:DescribeSubnets"];
    let instances = ["ec2:DescribeInstanceAttribute", "ec2:DescribeInstances"];
    let cluster = ["kafka:GetBootstrapBrokers", "kafka:ListClustersV2"];
    let (roles, identity) = (
        "iam:GetAccountAuthorizationDetails",
        "sts:GetCallerIdentity",
    );

    // What the file declares (names of streams and keys) is not read.
    let all = asked(&applied, |scope| drop(stack.outputs(scope, None))).await;
    assert_eq!(
        all,
        [&instances[..], &existing, &[roles], &cluster, &[identity]].concat()
    );
    let role = |scope: &dyn Scope| drop(stack.outputs(scope, Some("role_arn")));
    let all = asked(&applied, role).await;
    assert_eq!(all, [&existing[..], &[roles, identity]].concat());
    let brokers = |scope: &dyn Scope| drop(missing(&stack, scope, Some("bootstrap.sh"), &[]));
    let all = asked(&applied, brokers).await;
    assert_eq!(all, [&existing[..], &cluster, &[identity]].concat());
    let nothing = |scope: &dyn Scope| drop(missing(&stack, scope, Some("user-data.sh"), &[]));
    let all = asked(&applied, nothing).await;
    assert_eq!(all, [&existing[..], &[identity]].concat());
}

/// Reads the values that something asks for; the calls it took, in the order of their names.
async fn asked(applied: &Applied, evaluate: impl Fn(&dyn Scope)) -> Vec<String> {
    let stack = applied.stack();
    let sdk = Sdk::in_cloud(applied.cloud("[]"), REGION);
    let traffic = sdk.traffic();
    let types = catalog::TYPES.to_vec();
    let provider = Provider::over(Box::new(sdk), traffic, REGION.to_owned(), types);
    let scope = values(&stack, &provider, evaluate).await;
    scope.map(drop).unwrap_or_else(|error| panic!("{error}"));
    provider.calls().by_operation.keys().cloned().collect()
}

/// Three calls, of which two are asked at once and one with what they answer, are two waves.
#[tokio::test]
async fn waves_are_counted_by_what_waits_for_what() {
    let waves = Waves::default();
    let ask = |name: &'static str| {
        let waves = waves.clone();
        async move { waves.pass(name, tokio::task::yield_now()).await }
    };
    let ((), count) = waves
        .count(async {
            futures_util::join!(ask("a"), ask("b"));
            ask("c").await;
        })
        .await;
    assert_eq!(count, 2);
    assert_eq!(waves.told(), [vec!["a", "b"], vec!["c"]]);
}

/// Calls let through in waves: no reply of a wave is given out before all of them are there and
/// everything that could be asked without them has been asked. So the number of waves is the
/// number of round trips that follow one another, whatever the machine's speed.
#[derive(Clone, Default)]
struct Waves(Arc<Mutex<Wave>>);

#[derive(Default)]
struct Wave {
    told: Vec<Vec<String>>,
    asked: Vec<String>,
    /// One for each call whose reply is there.
    kept: Vec<oneshot::Sender<()>>,
}

impl Waves {
    /// Makes one call as part of the wave under way.
    async fn pass<T>(&self, name: &str, call: impl Future<Output = T>) -> T {
        self.0.lock().unwrap().asked.push(name.to_owned());
        let reply = call.await;
        let (release, released) = oneshot::channel();
        self.0.lock().unwrap().kept.push(release);
        // An error would only mean that nobody counts any more.
        let _ = released.await;
        reply
    }

    /// Drives a future that makes calls; what it gives, and the waves it took.
    async fn count<T>(&self, future: impl Future<Output = T>) -> (T, usize) {
        // Without tokio's budget, which would make it pause although it could go on.
        let mut future = pin!(tokio::task::unconstrained(future));
        let done = std::future::poll_fn(|context| {
            loop {
                let before = self.0.lock().unwrap().asked.len();
                if let Poll::Ready(done) = future.as_mut().poll(context) {
                    return Poll::Ready(done);
                }
                let mut wave = self.0.lock().unwrap();
                let went_on = wave.asked.len() > before;
                let all_there = wave.kept.len() == wave.asked.len() && !wave.asked.is_empty();
                match (went_on, all_there) {
                    (true, _) => {}
                    (false, false) => return Poll::Pending,
                    (false, true) => {
                        let mut asked = std::mem::take(&mut wave.asked);
                        asked.sort();
                        wave.told.push(asked);
                        for release in wave.kept.drain(..) {
                            // Whoever asked may have gone.
                            let _ = release.send(());
                        }
                    }
                }
            }
        });
        let done = done.await;
        (done, self.told().len())
    }

    /// What each wave asked.
    fn told(&self) -> Vec<Vec<String>> {
        self.0.lock().unwrap().told.clone()
    }
}

/// The SDK, in waves.
struct InWaves {
    sdk: Sdk,
    waves: Waves,
}

impl Calls for InWaves {
    fn call<'a>(&'a self, request: Request<'a>) -> Reply<'a> {
        let name = format!("{} {}", request.api.name(), request.operation);
        Box::pin(async move { self.waves.pass(&name, self.sdk.call(request)).await })
    }

    fn endpoint(&self, api: Api) -> String {
        self.sdk.endpoint(api)
    }
}
