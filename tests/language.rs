//! What a person sees of a stack file with mistakes, and what one without means.
//!
//! A case is a folder of `tests/cases/language`: `stack.yaml`, `expected.txt`, and if need be
//! `vars.yaml` (a file of variables) and `vars.txt` (a `--var` a line). `expected.txt` holds the
//! diagnostics exactly as they are printed, or the resources of a file that is right.
//! Where its name begins with `checks`, the types are those of the provider, with their own checks.
//! `UPDATE_EXPECTED=1 cargo test --test language` writes what is printed now.
#![cfg(feature = "stack")]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/catalog.rs"]
mod catalog;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use catalog::TestCatalog;
use pinfra::provider::catalog::Types;
use pinfra::schema::{Address, Catalog, Draft, ResourceName};
use pinfra::stack::{
    AwsFact, Diagnostics, NothingKnown, ParameterKind, Scope, Sources, Stack, Stage, edges, load,
    report,
};
use serde_json::json;

/// From the package's own folder, in which cargo runs tests: where messages are wrapped must not depend
/// on where the package is.
fn folder() -> PathBuf {
    PathBuf::from("tests/cases/language")
}

fn sources(case: &Path) -> Sources {
    let vars = std::fs::read_to_string(case.join("vars.txt")).unwrap_or_default();
    let vars = vars.lines().filter_map(|line| line.split_once('='));
    let file = case.join("vars.yaml");
    let env = [("HOME", "/home/ada"), ("PINFRA_VAR_from_env", "seen")];
    Sources {
        vars: vars.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        var_files: if file.exists() {
            vec![file]
        } else {
            Vec::new()
        },
        env: env.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
    }
}

/// What is printed for a case; paths are those of the case's folder.
fn printed(case: &Path) -> String {
    let name = case.file_name().unwrap_or_default().to_string_lossy();
    let catalog: &dyn Catalog = match name.starts_with("checks") {
        true => &Types,
        false => &TestCatalog,
    };
    let found = load(&case.join("stack.yaml"), &sources(case), catalog);
    let text = match found {
        Err(diagnostics) => report(&diagnostics, false),
        Ok(stack) => described(&stack),
    };
    let folder = format!("{}/", case.display());
    text.replace(&folder, "")
        .replace(&case.display().to_string(), ".")
}

/// A stack that is right: its resources with nothing live known, and what waits for what.
fn described(stack: &Stack) -> String {
    let mut text = report(&stack.all_findings(), false);
    let name = stack.ownership_name(&NothingKnown);
    let name = name.unwrap_or_else(|_| "(known later)".to_owned());
    writeln!(text, "stack {name}").unwrap();
    let instances = match stack.instances(&NothingKnown) {
        Ok(instances) => instances,
        Err(diagnostics) => return text + &report(&diagnostics, false),
    };
    for (name, draft) in stack.lookups(&NothingKnown).unwrap() {
        writeln!(text, "\nfind {name}\n  {}", shown(&draft)).unwrap();
    }
    for instance in &instances {
        writeln!(text, "\n{} line {}", instance.address, instance.line()).unwrap();
        match instance.desired(&NothingKnown) {
            Err(diagnostics) => text += &report(&diagnostics, false),
            Ok(draft) => {
                for (name, value) in draft.entries().unwrap_or_default() {
                    writeln!(text, "  {name}: {}", shown(&value)).unwrap();
                }
            }
        }
    }
    text.push('\n');
    for edge in edges(&instances).edges {
        if edge.from.instance == edge.to.instance {
            continue;
        }
        let show = |node: pinfra::stack::GraphNode| {
            let stage = if node.stage == Stage::Made {
                "made"
            } else {
                "complete"
            };
            format!("{} {stage}", instances[node.instance].address)
        };
        writeln!(text, "{} after {}", show(edge.from), show(edge.to)).unwrap();
    }
    for (name, value) in stack.outputs(&NothingKnown, None).unwrap() {
        writeln!(text, "\noutput {name}: {}", shown(&value)).unwrap();
    }
    text
}

