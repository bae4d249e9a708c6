//! The calls of a plan are those that docs/calls.md says, for every type of a large stack.
#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/mix.rs"]
mod mix;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pinfra::apply::{Goal, survey};
use pinfra::cloud::{Cloud, Options};
use pinfra::plan::Waivers;
use pinfra::provider::call::{Api, Calls, Reply, Request};
use pinfra::provider::contract::Service;
use pinfra::provider::{Provider, Sdk, catalog};
use pinfra::stack::{Sources, load};
use tempfile::TempDir;

#[test]
fn the_mix_has_every_type() {
    let types = catalog::TYPES.iter().filter(|ty| ty.create.is_some());
    let missing = types.map(|ty| ty.schema.name);
    let missing = missing.filter(|name| mix::KINDS.iter().all(|kind| kind.type_name != *name));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&str>::new());
    assert_eq!(
        mix::KINDS.iter().map(|kind| kind.percent).sum::<usize>(),
        100
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_without_changes_makes_the_documented_calls() {
    // More roles than a page has.
    const SIZE: usize = 1_200;
    let folder = TempDir::new().unwrap();
    mix::write(folder.path(), SIZE);
    let mut options = Options::at(folder.path().join("cloud"));
    options.time_scale = Some(3000.0);
    let cloud = Arc::new(Cloud::open(options).unwrap());
    mix::seed(&cloud, folder.path(), SIZE);
    let file = folder.path().join("stack.yaml");
    let stack = load(&file, &Sources::default(), &catalog::Types);
    let stack = stack.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let provider = Provider::in_cloud(cloud, mix::REGION, catalog::TYPES.to_vec());
    let survey = survey(&stack, &provider, &Waivers::default(), Goal::Apply).await;
    let survey = survey.unwrap_or_else(|error| panic!("{error}"));
    assert!(survey.plan.is_empty(), "{:#?}", survey.plan.changes);
    assert_eq!(survey.plan.changes.len(), SIZE);
    let counted = survey.calls.by_operation.into_iter();
    let counted: BTreeMap<_, _> = counted.map(|(name, n)| (name, n as usize)).collect();
    assert_eq!(counted, mix::expected_calls(SIZE));
}

/// The seconds of a cloud whose time runs faster are shorter. Only how early calls come is looked at,
/// so that a slow machine does no harm.
#[tokio::test(flavor = "multi_thread")]
async fn the_reads_of_streams_stay_under_their_limits() {
    const SIZE: usize = 600;
    const TIME_SCALE: f64 = 20.0;
    let folder = TempDir::new().unwrap();
    mix::write(folder.path(), SIZE);
    let mut options = Options::at(folder.path().join("cloud"));
    options.time_scale = Some(TIME_SCALE);
    let cloud = Arc::new(Cloud::open(options).unwrap());
    mix::seed(&cloud, folder.path(), SIZE);
    let stack = load(
        &folder.path().join("stack.yaml"),
        &Sources::default(),
        &catalog::Types,
    );
    let stack = stack.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let sdk = Sdk::in_cloud(cloud, mix::REGION);
    let traffic = sdk.traffic();
    // As its first reply would say.
    traffic.hear_time_scale(&TIME_SCALE.to_string());
    let timed = Arc::new(Mutex::new(BTreeMap::new()));
    let calls = Timed(sdk, Arc::clone(&timed));
    let types = catalog::TYPES.to_vec();
    let provider = Provider::over(Box::new(calls), traffic, mix::REGION.to_owned(), types);
    let started = Instant::now();
    let survey = survey(&stack, &provider, &Waivers::default(), Goal::Apply).await;
    survey.unwrap_or_else(|error| panic!("{error}"));
    let timed = timed.lock().unwrap();
    for (operation, a_second) in [("DescribeStreamSummary", 20), ("ListTagsForStream", 5)] {
        let mut times: Vec<Instant> = timed[operation].clone();
        times.sort();
        assert_eq!(times.len(), SIZE / 20, "{operation}");
        for (n, time) in times.iter().enumerate() {
            let full_seconds = (n / a_second) as f64;
            let earliest = started + Duration::from_secs_f64(full_seconds / TIME_SCALE);
            assert!(*time >= earliest, "call {n} of {operation} came too early");
        }
    }
}

/// Notes when the calls of Kinesis are made.
struct Timed(Sdk, Arc<Mutex<BTreeMap<String, Vec<Instant>>>>);

impl Calls for Timed {
    fn call<'a>(&'a self, request: Request<'a>) -> Reply<'a> {
        if request.api == Api::Of(Service::Kinesis) {
            let mut timed = self.1.lock().unwrap();
            let times = timed.entry(request.operation.to_owned()).or_default();
            times.push(Instant::now());
        }
        self.0.call(request)
    }

    fn endpoint(&self, api: Api) -> String {
        self.0.endpoint(api)
    }
}
