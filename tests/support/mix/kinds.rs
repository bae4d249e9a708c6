//! The types of the mix: how much of it each is, how it is declared and put into the cloud, and the calls
//! of a plan.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use pinfra::provider::{catalog, marks};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{REGION, Seeds};

/// The parameter with the instances' image.
pub const IMAGE: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
/// The keys of each block of objects, and what is in each.
const OBJECTS: &[&str] = &["first", "second", "third"];
const CONTENT: &str = "text";
/// What some instances run at first.
const USER_DATA: &str = "#!/bin/sh";
/// What each configuration of brokers says.
const PROPERTIES: &str = "log.retention.hours=48";

/// A resource type in the mix.
pub struct Kind {
    pub type_name: &'static str,
    /// So many of every hundred resources.
    pub percent: usize,
    /// The keys of each block's `for_each`; empty: a block is a resource.
    pub each: &'static [&'static str],
    /// The attributes of the n-th block, in YAML's flow style.
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
    /// Once for every so many resources, the first among them.
    OneIn(usize),
    /// Once for every page of so many.
    Page(usize),
    /// Once for every page of so many, where the account has so many of its own beside.
    PageBeside(usize, usize),
}

use Formula::{Each, OneIn, Page, PageBeside};

/// The mix; percents come to 100.
pub const KINDS: &[Kind] = &[
    Kind {
        type_name: "security_group",
        percent: 20,
        each: &[],
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
                _ => {
                    json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": cloud.groups[n - 1]}]})
                }
            };
            cloud.call(
                "ec2 AuthorizeSecurityGroupIngress",
                json!({"GroupId": made["GroupId"], "IpPermissions": [rule]}),
            );
            cloud.groups.push(made["GroupId"].clone());
        },
        // The default VPC's own group is one more.
        calls: &[("ec2:DescribeSecurityGroups", PageBeside(1000, 1))],
    },
    Kind {
        type_name: "key_pair",
        percent: 29,
        each: &[],
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
        type_name: "instance",
        percent: 10,
        each: &[],
        declared: |n| {
            let user_data = match n % 10 {
                0 => format!("user_data: \"{USER_DATA}\", on_change: replace, "),
                _ => String::new(),
            };
            format!(
                "image_id: resolve:ssm:{IMAGE}, instance_type: t3.micro, {user_data}\
                 security_group_ids: [\"${{security_group.n{}.id}}\"]",
                2 * n
            )
        },
        seed: |cloud, n, tags| {
            let image = cloud.image.clone();
            let groups = json!([cloud.groups[2 * n]]);
            let user_data = (n % 10 == 0).then(|| BASE64.encode(USER_DATA));
            cloud.call(
                "ec2 RunInstances",
                json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
                "SecurityGroupIds": groups, "UserData": user_data,
                "TagSpecifications": [{"ResourceType": "instance", "Tags": listed(&tags)}]}),
            );
        },
        calls: &[
            ("ec2:DescribeInstances", Page(1000)),
            // Of those with `on_change` and `user_data`.
            ("ec2:DescribeInstances", OneIn(10)),
            ("ec2:DescribeInstanceAttribute", OneIn(10)),
        ],
    },
    Kind {
        type_name: "iam_role",
        percent: 9,
        each: &[],
        declared: |n| {
            let described = match n % 9 {
                0 => ", description: Puts records",
                _ => "",
            };
            format!(
                "role_name: role-{n}{described}, assume_role_policy_document: {}, inline_policies: {{ put: {} }}",
                trust(),
                put(&format!("${{kinesis_stream.n{}.arn}}", n % 5 + n / 9 * 5))
            )
        },
        seed: |cloud, n, tags| {
            let stream = format!(
                "arn:aws:kinesis:{REGION}:123456789012:stream/stream-{}",
                n % 5 + n / 9 * 5
            );
            let described = (n % 9 == 0).then_some("Puts records");
            cloud.call(
                "iam CreateRole",
                json!({"RoleName": format!("role-{n}"), "Description": described,
                "AssumeRolePolicyDocument": trust().to_string(), "Tags": listed(&tags)}),
            );
            cloud.call(
                "iam PutRolePolicy",
                json!({"RoleName": format!("role-{n}"), "PolicyName": "put",
                "PolicyDocument": put(&stream).to_string()}),
            );
        },
        calls: &[
            ("iam:GetAccountAuthorizationDetails", Page(100)),
            // Of those with a description.
            ("iam:GetRole", OneIn(9)),
        ],
    },
    Kind {
        type_name: "iam_instance_profile",
        percent: 8,
        each: &[],
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
        type_name: "iam_policy",
        percent: 3,
        each: &[],
        declared: |n| format!("policy_name: policy-{n}, policy_document: {}", put("*")),
        seed: |cloud, n, tags| {
            cloud.call(
                "iam CreatePolicy",
                json!({"PolicyName": format!("policy-{n}"),
                "PolicyDocument": put("*").to_string(), "Tags": listed(&tags)}),
            );
        },
        calls: &[
            ("iam:GetPolicy", Each(1)),
            ("iam:GetPolicyVersion", Each(1)),
        ],
    },
    Kind {
        type_name: "cloudwatch_log_group",
        percent: 3,
        each: &[],
        declared: |n| format!("log_group_name: /large/{n}, retention_in_days: 14"),
        seed: |cloud, n, tags| {
            let name = format!("/large/{n}");
            cloud.call(
                "logs CreateLogGroup",
                json!({"logGroupName": name, "tags": tags}),
            );
            cloud.call(
                "logs PutRetentionPolicy",
                json!({"logGroupName": name, "retentionInDays": 14}),
            );
        },
        calls: &[
            ("logs:DescribeLogGroups", Each(1)),
            ("logs:ListTagsForResource", Each(1)),
        ],
    },
    Kind {
        type_name: "kinesis_stream",
        percent: 5,
        each: &[],
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
        percent: 4,
        each: &[],
        declared: |n| format!("bucket: large-bucket-{n}, versioning: Enabled"),
        seed: |cloud, n, mut tags| {
            let bucket = format!("large-bucket-{n}");
            // Every other one has the objects of a block.
            if n % 2 == 0 {
                let object = catalog::find("s3_object").unwrap();
                for key in OBJECTS {
                    tags[marks::tag(object, key)] = json!(key);
                }
            }
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
        type_name: "s3_object",
        percent: 6,
        each: OBJECTS,
        declared: |n| {
            format!(
                "bucket: \"${{s3_bucket.n{}.bucket}}\", key: \"${{each.key}}\", content: {CONTENT}",
                2 * n
            )
        },
        seed: |cloud, n, tags| {
            let tags = tags.as_object().unwrap().iter();
            let tags: Vec<String> = tags
                .map(|(key, value)| format!("{key}={}", value.as_str().unwrap()))
                .collect();
            let input = json!({"Bucket": format!("large-bucket-{}", 2 * (n / OBJECTS.len())),
                "Key": OBJECTS[n % OBJECTS.len()], "ContentType": "application/octet-stream",
                "ChecksumSHA256": BASE64.encode(Sha256::digest(CONTENT)), "Tagging": tags.join("&")});
            cloud.send(
                "s3 PutObject",
                input,
                Bytes::from_static(CONTENT.as_bytes()),
            );
        },
        calls: &[("s3:HeadObject", Each(1)), ("s3:GetObjectTagging", Each(1))],
    },
    Kind {
        type_name: "msk_cluster",
        percent: 2,
        each: &[],
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
    Kind {
        type_name: "msk_configuration",
        percent: 1,
        each: &[],
        declared: |n| {
            format!("name: configuration-{n}, exact_name: true, server_properties: {PROPERTIES}")
        },
        seed: |cloud, n, tags| {
            let text = |tag: &str| tags[tag].as_str().unwrap().to_owned();
            let (stack, address) = (text("pinfra:stack"), text("pinfra:resource"));
            let owner = format!("[pinfra stack={stack}; resource={address}]");
            cloud.call(
                "kafka CreateConfiguration",
                json!({"Name": format!("configuration-{n}"), "Description": owner,
                "ServerProperties": BASE64.encode(PROPERTIES)}),
            );
        },
        calls: &[
            ("kafka:ListConfigurations", Page(100)),
            ("kafka:DescribeConfigurationRevision", Each(1)),
        ],
    },
];

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
