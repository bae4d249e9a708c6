//! Generated stacks of any size, of a fixed mix over the resource types: how each type is declared,
//! how it is put into the embedded cloud, and what calls a plan makes for it (docs/calls.md). A new
//! type is a new [`Kind`] in [`KINDS`].
#![allow(dead_code, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use pinfra::cloud::{Cloud, Invocation};
use pinfra::provider::keys::LocalKey;
use serde_json::{Value, json};

/// The stack's name: the ownership tag of all that is put into the cloud.
pub const STACK: &str = "large";
pub const REGION: &str = "us-east-1";

/// A resource type in the mix.
pub struct Kind {
    pub type_name: &'static str,
    /// So many of every hundred resources.
    pub percent: usize,
    /// The attributes of the n-th, in YAML's flow style.
    pub declared: fn(usize) -> String,
    /// Puts the n-th into the cloud, given its tags.
    pub seed: fn(&mut Seeds<'_>, usize, Value),
    /// The calls that a plan without changes makes for it: docs/calls.md.
    pub calls: &'static [(&'static str, Formula)],
}

/// How often a plan without changes calls an operation.
#[derive(Clone, Copy)]
pub enum Formula {
    /// So often for every resource.
    Each(usize),
    /// Once for every page of so many.
    Page(usize),
}

use Formula::{Each, Page};

