//! The provider generator: what it writes, and how strict it is with specs.
#![cfg(feature = "generate")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pinfra::generate::{Drafted, GenerateError, Mode, NewType, generate, new_type};
use tempfile::TempDir;

const SPEC: &str = "src/provider/aws/kinesis/widget/spec.yaml";
const GENERATED: &str = "src/provider/aws/kinesis/widget/generated.rs";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A repository with one made-up type, and this one's templates.
fn fixture() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(
        &repository().join("tests/fixtures/generator"),
        folder.path(),
    );
    copy(
        &repository().join("templates"),
        &folder.path().join("templates"),
    );
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// The fixture with each first text of a spec replaced by the second.
fn changed(edits: &[(&str, &str)]) -> TempDir {
    let folder = fixture();
    let path = folder.path().join(SPEC);
    let mut text = fs::read_to_string(&path).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "the fixture has no `{from}`");
        text = text.replacen(from, to, 1);
    }
    fs::write(path, text).unwrap();
    folder
}

/// What is wrong with the fixture after these edits, a line each.
fn problems(edits: &[(&str, &str)]) -> Vec<String> {
    let folder = changed(edits);
    let error = match generate(folder.path(), Mode::Write) {
        Ok(_) => panic!("no mistake was found after {edits:?}"),
        Err(error) => error,
    };
    assert!(
        !folder.path().join(GENERATED).exists(),
        "a broken spec writes nothing"
    );
    match error {
        GenerateError::Problems(problems) => problems
            .iter()
            .map(|problem| problem.to_string().replacen(&format!("{SPEC}:"), "", 1))
            .collect(),
        other => panic!("expected problems, got {other}"),
    }
}

#[test]
fn a_type_is_generated_as_it_was_reviewed() {
    let folder = fixture();
    generate(folder.path(), Mode::Write).unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    insta::assert_snapshot!("type", read(GENERATED));
    insta::assert_snapshot!("shapes", read("src/provider/aws/kinesis/shapes.rs"));
    insta::assert_snapshot!("service", read("src/provider/aws/kinesis/mod.rs"));
    insta::assert_snapshot!("types", read("src/provider/aws/types.rs"));
    insta::assert_snapshot!("services", read("src/provider/aws/service.rs"));
    insta::assert_snapshot!("clients", read("src/provider/aws/clients.rs"));
    insta::assert_snapshot!("aws", read("src/provider/aws/mod.rs"));
    insta::assert_snapshot!("embedded", read("src/aws_model/embedded.rs"));
    insta::assert_snapshot!("document", read("docs/resources/widget.md"));
    insta::assert_snapshot!("documents", read("docs/resources/README.md"));
    let schema = read("stack.schema.json");
    let widget = schema.split("\"widget\": ").nth(1).unwrap();
    insta::assert_snapshot!("schema", widget);
}

#[test]
fn what_is_checked_in_is_what_would_be_generated() {
    let outcome = generate(repository(), Mode::Check).unwrap();
    assert_eq!(outcome.diff, "", "run `cargo run -- generate`");
    assert!(outcome.files > 1);
}

#[test]
fn the_readme_names_every_type() {
    let read = |name| fs::read_to_string(repository().join(name)).unwrap();
    let (readme, page) = (read("README.md"), read("docs/resources/README.md"));
    let list = readme.split("Resource types today: ").nth(1).unwrap();
    let list = list.split("\n\n").next().unwrap();
    let (declared, looked_up) = list.split_once("; under `existing:`").unwrap();
    let quoted = |text: &str| -> BTreeSet<String> {
        let words = text.split('`').skip(1).step_by(2);
        words.map(str::to_owned).collect()
    };
    // Which types stand where, by the generated table.
    let rows = page.lines().filter(|line| line.starts_with("| [`"));
    let (declarable, others): (Vec<&str>, Vec<&str>) =
        rows.partition(|row| row.contains("`resources`"));
    let names = |rows: &[&str]| -> BTreeSet<String> {
        let names = rows.iter().map(|row| row.split('`').nth(1).unwrap());
        names.map(str::to_owned).collect()
    };
    assert!(!declarable.is_empty() && !others.is_empty());
    assert_eq!(quoted(declared), names(&declarable));
    assert_eq!(quoted(looked_up), names(&others));
}

