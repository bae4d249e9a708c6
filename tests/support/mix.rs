//! Generated stacks of any size, of a fixed mix over the resource types: how each type is declared,
//! how it is put into the embedded cloud, and what calls a plan makes for it (docs/calls.md). A new
//! type is a new [`Kind`] in [`KINDS`] (`mix/kinds.rs`).
#![allow(dead_code, missing_docs)]

#[path = "mix/kinds.rs"]
mod kinds;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use pinfra::cloud::{Cloud, Invocation};
use pinfra::provider::keys::LocalKey;
use pinfra::schema::Address;
use serde_json::{Value, json};

/// The stack's name: the ownership tag of all that is put into the cloud.
pub const STACK: &str = "large";
pub const REGION: &str = "us-east-1";

use Formula::{Each, OneIn, Page, PageBeside};
pub use kinds::{Formula, IMAGE, KINDS, Kind};

/// What a plan calls for the stack as a whole.
pub const CALLS_OF_ANY: &[(&str, usize)] = &[
    ("sts:GetCallerIdentity", 1),
    ("ec2:DescribeVpcs", 1),
    ("ec2:DescribeSubnets", 1),
    ("ssm:GetParameter", 1),
];
/// The types that the tagging API finds, and its page.
const TAGGED: &[&str] = &[
    "kinesis_stream",
    "s3_bucket",
    "iam_instance_profile",
    "iam_policy",
    "cloudwatch_log_group",
];
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

/// The address of the n-th resource of a type.
fn address(kind: &Kind, n: usize) -> Address {
    let text = match kind.each.len() {
        0 => format!("{}.n{n}", kind.type_name),
        keys => format!(
            "{}.n{}[\"{}\"]",
            kind.type_name,
            n / keys,
            kind.each[n % keys]
        ),
    };
    text.parse().unwrap()
}

/// The stack file: one block for each resource, or for several.
pub fn file(size: usize) -> String {
    let mut text = HEAD.to_owned();
    for kind in KINDS {
        for n in 0..count(kind, size) / kind.each.len().max(1) {
            let mut declared = (kind.declared)(n);
            if !kind.each.is_empty() {
                declared = format!("for_each: [{}], {declared}", kind.each.join(", "));
            }
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
        public_key: BASE64.encode(key.public_line().unwrap()),
        subnets: Value::Null,
        image: Value::Null,
        groups: Vec::new(),
    };
    let zones = json!([{"Name": "availability-zone", "Values": ["us-east-1a", "us-east-1b"]}]);
    let found = seeds.call("ec2 DescribeSubnets", json!({ "Filters": zones }));
    let subnets = found["Subnets"].as_array().unwrap().iter();
    seeds.subnets = subnets.map(|subnet| subnet["SubnetId"].clone()).collect();
    let image = seeds.call("ssm GetParameter", json!({ "Name": IMAGE }));
    seeds.image = image["Parameter"]["Value"].clone();
    for kind in KINDS {
        for n in 0..count(kind, size) {
            let tags = json!({"pinfra:stack": STACK, "pinfra:resource": address(kind, n).tag()});
            (kind.seed)(&mut seeds, n, tags);
        }
    }
    cloud.advance(Duration::from_secs(2 * 3600)).unwrap();
}

/// What a plan without changes calls, by operation, as docs/calls.md has it.
pub fn expected_calls(size: usize) -> BTreeMap<String, usize> {
    let mut calls = calls_beside(size);
    let of_kinds = KINDS.iter().flat_map(|kind| calls_of(kind, size));
    of_kinds.for_each(|(name, times)| *calls.entry(name).or_default() += times);
    calls
}

/// What it calls for one type.
pub fn calls_of(kind: &Kind, size: usize) -> BTreeMap<String, usize> {
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    for (name, formula) in kind.calls {
        let times = match formula {
            Each(times) => times * count(kind, size),
            OneIn(many) => count(kind, size).div_ceil(*many),
            Page(page) => count(kind, size).div_ceil(*page).max(1),
            PageBeside(page, others) => (count(kind, size) + others).div_ceil(*page),
        };
        *calls.entry((*name).to_owned()).or_default() += times;
    }
    calls
}

/// What it calls for no type alone.
pub fn calls_beside(size: usize) -> BTreeMap<String, usize> {
    let tagged = KINDS.iter().filter(|kind| TAGGED.contains(&kind.type_name));
    let tagged: usize = tagged.map(|kind| count(kind, size)).sum();
    let pages = tagged.div_ceil(TAGGING_PAGE).max(1);
    let any = CALLS_OF_ANY.iter().copied();
    let all = any.chain([("tagging:GetResources", pages)]);
    all.map(|(name, times)| (name.to_owned(), times)).collect()
}

/// What seeding needs and gives on.
pub struct Seeds<'a> {
    cloud: &'a Cloud,
    public_key: String,
    subnets: Value,
    image: Value,
    /// The ids of the security groups so far.
    groups: Vec<Value>,
}

impl Seeds<'_> {
    fn call(&mut self, operation: &str, input: Value) -> Value {
        self.send(operation, input, Bytes::new())
    }

    fn send(&mut self, operation: &str, input: Value, body: Bytes) -> Value {
        let (service, operation) = operation.split_once(' ').unwrap();
        let invocation = Invocation {
            service,
            operation,
            input,
            body,
            region: REGION,
        };
        let reply = self.cloud.invoke(invocation);
        reply
            .unwrap_or_else(|error| panic!("{operation}: {error:?}"))
            .0
    }
}
