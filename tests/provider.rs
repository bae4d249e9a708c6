//! The provider's engine against the embedded cloud, through the SDK: what is found of a stack, whose
//! it is, and what becomes of calls that go wrong.
#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pinfra::cloud::faults::{Action, Faults, Rule};
use pinfra::cloud::{Cloud, Options};
use pinfra::provider::aws::TYPES;
use pinfra::provider::call::{Api, Calls, Reply, Request};
use pinfra::provider::{
    ErrorClass, ErrorKind, Found, Key, Need, NoWatch, Observed, Options as Connect, Owner, Place,
    Provider, ResourceType, Sdk, State, Target, Wanted,
};
use pinfra::schema::{Address, AttributePath, Change, Draft};
use serde_json::{Value, json};

const STACK: &str = "shop";
/// The parameter with the instances' image.
const IMAGE: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

struct World {
    provider: Provider,
    _dir: tempfile::TempDir,
}

/// A cloud whose time runs at this pace, and where this goes wrong.
fn world_at(time_scale: f64, rules: Vec<Rule>) -> World {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::at(dir.path().join("cloud"));
    options.time_scale = Some(time_scale);
    options.faults = Faults::of(rules);
    let cloud = Arc::new(Cloud::open(options).unwrap());
    let provider = Provider::in_cloud(cloud, "us-east-1", TYPES.to_vec());
    World {
        provider,
        _dir: dir,
    }
}

fn world(rules: Vec<Rule>) -> World {
    world_at(100_000.0, rules)
}

fn once(service: &str, operation: &str, action: Action) -> Rule {
    Rule {
        service: Some(service.to_owned()),
        operation: Some(operation.to_owned()),
        at: Some(1),
        times: Some(1),
        action,
    }
}

fn always(service: &str, action: Action) -> Rule {
    Rule {
        service: Some(service.to_owned()),
        operation: None,
        at: None,
        times: None,
        action,
    }
}

fn of_type(name: &str) -> &'static ResourceType {
    TYPES.iter().find(|ty| ty.schema.name == name).unwrap()
}

fn stream(name: &str) -> Value {
    json!({ "stream_name": name, "shard_count": 1 })
}

fn group(name: &str) -> Value {
    json!({ "group_name": name, "description": "a group" })
}

impl World {
    async fn make(&self, stack: &str, address: &Address, desired: &Value) -> String {
        let ty = of_type(address.type_name());
        let made = self
            .provider
            .create(ty, stack, address, desired, &NoWatch)
            .await;
        let id = made.unwrap_or_else(|error| panic!("{address}: {error}")).id;
        let key = Key::Id(id.clone());
        self.provider
            .wait_ready(ty, &key, &Need::default(), &NoWatch)
            .await
            .unwrap();
        id
    }

