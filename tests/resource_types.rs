//! Every resource type against the embedded cloud, through the SDK: what is declared is brought about,
//! reads back equal, changes attribute by attribute, and goes away again.
#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use pinfra::cloud::{Cloud, Options};
use pinfra::plan::canonical_desired;
use pinfra::provider::aws::TYPES;
use pinfra::provider::contract::{UpdateAction, When};
use pinfra::provider::hooks::LocalContext;
use pinfra::provider::{
    Key, Live, Need, NoWatch, Owner, Provider, ResourceType, Wanted, ownership, update_for,
};
use pinfra::schema::{Address, Attribute, Change, Draft, OnChange, Role, diff};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const STACK: &str = "types-test";

struct World {
    provider: Provider,
    /// For what somebody else does in the same account.
    other: aws_config::SdkConfig,
    dir: tempfile::TempDir,
}

fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::at(dir.path().join("cloud"));
    options.time_scale = Some(100_000.0);
    let cloud = Arc::new(Cloud::open(options).unwrap());
    let other = aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("us-east-1"))
        .credentials_provider(
            aws_credential_types::provider::SharedCredentialsProvider::new(
                aws_credential_types::Credentials::new("k", "s", None, None, "test"),
            ),
        )
        .http_client(pinfra::cloud::doors::sdk::client(Arc::clone(&cloud)))
        .build();
    let provider = Provider::in_cloud(cloud, "us-east-1", TYPES.to_vec());
    World {
        provider,
        other,
        dir,
    }
}

fn resource_type(name: &str) -> &'static ResourceType {
    TYPES.iter().find(|ty| ty.schema.name == name).unwrap()
}

/// One resource of one type, as a planner would treat it.
struct Subject<'w> {
    world: &'w World,
    ty: &'static ResourceType,
    address: Address,
    desired: Value,
    id: String,
    /// The attributes that were seen to change, lists' indices left out.
    changed: BTreeSet<String>,
}

