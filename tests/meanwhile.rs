//! What somebody else does between a plan and its apply.
#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use pinfra::apply::{
    Context, Event, Goal, Interrupt, Observer, RunReport, by_address, run, survey,
};
use pinfra::cloud::{Cloud, Invocation, Options};
use pinfra::plan::Waivers;
use pinfra::provider::{Provider, catalog};
use pinfra::schema::Address;
use pinfra::stack::{Sources, Stack};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A stream takes some tenths of a second to go.
const SCALE: f64 = 30.0;
const FILE: &str = "stack: shop\naws: { region: us-east-1 }\nresources:\n  \
    kinesis_stream.s: { stream_name: events, shard_count: 1, tags: { Team: data } }\n";

struct World {
    dir: TempDir,
    cloud: Arc<Cloud>,
}

/// Notes what is waited for.
#[derive(Default)]
struct Waits(Mutex<BTreeSet<String>>);

impl Observer for Waits {
    fn on(&self, _: &Address, event: Event<'_>) {
        if let Event::Waiting { state, .. } = event {
            self.0.lock().unwrap().insert(state.to_owned());
        }
    }
}

impl World {
    fn new() -> World {
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("stack.yaml"), FILE).unwrap();
        let mut options = Options::at(dir.path().join("cloud"));
        options.time_scale = Some(SCALE);
        let cloud = Arc::new(Cloud::open(options).unwrap());
        World { dir, cloud }
    }

    fn call(&self, operation: &str, input: Value) -> Value {
        let reply = self.cloud.invoke(Invocation {
            service: "kinesis",
            operation,
            input,
            body: bytes::Bytes::new(),
            region: "us-east-1",
        });
        reply.unwrap_or_else(|e| panic!("{operation}: {e:?}")).0
    }

    /// A stream that somebody makes, and waits for.
    fn make(&self, tags: Value) {
        let input = json!({ "StreamName": "events", "ShardCount": 1, "Tags": tags });
        self.call("CreateStream", input);
        self.cloud
            .advance(std::time::Duration::from_secs(600))
            .unwrap();
    }

    fn delete(&self) {
        self.call("DeleteStream", json!({ "StreamName": "events" }));
    }

    fn stack(&self) -> Stack {
        let file: PathBuf = self.dir.path().join("stack.yaml");
        let loaded = pinfra::stack::load(&file, &Sources::default(), &catalog::Types);
        loaded.unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    /// Plans, lets `meanwhile` happen, and carries the plan out. What was waited for.
    async fn apply(&self, meanwhile: impl FnOnce(&World)) -> (RunReport, BTreeSet<String>) {
        let stack = self.stack();
        let provider = Provider::in_cloud(self.cloud.clone(), "us-east-1", catalog::TYPES.to_vec());
        let survey = survey(&stack, &provider, &Waivers::default(), Goal::Apply)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        meanwhile(self);
        let (waits, scope) = (Waits::default(), Mutex::new(survey.scope));
        let context = Context {
            stack: &survey.stack,
            directory: &stack.directory,
            instances: &survey.instances,
            by_address: by_address(&survey.instances),
            needs: &survey.needs,
            adopt: &BTreeSet::new(),
            provider: &provider,
            observer: &waits,
            interrupt: &Interrupt::default(),
            scope: &scope,
            gone: Mutex::default(),
        };
        let report = run(&context, &survey.plan).await;
        (report, waits.0.into_inner().unwrap())
    }

    fn tags(&self) -> Value {
        self.call("ListTagsForStream", json!({ "StreamName": "events" }))["Tags"].take()
    }
}

fn outcome(report: &RunReport) -> String {
    let done = report.done.first().map(|(_, outcome)| outcome.to_string());
    let failed = report.failed.first();
    done.or_else(|| failed.map(|(_, failure)| failure.to_string()))
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_begins_to_go_is_waited_for_and_taken() {
    let world = World::new();
    let somebody = |world: &World| {
        world.make(json!({ "Owner": "bob" }));
        world.delete();
    };
    let (report, waits) = world.apply(somebody).await;
    assert_eq!(outcome(&report), "created");
    assert!(waits.contains("DELETING"), "{waits:?}");
    assert!(world.tags().to_string().contains("kinesis_stream.s"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_going_already_is_waited_for_too() {
    let world = World::new();
    world.make(json!({ "Owner": "bob" }));
    world.delete();
    let (report, waits) = world.apply(|_| ()).await;
    assert_eq!(outcome(&report), "created");
    assert!(waits.contains("DELETING"), "{waits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_makes_is_not_taken() {
    let world = World::new();
    let (report, _) = world
        .apply(|world| world.make(json!({ "Owner": "bob" })))
        .await;
    let why = outcome(&report);
    assert!(why.contains("belongs to nobody"), "{why}");
    assert_eq!(world.tags(), json!([{ "Key": "Owner", "Value": "bob" }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_run_of_the_stack_makes_is_found() {
    let world = World::new();
    let ours = json!({ "pinfra:stack": "shop", "pinfra:resource": "kinesis_stream.s" });
    let (report, _) = world.apply(|world| world.make(ours)).await;
    assert!(report.is_complete(), "{}", outcome(&report));
    assert!(world.tags().to_string().contains("Team"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_before_its_update_is_more_than_was_planned() {
    let world = World::new();
    world.apply(|_| ()).await;
    let text = FILE.replace("Team: data", "Team: sales");
    std::fs::write(world.dir.path().join("stack.yaml"), text).unwrap();
    let (report, _) = world.apply(World::delete).await;
    let why = outcome(&report);
    assert!(
        why.contains("kinesis_stream.s went since it was planned"),
        "{why}"
    );
}