    async fn observe(&self, wanted: &[Wanted]) -> Observed {
        let observed = self.provider.observe(STACK, wanted).await;
        observed.unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    async fn found(&self, wanted: &Wanted) -> Found {
        let mut observed = self.observe(std::slice::from_ref(wanted)).await;
        observed.found.remove(&wanted.address).unwrap()
    }
}

fn wanted(address: &Address, name: &str) -> Wanted {
    Wanted {
        address: address.clone(),
        ty: of_type(address.type_name()),
        name: Some(name.to_owned()),
        within: Place::Default,
        need: Need::default(),
        moved_from: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_found_whoever_owns_it() {
    let world = world(Vec::new());
    for (type_name, desired, other) in [
        ("kinesis_stream", stream("events"), "elsewhere"),
        ("security_group", group("events"), "elsewhere"),
    ] {
        let address = Address::new(type_name, "events");
        let wanted = wanted(&address, "events");
        assert_eq!(
            world.found(&wanted).await,
            Found::default(),
            "{address} before"
        );
        world.make(other, &address, &desired).await;
        let live = world.found(&wanted).await.named.expect(type_name);
        let owner = Owner::Stack {
            stack: other.to_owned(),
            address: Some(address.clone()),
        };
        assert_eq!((live.owner, live.state), (owner, State::Ready), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moved_was_renamed_or_left_the_file_is_found_by_its_tags() {
    let world = world(Vec::new());
    let mut wanteds = Vec::new();
    for (type_name, old, gone) in [
        ("kinesis_stream", stream("old"), stream("gone")),
        ("security_group", group("old"), group("gone")),
    ] {
        let before = Address::new(type_name, "before");
        world.make(STACK, &before, &old).await;
        world
            .make(STACK, &Address::new(type_name, "gone"), &gone)
            .await;
        wanteds.push(Wanted {
            moved_from: Some(before),
            ..wanted(&Address::new(type_name, "now"), "new")
        });
    }
    world
        .make(
            "another",
            &Address::new("kinesis_stream", "theirs"),
            &stream("theirs"),
        )
        .await;
    let observed = world.observe(&wanteds).await;
    for wanted in &wanteds {
        let found = &observed.found[&wanted.address];
        assert_eq!(
            (&found.named, found.tagged.len()),
            (&None, 1),
            "{}",
            wanted.address
        );
    }
    let strays: Vec<_> = observed
        .strays
        .iter()
        .map(|s| s.address.to_string())
        .collect();
    assert_eq!(strays, ["kinesis_stream.gone", "security_group.gone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_being_made_is_there_and_pending() {
    let world = world_at(1.0, Vec::new());
    let address = Address::new("kinesis_stream", "events");
    let ty = of_type("kinesis_stream");
    let made = world
        .provider
        .create(ty, STACK, &address, &stream("events"), &NoWatch)
        .await;
    let wanted = wanted(&address, "events");
    let live = world.found(&wanted).await.named.expect("it is being made");
    assert!(matches!(live.state, State::Pending(_)), "{live:?}");
    assert_eq!(live.id, made.unwrap().id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_lags_hides_nothing_from_the_stack() {
    let world = world(vec![always("ec2", Action::Lag { reads: 3 })]);
    let address = Address::new("security_group", "client");
    let id = world.make(STACK, &address, &group("client")).await;
    let live = world
        .found(&wanted(&address, "client"))
        .await
        .named
        .expect("a named one");
    assert_eq!(live.id, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_whose_answer_is_lost_is_found_to_be_ours() {
    let world = world(vec![
        once("ec2", "CreateSecurityGroup", Action::Drop),
        always("ec2", Action::Lag { reads: 3 }),
        once("kinesis", "CreateStream", Action::Drop),
    ]);
    for (type_name, desired) in [
        ("security_group", group("lost")),
        ("kinesis_stream", stream("lost")),
    ] {
        let address = Address::new(type_name, "lost");
        world.make(STACK, &address, &desired).await;
        let found = world.found(&wanted(&address, "lost")).await;
        assert!(
            found.named.is_some() && found.tagged.is_empty(),
            "{found:?}"
        );
        let other = Address::new(type_name, "other");
        let taken = world
            .provider
            .create(of_type(type_name), STACK, &other, &desired, &NoWatch)
            .await
            .expect_err("the name is taken");
        assert_eq!(taken.class, ErrorClass::Exists, "{taken}");
    }
}

/// MSK refuses to delete a cluster that is being deleted: so the SDK's second attempt ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_whose_answer_is_lost_is_waited_for() {
    let world = world_at(3000.0, vec![once("kafka", "DeleteCluster", Action::Drop)]);
    let (subnets, ty) = (of_type("subnets"), of_type("msk_cluster"));
    let zones = json!({ "availability_zones": ["us-east-1a", "us-east-1b", "us-east-1c"] });
    let subnets = world.provider.lookup(subnets, &zones).await.unwrap();
    let desired = json!({
        "cluster_name": "lost",
        "kafka_version": "3.8.x",
        "number_of_broker_nodes": 3,
        "broker_node_group_info": {
            "instance_type": "kafka.m5.large",
            "client_subnets": subnets.iter().map(|subnet| &subnet["id"]).collect::<Vec<_>>(),
        },
    });
    let address = Address::new("msk_cluster", "lost");
    world.make(STACK, &address, &desired).await;
    let wanted = wanted(&address, "lost");
    let live = world.found(&wanted).await.named.unwrap();
    world
        .provider
        .delete(ty, &live, &|_, _| false, &NoWatch)
        .await
        .unwrap();
    assert_eq!(world.found(&wanted).await, Found::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_waited_out_and_every_request_is_counted() {
    let busy = Action::Fail {
        code: "ResourceInUseException".to_owned(),
        status: 400,
        message: "Stream events under account 1 is not ACTIVE, instead in state UPDATING"
            .to_owned(),
        after: false,
    };
    let world = world(vec![
        once("kinesis", "UpdateShardCount", busy),
        once(
            "kinesis",
            "DescribeStreamSummary",
            Action::Fail {
                code: "InternalFailureException".to_owned(),
                status: 500,
                message: String::new(),
                after: false,
            },
        ),
    ]);
    let address = Address::new("kinesis_stream", "events");
    let id = world.make(STACK, &address, &stream("events")).await;
    let ty = of_type("kinesis_stream");
    let key = Key::Id(id);
    let live = world
        .provider
        .read(ty, &key, &Need::default())
        .await
        .unwrap()
        .unwrap();
    let desired = json!({ "stream_name": "events", "shard_count": 3 });
    let change = Change {
        path: AttributePath::default().key("shard_count"),
        before: json!(1),
        after: Draft::Known(json!(3)),
        replaces: false,
        sensitive: false,
    };
    let tags: BTreeMap<_, _> = live.tags.clone();
    let changed = world
        .provider
        .update(ty, &live, &desired, &[change], &tags, &NoWatch)
        .await;
    changed.unwrap_or_else(|error| panic!("{error}"));
    let live = world
        .provider
        .read(ty, &key, &Need::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(live.attributes["shard_count"], 3);
    let calls = world.provider.calls();
    // One refused, then by way of two shards to three.
    assert_eq!(calls.by_operation["kinesis:UpdateShardCount"], 3);
    assert_eq!(calls.total, calls.by_operation.values().sum::<u64>());
    assert_eq!(world.provider.time_scale(), 100_000.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_read_is_an_error_and_never_absence() {
    for (action, kind, advice) in [
        (Action::Denied, ErrorKind::Denied, "kinesis:"),
        (Action::Expired, ErrorKind::Expired, "aws sso login"),
        (Action::Invalid, ErrorKind::UnknownCaller, "--profile"),
    ] {
        let world = world(vec![always("kinesis", action)]);
        let wanted = wanted(&Address::new("kinesis_stream", "events"), "events");
        let errors = world.provider.observe(STACK, &[wanted]).await.unwrap_err();
        assert_eq!(errors[0].kind, kind, "{}", errors[0]);
        let text = errors[0].to_string();
        assert!(
            text.contains(advice) && text.contains("the embedded cloud"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_damaged_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    drop(Cloud::open(Options::at(dir.path())).unwrap());
    let files = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let store: Vec<_> = files.filter(|path| path.is_file()).collect();
    assert!(!store.is_empty());
    for file in &store {
        std::fs::write(
            file,
            b"this is no database, but what a broken disk left of one",
        )
        .unwrap();
    }
    let options = Connect {
        target: Target::Local(dir.path().to_owned()),
        region: None,
        profile: None,
    };
    let error = Provider::connect(options, TYPES.to_vec())
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::LocalStore, "{error}");
    let folder = dir.path().display().to_string();
    assert!(error.to_string().contains(&folder), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_does_not_answer_is_named() {
    let options = Connect {
        target: Target::Endpoint("http://127.0.0.1:9".to_owned()),
        region: Some("us-east-1".to_owned()),
        profile: None,
    };
    let provider = Provider::connect(options, TYPES.to_vec()).await.unwrap();
    let error = provider.identity().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");
    let text = error.to_string();
    assert!(
        text.contains("http://127.0.0.1:9") && text.contains("refused"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_can_be_driven_from_many_tasks() {
    let world = world(Vec::new());
    let made = (0..3).map(|n| {
        let provider = world.provider.clone();
        tokio::spawn(async move {
            let address = Address::new("kinesis_stream", "many").with_key(&n.to_string());
            let ty = of_type("kinesis_stream");
            let desired = stream(&format!("many-{n}"));
            let id = provider
                .create(ty, STACK, &address, &desired, &NoWatch)
                .await?
                .id;
            let need = Need::default();
            let live = provider
                .wait_ready(ty, &Key::Id(id), &need, &NoWatch)
                .await?;
            provider.delete(ty, &live, &|_, _| false, &NoWatch).await
        })
    });
    for task in made.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert_eq!(world.observe(&[]).await.strays, []);
}

/// Lists roles only after it was asked for each of these many by its name.
struct RolesFirst {
    sdk: Sdk,
    roles: usize,
    asked: AtomicUsize,
    lists: Arc<AtomicUsize>,
}

impl Calls for RolesFirst {
    fn call<'a>(&'a self, request: Request<'a>) -> Reply<'a> {
        Box::pin(async move {
            if request.operation == "GetAccountAuthorizationDetails" {
                self.lists.fetch_add(1, Ordering::SeqCst);
                while self.asked.load(Ordering::SeqCst) < self.roles {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
            let reply = self.sdk.call(request).await;
            if request.operation == "GetRole" {
                self.asked.fetch_add(1, Ordering::SeqCst);
            }
            reply
        })
    }

    fn endpoint(&self, api: Api) -> String {
        self.sdk.endpoint(api)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_until_things_are_gone_share_a_list() {
    const ROLES: usize = 12;
    let dir = tempfile::tempdir().unwrap();
    let cloud = Arc::new(Cloud::open(Options::at(dir.path().join("cloud"))).unwrap());
    let (ty, lists) = (of_type("iam_role"), Arc::new(AtomicUsize::new(0)));
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
    let world = World {
        provider: Provider::in_cloud(cloud.clone(), "us-east-1", TYPES.to_vec()),
        _dir: dir,
    };
    let mut lives = Vec::new();
    for n in 0..ROLES {
        let name = format!("role-{n}");
        let desired = json!({ "role_name": name, "assume_role_policy_document": trust });
        world
            .make(STACK, &Address::new("iam_role", &name), &desired)
            .await;
        let (key, need) = (Key::Id(name), Need::default());
        let live = world.provider.read(ty, &key, &need).await.unwrap().unwrap();
        world
            .provider
            .delete(ty, &live, &|_, _| false, &NoWatch)
            .await
            .unwrap();
        lives.push(live);
    }
    let sdk = Sdk::in_cloud(cloud, "us-east-1");
    let traffic = sdk.traffic();
    let calls = RolesFirst {
        sdk,
        roles: ROLES,
        asked: AtomicUsize::default(),
        lists: Arc::clone(&lists),
    };
    let provider = Provider::over(Box::new(calls), traffic, "us-east-1".into(), TYPES.to_vec());
    let waits = lives
        .iter()
        .map(|live| provider.wait_gone(ty, live, &NoWatch));
    for gone in futures_util::future::join_all(waits).await {
        gone.unwrap();
    }
    // The first one who waits cannot know that others will; all of these share the next list.
    let lists = lists.load(Ordering::SeqCst);
    assert!(lists <= 2, "{lists} lists for {ROLES} roles");
}

/// Shows once more, when told to, what the list of instances showed at first; notes of which instances
/// attributes are read.
struct Behind {
    sdk: Sdk,
    shown: Mutex<Value>,
    behind: Arc<AtomicBool>,
    read: Arc<Mutex<Vec<String>>>,
}

impl Calls for Behind {
    fn call<'a>(&'a self, request: Request<'a>) -> Reply<'a> {
        let id = request.input["instance_id"].as_str().unwrap_or_default();
        let lists =
            request.operation == "DescribeInstances" && request.input.get("instance_ids").is_none();
        if request.operation == "DescribeInstanceAttribute" {
            self.read.lock().unwrap().push(id.to_owned());
        }
        Box::pin(async move {
            if lists && self.behind.swap(false, Ordering::SeqCst) {
                return Ok(self.shown.lock().unwrap().clone());
            }
            let reply = self.sdk.call(request).await?;
            let mut shown = self.shown.lock().unwrap();
            if lists && shown.is_null() {
                shown.clone_from(&reply);
            }
            Ok(reply)
        })
    }

    fn endpoint(&self, api: Api) -> String {
        self.sdk.endpoint(api)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_still_shows_though_it_is_gone_costs_the_others_no_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::at(dir.path().join("cloud"));
    options.time_scale = Some(3_000.0);
    let cloud = Arc::new(Cloud::open(options).unwrap());
    let sdk = Sdk::in_cloud(cloud.clone(), "us-east-1");
    let (traffic, behind) = (sdk.traffic(), Arc::new(AtomicBool::default()));
    let read: Arc<Mutex<Vec<String>>> = Arc::default();
    let calls = Behind {
        sdk,
        shown: Mutex::default(),
        behind: Arc::clone(&behind),
        read: Arc::clone(&read),
    };
    let types = TYPES.to_vec();
    let world = World {
        provider: Provider::over(Box::new(calls), traffic, "us-east-1".into(), types),
        _dir: dir,
    };
    let image = world.provider.parameter(IMAGE).await.unwrap().unwrap();
    let desired =
        json!({ "image_id": image, "instance_type": "t3.micro", "user_data": "#!/bin/sh\n" });
    let (mut wanteds, mut ids) = (Vec::new(), Vec::new());
    for name in ["gone", "one", "two"] {
        let address = Address::new("instance", name);
        ids.push(world.make(STACK, &address, &desired).await);
        wanteds.push(Wanted {
            name: None,
            need: Need {
                declared: ["user_data".to_owned()].into(),
                ..Need::default()
            },
            ..wanted(&address, "")
        });
    }
    let shown = world.observe(&wanteds).await;
    let gone = &shown.found[&wanteds[0].address].tagged[0];
    let deleted = world
        .provider
        .delete(of_type("instance"), gone, &|_, _| false, &NoWatch);
    deleted.await.unwrap();
    cloud.advance(Duration::from_secs(300)).unwrap();
    behind.store(true, Ordering::SeqCst);
    read.lock().unwrap().clear();
    let observed = world.observe(&wanteds).await;
    let there = wanteds
        .iter()
        .map(|wanted| &observed.found[&wanted.address]);
    let there: Vec<bool> = there.map(|found| !found.tagged.is_empty()).collect();
    assert_eq!(there, [false, true, true]);
    let read = read.lock().unwrap();
    let times = |id: &String| read.iter().filter(|read| *read == id).count();
    assert!(times(&ids[0]) > 0, "the list did not show it");
    assert_eq!((times(&ids[1]), times(&ids[2])), (1, 1));
}
