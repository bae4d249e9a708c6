//! The stacks that are applied: the shipped one with a resource of each type it does not have, what
//! becomes of it, and what is in the account then.

/// What the sweeps call the stack's file.
pub const FILE: &str = "pinterest.yaml";
/// The private half of its key pair.
pub const KEY_FILE: &str = "0a60b9a8a831-key-pair.pem";
/// What AWS gives every account.
pub const DEFAULT_GROUP: &str = "group default of nobody nobody";
const SHIPPED: &str = include_str!("../../stacks/pinterest.yaml");
/// Resources of the types that the shipped stack has none of.
const MORE: &str = r#"
  iam_policy.streams:
    policy_name: ${var.user_id}-streams
    policy_document: { Version: 2012-10-17, Statement: [{ Effect: Allow, Action: "kinesis:List*", Resource: "*" }] }

  msk_configuration.brokers:
    name: ${var.user_id}-brokers
    server_properties: "auto.create.topics.enable=true\n"
"#;
/// The volume that its instance starts from.
const DISK: &str =
    "    block_device_mappings: [{ device_name: /dev/xvda, ebs: { volume_size: 10 } }]\n";
/// What is there when it is applied, each with the resource that owns it, if it has tags.
const OBJECTS: [(&str, Option<&str>); 23] = [
    ("bucket user-0a60b9a8a831-bucket", Some("s3_bucket.data")),
    (
        "cluster pinterest-msk-cluster-0a60b9a8a831 ACTIVE",
        Some("msk_cluster.pipeline"),
    ),
    // Its description says whose it is.
    ("configuration 0a60b9a8a831-brokers-ee2a84ed ACTIVE", None),
    ("group 0a60b9a8a831-client", Some("security_group.client")),
    ("group 0a60b9a8a831-msk", Some("security_group.cluster")),
    (DEFAULT_GROUP, None),
    ("instance running in us-east-1a", Some("instance.client")),
    ("key 0a60b9a8a831-key-pair", Some("key_pair.client")),
    (
        "log group /pinterest/0a60b9a8a831/brokers",
        Some("cloudwatch_log_group.brokers"),
    ),
    ("mark kafka-client/bootstrap.sh", None),
    ("mark kafka-client/client.properties", None),
    ("mark kafka-client/kafka-rest.properties", None),
    (
        "object kafka-client/bootstrap.sh",
        Some("s3_object.client_files/bootstrap.sh"),
    ),
    (
        "object kafka-client/client.properties",
        Some("s3_object.client_files/client.properties"),
    ),
    (
        "object kafka-client/kafka-rest.properties",
        Some("s3_object.client_files/kafka-rest.properties"),
    ),
    (
        "policy 0a60b9a8a831-streams at 1",
        Some("iam_policy.streams"),
    ),
    (
        "profile 0a60b9a8a831-ec2-access-role with 0a60b9a8a831-ec2-access-role",
        Some("iam_instance_profile.client"),
    ),
    (
        "role 0a60b9a8a831-ec2-access-role",
        Some("iam_role.ec2_access"),
    ),
    (
        "role 0a60b9a8a831-kinesis-access-role",
        Some("iam_role.kinesis_access"),
    ),
    (
        "stream streaming-0a60b9a8a831-geo",
        Some("kinesis_stream.events/geo"),
    ),
    (
        "stream streaming-0a60b9a8a831-pin",
        Some("kinesis_stream.events/pin"),
    ),
    (
        "stream streaming-0a60b9a8a831-user",
        Some("kinesis_stream.events/user"),
    ),
    ("volume in-use of 10 GiB", None),
];

/// A stack file, and what is in the account when it is applied.
pub struct Stack {
    pub text: String,
    pub objects: Vec<String>,
}

/// All types.
pub fn whole() -> Stack {
    let owned = OBJECTS.iter().map(|(object, resource)| match resource {
        Some(resource) => format!("{object} of pinterest-0a60b9a8a831 {resource}"),
        None => (*object).to_owned(),
    });
    let objects = owned.collect();
    let text = SHIPPED.to_owned();
    Stack { text, objects }
        .with("\nresources:\n", &format!("\nresources:\n{MORE}\n"))
        .with(
            "-kinesis-access-role\n",
            "-kinesis-access-role\n    managed_policy_arns: [\"${iam_policy.streams.arn}\"]\n",
        )
        .with(
            "    number_of_broker_nodes: 3",
            "    configuration_info: { arn: \"${msk_configuration.brokers.arn}\", \
             revision: \"${msk_configuration.brokers.latest_revision.revision}\" }\n    \
             number_of_broker_nodes: 3",
        )
        .with(
            "    instance_type: t2.micro\n",
            &format!("    instance_type: t2.micro\n{DISK}"),
        )
}

/// In place, out and in: larger volumes of the brokers and of the instance, a narrower rule, a stream
/// less and a stream more, an object less and another's contents, another policy, another role in the
/// profile, a configuration of other contents that the cluster is moved to, and an instance that is
/// stopped for its user data and started again.
pub fn changed() -> Stack {
    whole()
        .with("volume_size: 100", "volume_size: 200")
        .with("volume_size: 10 }", "volume_size: 20 }")
        .leaving("of 10 GiB", "of 20 GiB")
        .with("default: 10.0.0.0/8", "default: 10.1.0.0/16")
        .with("default: [pin, geo, user]", "default: [pin, user, sky]")
        .with(
            "[bootstrap.sh, client.properties, kafka-rest.properties]",
            "[bootstrap.sh, client.properties]",
        )
        .with(
            "\"kinesis:List*\"",
            "[\"kinesis:List*\", \"kinesis:Describe*\"]",
        )
        .with("retention_in_days: 14", "retention_in_days: 30")
        .with(
            "auto.create.topics.enable=true",
            "auto.create.topics.enable=false",
        )
        .with(
            "    role: ${iam_role.ec2_access.role_name}",
            "    role: ${iam_role.kinesis_access.role_name}",
        )
        .with(
            "    user_data: ",
            "    on_change: stop_and_update\n    user_data: ",
        )
        .with("    prefix: kafka-client\n", "    prefix: other-client\n")
        .leaving("geo", "sky")
        .leaving("brokers-ee2a84ed", "brokers-60f3b7fb")
        .leaving(
            "with 0a60b9a8a831-ec2-access-role",
            "with 0a60b9a8a831-kinesis-access-role",
        )
        .without("kafka-rest.properties")
}

/// Its instance belongs elsewhere, and takes a new one.
pub fn moved() -> Stack {
    whole()
        .with(
            "subnet_id: ${subnets.default[0].id}",
            "subnet_id: ${subnets.default[1].id}",
        )
        .leaving("running in us-east-1a", "running in us-east-1b")
}

/// All types, to be destroyed.
pub fn destroyed() -> Stack {
    Stack {
        objects: vec![DEFAULT_GROUP.to_owned()],
        ..whole()
    }
}

impl Stack {
    /// With another text in one place.
    fn with(mut self, from: &str, to: &str) -> Stack {
        let times = self.text.matches(from).count();
        assert_eq!(times, 1, "{from} stands once in {FILE}");
        self.text = self.text.replace(from, to);
        self
    }

    /// With other objects afterwards.
    fn leaving(mut self, from: &str, to: &str) -> Stack {
        let objects = self.objects.iter();
        self.objects = objects.map(|object| object.replace(from, to)).collect();
        self.objects.sort();
        self
    }

    /// Without those objects afterwards.
    fn without(mut self, part: &str) -> Stack {
        self.objects.retain(|object| !object.contains(part));
        self
    }
}