#[test]
fn check_shows_the_difference_and_writes_nothing() {
    let folder = fixture();
    let first = generate(folder.path(), Mode::Write).unwrap();
    assert_eq!(first.changed.len(), first.files);
    assert_eq!(
        generate(folder.path(), Mode::Check).unwrap().changed,
        Vec::<String>::new()
    );

    let path = folder.path().join(GENERATED);
    let edited = fs::read_to_string(&path)
        .unwrap()
        .replace("id: \"widget_arn\"", "id: \"by_hand\"");
    fs::write(&path, &edited).unwrap();
    let outcome = generate(folder.path(), Mode::Check).unwrap();
    assert_eq!(outcome.changed, [GENERATED]);
    assert!(
        outcome
            .diff
            .contains("-    id: \"by_hand\",\n+    id: \"widget_arn\","),
        "{}",
        outcome.diff
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), edited);
}

#[test]
fn what_no_spec_asks_for_any_more_is_removed() {
    let folder = fixture();
    generate(folder.path(), Mode::Write).unwrap();
    let other = folder.path().join("src/provider/aws/iam/old_type");
    fs::create_dir_all(&other).unwrap();
    fs::copy(folder.path().join(GENERATED), other.join("generated.rs")).unwrap();
    fs::write(
        folder.path().join("src/provider/aws/iam/shapes.rs"),
        "// @generated, once",
    )
    .unwrap();
    fs::write(
        folder.path().join("docs/resources/old_type.md"),
        "<!-- @generated, once -->",
    )
    .unwrap();
    // What a person wrote stays.
    let by_hand = [
        "docs/resources/guide.md",
        "src/provider/aws/iam/mod.rs",
        "src/provider/aws/iam/old_type/hooks.rs",
    ];
    for name in by_hand {
        fs::write(folder.path().join(name), "// Mine.\n// @generated").unwrap();
    }
    let outcome = generate(folder.path(), Mode::Write).unwrap();
    for name in by_hand {
        assert!(folder.path().join(name).exists(), "{name}");
    }
    assert_eq!(
        outcome.changed,
        [
            "docs/resources/old_type.md",
            "src/provider/aws/iam/old_type/generated.rs",
            "src/provider/aws/iam/shapes.rs",
        ]
    );
    assert!(!other.join("generated.rs").exists());
}

#[test]
fn all_mistakes_of_a_spec_are_reported_together_in_order() {
    let found = problems(&[
        ("alphabet:", "alfabet: x\n  alphabet:"),
        ("at: widget\n", "at: wigdet\n"),
        ("color: \"${paint.color}\"", "colour: \"${paint.color}\""),
        ("operation: DeleteWidget", "operation: DeleteWidgets"),
        ("ready: [THERE]", "ready: [HERE]"),
        ("exists: [WidgetExists]", "existing: [WidgetExist]"),
    ]);
    insta::assert_snapshot!("mistakes", found.join("\n"));
}