/// The mix; percents come to 100.
pub const KINDS: &[Kind] = &[
    Kind {
        type_name: "security_group",
        percent: 55,
        declared: |n| {
            // Each but the first of ten lets in the one before.
            let ingress = match n % 10 {
                0 => "{ protocol: tcp, ports: 22, source: 10.0.0.0/8 }".to_owned(),
                _ => format!(
                    "{{ protocol: all, source: \"${{security_group.n{}.id}}\" }}",
                    n - 1
                ),
            };
            format!("group_name: group-{n}, description: Group {n}, ingress: [{ingress}]")
        },
        seed: |cloud, n, tags| {
            let made = cloud.call(
                "ec2 CreateSecurityGroup",
                json!({"GroupName": format!("group-{n}"),
                "Description": format!("Group {n}"),
                "TagSpecifications": [{"ResourceType": "security-group", "Tags": listed(&tags)}]}),
            );
            let rule = match n % 10 {
                0 => json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                    "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}),
                _ => json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": cloud.before}]}),
            };
            cloud.before = made["GroupId"].clone();
            cloud.call(
                "ec2 AuthorizeSecurityGroupIngress",
                json!({"GroupId": made["GroupId"], "IpPermissions": [rule]}),
            );
        },
        calls: &[("ec2:DescribeSecurityGroups", Page(1000))],
    },
    Kind {
        type_name: "key_pair",
        percent: 16,
        declared: |n| format!("key_name: key-{n}, key_type: ed25519"),
        seed: |cloud, n, tags| {
            let key = cloud.public_key.clone();
            cloud.call(
                "ec2 ImportKeyPair",
                json!({"KeyName": format!("key-{n}"), "PublicKeyMaterial": key,
                "TagSpecifications": [{"ResourceType": "key-pair", "Tags": listed(&tags)}]}),
            );
        },
        calls: &[("ec2:DescribeKeyPairs", Page(usize::MAX))],
    },
    Kind {
        type_name: "iam_role",
        percent: 9,
        declared: |n| {
            format!(
                "role_name: role-{n}, assume_role_policy_document: {}, inline_policies: {{ put: {} }}",
                trust(),
                put(&format!("${{kinesis_stream.n{}.arn}}", n % 5 + n / 9 * 5))
            )
        },
        seed: |cloud, n, tags| {
            let stream = format!(
                "arn:aws:kinesis:{REGION}:123456789012:stream/stream-{}",
                n % 5 + n / 9 * 5
            );
            cloud.call(
                "iam CreateRole",
                json!({"RoleName": format!("role-{n}"),
                "AssumeRolePolicyDocument": trust().to_string(), "Tags": listed(&tags)}),
            );
            cloud.call(
                "iam PutRolePolicy",
                json!({"RoleName": format!("role-{n}"), "PolicyName": "put",
                "PolicyDocument": put(&stream).to_string()}),
            );
        },
        calls: &[("iam:GetAccountAuthorizationDetails", Page(100))],
    },
    Kind {
        type_name: "iam_instance_profile",
        percent: 8,
        declared: |n| {
            format!(
                "instance_profile_name: profile-{n}, role: \"${{iam_role.n{}.role_name}}\"",
                n % 8 + n / 8 * 9
            )
        },
        seed: |cloud, n, tags| {
            let name = format!("profile-{n}");
            cloud.call(
                "iam CreateInstanceProfile",
                json!({"InstanceProfileName": name, "Tags": listed(&tags)}),
            );
            cloud.call("iam AddRoleToInstanceProfile",
                json!({"InstanceProfileName": name, "RoleName": format!("role-{}", n % 8 + n / 8 * 9)}));
        },
        calls: &[("iam:GetInstanceProfile", Each(1))],
    },
    Kind {
        type_name: "kinesis_stream",
        percent: 5,
        declared: |n| format!("stream_name: stream-{n}, shard_count: 1, tags: {{ Team: data }}"),
        seed: |cloud, n, mut tags| {
            tags["Team"] = json!("data");
            tags["pinfra:keys"] = json!("Team");
            let input = json!({"StreamName": format!("stream-{n}"), "ShardCount": 1, "Tags": tags});
            cloud.call("kinesis CreateStream", input);
            // At most five are being created at once.
            cloud.cloud.advance(Duration::from_secs(60)).unwrap();
        },
        calls: &[
            ("kinesis:DescribeStreamSummary", Each(1)),
            ("kinesis:ListTagsForStream", Each(1)),
        ],
    },
    Kind {
        type_name: "s3_bucket",
        percent: 5,
        declared: |n| format!("bucket: large-bucket-{n}, versioning: Enabled"),
        seed: |cloud, n, tags| {
            let bucket = format!("large-bucket-{n}");
            cloud.call(
                "s3 CreateBucket",
                json!({"Bucket": bucket, "CreateBucketConfiguration": {"Tags": listed(&tags)}}),
            );
            cloud.call(
                "s3 PutBucketVersioning",
                json!({"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}}),
            );
        },
        calls: &[
            ("s3:GetBucketTagging", Each(1)),
            ("s3:GetBucketVersioning", Each(1)),
        ],
    },
    Kind {
        type_name: "msk_cluster",
        percent: 2,
        declared: |n| {
            format!(
                "cluster_name: cluster-{n}, kafka_version: 3.8.x, number_of_broker_nodes: 2, \
                 broker_node_group_info: {{ instance_type: kafka.m5.large, \
                 client_subnets: \"${{subnets.default[*].id}}\" }}"
            )
        },
        seed: |cloud, n, tags| {
            let subnets = cloud.subnets.clone();
            cloud.call("kafka CreateCluster", json!({"ClusterName": format!("cluster-{n}"),
                "KafkaVersion": "3.8.x", "NumberOfBrokerNodes": 2, "Tags": tags,
                "BrokerNodeGroupInfo": {"InstanceType": "kafka.m5.large", "ClientSubnets": subnets}}));
        },
        calls: &[("kafka:ListClustersV2", Page(100))],
    },
];

/// What a plan calls for the stack as a whole.
pub const CALLS_OF_ANY: &[(&str, usize)] = &[
    ("sts:GetCallerIdentity", 1),
    ("ec2:DescribeVpcs", 1),
    ("ec2:DescribeSubnets", 1),
    // Types that the file does not have: what left it is found by their lists.
    ("ec2:DescribeInstances", 1),
];
/// The types that the tagging API finds, and its page.
const TAGGED: &[&str] = &["kinesis_stream", "s3_bucket", "iam_instance_profile"];
const TAGGING_PAGE: usize = 100;

const HEAD: &str = "\
stack: large
aws: { region: us-east-1 }
existing:
  subnets.default: { default_for_az: true, availability_zones: [us-east-1a, us-east-1b] }
resources:
";

/// The number of resources of each type in a stack of `size`, a multiple of 100.
pub fn count(kind: &Kind, size: usize) -> usize {
    size / 100 * kind.percent
}

/// The stack file: one block for each resource.
pub fn file(size: usize) -> String {
    let mut text = HEAD.to_owned();
    for kind in KINDS {
        for n in 0..count(kind, size) {
            let declared = (kind.declared)(n);
            writeln!(text, "  {}.n{n}: {{ {declared} }}", kind.type_name).unwrap();
        }
    }
    text
}

/// Writes the stack file and the private key that its key pairs share into a folder.
pub fn write(folder: &Path, size: usize) {
    std::fs::write(folder.join("stack.yaml"), file(size)).unwrap();
    let key = folder.join("shared.pem");
    if !key.exists() {
        LocalKey::generate("ed25519").unwrap().save(&key).unwrap();
    }
}

/// Puts all that the stack file in a folder declares into a cloud.
pub fn seed(cloud: &Cloud, folder: &Path, size: usize) {
    let key = LocalKey::read(&folder.join("shared.pem")).unwrap().unwrap();
    let mut seeds = Seeds {
        cloud,
        public_key: base64(&key.public_line().unwrap()),
        subnets: Value::Null,
        before: Value::Null,
    };
    let zones = json!([{"Name": "availability-zone", "Values": ["us-east-1a", "us-east-1b"]}]);
    let found = seeds.call("ec2 DescribeSubnets", json!({ "Filters": zones }));
    let subnets = found["Subnets"].as_array().unwrap().iter();
    seeds.subnets = subnets.map(|subnet| subnet["SubnetId"].clone()).collect();
    for kind in KINDS {
        for n in 0..count(kind, size) {
            let address = format!("{}.n{n}", kind.type_name);
            let tags = json!({"pinfra:stack": STACK, "pinfra:resource": address});
            (kind.seed)(&mut seeds, n, tags);
        }
    }
    cloud.advance(Duration::from_secs(2 * 3600)).unwrap();
}

/// What a plan without changes calls, by operation, as docs/calls.md has it.
pub fn expected_calls(size: usize) -> BTreeMap<String, usize> {
    let mut calls = BTreeMap::new();
    let mut add = |name: &str, times: usize| *calls.entry(name.to_owned()).or_default() += times;
    CALLS_OF_ANY
        .iter()
        .for_each(|(name, times)| add(name, *times));
    let tagged = KINDS.iter().filter(|kind| TAGGED.contains(&kind.type_name));
    let tagged: usize = tagged.map(|kind| count(kind, size)).sum();
    add("tagging:GetResources", tagged.div_ceil(TAGGING_PAGE).max(1));
    for kind in KINDS {
        for (name, formula) in kind.calls {
            let times = match formula {
                Each(times) => times * count(kind, size),
                Page(page) => count(kind, size).div_ceil(*page).max(1),
            };
            add(name, times);
        }
    }
    calls
}

/// What seeding needs and gives on.
pub struct Seeds<'a> {
    cloud: &'a Cloud,
    public_key: String,
    subnets: Value,
    before: Value,
}

impl Seeds<'_> {
    fn call(&mut self, operation: &str, input: Value) -> Value {
        let (service, operation) = operation.split_once(' ').unwrap();
        let invocation = Invocation {
            service,
            operation,
            input,
            body: bytes::Bytes::new(),
            region: REGION,
        };
        let reply = self.cloud.invoke(invocation);
        reply
            .unwrap_or_else(|error| panic!("{operation}: {error:?}"))
            .0
    }
}

fn listed(tags: &Value) -> Value {
    let tags = tags.as_object().unwrap().iter();
    tags.map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}

fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
}

fn put(stream: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": ["kinesis:PutRecord", "kinesis:PutRecords"], "Resource": stream}]})
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