impl<'w> Subject<'w> {
    async fn create(world: &'w World, type_name: &str, desired: Value) -> Subject<'w> {
        let ty = resource_type(type_name);
        let address = Address::new(type_name, "it");
        let context = LocalContext {
            directory: world.dir.path(),
            live: None,
        };
        let sent = ty.hooks.before_create(&context, desired.clone()).unwrap();
        let created = world
            .provider
            .create(ty, STACK, &address, &sent, &NoWatch)
            .await
            .unwrap_or_else(|error| panic!("{type_name}: {error}"));
        let mut subject = Subject {
            world,
            ty,
            address,
            desired,
            id: created.id,
            changed: BTreeSet::new(),
        };
        let live = subject.ready().await;
        assert_eq!(
            live.owner,
            Owner::Stack {
                stack: STACK.to_owned(),
                address: Some(subject.address.clone())
            },
            "{type_name} is owned from its creation"
        );
        subject.bring("created").await;
        subject
    }

    fn need(&self) -> Need {
        let members = self.desired.as_object().into_iter().flatten();
        let outputs = self.ty.schema.attributes.iter().map(|a| a.name.to_owned());
        Need {
            declared: members.map(|(name, _)| name.clone()).collect(),
            referenced: outputs.collect(),
            ..Need::default()
        }
    }

    async fn ready(&self) -> Live {
        let (key, need) = (Key::Id(self.id.clone()), self.need());
        let provider = &self.world.provider;
        let ready = provider.wait_ready(self.ty, &key, &need, &NoWatch).await;
        ready.unwrap_or_else(|error| panic!("{}: {error}", self.ty.schema.name))
    }

    async fn changes(&self, live: &Live) -> Vec<Change> {
        let desired = Draft::Known(self.canonical());
        diff(self.ty.schema.attributes, &desired, &live.attributes)
    }

    /// The declaration in the form AWS gives back.
    fn canonical(&self) -> Value {
        let desired = canonical_desired(self.ty, &Draft::Known(self.desired.clone()));
        desired.resolve().unwrap()
    }

    /// Applies what differs; afterwards nothing does.
    async fn bring(&mut self, what: &str) {
        let name = self.ty.schema.name;
        let live = self.ready().await;
        let changes = self.changes(&live).await;
        assert!(
            changes.iter().all(|c| !c.replaces),
            "{name} {what}: {changes:?}"
        );
        let declared = match self.desired.get("tags") {
            Some(tags) => serde_json::from_value(tags.clone()).unwrap(),
            None => BTreeMap::new(),
        };
        let tags = ownership::tags(STACK, &self.address, &declared);
        let desired = self.canonical();
        self.world
            .provider
            .update(self.ty, &live, &desired, &changes, &tags, &NoWatch)
            .await
            .unwrap_or_else(|error| panic!("{name} {what}: {error}"));
        let live = self.ready().await;
        let left = self.changes(&live).await;
        assert!(
            left.is_empty(),
            "{name} {what}: {left:#?}\nlive: {:#}",
            live.attributes
        );
        self.changed
            .extend(changes.iter().map(|change| change.path.attribute()));
        self.observed(what).await;
    }

    /// The bulk reads of a plan show the same as the strong ones.
    async fn observed(&self, what: &str) {
        let name = self.ty.schema.name;
        let unique = self.ty.schema.unique_name;
        let wanted = Wanted {
            address: self.address.clone(),
            ty: self.ty,
            name: unique.and_then(|name| self.desired[name].as_str().map(str::to_owned)),
            within: self
                .ty
                .within
                .and_then(|within| self.desired[within.attribute].as_str())
                .map(str::to_owned)
                .into(),
            need: self.need(),
            moved_from: None,
        };
        let observed = self.world.provider.observe(STACK, &[wanted]).await.unwrap();
        assert!(observed.strays.is_empty(), "{name} {what}");
        let found = &observed.found[&self.address];
        let live = found.named.as_ref().or(found.tagged.first()).cloned();
        let live = live.unwrap_or_else(|| panic!("{name} {what}: a plan does not see it"));
        let left = self.changes(&live).await;
        assert!(left.is_empty(), "{name} {what}, in bulk: {left:#?}");
    }

    /// Every attribute that can change in place was changed, but for `others`.
    fn all_changed(&self, others: &[&str]) {
        let within =
            |path: &str, outer: &str| path == outer || path.starts_with(&format!("{outer}."));
        let impossible = |path: &str| {
            self.ty.updates.iter().any(|update| {
                let refuses = matches!(update.action, UpdateAction::Impossible(_));
                refuses
                    && update.when == When::Changes
                    && update.covers.iter().any(|c| within(path, c))
            })
        };
        let mut missing = Vec::new();
        leaves(self.ty.schema.attributes, "", &mut missing);
        missing.retain(|leaf| {
            let seen = self
                .changed
                .iter()
                .any(|path| within(leaf, path) || within(path, leaf));
            !seen && !impossible(leaf) && !others.iter().any(|other| within(leaf, other))
        });
        assert!(
            missing.is_empty(),
            "{}: never changed: {missing:#?}",
            self.ty.schema.name
        );
    }

    /// Changes one attribute in the declaration and sees it through.
    async fn edit(&mut self, path: &str, value: Value) {
        let before = self.desired.clone();
        let mut at = &mut self.desired;
        for step in path.split('.') {
            at = match step.parse::<usize>() {
                Ok(index) => at.get_mut(index).unwrap(),
                Err(_) => {
                    if !at.is_object() {
                        *at = json!({});
                    }
                    at.as_object_mut()
                        .unwrap()
                        .entry(step)
                        .or_insert(Value::Null)
                }
            };
        }
        *at = value.clone();
        let live = self.ready().await;
        let changes = self.changes(&live).await;
        assert!(
            !changes.is_empty(),
            "{}: {path} to {value} is no change",
            self.ty.schema.name
        );
        self.bring(&format!("{path} = {value}")).await;
        // The other way round it is drift: what was declared before is not what is live now.
        let pointer = format!("/{}", path.replace('.', "/"));
        if before
            .pointer(&pointer)
            .is_some_and(|value| !value.is_null() && !value.is_object())
        {
            let after = std::mem::replace(&mut self.desired, before);
            let drift = self.changes(&self.ready().await).await;
            assert!(
                !drift.is_empty(),
                "{}: {path} changed live is not seen",
                self.ty.schema.name
            );
            self.desired = after;
        }
    }

    async fn refused(&mut self, path: &str, value: Value) -> String {
        let before = self.desired.clone();
        *self
            .desired
            .pointer_mut(&format!("/{}", path.replace('.', "/")))
            .unwrap() = value;
        let live = self.ready().await;
        let changes = self.changes(&live).await;
        let refused = Provider::update_calls(self.ty, &live, &self.desired, &changes);
        self.desired = before;
        refused.expect_err(path).to_string()
    }

    async fn delete(self) {
        let live = self.ready().await;
        self.world
            .provider
            .delete(self.ty, &live, &|_, _| false, &NoWatch)
            .await
            .unwrap();
        let key = Key::Id(self.id.clone());
        let gone = self
            .world
            .provider
            .read(self.ty, &key, &Need::default())
            .await
            .unwrap();
        assert!(gone.is_none(), "{} is gone", self.ty.schema.name);
    }
}

/// The dotted paths of what can be declared and changed in place.
fn leaves(attributes: &'static [Attribute], outer: &str, found: &mut Vec<String>) {
    for attribute in attributes {
        let path = format!("{outer}{}", attribute.name);
        let changes = attribute.role == Role::Declared && attribute.on_change == OnChange::InPlace;
        match attribute.kind.members() {
            _ if !changes || attribute.write_only => {}
            Some(members) => leaves(members, &format!("{path}."), found),
            None => found.push(path),
        }
    }
}

/// A type that is new in the product is tried here before it is anywhere else.
#[test]
fn every_type_that_can_be_made_goes_through_its_settings() {
    let here = include_str!("resource_types.rs");
    let made = TYPES.iter().filter(|ty| ty.create.is_some());
    let missing = made.map(|ty| ty.schema.name).filter(|name| {
        let declared = format!("Subject::create(&world, \"{name}\"");
        !here.contains(&declared)
    });
    let missing: Vec<&str> = missing.collect();
    assert!(missing.is_empty(), "never declared here: {missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_through_its_settings() {
    let world = world();
    let desired = json!({"stream_name": "s", "shard_count": 1, "tags": {"team": "data"}});
    let mut stream = Subject::create(&world, "kinesis_stream", desired).await;
    let live = stream.ready().await;
    assert_eq!(
        live.attributes["arn"],
        "arn:aws:kinesis:us-east-1:123456789012:stream/s"
    );
    stream.edit("shard_count", json!(5)).await;
    stream.edit("shard_count", json!(1)).await;
    stream.edit("retention_period_hours", json!(48)).await;
    stream.edit("retention_period_hours", json!(24)).await;
    stream.desired["key_id"] = json!("alias/aws/kinesis");
    stream.edit("encryption_type", json!("KMS")).await;
    stream.desired.as_object_mut().unwrap().remove("key_id");
    stream.edit("encryption_type", json!("NONE")).await;
    stream
        .edit(
            "shard_level_metrics",
            json!(["IncomingBytes", "OutgoingBytes"]),
        )
        .await;
    stream
        .edit(
            "shard_level_metrics",
            json!(["OutgoingBytes", "IncomingRecords"]),
        )
        .await;
    stream.edit("shard_level_metrics", json!([])).await;
    stream
        .edit("tags", json!({"team": "other", "more": "x"}))
        .await;
    stream.edit("tags", json!({"more": "x"})).await;
    let why = stream.refused("shard_count", json!(2000)).await;
    assert!(why.contains("ten times"), "{why}");
    stream
        .desired
        .as_object_mut()
        .unwrap()
        .remove("shard_count");
    stream.edit("max_record_size_in_kib", json!(2048)).await;
    stream.edit("stream_mode", json!("ON_DEMAND")).await;
    stream.edit("warm_throughput_mibps", json!(100)).await;
    stream.edit("warm_throughput_mibps", json!(200)).await;
    stream
        .edit("record_distribution_strategy", json!("AUTO"))
        .await;
    stream
        .edit("record_distribution_strategy", json!("USER_PARTITION_KEY"))
        .await;
    stream.all_changed(&[]);
    stream.delete().await;
}

fn trust(services: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": services}}]})
}

fn allow(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": [action], "Resource": "*"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_goes_through_its_policies() {
    let world = world();
    let desired = json!({
        "role_name": "r", "assume_role_policy_document": trust(&["ec2.amazonaws.com"]),
        "inline_policies": {"a": allow("s3:GetObject"), "b": allow("s3:PutObject")},
        "managed_policy_arns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
        "tags": {"team": "data"}});
    let mut role = Subject::create(&world, "iam_role", desired).await;
    role.edit(
        "assume_role_policy_document",
        trust(&["ec2.amazonaws.com", "kafkaconnect.amazonaws.com"]),
    )
    .await;
    let arn = role.ready().await.attributes["arn"].clone();
    let mut own = trust(&["ec2.amazonaws.com"]);
    own["Statement"][0]["Principal"]["AWS"] = arn;
    role.edit("assume_role_policy_document", own).await;
    role.edit(
        "inline_policies",
        json!({"b": allow("s3:ListBucket"), "c": allow("s3:PutObject")}),
    )
    .await;
    role.edit(
        "managed_policy_arns",
        json!(["arn:aws:iam::aws:policy/AmazonKinesisFullAccess"]),
    )
    .await;
    role.edit("description", json!("a role")).await;
    role.edit("max_session_duration", json!(7200)).await;
    assert_eq!(role.ready().await.attributes["description"], "a role");
    role.edit(
        "permissions_boundary",
        json!("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
    )
    .await;
    role.edit("permissions_boundary", Value::Null).await;
    role.edit("tags", json!({"more": "x"})).await;
    role.edit("inline_policies", json!({})).await;
    role.edit("inline_policies", json!({"d": allow("s3:PutObject")}))
        .await;
    role.all_changed(&[]);
    role.delete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_profile_goes_through_its_roles() {
    let world = world();
    let iam = aws_sdk_iam::Client::new(&world.other);
    for name in ["first", "second"] {
        let trust = trust(&["ec2.amazonaws.com"]).to_string();
        let role = iam
            .create_role()
            .role_name(name)
            .assume_role_policy_document(trust);
        role.send().await.unwrap();
    }
    let desired = json!({"instance_profile_name": "p", "role": "first", "tags": {"team": "data"}});
    let mut profile = Subject::create(&world, "iam_instance_profile", desired).await;
    assert_eq!(
        profile.ready().await.attributes["arn"],
        "arn:aws:iam::123456789012:instance-profile/p"
    );
    profile.edit("role", json!("second")).await;
    profile.edit("role", Value::Null).await;
    profile.edit("role", json!("first")).await;
    profile.edit("tags", json!({"more": "x"})).await;
    profile.all_changed(&[]);
    profile.delete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_group_goes_through_its_settings() {
    let world = world();
    let desired = json!({"log_group_name": "/pipeline/client", "tags": {"team": "data"}});
    let mut group = Subject::create(&world, "cloudwatch_log_group", desired).await;
    let live = group.ready().await;
    assert_eq!(
        live.attributes["arn"],
        "arn:aws:logs:us-east-1:123456789012:log-group:/pipeline/client"
    );
    group.edit("retention_in_days", json!(7)).await;
    group.edit("retention_in_days", json!(30)).await;
    group.edit("retention_in_days", Value::Null).await;
    let key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    group.edit("kms_key_id", json!(key)).await;
    group.edit("kms_key_id", Value::Null).await;
    group.edit("deletion_protection_enabled", json!(true)).await;
    group
        .edit("deletion_protection_enabled", json!(false))
        .await;
    group.edit("tags", json!({"more": "x"})).await;
    let logs = aws_sdk_cloudwatchlogs::Client::new(&world.other);
    let stream = logs.create_log_stream().log_group_name("/pipeline/client");
    stream.log_stream_name("s").send().await.unwrap();
    let full = group.ready().await;
    assert!(
        full.attributes["log_streams"]
            .as_array()
            .is_some_and(|streams| streams.len() == 1),
        "it holds data: {:#}",
        full.attributes
    );
    group.all_changed(&[]);
    group.delete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_goes_through_more_versions_than_aws_keeps() {
    let world = world();
    let desired = json!({"policy_name": "p", "path": "/pipeline/", "description": "what it allows",
        "policy_document": allow("s3:GetObject"), "tags": {"team": "data"}});
    let mut policy = Subject::create(&world, "iam_policy", desired).await;
    let arn = "arn:aws:iam::123456789012:policy/pipeline/p";
    assert_eq!(policy.ready().await.attributes["arn"], arn);
    for action in 0..7 {
        policy
            .edit("policy_document", allow(&format!("s3:Get{action}")))
            .await;
    }
    let iam = aws_sdk_iam::Client::new(&world.other);
    let versions = iam.list_policy_versions().policy_arn(arn).send().await;
    let versions = versions.unwrap();
    let numbers: Vec<_> = versions
        .versions()
        .iter()
        .filter_map(|version| version.version_id())
        .collect();
    assert_eq!(numbers, ["v8", "v7", "v6", "v5", "v4"], "the oldest went");
    policy.edit("tags", json!({"more": "x"})).await;
    policy.all_changed(&[]);
    policy.delete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_goes_through_its_rules() {
    let world = world();
    let desired = json!({
        "group_name": "g", "tags": {"team": "data"},
        "ingress": [{"protocol": "tcp", "ports": 22, "source": "10.1.2.3/8"}]});
    let mut group = Subject::create(&world, "security_group", desired).await;
    let id = group.ready().await.attributes["id"].clone();
    assert_eq!(id, group.id.as_str());
    group
        .edit(
            "ingress",
            json!([
        {"protocol": 6, "ports": "8000-8100", "source": "10.0.0.0/8", "description": "proxy"},
        {"protocol": "udp", "source": "2001:DB8::/32"},
        {"protocol": "icmp", "icmp_type": 8, "source": "0.0.0.0/0"},
        {"protocol": "all", "source": id, "description": "itself"}]),
        )
        .await;
    group
        .edit("ingress.0.description", json!("the proxy"))
        .await;
    group.edit("ingress.3.description", Value::Null).await;
    group.edit("ingress", json!([])).await;
    group
        .edit(
            "egress",
            json!([{"protocol": "tcp", "ports": 443, "destination": "0.0.0.0/0"}]),
        )
        .await;
    group.edit("egress", json!([])).await;
    group.desired.as_object_mut().unwrap().remove("egress");
    group.bring("AWS's egress again").await;
    group.edit("tags", json!({"more": "x"})).await;
    group.all_changed(&[]);
    group.delete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_pair_is_made_here_and_stays_here() {
    for key_type in ["rsa", "ed25519"] {
        let world = world();
        let desired = json!({"key_name": "k", "key_type": key_type, "tags": {"team": "data"}});
        let mut pair = Subject::create(&world, "key_pair", desired).await;
        let file = world.dir.path().join("k.pem");
        let local = |directory: &Path, live: &Live| {
            let context = LocalContext {
                directory,
                live: Some(&live.attributes),
            };
            pair.ty.hooks.local(&context, &pair.desired)
        };
        let live = pair.ready().await;
        assert!(
            local(world.dir.path(), &live).unwrap().is_empty(),
            "its own key"
        );
        let elsewhere = tempfile::tempdir().unwrap();
        assert_eq!(local(elsewhere.path(), &live).unwrap().len(), 1, "not here");
        let other = pinfra::provider::keys::LocalKey::generate(key_type).unwrap();
        other.save(&elsewhere.path().join("k.pem")).unwrap();
        let why = local(elsewhere.path(), &live).unwrap_err();
        assert!(
            why.contains(live.attributes["fingerprint"].as_str().unwrap()),
            "{why}"
        );
        let context = LocalContext {
            directory: world.dir.path(),
            live: None,
        };
        let told = pair.ty.hooks.after_delete(&context, &live).unwrap();
        assert!(told.contains("k.pem"), "{told}");
        // The fingerprint is AWS's own of the key in the file.
        let kept = pinfra::provider::keys::LocalKey::read(&file)
            .unwrap()
            .unwrap();
        assert!(
            kept.is(None, live.attributes["fingerprint"].as_str()),
            "{live:?}"
        );
        pair.edit("tags", json!({"more": "x"})).await;
        pair.all_changed(&[]);
        pair.delete().await;
        assert!(file.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_goes_through_its_settings() {
    let world = world();
    let desired = json!({"bucket": "types-bucket", "tags": {"team": "data"}});
    let mut bucket = Subject::create(&world, "s3_bucket", desired).await;
    let live = bucket.ready().await;
    assert_eq!(live.attributes["arn"], "arn:aws:s3:::types-bucket");
    assert_eq!(
        live.attributes["bucket_domain_name"],
        "types-bucket.s3.amazonaws.com"
    );
    bucket.edit("versioning", json!("Enabled")).await;
    bucket.edit("versioning", json!("Suspended")).await;
    bucket
        .edit(
            "public_access_block",
            json!({"block_public_acls": false, "ignore_public_acls": false, "block_public_policy": false, "restrict_public_buckets": false}),
        )
        .await;
    bucket
        .edit("public_access_block.block_public_acls", json!(true))
        .await;
    bucket.edit("encryption", json!({"sse_algorithm": "aws:kms", "kms_master_key_id": "alias/k", "bucket_key_enabled": true})).await;
    bucket
        .edit("encryption", json!({"sse_algorithm": "AES256"}))
        .await;
    bucket.edit("lifecycle_rules", json!([
        {"id": "old", "status": "Enabled", "filter": {"prefix": "topics/"}, "expiration": {"days": 30},
         "transitions": [{"days": 10, "storage_class": "GLACIER"}]},
        {"id": "uploads", "status": "Enabled", "filter": {"prefix": ""}, "abort_incomplete_multipart_upload": {"days_after_initiation": 7}}])).await;
    bucket
        .edit("lifecycle_rules.0.expiration.days", json!(60))
        .await;
    bucket.desired["lifecycle_rules"][0]
        .as_object_mut()
        .unwrap()
        .remove("transitions");
    bucket.bring("a rule without transitions").await;
    bucket.edit("lifecycle_rules", json!([])).await;
    bucket
        .edit("object_ownership", json!("BucketOwnerPreferred"))
        .await;
    bucket.edit("tags", json!({"more": "x"})).await;
    // Objects, their older versions and delete markers, and uploads under way go with their bucket.
    bucket.edit("versioning", json!("Enabled")).await;
    let config = aws_sdk_s3::config::Builder::from(&world.other)
        .force_path_style(true)
        .build();
    let s3 = aws_sdk_s3::Client::from_conf(config);
    let empty = bucket.ready().await;
    assert!(
        empty.attributes["object_versions"]
            .as_array()
            .is_none_or(Vec::is_empty)
    );
    for key in ["a", "a", "b/c"] {
        let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
        s3.put_object()
            .bucket("types-bucket")
            .key(key)
            .body(body)
            .send()
            .await
            .unwrap();
    }
    s3.delete_object()
        .bucket("types-bucket")
        .key("a")
        .send()
        .await
        .unwrap();
    s3.create_multipart_upload()
        .bucket("types-bucket")
        .key("big")
        .send()
        .await
        .unwrap();
    let full = bucket.ready().await;
    let held = bucket.ty.data.iter().any(|data| {
        full.attributes[*data]
            .as_array()
            .is_some_and(|items| !items.is_empty())
    });
    assert!(held, "it holds data: {:#}", full.attributes);
    bucket.all_changed(&[]);
    bucket.delete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_goes_through_its_settings() {
    let world = world();
    let query = json!({"default_for_az": true, "availability_zones": ["us-east-1a", "us-east-1b", "us-east-1c"]});
    let subnets = world
        .provider
        .lookup(resource_type("subnets"), &query)
        .await
        .unwrap();
    let subnets: Vec<_> = subnets.iter().map(|subnet| subnet["id"].clone()).collect();
    assert_eq!(subnets.len(), 3);
    let desired = json!({
        "cluster_name": "c", "kafka_version": "3.8.x", "number_of_broker_nodes": 3,
        "broker_node_group_info": {"instance_type": "kafka.m5.large", "client_subnets": subnets,
            "storage_info": {"ebs_storage_info": {"volume_size": 100}}},
        "client_authentication": {"sasl": {"iam": {"enabled": true}}},
        "tags": {"team": "data"}});
    let mut cluster = Subject::create(&world, "msk_cluster", desired).await;
    let live = cluster.ready().await;
    let iam = live.attributes["bootstrap_brokers_sasl_iam"]
        .as_str()
        .unwrap();
    assert!(
        iam.split(',').count() == 3 && iam.split(',').is_sorted() && iam.contains(":9098"),
        "{iam}"
    );
    assert!(
        live.attributes["zookeeper_connect_string"]
            .as_str()
            .unwrap()
            .contains(":2181")
    );
    let volume = "broker_node_group_info.storage_info.ebs_storage_info.volume_size";
    cluster.edit(volume, json!(200)).await;
    cluster
        .edit(
            "broker_node_group_info.instance_type",
            json!("kafka.m5.xlarge"),
        )
        .await;
    cluster.edit("number_of_broker_nodes", json!(6)).await;
    let six = cluster.ready().await.attributes["bootstrap_brokers_sasl_iam"].clone();
    assert_eq!(six, iam, "the first three brokers, whichever AWS names");
    cluster
        .edit("enhanced_monitoring", json!("PER_BROKER"))
        .await;
    cluster
        .edit(
            "open_monitoring",
            json!({"prometheus": {"jmx_exporter": {"enabled_in_broker": true}}}),
        )
        .await;
    cluster
        .edit("client_authentication.sasl.scram", json!({"enabled": true}))
        .await;
    cluster
        .edit(
            "encryption_info",
            json!({"encryption_in_transit": {"client_broker": "TLS_PLAINTEXT"}}),
        )
        .await;
    cluster.edit("kafka_version", json!("3.9.x")).await;
    cluster.edit("storage_mode", json!("TIERED")).await;
    cluster
        .edit(
            "logging_info",
            json!({"broker_logs": {"s3": {"enabled": true, "bucket": "logs"}}}),
        )
        .await;
    cluster.edit("tags", json!({"more": "x"})).await;
    cluster
        .edit("client_authentication.sasl.iam.enabled", json!(false))
        .await;
    cluster.edit("client_authentication.tls", json!({"enabled": true,
        "certificate_authority_arn_list": ["arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/11223344-1234-1122-2233-112233445566"]})).await;
    cluster
        .edit(
            "client_authentication.unauthenticated",
            json!({"enabled": true}),
        )
        .await;
    cluster
        .edit(
            "open_monitoring.prometheus.node_exporter",
            json!({"enabled_in_broker": true}),
        )
        .await;
    let logs = json!({"cloud_watch_logs": {"enabled": true, "log_group": "group"},
        "firehose": {"enabled": true, "delivery_stream": "stream"},
        "s3": {"enabled": true, "bucket": "logs", "prefix": "kafka"}});
    cluster.edit("logging_info.broker_logs", logs.clone()).await;
    cluster.edit("logging_info.authorizer_logs", logs).await;
    let kafka = aws_sdk_kafka::Client::new(&world.other);
    let properties =
        aws_sdk_kafka::primitives::Blob::new(b"auto.create.topics.enable=true\n".to_vec());
    let configuration = kafka
        .create_configuration()
        .name("types")
        .server_properties(properties.clone())
        .send()
        .await
        .unwrap();
    let arn = configuration.arn().unwrap();
    kafka
        .update_configuration()
        .arn(arn)
        .server_properties(properties)
        .send()
        .await
        .unwrap();
    cluster
        .edit("configuration_info", json!({"arn": arn, "revision": 1}))
        .await;
    cluster.edit("configuration_info.revision", json!(2)).await;
    let connectivity = "broker_node_group_info.connectivity_info";
    cluster.edit(connectivity, json!({"vpc_connectivity": {"client_authentication":
        {"sasl": {"iam": {"enabled": true}, "scram": {"enabled": true}}, "tls": {"enabled": true}}}})).await;
    // Only large brokers have a throughput of their own.
    cluster
        .edit(
            "broker_node_group_info.instance_type",
            json!("kafka.m5.4xlarge"),
        )
        .await;
    let throughput = "broker_node_group_info.storage_info.ebs_storage_info.provisioned_throughput";
    cluster
        .edit(
            throughput,
            json!({"enabled": true, "volume_throughput": 250}),
        )
        .await;
    cluster
        .edit(&format!("{throughput}.volume_throughput"), json!(300))
        .await;
    cluster
        .edit(&format!("{connectivity}.network_type"), json!("DUAL"))
        .await;
    let why = cluster
        .refused("broker_node_group_info.client_subnets", json!(["subnet-1"]))
        .await;
    assert!(why.contains("never moves"), "{why}");
    let why = cluster.refused("number_of_broker_nodes", json!(3)).await;
    assert!(why.contains("removed"), "{why}");
    let live = cluster.ready().await;
    cluster
        .desired
        .pointer_mut("/broker_node_group_info/storage_info/ebs_storage_info")
        .unwrap()["volume_size"] = json!(50);
    let changes = cluster.changes(&live).await;
    let updates = Provider::update_calls(cluster.ty, &live, &cluster.desired, &changes).unwrap();
    assert!(updates.is_empty() && changes.len() == 1, "{updates:?}");
    // MSK opens a cluster to the internet only if all whom it lets in must say who they are, and
    // rebalances Express brokers only, which lack much of the above.
    cluster.all_changed(&[
        "broker_node_group_info.connectivity_info.public_access",
        "rebalancing",
    ]);
    cluster.delete().await;
}

/// What the language makes of an object's `content`.
fn contents(object: &mut Value, text: &str) {
    object["contents"] = json!({ "text": text });
    object["sha256"] = hex::encode(Sha256::digest(text)).into();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_goes_through_its_contents_and_what_it_says_of_itself() {
    let world = world();
    let config = aws_sdk_s3::config::Builder::from(&world.other)
        .force_path_style(true)
        .build();
    let s3 = aws_sdk_s3::Client::from_conf(config);
    s3.create_bucket().bucket("theirs").send().await.unwrap();
    let mut desired =
        json!({"bucket": "theirs", "key": "a b/c+d", "tags": {"team": "data + more=x"}});
    contents(&mut desired, "one");
    let mut object = Subject::create(&world, "s3_object", desired).await;
    assert_eq!(object.id, "theirs/a b/c+d");
    assert_eq!(
        object.ready().await.attributes["arn"],
        "arn:aws:s3:::theirs/a b/c+d"
    );
    let read = || async {
        let got = s3.get_object().bucket("theirs").key("a b/c+d").send();
        got.await
            .unwrap()
            .body
            .collect()
            .await
            .unwrap()
            .into_bytes()
    };
    assert_eq!(read().await.as_ref(), b"one");
    contents(&mut object.desired, "another");
    let digest = object.desired["sha256"].take();
    object.edit("sha256", digest).await;
    assert_eq!(read().await.as_ref(), b"another");
    for (path, value) in [
        ("cache_control", json!("no-store")),
        ("content_disposition", json!("attachment")),
        ("content_encoding", json!("gzip")),
        ("content_language", json!("de")),
        ("content_type", json!("text/plain; charset=utf-8")),
        ("website_redirect_location", json!("/elsewhere")),
        ("metadata", json!({"Owner": "ann", "note": "a note"})),
        ("metadata", json!({"note": "another"})),
        ("storage_class", json!("STANDARD_IA")),
        ("storage_class", json!("STANDARD")),
        ("server_side_encryption", json!("aws:kms")),
        (
            "kms_key_id",
            json!("arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"),
        ),
        ("bucket_key_enabled", json!(true)),
        ("tags", json!({"more": "x"})),
        ("tags", json!({})),
        ("cache_control", Value::Null),
        ("metadata", json!({})),
    ] {
        object.edit(path, value).await;
    }
    assert_eq!(read().await.as_ref(), b"another");
    // What is read and what is written is one object, or nothing is written.
    let read_then = object.ready().await;
    let theirs = aws_sdk_s3::primitives::ByteStream::from_static(b"theirs");
    let put = s3.put_object().bucket("theirs").key("a b/c+d").body(theirs);
    put.send().await.unwrap();
    contents(&mut object.desired, "a third");
    let changes = object.changes(&read_then).await;
    let late = world
        .provider
        .update(
            object.ty,
            &read_then,
            &object.desired,
            &changes,
            &read_then.tags,
            &NoWatch,
        )
        .await;
    let why = late.unwrap_err().to_string();
    assert!(why.contains("somebody else changed it"), "{why}");
    assert_eq!(read().await.as_ref(), b"theirs");
    object.bring("what somebody else wrote").await;
    assert_eq!(read().await.as_ref(), b"a third");
    object.all_changed(&[]);
    object.delete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_goes_through_its_attributes() {
    let world = world();
    let iam = aws_sdk_iam::Client::new(&world.other);
    let ec2 = aws_sdk_ec2::Client::new(&world.other);
    let document = trust(&["ec2.amazonaws.com"]).to_string();
    let role = iam.create_role().role_name("r");
    role.assume_role_policy_document(document)
        .send()
        .await
        .unwrap();
    let mut groups = Vec::new();
    for name in ["one", "two"] {
        let profile = iam.create_instance_profile().instance_profile_name(name);
        profile.send().await.unwrap();
        let with_role = iam.add_role_to_instance_profile().role_name("r");
        with_role.instance_profile_name(name).send().await.unwrap();
        let group = ec2
            .create_security_group()
            .group_name(name)
            .description(name);
        groups.push(group.send().await.unwrap().group_id.unwrap());
    }
    let (one, two) = (&groups[0], &groups[1]);
    let image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    let image = world.provider.parameter(image).await.unwrap().unwrap();
    let desired = json!({"image_id": image, "instance_type": "t3.micro", "security_group_ids": [one],
        "iam_instance_profile": "one", "user_data": "#!/bin/sh\n", "on_change": "stop_and_update",
        "block_device_mappings": [
            {"device_name": "/dev/sdf", "ebs": {"volume_size": 8, "volume_type": "gp2", "delete_on_termination": false}},
            {"device_name": "/dev/xvda", "ebs": {"volume_size": 12, "volume_type": "gp3",
                "encrypted": false, "delete_on_termination": true}}],
        "credit_specification": {"cpu_credits": "unlimited"},
        "metadata_options": {"http_tokens": "required"}, "tags": {"team": "data"}});
    let mut instance = Subject::create(&world, "instance", desired).await;
    let live = instance.ready().await;
    assert_eq!(live.attributes["user_data"], "#!/bin/sh\n");
    // Each volume by itself, and each of its figures; the other stays the volume it is.
    let volumes = |live: &Live| {
        let disks = live.attributes["block_device_mappings"].clone();
        let disks = disks.as_array().unwrap().iter();
        let ids = disks.map(|disk| {
            (
                disk["device_name"].to_string(),
                disk["volume_id"].to_string(),
            )
        });
        ids.collect::<BTreeMap<_, _>>()
    };
    let before = volumes(&live);
    let root = "block_device_mappings.1.ebs";
    for (figure, value) in [
        ("volume_size", json!(20)),
        ("throughput", json!(250)),
        ("iops", json!(4000)),
    ] {
        instance.edit(&format!("{root}.{figure}"), value).await;
    }
    let more = "block_device_mappings.0.ebs";
    instance
        .edit(&format!("{more}.volume_type"), json!("gp3"))
        .await;
    instance
        .edit(&format!("{more}.volume_size"), json!(9))
        .await;
    for (disk, stays) in [(root, false), (more, true), (more, false)] {
        let path = format!("{disk}.delete_on_termination");
        instance.edit(&path, json!(stays)).await;
    }
    assert_eq!(volumes(&instance.ready().await), before);
    instance.edit("security_group_ids", json!([two, one])).await;
    instance.edit("security_group_ids", json!([two])).await;
    instance.edit("iam_instance_profile", json!("two")).await;
    instance.edit("iam_instance_profile", Value::Null).await;
    let arn = "arn:aws:iam::123456789012:instance-profile/one";
    instance.edit("iam_instance_profile", json!(arn)).await;
    for (option, value) in [
        ("http_tokens", json!("optional")),
        ("http_put_response_hop_limit", json!(5)),
        ("http_endpoint", json!("disabled")),
        ("http_endpoint", json!("enabled")),
        ("http_protocol_ipv6", json!("enabled")),
        ("instance_metadata_tags", json!("enabled")),
    ] {
        let path = format!("metadata_options.{option}");
        instance.edit(&path, value).await;
    }
    instance.edit("monitoring", json!(true)).await;
    instance.edit("monitoring", json!(false)).await;
    instance.edit("source_dest_check", json!(false)).await;
    instance.edit("disable_api_termination", json!(true)).await;
    instance.edit("disable_api_termination", json!(false)).await;
    let shutdown = "instance_initiated_shutdown_behavior";
    instance.edit(shutdown, json!("terminate")).await;
    instance.edit(shutdown, json!("stop")).await;
    instance
        .edit("user_data", json!("#!/bin/sh\necho ü\n"))
        .await;
    instance.edit("instance_type", json!("t3.small")).await;
    assert_eq!(instance.ready().await.attributes["state"], "running");
    instance.edit("ebs_optimized", json!(true)).await;
    instance.edit("ebs_optimized", json!(false)).await;
    instance.edit("state", json!("stopped")).await;
    instance.edit("instance_type", json!("t3.micro")).await;
    assert_eq!(instance.ready().await.attributes["state"], "stopped");
    // EC2 replaces the profile of a running instance only.
    instance.edit("iam_instance_profile", json!("two")).await;
    instance.edit("state", json!("running")).await;
    let credits = "credit_specification.cpu_credits";
    instance.edit(credits, json!("standard")).await;
    instance.edit("tags", json!({"more": "x"})).await;
    // What was never changed is made with the instance, and drifts visibly.
    for (pointer, value) in [
        ("/image_id", json!("ami-00000000000000000")),
        ("/block_device_mappings/1/ebs/encrypted", json!(true)),
        ("/block_device_mappings/0/device_name", json!("/dev/sdb")),
    ] {
        let live = instance.ready().await;
        let before = std::mem::replace(instance.desired.pointer_mut(pointer).unwrap(), value);
        let changes = instance.changes(&live).await;
        assert!(changes.iter().any(|c| c.replaces), "{pointer}: {changes:?}");
        *instance.desired.pointer_mut(pointer).unwrap() = before;
    }
    let live = instance.ready().await;
    instance.desired["block_device_mappings"][0]["ebs"]["volume_size"] = json!(8);
    let (desired, changes) = (instance.canonical(), instance.changes(&live).await);
    let update = update_for(instance.ty, &changes[0], &desired.into(), &live.attributes);
    let kept = update.is_some_and(|update| matches!(update.action, UpdateAction::Keep(_)));
    assert!(
        changes.len() == 1 && kept,
        "a volume only grows: {changes:?}"
    );
    instance.all_changed(&[]);
    instance.delete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exists_is_found_by_what_is_known_of_it() {
    let world = world();
    let found = |ty: &'static str, query: Value| {
        let provider = world.provider.clone();
        async move { provider.lookup(resource_type(ty), &query).await.unwrap() }
    };
    let vpcs = found("vpc", json!({"is_default": true})).await;
    assert_eq!(vpcs.len(), 1);
    let in_it = found("subnets", json!({"vpc_id": vpcs[0]["id"]})).await;
    assert!(
        in_it.len() >= 3
            && in_it
                .iter()
                .map(|s| s["availability_zone"].as_str())
                .is_sorted()
    );
    assert!(
        found("subnets", json!({"default_for_az": false}))
            .await
            .is_empty()
    );
    let group = found(
        "security_group",
        json!({"group_name": "default", "vpc_id": vpcs[0]["id"]}),
    )
    .await;
    assert_eq!(group.len(), 1);
    assert!(
        found("iam_role", json!({"role_name": "nobody"}))
            .await
            .is_empty()
    );
    assert!(
        found("kinesis_stream", json!({"stream_name": "none"}))
            .await
            .is_empty()
    );
    assert!(
        found("s3_bucket", json!({"bucket": "no-such-bucket-here"}))
            .await
            .is_empty()
    );
    assert!(
        found("msk_cluster", json!({"cluster_name": "none"}))
            .await
            .is_empty()
    );
    assert!(
        found("key_pair", json!({"key_name": "none"}))
            .await
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_goes_through_its_revisions() {
    let world = world();
    let desired = json!({"name": "events", "exact_name": true, "kafka_versions": ["3.8.x", "3.6.0"],
        "description": "of the brokers", "server_properties": "log.retention.hours=1\n"});
    let mut configuration = Subject::create(&world, "msk_configuration", desired).await;
    let live = configuration.ready().await;
    assert_eq!(live.attributes["latest_revision"]["revision"], 1);
    assert_eq!(live.attributes["description"], "of the brokers");
    configuration
        .edit("server_properties", json!("log.retention.hours=2\n"))
        .await;
    configuration.edit("description", json!("other")).await;
    let live = configuration.ready().await;
    assert_eq!(live.attributes["latest_revision"]["revision"], 3);
    assert_eq!(live.attributes["description"], "other");
    let kafka = aws_sdk_kafka::Client::new(&world.other);
    let arn = &configuration.id;
    let seen = kafka
        .describe_configuration()
        .arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(
        seen.latest_revision().unwrap().description(),
        Some("other [pinfra stack=types-test; resource=msk_configuration.it]")
    );
    let why = configuration
        .refused("kafka_versions", json!(["3.6.0"]))
        .await;
    assert!(why.contains("never changes the versions"), "{why}");
    configuration.all_changed(&[]);
    configuration.delete().await;
}