#[test]
fn each_kind_of_mistake_is_found() {
    let cases: &[(&str, &str, &str)] = &[
        // Keys and their values.
        (
            "type: widget\n",
            "type: widget\ntypo: 1\n",
            "2:1: a spec has no key `typo`; did you mean `type`?",
        ),
        (
            "type: widget\n",
            "type: widget\ntype: widget\n",
            "2:1: `type` is given twice",
        ),
        (
            "type: widget\n",
            "type: gadget\n",
            "the type is the folder's name, `widget`",
        ),
        (
            "service: kinesis",
            "service: kafka",
            "the service is the folder's name, `kinesis`",
        ),
        ("discovery: list\n", "", "a spec needs `discovery`"),
        (
            "type: widget\n",
            "type: [widget]\n",
            "expected a text, found a list",
        ),
        ("type: widget\n", "type: {widget\n", "not YAML:"),
        ("every: 5s", "every: soon", "`soon` is no time"),
        // Operations and members.
        (
            "operation: PaintWidget",
            "operation: PolishWidget",
            "operation `PolishWidget` is not modelled",
        ),
        (
            "operation: PaintWidget",
            "operation: PainWidget",
            "there is no operation `PainWidget`; did you mean `PaintWidget`?",
        ),
        (
            "operation: DescribeWidget",
            "operation: DownloadWidget",
            "DownloadWidget streams its `body`",
        ),
        (
            "tag_keys: \"${keys}\"",
            "tag_key: \"${keys}\"",
            "UntagWidget has no member `tag_key`; did you mean `tag_keys`?",
        ),
        ("tag_keys: \"${keys}\"", "", "UntagWidget needs `tag_keys`"),
        (
            "coats: \"${paint.coats}\"",
            "coats: many",
            "PaintWidget.paint.coats does not take \"many\"",
        ),
        (
            "color: \"${paint.color}\"",
            "color: GREEN",
            "PaintWidget.paint.color does not take `GREEN`; there are RED, BLUE",
        ),
        (
            "in: tags",
            "in: tag",
            "creation takes no `tag`; did you mean `tags`?",
        ),
        (
            "reply_id: widget_arn",
            "reply_id: arn",
            "CreateWidget answers no `arn`",
        ),
        (
            "map: { type: kind }",
            "map: { type: sort }",
            "DescribeWidget answers no `sort`",
        ),
        // Paths in inputs.
        (
            "${paint.color}",
            "${paint.tint}",
            "a path cannot begin with or lead to `tint`",
        ),
        (
            "${paint.color}",
            "${step}",
            "a path cannot begin with or lead to `step`",
        ),
        ("${aws.partition}", "${aws.planet}", "aws has no `planet`"),
        ("${paint.color}", "${paint.color", "`${` without `}`"),
        // Attributes.
        (
            "paint.coats: {",
            "paint.coat: {",
            "there is no attribute `coat`; did you mean `coats`?",
        ),
        (
            "outputs: [widget_arn, state]",
            "outputs: [widget_arn, shine]",
            "`shine` is in no reply",
        ),
        (
            "unit: coats",
            "pattern: x",
            "is of a kind that has no such limits",
        ),
        ("unit: coats", "type: whole", "there is no type `whole`"),
        (
            "unit: coats",
            "from: PaintWidget.paint.cost",
            "PaintWidget takes no `cost`; did you mean `coats`?",
        ),
        (
            "rules: policy",
            "rules: strategy",
            "there is no comparison `strategy`",
        ),
        (
            "rules: policy",
            "rules: set",
            "`rules` cannot compare as `set`",
        ),
        (
            "shelves: set",
            "shelves: keyed(id)",
            "its elements have no member `id`",
        ),
        // Against the registry.
        (
            "Lamp: ~",
            "Lump: ~",
            "create-only property Lamp, which matches no attribute",
        ),
        (
            "registry: AWS::Test::Widget",
            "registry: AWS::Test::Gadget",
            "there is no models/registry/AWS-Test-Gadget.json",
        ),
        (
            "  shelves: { on_change: replace, why: shelves are welded on }\n",
            "",
            "`shelves` is not create-only, and no update covers it",
        ),
        (
            "on_change: replace, why: shelves are welded on",
            "on_change: replace",
            "this departs from the registry: say `why`",
        ),
        (
            "covers: [paint]",
            "covers: [paint, material]",
            "the registry calls `material` create-only, but an update covers it",
        ),
        ("map: { type: kind }", "map: { }", "`type` is in no reply"),
        // When something is read.
        (
            "absent: [NoSuchWidget]\n",
            "absent: [NoSuchWidget]\n  when: { needed: [pain] }\n",
            "there is no attribute `pain`; did you mean `paint`?",
        ),
        (
            "absent: [NoSuchWidget]\n",
            "absent: [NoSuchWidget]\n  when: { needed: [paint], above: { pain: 3 } }\n",
            "there is no attribute `pain`; did you mean `paint`?",
        ),
        (
            "absent: [NoSuchWidget]\n",
            "absent: [NoSuchWidget]\n  when: { changing: [pain] }\n",
            "there is no attribute `pain`; did you mean `paint`?",
        ),
        (
            "absent: [NoSuchWidget]\n",
            "absent: [NoSuchWidget]\n  when: { each: shelfs }\n",
            "neither an attribute nor a member of a reply: `shelfs`; did you mean `shelves`?",
        ),
        (
            "absent: [NoSuchWidget]\n",
            "absent: [NoSuchWidget]\n  when: { needed: [paint], each: shelves }\n",
            "a read's `when` has exactly one of needed (perhaps with above), each, changing",
        ),
        (
            "absent: [NoSuchWidget]\n",
            "absent: [NoSuchWidget]\n  when: { needed: [] }\n",
            "a read's `when` has exactly one of needed (perhaps with above), each, changing",
        ),
        // States, errors, types.
        (
            "pending: [MAKING]",
            "pending: []",
            "the state MAKING must be in exactly one of",
        ),
        (
            "absent: [NoSuchWidget]",
            "absent: [NoWidget]",
            "the service declares no error",
        ),
        (
            "discovery: list",
            "discovery: list\nafter_complete: [gadget]",
            "there is no type `gadget`",
        ),
        (
            "discovery: list",
            "discovery: list\nhooks: true",
            "there is no hooks.rs beside it",
        ),
        (
            "forbids: paint, why",
            "forbids: paint, warns: paint, why",
            "a check has exactly one of",
        ),
        ("settles: true", "keep: it", "an update has exactly one of"),
    ];
    for (from, to, expected) in cases {
        let edits: Vec<(&str, &str)> = match *from {
            // The list has it too, and either is enough for it to be seen.
            "map: { type: kind }" => vec![(from, to), (from, to)],
            _ => vec![(from, to)],
        };
        let found = problems(&edits);
        assert!(
            found.iter().any(|line| line.contains(expected)),
            "{from} -> {to}: {found:#?}"
        );
    }
}

