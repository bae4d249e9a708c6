//! Stacks that are wrong, each in one place.

/// (what is wrong, a stack, where the schema says so)
pub const BROKEN: &[(&str, &str, &str)] = &[
    ("no name", "resources: {}", ""),
    ("unknown section", "stack: a\nresorces: {}", ""),
    ("a name with a forbidden character", "stack: a!b", "/stack"),
    (
        "a list for a section",
        "stack: a\nresources: []",
        "/resources",
    ),
    (
        "unknown type",
        "stack: a\nresources:\n  kinesis_strem.a: { stream_name: a }",
        "/resources",
    ),
    (
        "a type without a name",
        "stack: a\nresources:\n  kinesis_stream: { stream_name: a }",
        "/resources",
    ),
    (
        "a name with a blank",
        "stack: a\nresources:\n  kinesis_stream.a b: { stream_name: a }",
        "/resources",
    ),
    (
        "a type that is only looked up",
        "stack: a\nresources:\n  vpc.a: { is_default: true }",
        "/resources",
    ),
    (
        "unknown attribute",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, shards: 1 }",
        "/resources/kinesis_stream.a",
    ),
    (
        "an output declared",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, arn: b }",
        "/resources/kinesis_stream.a",
    ),
    (
        "missing required",
        "stack: a\nresources:\n  kinesis_stream.a: { shard_count: 1 }",
        "/resources/kinesis_stream.a",
    ),
    (
        "required is null",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: ~ }",
        "/resources/kinesis_stream.a/stream_name",
    ),
    (
        "nothing after the key",
        "stack: a\nresources:\n  kinesis_stream.a:",
        "/resources/kinesis_stream.a",
    ),
    (
        "text for a number",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, shard_count: many }",
        "/resources/kinesis_stream.a/shard_count",
    ),
    (
        "half a number",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, shard_count: 1.5 }",
        "/resources/kinesis_stream.a/shard_count",
    ),
    (
        "a list for a text",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: [a] }",
        "/resources/kinesis_stream.a/stream_name",
    ),
    (
        "text for a map",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, tags: x }",
        "/resources/kinesis_stream.a/tags",
    ),
    (
        "text for a list",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, shard_level_metrics: IncomingBytes }",
        "/resources/kinesis_stream.a/shard_level_metrics",
    ),
    (
        "bad enum",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, stream_mode: SOMETIMES }",
        "/resources/kinesis_stream.a/stream_mode",
    ),
    (
        "bad enum in a list",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, shard_level_metrics: [Bytes] }",
        "/resources/kinesis_stream.a/shard_level_metrics",
    ),
    (
        "out of range",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, retention_period_hours: 9000 }",
        "/resources/kinesis_stream.a/retention_period_hours",
    ),
    (
        "too long",
        "stack: a\nresources:\n  key_pair.a: { key_name: a, tags: { a: \"LONG\" } }",
        "/resources/key_pair.a/tags",
    ),
    (
        "does not match",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: \"a b\" }",
        "/resources/kinesis_stream.a/stream_name",
    ),
    (
        "no truth",
        "stack: a\nresources:\n  msk_cluster.a: { cluster_name: a, kafka_version: 3.8.x, number_of_broker_nodes: 3, broker_node_group_info: { instance_type: kafka.m5.large, client_subnets: [a] }, client_authentication: { sasl: { iam: { enabled: maybe } } } }",
        "/resources/msk_cluster.a/client_authentication",
    ),
    (
        "unknown member deep inside",
        "stack: a\nresources:\n  msk_cluster.a: { cluster_name: a, kafka_version: 3.8.x, number_of_broker_nodes: 3, broker_node_group_info: { instance_type: kafka.m5.large, client_subnets: [a], disk: 1 } }",
        "/resources/msk_cluster.a/broker_node_group_info",
    ),
    (
        "bad ports",
        "stack: a\nresources:\n  security_group.a: { group_name: a, description: a, ingress: [{ protocol: tcp, ports: http, source: 10.0.0.0/8 }] }",
        "/resources/security_group.a/ingress",
    ),
    (
        "a policy that is a list",
        "stack: a\nresources:\n  iam_role.a: { role_name: a, assume_role_policy_document: [] }",
        "/resources/iam_role.a/assume_role_policy_document",
    ),
    (
        "unknown meta key",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, count: 3 }",
        "/resources/kinesis_stream.a",
    ),
    (
        "an expression for adopt",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, adopt: \"${var.x}\" }",
        "/resources/kinesis_stream.a/adopt",
    ),
    (
        "unknown key of lifecycle",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, lifecycle: { prevent_destory: true } }",
        "/resources/kinesis_stream.a/lifecycle",
    ),
    (
        "unknown word of lifecycle",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, lifecycle: { replace: always } }",
        "/resources/kinesis_stream.a/lifecycle/replace",
    ),
    (
        "moved from nowhere",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, moved: {} }",
        "/resources/kinesis_stream.a/moved",
    ),
    (
        "a dependency on an attribute's text",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, depends_on: [kinesis] }",
        "/resources/kinesis_stream.a/depends_on/0",
    ),
    (
        "unknown lookup",
        "stack: a\nexisting:\n  vpc.a: { default: true }",
        "/existing/vpc.a",
    ),
    (
        "a lookup without what it needs",
        "stack: a\nexisting:\n  iam_role.a: {}",
        "/existing/iam_role.a",
    ),
    (
        "unknown key of a variable",
        "stack: a\nvariables:\n  x: { typ: string }",
        "/variables/x",
    ),
    (
        "unknown type of a variable",
        "stack: a\nvariables:\n  x: { type: text }",
        "/variables/x/type",
    ),
    (
        "a variable's name",
        "stack: a\nvariables:\n  1x: {}",
        "/variables",
    ),
    (
        "unknown key of aws",
        "stack: a\naws: { regio: us-east-1 }",
        "/aws",
    ),
    (
        "an account of eleven digits",
        "stack: a\naws: { account: \"12345678901\" }",
        "/aws/account",
    ),
    (
        "a folder in a file's name",
        "stack: a\nconfigs:\n  a/b: { template: c }",
        "/configs",
    ),
    (
        "a cluster that is text",
        "stack: a\nconfigs:\n  b: { cluster: msk_cluster.a }",
        "/configs/b/cluster",
    ),
    (
        "a time that logs are not kept",
        "stack: a\nresources:\n  cloudwatch_log_group.a: { log_group_name: a, retention_in_days: 8 }",
        "/resources/cloudwatch_log_group.a/retention_in_days",
    ),
    (
        "the same in quotes",
        "stack: a\nresources:\n  cloudwatch_log_group.a: { log_group_name: a, retention_in_days: \"8\" }",
        "/resources/cloudwatch_log_group.a/retention_in_days",
    ),
    (
        "what a class of logs does not have",
        "stack: a\nresources:\n  cloudwatch_log_group.a: { log_group_name: a, log_group_class: DELIVERY, retention_in_days: 7 }",
        "/resources/cloudwatch_log_group.a/retention_in_days",
    ),
    (
        "what another attribute needs",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, shard_count: 1, encryption_type: KMS }",
        "/resources/kinesis_stream.a",
    ),
    (
        "what is needed by default",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a }",
        "/resources/kinesis_stream.a",
    ),
    (
        "what only another value has",
        "stack: a\nresources:\n  s3_object.a: { bucket: abc, key: k, content: x, server_side_encryption: AES256, bucket_key_enabled: true }",
        "/resources/s3_object.a/bucket_key_enabled",
    ),
    (
        "what only some other values have",
        "stack: a\nresources:\n  s3_object.a: { bucket: abc, key: k, content: x, kms_key_id: \"arn:aws:kms:us-east-1:123456789012:key/a\" }",
        "/resources/s3_object.a/kms_key_id",
    ),
    (
        "an object without contents",
        "stack: a\nresources:\n  s3_object.a: { bucket: abc, key: k }",
        "/resources/s3_object.a",
    ),
    (
        "contents twice",
        "stack: a\nresources:\n  s3_object.a: { bucket: abc, key: k, content: x, template: client.properties }",
        "/resources/s3_object.a",
    ),
    (
        "a download without its digest",
        "stack: a\nresources:\n  s3_object.a: { bucket: abc, key: k, source_url: \"https://example.com/a\" }",
        "/resources/s3_object.a",
    ),
    (
        "a digest without a download",
        "stack: a\nresources:\n  s3_object.a: { bucket: abc, key: k, content: x, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef }",
        "/resources/s3_object.a",
    ),
    (
        "inputs without a template",
        "stack: a\nresources:\n  s3_object.a: { bucket: abc, key: k, content: x, inputs: { a: b } }",
        "/resources/s3_object.a",
    ),
    (
        "a bucket's name that is an address",
        "stack: a\nresources:\n  s3_bucket.a: { bucket: 10.0.0.1 }",
        "/resources/s3_bucket.a/bucket",
    ),
    (
        "a key that is no ARN",
        "stack: a\nresources:\n  s3_object.a: { bucket: abc, key: k, content: x, server_side_encryption: \"aws:kms\", kms_key_id: alias/a }",
        "/resources/s3_object.a/kms_key_id",
    ),
    (
        "a rule that does nothing",
        "stack: a\nresources:\n  s3_bucket.a: { bucket: abc, lifecycle_rules: [{ id: a, status: Enabled, filter: { prefix: a } }] }",
        "/resources/s3_bucket.a/lifecycle_rules",
    ),
    (
        "ports of what has none",
        "stack: a\nresources:\n  security_group.a: { group_name: a, description: a, ingress: [{ protocol: all, ports: 22, source: 10.0.0.0/8 }] }",
        "/resources/security_group.a/ingress",
    ),
    (
        "a policy's name with a blank",
        "stack: a\nresources:\n  iam_role.a: { role_name: a, assume_role_policy_document: { Version: 2012-10-17, Statement: [] }, inline_policies: { \"a b\": { Version: 2012-10-17, Statement: [] } } }",
        "/resources/iam_role.a/inline_policies",
    ),
    (
        "an instance without an image",
        "stack: a\nresources:\n  instance.a: { instance_type: t3.micro }",
        "/resources/instance.a",
    ),
    (
        "options of an endpoint that is off",
        "stack: a\nresources:\n  instance.a: { image_id: ami-0123456789abcdef0, instance_type: t3.micro, metadata_options: { http_endpoint: disabled, http_tokens: required } }",
        "/resources/instance.a/metadata_options",
    ),
    (
        "a profile with a list of roles",
        "stack: a\nresources:\n  iam_instance_profile.a: { instance_profile_name: a, role: [b] }",
        "/resources/iam_instance_profile.a/role",
    ),
    (
        "a policy without its document",
        "stack: a\nresources:\n  iam_policy.a: { policy_name: a }",
        "/resources/iam_policy.a",
    ),
    (
        "a configuration without properties",
        "stack: a\nresources:\n  msk_configuration.a: { name: a }",
        "/resources/msk_configuration.a",
    ),
    (
        "an input that a built-in template does not have",
        "stack: a\nconfigs:\n  bootstrap.sh: { bootstrap_servers: a, tpics: [a] }",
        "/configs/bootstrap.sh",
    ),
    (
        "the same under another name",
        "stack: a\nconfigs:\n  start: { template: bootstrap.sh, bootstrap_servers: a, tpics: [a] }",
        "/configs/start",
    ),
    (
        "a value that an input does not take",
        "stack: a\nconfigs:\n  bootstrap.sh: { bootstrap_servers: a, kafka_version: newest }",
        "/configs/bootstrap.sh/kafka_version",
    ),
    (
        "text for a list of topics",
        "stack: a\nconfigs:\n  bootstrap.sh: { bootstrap_servers: a, topics: pins }",
        "/configs/bootstrap.sh/topics",
    ),
    ("a duplicate key", "stack: a\nstack: b", "not YAML"),
    (
        "a duplicate resource",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, shard_count: 1 }\n  kinesis_stream.a: { stream_name: b, shard_count: 1 }",
        "not YAML",
    ),
];
