//! Six resource types and two lookups, with the attributes that the shipped stack uses: enough of
//! AWS to judge the language by, without the generated provider.

use pinfra::schema::{
    Absent, Attribute, Catalog, Kind, OnChange, Order, Role, TextRule, TypeSchema,
};

pub struct TestCatalog;

impl Catalog for TestCatalog {
    fn types(&self) -> Vec<&'static TypeSchema> {
        vec![
            &IAM_ROLE,
            &KEY_PAIR,
            &KINESIS_STREAM,
            &MSK_CLUSTER,
            &S3_BUCKET,
            &SECURITY_GROUP,
            &SUBNETS,
            &VPC,
        ]
    }
}

const fn optional(name: &'static str, kind: Kind) -> Attribute {
    Attribute {
        name,
        kind,
        role: Role::Declared,
        required: false,
        on_change: OnChange::InPlace,
        absent: Absent::LeftAlone,
        write_only: false,
        sensitive: false,
        unit: "",
    }
}

const fn required(name: &'static str, kind: Kind) -> Attribute {
    Attribute {
        required: true,
        ..optional(name, kind)
    }
}

const fn output(name: &'static str, kind: Kind) -> Attribute {
    Attribute {
        role: Role::Output,
        ..optional(name, kind)
    }
}

const fn text(pattern: &'static str, min: usize, max: usize) -> Kind {
    Kind::Text(TextRule {
        pattern: Some(pattern),
        min: Some(min),
        max: Some(max),
        values: &[],
    })
}

const fn one_of(values: &'static [&'static str]) -> Kind {
    Kind::Text(TextRule {
        values,
        ..TextRule::ANY
    })
}

const fn integer(min: i64, max: i64) -> Kind {
    Kind::Integer {
        min: Some(min),
        max: Some(max),
    }
}

const fn list(item: &'static Kind, order: Order, min: Option<usize>, max: Option<usize>) -> Kind {
    Kind::List {
        item,
        order,
        min,
        max,
    }
}

const TEXT: Kind = Kind::Text(TextRule::ANY);
static ANY_TEXT: Kind = TEXT;
static POLICY: Kind = Kind::Policy;
const TAGS: Kind = Kind::Map { value: &ANY_TEXT };

const fn schema(name: &'static str, attributes: &'static [Attribute]) -> TypeSchema {
    TypeSchema {
        name,
        attributes,
        completing: &[],
        deferrable: &[],
        unique_name: None,
        unique_within: None,
        named_by: None,
        lookup: &[],
        plural: false,
        declarable: true,
        holds_data: false,
        body: None,
    }
}

static ROLE_NAME: [Attribute; 1] = [required("role_name", TEXT)];
static IAM_ROLE: TypeSchema = TypeSchema {
    completing: &["inline_policies", "managed_policy_arns"],
    deferrable: &["assume_role_policy_document"],
    unique_name: Some("role_name"),
    lookup: &ROLE_NAME,
    ..schema("iam_role", &IAM_ROLE_ATTRIBUTES)
};
static IAM_ROLE_ATTRIBUTES: [Attribute; 10] = [
    required("role_name", text("[\\w+=,.@-]+", 1, 64)),
    required("assume_role_policy_document", Kind::Policy),
    optional(
        "path",
        text("(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)", 1, 512),
    ),
    optional("description", TEXT),
    optional("max_session_duration", integer(3600, 43200)),
    optional("inline_policies", Kind::Map { value: &POLICY }),
    optional(
        "managed_policy_arns",
        list(&ANY_TEXT, Order::Set, None, None),
    ),
    optional("tags", TAGS),
    output("arn", TEXT),
    output("role_id", TEXT),
];

static KEY_PAIR: TypeSchema = TypeSchema {
    unique_name: Some("key_name"),
    ..schema("key_pair", &KEY_PAIR_ATTRIBUTES)
};
static KEY_PAIR_ATTRIBUTES: [Attribute; 6] = [
    required("key_name", TEXT),
    optional("key_type", one_of(&["rsa", "ed25519"])),
    Attribute {
        write_only: true,
        ..optional("private_key_file", TEXT)
    },
    optional("tags", TAGS),
    output("key_pair_id", TEXT),
    output("fingerprint", TEXT),
];

static KINESIS_STREAM: TypeSchema = TypeSchema {
    unique_name: Some("stream_name"),
    holds_data: true,
    ..schema("kinesis_stream", &KINESIS_STREAM_ATTRIBUTES)
};
static KINESIS_STREAM_ATTRIBUTES: [Attribute; 8] = [
    required("stream_name", text("[a-zA-Z0-9_.-]+", 1, 128)),
    optional("shard_count", integer(1, i64::MAX)),
    optional("stream_mode", one_of(&["PROVISIONED", "ON_DEMAND"])),
    optional("retention_period_hours", integer(24, 8760)),
    optional("encryption_type", one_of(&["NONE", "KMS"])),
    optional("tags", TAGS),
    output("arn", TEXT),
    output("consumer_count", integer(0, i64::MAX)),
];