/// A text, what is put in its place, and what is said of that.
type Mistake = (&'static str, &'static str, &'static str);

/// Each part of a spec, right as it stands, that goes in after a text of the fixture's; and for each
/// change of it what is said then.
const PARTS: &[(&str, &str, &[Mistake])] = &[
    (
        "    settles: true\n",
        "    room: { list: { operation: ListWidgets }, at: [widgets], remove: { operation: DeleteWidget, input: { widget_arn: \"${each.value.widget_arn}\" } }, except: broken, most: 3, oldest: paint.coats }\n",
        &[
            ("most: 3, ", "", "11: room needs `most`"),
            (
                "most: 3",
                "most: three",
                "`most` is a whole number, not a text",
            ),
            ("most: 3", "most: -1", "11: `most` is not below 0"),
            (", oldest: paint.coats", "", "11: room needs `oldest`"),
            (
                "paint.coats",
                "paint.coat",
                "what is listed has no member `coat`; did you mean `coats`?",
            ),
            (
                "paint.coats",
                "material",
                "`material` is text, and must be whole number",
            ),
            (
                "except: broken",
                "except: broke",
                "what is listed has no member `broke`; did you mean `broken`?",
            ),
            (
                "except: broken",
                "except: state",
                "`state` is text, and must be boolean",
            ),
            (
                "value.widget_arn",
                "value.widget_urn",
                "what is listed has no member `widget_urn`; did you mean `widget_arn`?",
            ),
            (
                "at: [widgets]",
                "at: [widget]",
                "ListWidgets answers no `widget`; did you mean `widgets`?",
            ),
            (
                "at: [widgets]",
                "at: [next_token]",
                "`next_token` is no list",
            ),
            (
                "at: [widgets]",
                "at: []",
                "`at` says nowhere what is listed",
            ),
            ("at: [widgets], ", "", "11: room needs `at`"),
            ("most: 3", "most: 3, batch: true", "room has no key `batch`"),
            (
                "operation: ListWidgets",
                "operation: ListWidget",
                "there is no operation `ListWidget`",
            ),
        ],
    ),
    (
        "already: [NoSuchWidget]",
        ", empty: [{ list: { operation: ListWidgets }, at: [widgets], remove: { operation: DeleteWidget, input: { widget_arn: \"${each.value}\" } }, except: broken, keep: [widget_arn] }]",
        &[
            (
                "except: broken",
                "except: broke",
                "what is listed has no member `broke`; did you mean `broken`?",
            ),
            (
                "except: broken",
                "except: widget_name",
                "`widget_name` is text, and must be boolean",
            ),
            (
                "keep: [widget_arn]",
                "keep: [arn]",
                "what is listed has no member `arn`",
            ),
            (
                "keep: [widget_arn]",
                "failures: lost",
                "DeleteWidget answers no `lost`",
            ),
        ],
    ),
    (
        "name: widget_name\n",
        "id_is: \"arn:${aws.partition}:widget:${widget_name}\"\n",
        &[
            (
                "${widget_name}",
                "${wigdet_name}",
                "a path cannot begin with or lead to `wigdet_name`; did you mean `widget_name`?",
            ),
            (
                "${widget_name}",
                "${material}",
                "`id_is` is made of the name and what that is unique within, not of `material`",
            ),
            (
                "${widget_name}",
                "${aws.region}",
                "7:8: `id_is` must have `${widget_name}` in it",
            ),
            ("aws.partition", "aws.planet", "aws has no `planet`"),
            (
                "aws.partition",
                "id",
                "a path cannot begin with or lead to `id`",
            ),
            (
                "\"arn:${aws.partition}:widget:${widget_name}\"",
                "{ arn: x }",
                "7:8: expected a text, found a map",
            ),
            ("name: widget_name\n", "", "6:8: `id_is` needs `name`"),
        ],
    ),
    (
        "checks:\n",
        "  - { one_of: paint.color, values: [RED], when: { paint.coats: [1, 2] }, why: more coats of blue come off }\n",
        &[
            (
                "one_of: paint.color",
                "one_of: paint.colour",
                "there is no attribute `colour`; did you mean `color`?",
            ),
            (
                "values: [RED]",
                "values: [REDD]",
                "`paint.color` is never \"REDD\": it is `RED` or `BLUE`",
            ),
            ("values: [RED]", "values: [1]", "`paint.color` is never 1"),
            (
                "values: [RED]",
                "values: []",
                "no value of `paint.color` is named",
            ),
            (
                "values: [RED]",
                "values: RED",
                "expected a list, found a text",
            ),
            (", values: [RED]", "", "5: a check has exactly one of"),
            (
                "one_of: paint.color",
                "requires: paint.color",
                "5: a check has exactly one of",
            ),
            (
                "[1, 2]",
                "[1, 12]",
                "`paint.coats` is never 12: it is whole number from 1 to 9",
            ),
            ("[1, 2]", "[one]", "`paint.coats` is never \"one\""),
            ("why: more", "whi: more", "a check needs `why`"),
        ],
    ),
];

#[test]
fn each_mistake_in_a_part_is_found() {
    for (after, part, mistakes) in PARTS {
        let right = format!("{after}{part}");
        let folder = changed(&[(after, &right)]);
        generate(folder.path(), Mode::Write).unwrap_or_else(|error| panic!("{part}: {error}"));
        for (from, to, expected) in *mistakes {
            assert!(right.contains(from), "{from} is not in {right}");
            let found = problems(&[(after, &right.replacen(from, to, 1))]);
            assert!(
                found.iter().any(|line| line.contains(expected)),
                "{from} -> {to}: {found:#?}"
            );
        }
    }
}

#[test]
fn mistakes_of_several_specs_are_shown_together() {
    let folder = changed(&[("discovery: list", "discovery: lists")]);
    let second: PathBuf = folder.path().join("src/provider/aws/kinesis/gadget");
    fs::create_dir_all(&second).unwrap();
    fs::write(
        second.join("spec.yaml"),
        "type: gadget\nservice: kinesis\nid: x\ndiscovery: never\ncolour: red\n",
    )
    .unwrap();
    let error = generate(folder.path(), Mode::Check)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("gadget/spec.yaml:5:1: a spec has no key `colour`"),
        "{error}"
    );
    assert!(
        error.contains("widget/spec.yaml:7:12: there is no discovery `lists`"),
        "{error}"
    );
}

