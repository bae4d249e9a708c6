//! `stack.schema.json`, and the examples of `docs/resources/`: what the language accepts, the schema
//! accepts; what a schema can know to be wrong, it refuses at its place.
#![cfg(feature = "stack")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::JSONSchema;
use pinfra::provider::aws::TYPES;
use pinfra::provider::catalog::Types;
use pinfra::schema::{Attribute, Role};
use pinfra::stack::{Sources, load};
use serde_json::Value;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Value {
    let text = std::fs::read_to_string(repository().join("stack.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn compiled(schema: &Value) -> JSONSchema {
    JSONSchema::options()
        .with_draft(jsonschema::Draft::Draft7)
        .compile(schema)
        .unwrap()
}

/// The places of what is wrong, as JSON pointers; the file's own where it is no YAML.
fn refused(schema: &JSONSchema, text: &str) -> Vec<String> {
    let Ok(stack) = serde_saphyr::from_str::<Value>(text) else {
        return vec!["not YAML".to_owned()];
    };
    match schema.validate(&stack) {
        Ok(()) => Vec::new(),
        Err(errors) => errors
            .map(|e| format!("{}: {e}", e.instance_path))
            .collect(),
    }
}

fn stack_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            stack_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml") && !path.ends_with("steps.yaml") {
            found.push(path);
        }
    }
}

#[test]
fn what_the_language_accepts_the_schema_accepts() {
    let schema = schema();
    let compiled = compiled(&schema);
    let mut files = Vec::new();
    stack_files(&repository().join("stacks"), &mut files);
    assert!(!files.is_empty());
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let first = text.lines().next().unwrap();
        assert_eq!(
            first,
            "# yaml-language-server: $schema=../stack.schema.json",
            "{}",
            file.display()
        );
        assert!(
            load(file, &Sources::default(), &Types).is_ok(),
            "{}",
            file.display()
        );
    }
    stack_files(&repository().join("tests/cases"), &mut files);
    let mut accepted = 0;
    for file in files {
        if load(&file, &Sources::default(), &Types).is_err() {
            continue;
        }
        accepted += 1;
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(
            refused(&compiled, &text),
            Vec::<String>::new(),
            "{}",
            file.display()
        );
    }
    assert!(
        accepted > 20,
        "only {accepted} files of tests/cases are right"
    );
}

#[test]
fn every_attribute_of_every_type_is_described() {
    fn members(schema: &Value, attributes: &[Attribute], path: &str) {
        for attribute in attributes.iter().filter(|a| a.role == Role::Declared) {
            let path = format!("{path}.{}", attribute.name);
            let own = &schema["properties"][attribute.name];
            assert!(own["description"].is_string(), "{path} is not described");
            let required = schema["required"].as_array().unwrap();
            assert_eq!(
                required.contains(&attribute.name.into()),
                attribute.required,
                "{path}"
            );
            if let Some(inner) = attribute.kind.members() {
                members(
                    object_in(own).unwrap_or_else(|| panic!("{path} is no object")),
                    inner,
                    &path,
                );
            }
        }
    }
    /// The object inside lists, maps and choices.
    fn object_in(schema: &Value) -> Option<&Value> {
        if schema["properties"].is_object() {
            return Some(schema);
        }
        let inner = ["items", "additionalProperties"]
            .into_iter()
            .map(|key| &schema[key]);
        let choices = schema["anyOf"].as_array().into_iter().flatten();
        inner
            .chain(choices)
            .filter(|inner| inner.is_object())
            .find_map(object_in)
    }
    let schema = schema();
    for ty in TYPES {
        let name = ty.schema.name;
        let pattern = format!("^{name}\\.[A-Za-z_][A-Za-z0-9_-]*$");
        let stands = |section: &str| {
            schema["properties"][section]["patternProperties"][&pattern].is_object()
        };
        assert_eq!(stands("resources"), ty.schema.declarable, "{name}");
        assert_eq!(stands("existing"), !ty.schema.lookup.is_empty(), "{name}");
        if ty.schema.declarable {
            let definition = &schema["definitions"][name];
            assert_eq!(definition["additionalProperties"], false);
            members(definition, ty.schema.attributes, name);
        }
    }
}

/// (what is wrong, a stack, where the schema says so)
const BROKEN: &[(&str, &str, &str)] = &[
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
    ("a duplicate key", "stack: a\nstack: b", "not YAML"),
    (
        "a duplicate resource",
        "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, shard_count: 1 }\n  kinesis_stream.a: { stream_name: b, shard_count: 1 }",
        "not YAML",
    ),
];

#[test]
fn what_is_wrong_is_refused_at_its_place_by_the_schema_and_by_the_language() {
    let schema = schema();
    let compiled = compiled(&schema);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack.yaml");
    for (what, text, place) in BROKEN {
        let text = &text.replace("LONG", &"x".repeat(300));
        let found = refused(&compiled, text);
        let at_place = |found: &String| found == place || found.starts_with(&format!("{place}: "));
        assert!(found.iter().any(at_place), "{what}: {found:?}");
        std::fs::write(&file, text).unwrap();
        let loaded = load(&file, &Sources::default(), &Types);
        assert!(loaded.is_err(), "{what}: the language takes it");
    }
}

#[test]
fn expressions_may_stand_wherever_a_value_may() {
    let schema = schema();
    let compiled = compiled(&schema);
    let text = r#"
stack: a-${var.x}
aws: { region: "${var.region}", account: "${var.account}" }
resources:
  kinesis_stream.a:
    for_each: ${var.names}
    when: ${var.on}
    depends_on: ["${kinesis_stream.b}", kinesis_stream.b]
    stream_name: "${var.name} with blanks that the pattern forbids"
    shard_count: ${var.n}
    stream_mode: ${var.mode}
    shard_level_metrics: ["${var.metric}"]
    tags: ${var.tags}
  msk_cluster.a:
    cluster_name: ${join("-", ["a", "b", "longer than the sixty-four characters that a cluster's name may have"])}
    kafka_version: ${var.v}
    number_of_broker_nodes: ${var.n}
    broker_node_group_info: ${var.brokers}
    client_authentication: { sasl: { iam: { enabled: "${var.on}" } } }
"#;
    assert_eq!(refused(&compiled, text), Vec::<String>::new());
}

#[test]
fn the_examples_of_the_documents_are_right() {
    let schema = schema();
    let compiled = compiled(&schema);
    let folder = tempfile::tempdir().unwrap();
    for ty in TYPES {
        let name = ty.schema.name;
        let page = std::fs::read_to_string(repository().join(format!("docs/resources/{name}.md")))
            .unwrap();
        let example = page
            .split("```yaml\n")
            .nth(1)
            .unwrap()
            .split("```")
            .next()
            .unwrap();
        assert!(example.contains(&format!("{name}.")), "{name}: {example}");
        let text = format!("stack: example\naws: {{ region: us-east-1 }}\n{example}");
        let file = folder.path().join(format!("{name}.yaml"));
        std::fs::write(&file, &text).unwrap();
        if let Err(found) = load(&file, &Sources::default(), &Types) {
            let report = pinfra::stack::report(&found, false);
            panic!("give the spec of {name} an `example:` that is right:\n{report}");
        }
        assert_eq!(refused(&compiled, &text), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_command_prints_the_schema() {
    let printed = Command::new(env!("CARGO_BIN_EXE_pinfra"))
        .arg("schema")
        .output()
        .unwrap();
    assert!(printed.status.success());
    assert_eq!(
        serde_json::from_slice::<Value>(&printed.stdout).unwrap(),
        schema()
    );
}
