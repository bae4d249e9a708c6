//! `stack.schema.json`, and the examples of `docs/resources/`: what the language accepts, the schema
//! accepts; what a schema can know to be wrong, it refuses at its place.
#![cfg(feature = "stack")]
#![allow(clippy::unwrap_used, missing_docs)]

mod broken;

use std::path::{Path, PathBuf};
use std::process::Command;

use broken::BROKEN;
use jsonschema::JSONSchema;
use pinfra::provider::aws::TYPES;
use pinfra::provider::catalog::Types;
use pinfra::schema::{Attribute, Role};
use pinfra::stack::{BUILT_IN, Sources, load};
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

/// Whether the language takes a file, as far as can be told without AWS.
fn is_right(file: &Path) -> bool {
    let stack = load(file, &Sources::default(), &Types);
    stack.is_ok_and(|stack| !stack.findings.has_errors())
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
        assert!(is_right(file), "{}", file.display());
    }
    stack_files(&repository().join("tests/cases"), &mut files);
    let mut accepted = 0;
    for file in files {
        if !is_right(&file) {
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
        assert!(!is_right(&file), "{what}: the language takes it");
    }
}

/// A template of one's own that is called as one that is built in has inputs of its own; there is no such
/// file beside these.
#[test]
fn the_inputs_of_built_in_templates_are_those_of_the_language() {
    let schema = schema();
    for template in &BUILT_IN {
        let inputs = &schema["definitions"][format!("inputs of {}", template.name)];
        let described = inputs["properties"].as_object().unwrap();
        let names: Vec<&str> = described.keys().map(String::as_str).collect();
        let own = template.inputs.iter().map(|input| input.name);
        let mut wanted: Vec<&str> = own.chain(["template", "cluster"]).collect();
        wanted.sort_unstable();
        let mut found = names.clone();
        found.sort_unstable();
        assert_eq!(
            found, wanted,
            "templates/schema/stack.json: {}",
            template.name
        );
        for input in template.inputs {
            let value = &described[input.name];
            let text = match input.list {
                true => &value["anyOf"][0]["items"],
                false => value,
            };
            assert_eq!(
                text["pattern"],
                format!("{}|\\$\\{{", input.pattern),
                "templates/schema/stack.json: {} of {}",
                input.name,
                template.name
            );
        }
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
  cloudwatch_log_group.a: { log_group_name: a, retention_in_days: "${var.days}" }
  cloudwatch_log_group.b: { log_group_name: b, log_group_class: "${var.class}", retention_in_days: 7 }
  cloudwatch_log_group.c: { log_group_name: c, log_group_class: DELIVERY, retention_in_days: "${var.days}" }
  kinesis_stream.c: { stream_name: c, stream_mode: "${var.mode}" }
  kinesis_stream.d: { stream_name: d, shard_count: 1, encryption_type: KMS, key_id: "${var.key}" }
  s3_object.a: { bucket: abc, key: b, content: "${var.a}", file: "${var.b}", source_url: "${var.c}" }
  s3_object.b: { bucket: "a..${var.b}", key: b, source_url: "https://example.com/${var.a}", sha256: "${var.b}" }
  s3_object.c: { bucket: abc, key: b, content: a, server_side_encryption: "${var.a}", kms_key_id: "${var.b}" }
  s3_bucket.a: { bucket: "xn--${var.a}", lifecycle_rules: [{ id: a, status: Enabled, filter: { prefix: a }, transitions: "${var.a}" }, "${var.rule}"] }
  security_group.a: { group_name: a, description: a, ingress: [{ protocol: "${var.p}", ports: 22, source: "${var.s}" }] }
configs:
  bootstrap.sh: { bootstrap_servers: "${var.a}", topics: "${var.b}", kafka_version: "${var.c}" }
  mine: { template: "${var.t}", anything: 1 }
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