#[test]
fn one_name_is_of_one_type() {
    let folder = fixture();
    let other = "src/provider/aws/pottery/widget/spec.yaml";
    let path = folder.path().join(other);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let text = fs::read_to_string(folder.path().join(SPEC)).unwrap();
    fs::write(path, text.replace("service: kinesis", "service: pottery")).unwrap();
    let api = folder.path().join("models/api");
    fs::copy(api.join("kinesis.json"), api.join("pottery.json")).unwrap();
    let error = generate(folder.path(), Mode::Write).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{other}:1:7: {SPEC} is of a type `widget` already: call this one, and its folder, something else"
        )
    );
}

/// The actions of a row of a type's permissions.
fn permissions(folder: &Path, name: &str, row: &str) -> Vec<String> {
    let page = folder.join(format!("docs/resources/{name}.md"));
    let page = fs::read_to_string(page).unwrap();
    let table = page.split("## Permissions").nth(1).unwrap();
    let row = table
        .lines()
        .find_map(|line| line.strip_prefix(&format!("| {row} | ")))
        .unwrap_or_else(|| panic!("{name} has no row {row}"));
    row.trim_end_matches(" |")
        .split(", ")
        .map(|action| action.trim_matches('`').to_owned())
        .collect()
}

#[test]
fn permissions_are_those_of_the_calls() {
    let of = |name, row| permissions(repository(), name, row);
    // Making room for a version of a policy, and naming what still uses a group.
    let change = of("iam_policy", "change");
    for action in [
        "CreatePolicyVersion",
        "ListPolicyVersions",
        "DeletePolicyVersion",
    ] {
        assert!(change.contains(&format!("iam:{action}")), "{change:?}");
    }
    let destroy = of("security_group", "destroy");
    assert!(
        destroy.contains(&"ec2:DescribeNetworkInterfaces".to_owned()),
        "{destroy:?}"
    );
    // Where the name is unique is looked up.
    assert_eq!(
        of("security_group", "plan"),
        ["ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"]
    );
    // What is read for updates only is no part of a plan.
    let associations = "ec2:DescribeIamInstanceProfileAssociations".to_owned();
    assert!(!of("instance", "plan").contains(&associations));
    assert!(of("instance", "change").contains(&associations));
    // What creation does not take is brought right after it; there is nothing to remove yet.
    let create = of("cloudwatch_log_group", "create");
    assert!(
        create.contains(&"logs:PutRetentionPolicy".to_owned()),
        "{create:?}"
    );
    assert!(
        !create.contains(&"logs:DeleteRetentionPolicy".to_owned()),
        "{create:?}"
    );
    assert_eq!(
        of("iam_instance_profile", "create"),
        [
            "iam:AddRoleToInstanceProfile",
            "iam:CreateInstanceProfile",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:TagInstanceProfile"
        ]
    );
    // An object is marked on its bucket, and a bucket that may not be listed hides what is missing.
    assert_eq!(
        of("s3_object", "destroy"),
        [
            "s3:DeleteObject",
            "s3:GetBucketTagging",
            "s3:PutBucketTagging"
        ]
    );
    assert!(of("s3_object", "plan").contains(&"s3:ListBucket".to_owned()));
}

