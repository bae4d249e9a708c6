//! All that is in a cloud's account of the types a stack can have, each with its owner, read from the
//! store itself: no list lags behind here, and nothing of the provider is relied on.

use std::path::Path;

use bytes::Bytes;
use pinfra::cloud::{Cloud, DEFAULT_REGION, Invocation, Options};
use serde_json::{Value, json};

/// How the tag begins by which a bucket knows an object of a stack.
const MARK: &str = "pinfra:c:";

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
    let mut objects = account.identities();
    objects.extend(account.machines());
    objects.extend(account.pipeline());
    objects.extend(account.buckets());
    objects.sort();
    let keys = account.keys();
    Inventory {
        objects,
        public_key: keys.first().map(|key| text(&key["PublicKey"]).to_owned()),
    }
}

struct Account(Cloud);

impl Account {
    /// Roles, the profiles they are in, and policies with the number of their attachments.
    fn identities(&self) -> Vec<String> {
        let mut found = Vec::new();
        for role in self.list("iam", "ListRoles", json!({}), "Roles") {
            let of = json!({"RoleName": role["RoleName"]});
            let tags = self.list("iam", "ListRoleTags", of, "Tags");
            found.push(line("role", text(&role["RoleName"]), &tags));
        }
        let profiles = self.list("iam", "ListInstanceProfiles", json!({}), "InstanceProfiles");
        for profile in profiles {
            let of = json!({"InstanceProfileName": profile["InstanceProfileName"]});
            let tags = self.list("iam", "ListInstanceProfileTags", of, "Tags");
            let roles = array(&profile["Roles"]).iter();
            let roles: Vec<&str> = roles.map(|role| text(&role["RoleName"])).collect();
            let name = text(&profile["InstanceProfileName"]);
            let name = format!("{name} with {}", roles.join(", "));
            found.push(line("profile", &name, &tags));
        }
        let local = json!({"Scope": "Local"});
        for policy in self.list("iam", "ListPolicies", local, "Policies") {
            let of = json!({"PolicyArn": policy["Arn"]});
            let tags = self.list("iam", "ListPolicyTags", of, "Tags");
            let name = text(&policy["PolicyName"]);
            let name = format!("{name} at {}", policy["AttachmentCount"]);
            found.push(line("policy", &name, &tags));
        }
        found
    }

    /// Groups, keys, instances that are not terminated, and their volumes.
    fn machines(&self) -> Vec<String> {
        let mut found = Vec::new();
        for group in self.list("ec2", "DescribeSecurityGroups", json!({}), "SecurityGroups") {
            let tags = array(&group["Tags"]);
            found.push(line("group", text(&group["GroupName"]), tags));
        }
        for key in self.keys() {
            found.push(line("key", text(&key["KeyName"]), array(&key["Tags"])));
        }
        for reservation in self.list("ec2", "DescribeInstances", json!({}), "Reservations") {
            for instance in array(&reservation["Instances"]) {
                let state = text(&instance["State"]["Name"]);
                if state != "terminated" {
                    let zone = text(&instance["Placement"]["AvailabilityZone"]);
                    let what = format!("{state} in {zone}");
                    found.push(line("instance", &what, array(&instance["Tags"])));
                }
            }
        }
        for volume in self.list("ec2", "DescribeVolumes", json!({}), "Volumes") {
            let (state, size) = (text(&volume["State"]), &volume["Size"]);
            found.push(format!("volume {state} of {size} GiB"));
        }
        found
    }

    fn keys(&self) -> Vec<Value> {
        let public = json!({"IncludePublicKey": true});
        self.list("ec2", "DescribeKeyPairs", public, "KeyPairs")
    }

    /// Clusters, streams and log groups.
    fn pipeline(&self) -> Vec<String> {
        let mut found = Vec::new();
        for cluster in self.list("kafka", "ListClustersV2", json!({}), "ClusterInfoList") {
            let (name, state) = (text(&cluster["ClusterName"]), text(&cluster["State"]));
            let tags = pairs(&cluster["Tags"]);
            found.push(line("cluster", &format!("{name} {state}"), &tags));
        }
        for stream in self.list("kinesis", "ListStreams", json!({}), "StreamNames") {
            let of = json!({"StreamName": stream});
            let tags = self.list("kinesis", "ListTagsForStream", of, "Tags");
            found.push(line("stream", text(&stream), &tags));
        }
        for configuration in self.list("kafka", "ListConfigurations", json!({}), "Configurations") {
            let (name, state) = (text(&configuration["Name"]), text(&configuration["State"]));
            found.push(format!("configuration {name} {state}"));
        }
        for group in self.list("logs", "DescribeLogGroups", json!({}), "logGroups") {
            let of = json!({"resourceArn": group["logGroupArn"]});
            let tags = self.reply("logs", "ListTagsForResource", of);
            let tags = pairs(&tags["tags"]);
            found.push(line("log group", text(&group["logGroupName"]), &tags));
        }
        found
    }

    /// Buckets, the marks on them, and the objects in them.
    fn buckets(&self) -> Vec<String> {
        let mut found = Vec::new();
        for bucket in self.list("s3", "ListBuckets", json!({}), "Buckets") {
            let of = json!({"Bucket": bucket["Name"]});
            let tags = self.list("s3", "GetBucketTagging", of.clone(), "TagSet");
            found.push(line("bucket", text(&bucket["Name"]), &tags));
            let marks = tags
                .iter()
                .filter(|tag| text(&tag["Key"]).starts_with(MARK));
            found.extend(marks.map(|mark| format!("mark {}", text(&mark["Value"]))));
            for object in self.list("s3", "ListObjectsV2", of, "Contents") {
                let of = json!({"Bucket": bucket["Name"], "Key": object["Key"]});
                let tags = self.list("s3", "GetObjectTagging", of, "TagSet");
                found.push(line("object", text(&object["Key"]), &tags));
            }
        }
        found
    }

    /// Everything that a list shows; a first page that is not the last would be a hole in the test.
    fn list(&self, service: &str, operation: &str, input: Value, at: &str) -> Vec<Value> {
        let reply = self.reply(service, operation, input);
        for more in ["NextToken", "nextToken", "Marker", "NextContinuationToken"] {
            assert!(reply[more].is_null(), "{operation} has more pages");
        }
        reply[at].as_array().cloned().unwrap_or_default()
    }

    fn reply(&self, service: &str, operation: &str, input: Value) -> Value {
        let call = Invocation {
            service,
            operation,
            input,
            body: Bytes::new(),
            region: DEFAULT_REGION,
        };
        match self.0.invoke(call) {
            Ok((reply, _)) => reply,
            Err(error) if error.code == "NoSuchTagSet" => Value::Null,
            Err(error) => panic!("{operation}: {error:?}"),
        }
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

fn line(what: &str, name: &str, tags: &[Value]) -> String {
    let tag = |key: &str| {
        let found = tags.iter().find(|tag| tag["Key"] == key);
        found.map_or("nobody", |tag| text(&tag["Value"])).to_owned()
    };
    let (stack, resource) = (tag("pinfra:stack"), tag("pinfra:resource"));
    format!("{what} {name} of {stack} {resource}")
}