static CLUSTER_NAME: [Attribute; 1] = [required("cluster_name", TEXT)];
static MSK_CLUSTER: TypeSchema = TypeSchema {
    unique_name: Some("cluster_name"),
    lookup: &CLUSTER_NAME,
    holds_data: true,
    ..schema("msk_cluster", &MSK_CLUSTER_ATTRIBUTES)
};
static MSK_CLUSTER_ATTRIBUTES: [Attribute; 12] = [
    required("cluster_name", text("[a-zA-Z0-9-]+", 1, 64)),
    required("kafka_version", text("[0-9A-Za-z.]+", 1, 128)),
    required("number_of_broker_nodes", integer(1, 60)),
    required("broker_node_group_info", Kind::Object(&BROKERS)),
    optional(
        "enhanced_monitoring",
        one_of(&["DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER"]),
    ),
    optional("client_authentication", Kind::Object(&AUTHENTICATION)),
    optional("encryption_info", Kind::Object(&MSK_ENCRYPTION)),
    optional("tags", TAGS),
    output("arn", TEXT),
    output("state", TEXT),
    output("bootstrap_brokers_sasl_iam", TEXT),
    output("zookeeper_connect_string", TEXT),
];
static BROKERS: [Attribute; 4] = [
    required("instance_type", text("kafka\\..+", 5, 32)),
    required(
        "client_subnets",
        list(&ANY_TEXT, Order::Set, Some(2), Some(3)),
    ),
    optional(
        "security_groups",
        list(&ANY_TEXT, Order::Set, None, Some(16)),
    ),
    optional("storage_info", Kind::Object(&STORAGE)),
];
static STORAGE: [Attribute; 1] = [optional("ebs_storage_info", Kind::Object(&VOLUME))];
static VOLUME: [Attribute; 1] = [Attribute {
    unit: "GiB",
    ..optional("volume_size", integer(1, 16384))
}];
static MSK_ENCRYPTION: [Attribute; 1] =
    [optional("encryption_in_transit", Kind::Object(&IN_TRANSIT))];
static IN_TRANSIT: [Attribute; 2] = [
    optional(
        "client_broker",
        one_of(&["TLS", "TLS_PLAINTEXT", "PLAINTEXT"]),
    ),
    optional("in_cluster", Kind::Boolean),
];
static AUTHENTICATION: [Attribute; 1] = [optional("sasl", Kind::Object(&SASL))];
static SASL: [Attribute; 1] = [optional("iam", Kind::Object(&ENABLED))];
static ENABLED: [Attribute; 1] = [optional("enabled", Kind::Boolean)];

static S3_BUCKET: TypeSchema = TypeSchema {
    completing: &["versioning", "public_access_block", "encryption"],
    unique_name: Some("bucket"),
    holds_data: true,
    ..schema("s3_bucket", &S3_BUCKET_ATTRIBUTES)
};
static S3_BUCKET_ATTRIBUTES: [Attribute; 7] = [
    required("bucket", text("[a-z0-9][a-z0-9.-]*[a-z0-9]", 3, 63)),
    optional("versioning", one_of(&["Enabled", "Suspended"])),
    optional("public_access_block", Kind::Object(&ACCESS)),
    optional("encryption", Kind::Object(&ENCRYPTION)),
    optional("tags", TAGS),
    output("arn", TEXT),
    output("id", TEXT),
];
static ACCESS: [Attribute; 4] = [
    optional("block_public_acls", Kind::Boolean),
    optional("ignore_public_acls", Kind::Boolean),
    optional("block_public_policy", Kind::Boolean),
    optional("restrict_public_buckets", Kind::Boolean),
];
static ENCRYPTION: [Attribute; 3] = [
    required("sse_algorithm", one_of(&["AES256", "aws:kms"])),
    optional("kms_master_key_id", TEXT),
    optional("bucket_key_enabled", Kind::Boolean),
];

static GROUP_LOOKUP: [Attribute; 3] = [
    optional("id", TEXT),
    optional("group_name", TEXT),
    optional("vpc_id", TEXT),
];
static SECURITY_GROUP: TypeSchema = TypeSchema {
    completing: &["ingress", "egress"],
    unique_name: Some("group_name"),
    unique_within: Some("vpc_id"),
    lookup: &GROUP_LOOKUP,
    ..schema("security_group", &GROUP)
};
static GROUP: [Attribute; 9] = [
    required("group_name", TEXT),
    optional(
        "description",
        text("[A-Za-z0-9 ._:/()#,@+=&;{}!$*\\[\\]-]*", 0, 255),
    ),
    optional("vpc_id", TEXT),
    optional("ingress", list(&INGRESS, Order::Set, None, None)),
    optional("egress", list(&EGRESS, Order::Set, None, None)),
    optional("tags", TAGS),
    output("id", TEXT),
    output("arn", TEXT),
    output("owner_id", TEXT),
];
static INGRESS: Kind = Kind::Object(&[
    required("protocol", TEXT),
    optional("ports", Kind::Ports),
    required("source", TEXT),
    optional("description", TEXT),
]);
static EGRESS: Kind = Kind::Object(&[
    required("protocol", TEXT),
    optional("ports", Kind::Ports),
    required("destination", TEXT),
    optional("description", TEXT),
]);

static SUBNETS: TypeSchema = TypeSchema {
    lookup: &SUBNETS_LOOKUP,
    plural: true,
    declarable: false,
    ..schema("subnets", &SUBNET)
};
static SUBNETS_LOOKUP: [Attribute; 4] = [
    optional("ids", list(&ANY_TEXT, Order::Set, None, None)),
    optional("vpc_id", TEXT),
    optional("default_for_az", Kind::Boolean),
    optional(
        "availability_zones",
        list(&ANY_TEXT, Order::Set, None, None),
    ),
];
static SUBNET: [Attribute; 4] = [
    output("id", TEXT),
    output("vpc_id", TEXT),
    output("availability_zone", TEXT),
    output("cidr_block", TEXT),
];

static VPC: TypeSchema = TypeSchema {
    lookup: &VPC_LOOKUP,
    declarable: false,
    ..schema("vpc", &VPC_ATTRIBUTES)
};
static VPC_LOOKUP: [Attribute; 2] = [optional("id", TEXT), optional("is_default", Kind::Boolean)];
static VPC_ATTRIBUTES: [Attribute; 2] = [output("id", TEXT), output("cidr_block", TEXT)];
