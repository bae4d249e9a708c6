//! All that is in a cloud's account of the types a stack can have, each with its owner, read from the
//! store itself: no list lags behind here, and nothing of the provider is relied on.

use std::path::Path;

use bytes::Bytes;
use pinfra::cloud::{Cloud, DEFAULT_REGION, Invocation, Options};
use serde_json::{Value, json};

/// What is in the account.
#[derive(Debug, PartialEq, Eq)]
pub struct Inventory {
    /// A line for each object, sorted: what it is, its name, and its ownership tags.
    pub objects: Vec<String>,
    /// The public half of the one key pair, if there is one.
    pub public_key: Option<String>,
}

/// Reads it.
pub fn of(folder: &Path) -> Inventory {
    let account = Account(Cloud::open(Options::at(folder.join("cloud"))).unwrap());
    let mut objects = Vec::new();
    for role in account.list("iam", "ListRoles", json!({}), "Roles") {
        let tags = account.list(
            "iam",
            "ListRoleTags",
            json!({"RoleName": role["RoleName"]}),
            "Tags",
        );
        objects.push(line("role", &role["RoleName"], &tags));
    }
    for group in account.list("ec2", "DescribeSecurityGroups", json!({}), "SecurityGroups") {
        objects.push(line("group", &group["GroupName"], array(&group["Tags"])));
    }
    let keys = account.list(
        "ec2",
        "DescribeKeyPairs",
        json!({"IncludePublicKey": true}),
        "KeyPairs",
    );
    for key in &keys {
        objects.push(line("key", &key["KeyName"], array(&key["Tags"])));
    }
    for cluster in account.list("kafka", "ListClustersV2", json!({}), "ClusterInfoList") {
        let name = format!(
            "{} {}",
            text(&cluster["ClusterName"]),
            text(&cluster["State"])
        );
        objects.push(line("cluster", &name.into(), &pairs(&cluster["Tags"])));
    }
    for stream in account.list("kinesis", "ListStreams", json!({}), "StreamNames") {
        let tags = account.list(
            "kinesis",
            "ListTagsForStream",
            json!({"StreamName": stream}),
            "Tags",
        );
        objects.push(line("stream", &stream, &tags));
    }
    for bucket in account.list("s3", "ListBuckets", json!({}), "Buckets") {
        let tags = account.list(
            "s3",
            "GetBucketTagging",
            json!({"Bucket": bucket["Name"]}),
            "TagSet",
        );
        objects.push(line("bucket", &bucket["Name"], &tags));
    }
    objects.sort();
    Inventory {
        objects,
        public_key: keys.first().map(|key| text(&key["PublicKey"]).to_owned()),
    }
}

struct Account(Cloud);

impl Account {
    /// Everything that a list shows; a first page that is not the last would be a hole in the test.
    fn list(&self, service: &str, operation: &str, input: Value, at: &str) -> Vec<Value> {
        let call = Invocation {
            service,
            operation,
            input,
            body: Bytes::new(),
            region: DEFAULT_REGION,
        };
        let reply = match self.0.invoke(call) {
            Ok((reply, _)) => reply,
            Err(error) if error.code == "NoSuchTagSet" => return Vec::new(),
            Err(error) => panic!("{operation}: {error:?}"),
        };
        for more in ["NextToken", "nextToken", "Marker"] {
            assert!(reply[more].is_null(), "{operation} has more pages");
        }
        reply[at].as_array().cloned().unwrap_or_default()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A map of tags as a list.
fn pairs(map: &Value) -> Vec<Value> {
    let members = map.as_object().into_iter().flatten();
    members
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}

fn line(what: &str, name: &Value, tags: &[Value]) -> String {
    let tag = |key: &str| {
        let found = tags.iter().find(|tag| tag["Key"] == key);
        found.map_or("nobody", |tag| text(&tag["Value"])).to_owned()
    };
    let (stack, resource) = (tag("pinfra:stack"), tag("pinfra:resource"));
    format!("{what} {} of {stack} {resource}", text(name))
}