fn shown(draft: &Draft) -> String {
    match draft {
        Draft::Known(value) => value.to_string(),
        Draft::Unknown(unknown) => format!("({})", unknown.reference),
        Draft::Sensitive(_) => "(sensitive)".to_owned(),
        Draft::List(items) => {
            let items: Vec<_> = items.iter().map(shown).collect();
            format!("[{}]", items.join(","))
        }
        Draft::Map(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(k, v)| format!("{k:?}:{}", shown(v)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
    }
}

#[test]
fn every_case_is_printed_as_expected() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut cases: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() > 30, "the cases are in {}", folder().display());
    let mut wrong = Vec::new();
    for case in cases {
        let printed = printed(&case);
        let file = case.join("expected.txt");
        if update {
            std::fs::write(&file, &printed).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        if expected != printed {
            let diff = similar::TextDiff::from_lines(&expected, &printed);
            let diff = diff
                .unified_diff()
                .header("expected", "printed")
                .to_string();
            wrong.push(format!("{}\n{diff}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is live in a small account.
struct Live;

impl Scope for Live {
    fn resource(&self, address: &Address, attribute: Option<&str>) -> Option<Draft> {
        let live = match address.to_string().as_str() {
            "msk_cluster.pipeline" => json!({
                "arn": "arn:aws:kafka:us-east-1:123456789012:cluster/p/u",
                "bootstrap_brokers_sasl_iam": "b-2:9098,b-1:9098",
            }),
            "iam_role.ec2_access" => json!({ "arn": "arn:aws:iam::123456789012:role/r" }),
            _ => return None,
        };
        Some(Draft::Known(match attribute {
            Some(attribute) => live.get(attribute).cloned().unwrap_or_default(),
            None => live,
        }))
    }

    fn lookup(&self, name: &ResourceName) -> Option<Draft> {
        match name.to_string().as_str() {
            "vpc.default" => Some(json!({ "id": "vpc-1" }).into()),
            "subnets.default" => {
                Some(json!([{ "id": "s-1" }, { "id": "s-2" }, { "id": "s-3" }]).into())
            }
            _ => None,
        }
    }

    fn aws(&self, what: AwsFact) -> Option<Draft> {
        let value = match what {
            AwsFact::Region => "us-east-1",
            AwsFact::AccountId => "123456789012",
            AwsFact::Partition => "aws",
        };
        Some(json!(value).into())
    }

    fn parameter(&self, kind: ParameterKind, name: &str) -> Option<Draft> {
        match (kind, name) {
            (ParameterKind::Ssm, "/demo/db") => Some(json!("hunter2").into()),
            (ParameterKind::Secret, "db") => Some(json!("{\"user\": \"ada\"}").into()),
            _ => None,
        }
    }
}

fn shipped() -> Stack {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("stacks/pinterest.yaml");
    load(&path, &Sources::default(), &Types).unwrap_or_else(|found| panic!("{found}"))
}

fn written(text: &str) -> Result<Stack, Diagnostics> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stack.yaml");
    std::fs::write(&path, text).unwrap();
    load(&path, &Sources::default(), &TestCatalog)
}

#[test]
fn the_shipped_stack_is_right_and_can_be_ordered() {
    let stack = shipped();
    assert_eq!(
        stack.ownership_name(&NothingKnown).unwrap(),
        "pinterest-0a60b9a8a831"
    );
    assert_eq!(stack.region.as_deref(), Some("us-east-1"));
    let instances = stack.instances(&NothingKnown).unwrap();
    let addresses: Vec<_> = instances.iter().map(|i| i.address.to_string()).collect();
    assert_eq!(
        addresses,
        [
            "iam_role.ec2_access",
            "iam_role.kinesis_access",
            "security_group.cluster",
            "security_group.client",
            "key_pair.client",
            "msk_cluster.pipeline",
            "cloudwatch_log_group.brokers",
            "iam_instance_profile.client",
            "instance.client",
            "s3_object.client_files[\"bootstrap.sh\"]",
            "s3_object.client_files[\"client.properties\"]",
            "s3_object.client_files[\"kafka-rest.properties\"]",
            "s3_bucket.data",
            "kinesis_stream.events[\"pin\"]",
            "kinesis_stream.events[\"geo\"]",
            "kinesis_stream.events[\"user\"]",
        ]
    );
    let graph = edges(&instances);
    assert!(graph.cycles.is_empty());
    let waits = |from: &str, to: &str, stage| {
        graph.edges.iter().any(|edge| {
            let name = |node: pinfra::stack::GraphNode| &addresses[node.instance];
            name(edge.from) == from && name(edge.to) == to && edge.from.stage == stage
        })
    };
    assert!(waits(
        "msk_cluster.pipeline",
        "security_group.cluster",
        Stage::Made
    ));
    assert!(waits(
        "iam_role.ec2_access",
        "msk_cluster.pipeline",
        Stage::Complete
    ));
    assert!(!waits(
        "iam_role.ec2_access",
        "msk_cluster.pipeline",
        Stage::Made
    ));
    assert!(!waits(
        "security_group.client",
        "security_group.cluster",
        Stage::Made
    ));
    assert!(waits(
        "security_group.client",
        "security_group.cluster",
        Stage::Complete
    ));
}

#[test]
fn the_shipped_stack_is_right_by_what_aws_says() {
    let stack = shipped();
    assert!(stack.warnings.is_empty(), "{}", stack.warnings);
    let instances = stack.instances(&NothingKnown).unwrap();
    assert_eq!(instances.len(), 16);
    for instance in &instances {
        instance
            .desired(&NothingKnown)
            .unwrap_or_else(|found| panic!("{found}"));
    }
    assert!(edges(&instances).cycles.is_empty());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("stacks/pinterest.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    assert_eq!(text.matches("volume_size: 100").count(), 1);
    assert!(!text.contains("prevent_destroy"));
}

#[test]
fn the_shipped_stack_takes_live_values() {
    let stack = shipped();
    let instances = stack.instances(&Live).unwrap();
    let desired = |address: &str| {
        let found = instances.iter().find(|i| i.address.to_string() == address);
        found.unwrap().desired(&Live).unwrap()
    };
    let cluster = desired("msk_cluster.pipeline");
    let brokers = cluster.get("broker_node_group_info").unwrap();
    assert_eq!(
        brokers.get("client_subnets").unwrap(),
        json!(["s-1", "s-2", "s-3"]).into()
    );
    let groups = brokers.get("security_groups").unwrap();
    assert_eq!(
        groups.first_unknown().unwrap().reference.as_ref(),
        "security_group.cluster.id"
    );
    let role = desired("iam_role.ec2_access").resolve().unwrap();
    let trust = &role["assume_role_policy_document"]["Statement"][1]["Principal"]["AWS"];
    assert_eq!(trust, "arn:aws:iam::123456789012:role/r");
    let kafka = &role["inline_policies"]["kafka"]["Statement"];
    assert_eq!(
        kafka[1]["Resource"],
        "arn:aws:kafka:us-east-1:123456789012:topic/p/u/*"
    );
    let outputs = stack.outputs(&Live, None).unwrap();
    let streams = outputs.iter().find(|(name, _)| name == "streams").unwrap();
    let names = ["pin", "geo", "user"].map(|name| format!("streaming-0a60b9a8a831-{name}"));
    assert_eq!(streams.1, json!(names).into());
    let zookeeper = outputs
        .iter()
        .find(|(name, _)| name == "zookeeper_connect")
        .unwrap();
    assert_eq!(
        zookeeper.1,
        Draft::unavailable("msk_cluster.pipeline.zookeeper_connect_string")
    );
}

#[test]
fn what_has_to_be_read_live_is_known_beforehand() {
    let stack = written(
        "stack: a\nlocals: { x: \"${ssm:/demo/db}\" }\noutputs: { y: \"${secret:db#user}\" }\n",
    );
    let needs = stack.unwrap().live_facts();
    assert!(needs.parameters.contains("/demo/db") && needs.secrets.contains("db"));
}

#[test]
fn what_is_read_as_a_secret_stays_one() {
    let text = "stack: a\noutputs:\n  p: pw-${ssm:/demo/db}\n  q: ${secret:db#user}\n";
    let stack = written(text).unwrap();
    let outputs = stack.outputs(&Live, None).unwrap();
    assert_eq!(outputs[0].1, Draft::from(json!("pw-hunter2")).sensitive());
    assert_eq!(outputs[1].1, Draft::from(json!("ada")).sensitive());
    let wrong = written("stack: a\noutputs: { q: \"${secret:db#pass}\" }\n").unwrap();
    let found = wrong.outputs(&Live, None).unwrap_err();
    assert_eq!(found.0[0].message, "the secret `db` has no key `pass`");
    assert_eq!((found.0[0].line, found.0[0].column), (2, 18));
}

#[test]
fn names_and_keys_must_be_known_when_a_plan_is_made() {
    let text = "stack: a\nresources:\n  kinesis_stream.a: { stream_name: \"s-${security_group.g.id}\" }\n  \
                kinesis_stream.b: { for_each: [\"${security_group.g.id}\"], stream_name: \"${each.key}\" }\n  \
                security_group.g: { group_name: g }\n";
    let stack = written(text).unwrap();
    let found = stack.instances(&NothingKnown).unwrap_err();
    assert_eq!(
        found.0[0].message,
        "`for_each` must be known when a plan is made"
    );
    let text = text.lines().filter(|line| !line.contains("for_each"));
    let stack = written(&text.collect::<Vec<_>>().join("\n")).unwrap();
    let instances = stack.instances(&NothingKnown).unwrap();
    let found = instances[0].desired(&NothingKnown).unwrap_err();
    assert!(
        found.0[0]
            .message
            .starts_with("`stream_name` must be known")
    );
}

#[test]
fn values_are_checked_again_once_they_are_known() {
    let text = "stack: a\nresources:\n  kinesis_stream.a: { stream_name: a, shard_count: \"${ssm:/demo/db}\" }\n";
    let stack = written(text).unwrap();
    let instances = stack.instances(&Live).unwrap();
    let found = instances[0].desired(&Live).unwrap_err();
    assert!(found.0[0].message.contains("takes a whole number"));
    assert!(!found.to_string().contains("hunter2"), "{found}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let found = load(Path::new("no/such.yaml"), &Sources::default(), &TestCatalog).unwrap_err();
    assert_eq!(
        found.to_string(),
        "error: no/such.yaml: cannot be read: there is no such file\n\n"
    );
    let folder = load(Path::new("/"), &Sources::default(), &TestCatalog).unwrap_err();
    assert!(folder.to_string().contains("it is a folder"));
}

mod printing {
    use pinfra::stack::{Expr, Form, Path, PathStep, Span, expression};
    use proptest::prelude::*;

    fn bare(form: Form) -> Expr {
        Expr {
            span: Span::default(),
            form,
        }
    }

    /// The same expression, its places forgotten.
    fn unplaced(expr: &Expr) -> Expr {
        bare(match &expr.form {
            Form::Path(path) => Form::Path(Path {
                root: path.root.clone(),
                root_span: Span::default(),
                steps: path.steps.iter().map(unplaced_step).collect(),
            }),
            Form::Call {
                name, arguments, ..
            } => Form::Call {
                name: name.clone(),
                name_span: Span::default(),
                arguments: arguments.iter().map(unplaced).collect(),
            },
            other => other.clone(),
        })
    }

    fn unplaced_step(step: &PathStep) -> PathStep {
        match step {
            PathStep::Name(name, _) => PathStep::Name(name.clone(), Span::default()),
            PathStep::Index(index, _) => {
                PathStep::Index(Box::new(unplaced(index)), Span::default())
            }
            PathStep::Splat(_) => PathStep::Splat(Span::default()),
        }
    }

    fn name() -> impl Strategy<Value = String> {
        "[a-z_][a-z0-9_-]{0,8}".prop_filter("a keyword", |name| {
            !["true", "false", "null", "ssm", "secret"].contains(&name.as_str())
        })
    }

    fn any_expression() -> impl Strategy<Value = Expr> {
        let leaf = prop_oneof![
            any::<String>().prop_map(Form::Text),
            (-1000i64..1000).prop_map(|n| Form::Number(n.to_string())),
            any::<bool>().prop_map(Form::Boolean),
            Just(Form::Null),
            "/[a-z/_.-]{1,12}".prop_map(Form::Parameter),
            ("[a-z/_.-]{1,12}", proptest::option::of("[a-z]{1,5}"))
                .prop_map(|(name, key)| Form::Secret { name, key }),
        ];
        leaf.prop_map(bare).prop_recursive(3, 24, 4, |inner| {
            let step = prop_oneof![
                name().prop_map(|name| PathStep::Name(name, Span::default())),
                inner
                    .clone()
                    .prop_map(|i| PathStep::Index(Box::new(i), Span::default())),
                Just(PathStep::Splat(Span::default())),
            ];
            let path = (name(), proptest::collection::vec(step, 1..4));
            let call = (name(), proptest::collection::vec(inner, 0..4));
            prop_oneof![
                path.prop_map(|(root, steps)| Form::Path(Path {
                    root,
                    root_span: Span::default(),
                    steps,
                })),
                call.prop_map(|(name, arguments)| Form::Call {
                    name,
                    name_span: Span::default(),
                    arguments,
                }),
            ]
            .prop_map(bare)
        })
    }

    proptest! {
        #[test]
        fn an_expression_is_read_as_it_is_printed(expr in any_expression()) {
            let text = expr.to_string();
            let read = expression(&text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
            prop_assert_eq!(unplaced(&read), expr, "{}", text);
        }

        #[test]
        fn no_text_brings_the_reader_down(text in any::<String>()) {
            let _ = expression(&text);
        }

        #[test]
        fn no_file_brings_the_language_down(
            text in "(stack: a\n)?([a-z]{1,4}(\\.[a-z])?: ?[\\[\\]{}a-z$*&\"'.,: é\n-]{0,12}\n? {0,4}){0,8}"
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("stack.yaml");
            std::fs::write(&path, text).unwrap();
            let _ = super::load(&path, &super::Sources::default(), &super::TestCatalog)
                .map_err(|found| found.to_string());
        }
    }
}

/// Whatever way the file under `configs:` is named, the resource waits for what it is made of.
#[test]
fn a_rendered_file_is_waited_for_however_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stack.yaml");
    let text = r#"
stack: demo
resources:
  msk_cluster.c:
    cluster_name: c
    kafka_version: 3.8.x
    number_of_broker_nodes: 2
    broker_node_group_info: { instance_type: kafka.m5.large, client_subnets: [subnet-1, subnet-2] }
  s3_bucket.b:
    for_each: [brokers, words]
    bucket: "b-${each.key}"
    tags: { text: "${base64(config(each.value))}" }
configs:
  brokers: { template: text.hbs, cluster: "${msk_cluster.c}" }
  words: { template: text.hbs, bootstrap_servers: none }
"#;
    std::fs::write(&path, text).unwrap();
    std::fs::write(folder.path().join("text.hbs"), "{{bootstrap_servers}}").unwrap();
    let stack =
        load(&path, &Sources::default(), &TestCatalog).unwrap_or_else(|found| panic!("{found}"));
    let instances = stack.instances(&NothingKnown).unwrap();
    let targets = |key: &str| {
        let mut all = instances.iter();
        let instance = all
            .find(|instance| instance.address.key.as_deref() == Some(key))
            .unwrap();
        let found = instance.references().into_iter();
        found
            .map(|reference| reference.target.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(targets("brokers"), ["msk_cluster.c"]);
    assert_eq!(targets("words"), Vec::<String>::new());
}
