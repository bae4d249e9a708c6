//! How strict the generator is with specs.

use std::fs;
use std::path::PathBuf;

use pinfra::generate::{GenerateError, Mode, generate};

use super::{GENERATED, SPEC, changed, fixture};

/// What is wrong with the fixture after these edits, a line each.
pub(super) fn problems(edits: &[(&str, &str)]) -> Vec<String> {
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
        // Which object a call is on.
        (
            "widgets:::$${x}${id}",
            "widgets:::mine",
            "25:14: nothing in the input of DescribeWidget says which object: it needs `${id}`, or `${widget_name}`",
        ),
        (
            "input: { widget_arn: \"${id}\", paint",
            "input: { widget_arn: \"${material}\", paint",
            "nothing in the input of PaintWidget says which object",
        ),
        (
            "DeleteWidget, input: { widget_arn: \"${id}\"",
            "DeleteWidget, input: { widget_arn: \"${live.state}\"",
            "nothing in the input of DeleteWidget says which object",
        ),
        (
            "TagWidget, input: { widget_arn: \"${id}\"",
            "TagWidget, input: { widget_arn: x",
            "nothing in the input of TagWidget says which object",
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
        (
            "absent: [NoSuchWidget]\n",
            "absent: [NoSuchWidget]\n  when: { differing: [paint], up_to: { paint.coats: 3 } }\n",
            "what is read when it is `differing` are contents",
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
        (
            "forbids: paint, why",
            "forbids: paint, warning: perhaps, why",
            "`warning` is true or false, not a text",
        ),
        ("settles: true", "keep: it", "an update has exactly one of"),
        (
            "settles: true",
            "failures: not_painted",
            "PaintWidget answers no `not_painted`",
        ),
        (
            "    operation: PaintWidget\n    input: { widget_arn: \"${id}\", paint: { color: \"${paint.color}\", coats: \"${paint.coats}\" } }\n    settles: true",
            "    replace: true\n    failures: not_painted",
            "only an update that is one call has `failures`",
        ),
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