#[test]
fn every_call_has_its_permission() {
    for service in fs::read_dir(repository().join("src/provider/aws")).unwrap() {
        let service = service.unwrap().path();
        // S3's actions have other names than its operations.
        if !service.is_dir() || service.ends_with("s3") {
            continue;
        }
        for ty in fs::read_dir(service).unwrap() {
            let Ok(generated) =
                fs::read_to_string(ty.as_ref().unwrap().path().join("generated.rs"))
            else {
                continue;
            };
            let name = ty.unwrap().file_name().into_string().unwrap();
            let page = repository().join(format!("docs/resources/{name}.md"));
            let page = fs::read_to_string(page).unwrap();
            let table = page.split("## Permissions").nth(1).unwrap();
            let operations: Vec<&str> = generated
                .split("operation: \"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap())
                .collect();
            assert!(!operations.is_empty());
            for operation in operations {
                assert!(
                    table.contains(&format!(":{operation}`")),
                    "{operation} is not among the permissions of {name}"
                );
            }
        }
    }
}

#[test]
fn the_command_tells_what_mends_a_difference_and_fails() {
    let folder = fixture();
    let pinfra = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_pinfra"))
            .arg("generate")
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let (code, out, err) = pinfra(&["--check"]);
    assert_eq!(code, 1);
    assert!(out.contains("+pub static TYPE: ResourceType"), "{out}");
    assert!(
        err.contains("11 of 11 generated files differ") && err.contains("cargo run -- generate"),
        "{err}"
    );
    let (code, out, _) = pinfra(&[]);
    assert_eq!((code, out.lines().count()), (0, 11));
    let (code, out, _) = pinfra(&["--check"]);
    assert_eq!(
        (code, out.as_str()),
        (0, "11 generated files are up to date\n")
    );
    fs::write(folder.path().join(SPEC), "type: widget\n").unwrap();
    let (code, out, err) = pinfra(&[]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(
        err.starts_with(&format!("{SPEC}:1:1: a spec needs `discovery`")),
        "{err}"
    );
}

#[test]
fn little_is_written_by_hand() {
    let here = pinfra::generate::stats(repository()).unwrap();
    assert_eq!(here.excesses(), Vec::<String>::new());
    assert!(
        here.0
            .iter()
            .all(|lines| lines.spec > 0 && lines.generated > 0)
    );

    let folder = fixture();
    generate(folder.path(), Mode::Write).unwrap();
    let hooks = folder.path().join(SPEC).with_file_name("hooks.rs");
    fs::write(&hooks, "//\n".repeat(121)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_pinfra"))
        .args(["generate", "--stats"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    let widget = out.lines().find(|line| line.starts_with("widget")).unwrap();
    let counts: Vec<&str> = widget.split_whitespace().collect();
    assert_eq!(counts[..3], ["widget", "39", "121"], "{out}");
    assert!(err.contains("the hooks of widget have 121 lines"), "{err}");
    assert!(err.contains("1 of 1 types have hooks"), "{err}");
}

/// A repository that has the facts of a type and no spec of it.
fn facts_without_spec() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixture = repository().join("tests/fixtures/added_type");
    copy(&fixture.join("models"), &folder.path().join("models"));
    copy(
        &repository().join("templates"),
        &folder.path().join("templates"),
    );
    fs::create_dir_all(folder.path().join("src/provider/aws")).unwrap();
    folder
}

fn new(folder: &TempDir, registry: &str, name: Option<&str>) -> Result<Drafted, GenerateError> {
    let wanted = NewType {
        registry: registry.to_owned(),
        name: name.map(str::to_owned),
        service: None,
        wheels: None,
    };
    new_type(folder.path(), &wanted)
}

const CONFIGURATION: &str = "AWS::KafkaConnect::WorkerConfiguration";

#[test]
fn a_draft_whose_questions_are_answered_generates() {
    let folder = facts_without_spec();
    let drafted = new(&folder, CONFIGURATION, None).unwrap();
    let file = "src/provider/aws/kafkaconnect/worker_configuration/spec.yaml";
    assert_eq!(
        (drafted.file.as_str(), drafted.extracted.as_str()),
        (file, "")
    );
    let draft = fs::read_to_string(folder.path().join(file)).unwrap();
    insta::assert_snapshot!("draft", draft);

    // While anything is asked, nothing is generated.
    let GenerateError::Problems(problems) = generate(folder.path(), Mode::Write).unwrap_err()
    else {
        panic!("expected problems");
    };
    assert_eq!(problems.len(), drafted.questions);
    assert!(
        problems[0]
            .to_string()
            .starts_with(&format!("{file}:4:30: an open question: ")),
        "{}",
        problems[0]
    );

    let answered: Vec<&str> = draft
        .lines()
        .map(|line| line.split(" # ?").next().unwrap())
        .collect();
    fs::write(folder.path().join(file), answered.join("\n")).unwrap();
    generate(folder.path(), Mode::Write).unwrap();
    let generated = folder.path().join(file).with_file_name("generated.rs");
    assert!(
        fs::read_to_string(generated)
            .unwrap()
            .contains("operation: \"CreateWorkerConfiguration\"")
    );

    // What is there is not drafted over.
    let error = new(&folder, CONFIGURATION, None).unwrap_err().to_string();
    assert!(
        error.contains("worker_configuration/spec.yaml already"),
        "{error}"
    );
    // Neither is one of the same name of another service, and nothing is extracted for it.
    let error = new(&folder, "AWS::Other::WorkerConfiguration", None);
    let error = error.unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "AWS::Other::WorkerConfiguration: there is {file} already: say `--type` if this is another type"
        )
    );
    // Under another name it is another type.
    assert!(
        new(&folder, CONFIGURATION, Some("other"))
            .unwrap()
            .file
            .contains("/other/spec.yaml")
    );
}

#[test]
fn what_cannot_be_drafted_says_why() {
    let folder = facts_without_spec();
    let error = |registry: &str| new(&folder, registry, None).unwrap_err().to_string();
    assert_eq!(
        error("KafkaConnect::Connector"),
        "KafkaConnect::Connector: a type's name is AWS::Service::Type"
    );
    // Its facts are not there, and here there is no script that extracts them.
    let missing = error("AWS::KafkaConnect::Connector");
    assert!(
        missing.contains("python3 models/extract.py --add AWS::KafkaConnect::Connector"),
        "{missing}"
    );

    let path = folder
        .path()
        .join("models/registry/AWS-KafkaConnect-WorkerConfiguration.json");
    let registry = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        registry.replace(
            "kafkaconnect:DeleteWorkerConfiguration",
            "kafkaconnect:TagResource",
        ),
    )
    .unwrap();
    let undeletable = error(CONFIGURATION);
    assert!(
        undeletable.contains("name no operation that deletes it (Delete…, Release…"),
        "{undeletable}"
    );
}
