//! Single elements of a list, in a spec: as they are right, and how strict the generator is with them.

use std::fs;

use pinfra::generate::{Mode, generate};

use super::mistakes::problems;
use super::{GENERATED, changed};

/// What makes the fixture a type with a list whose elements are changed one by one.
const RIGHT: [(&str, &str); 4] = [
    (
        "attributes:\n",
        "attributes:\n  drawers: { type: list(object), members: { label: { type: text, required: true }, depth: { type: integer } } }\n  drawers.label: { on_change: replace, why: labels are burnt in }\n",
    ),
    ("compare: {", "compare: { drawers: keyed(label),"),
    (
        "read:\n  operation: DescribeWidget\n  input: { widget_arn: \"arn:${aws.partition}:widgets:::$${x}${id}\" }\n  at: widget\n  map: { type: kind }\n  absent: [NoSuchWidget]\n",
        "read:\n  - { operation: DescribeWidget, input: { widget_arn: \"${id}\" }, at: widget, map: { type: kind }, absent: [NoSuchWidget] }\n  - { operation: ListWidgets, at: widgets, into: drawers, map: { label: widget_name, depth: paint.coats } }\n",
    ),
    (
        "    settles: true\n",
        "    settles: true\n  - covers: [drawers.depth]\n    elements:\n      of: drawers\n      change: { operation: PaintWidget, input: { widget_arn: \"${each.live.widget_arn}\", paint: { color: RED, coats: \"${each.value.depth}\" } } }\n      until: { operation: DescribeWidget, input: { widget_arn: \"${each.live.widget_arn}\" }, already: [NoSuchWidget], state: widget.state, pending: [MAKING], ready: [THERE], failed: [BROKEN], reason: widget.kind }\n",
    ),
];

#[test]
fn what_is_right_is_written() {
    let folder = changed(&RIGHT);
    generate(folder.path(), Mode::Write).unwrap_or_else(|error| panic!("{error}"));
    let written = fs::read_to_string(folder.path().join(GENERATED)).unwrap();
    let at = written.find("UpdateAction::Elements").unwrap();
    insta::assert_snapshot!("elements", written[at..].split("settles").next().unwrap());
    let page = fs::read_to_string(folder.path().join("docs/resources/widget.md")).unwrap();
    let depth = page.lines().find(|line| line.contains("drawers[].depth"));
    assert!(depth.unwrap().ends_with("| in place |"), "{depth:?}");
}

#[test]
fn each_mistake_is_found() {
    for (from, to, expected) in [
        (
            "keyed(label)",
            "ordered",
            "the elements of `drawers` have no key: it must compare as `keyed(member)` or `among(member)`",
        ),
        (
            "of: drawers",
            "of: drawer",
            "there is no attribute `drawer`; did you mean `drawers`?",
        ),
        ("      of: drawers\n", "", "elements needs `of`"),
        (
            "of: drawers\n",
            "of: drawers\n      add: x\n",
            "elements has no key `add`",
        ),
        (
            "covers: [drawers.depth]",
            "covers: [drawers]",
            "`drawers` is no member of the elements of `drawers`",
        ),
        (
            "covers: [drawers.depth]",
            "covers: [drawers.depth, paint]",
            "`paint` is no member of the elements of `drawers`",
        ),
        (
            "covers: [drawers.depth]",
            "covers: [drawers.depth, drawers.label]",
            "`drawers.label` says which element it is: no call changes it",
        ),
        (
            "each.value.depth",
            "each.value.dept",
            "there is no attribute `dept`; did you mean `depth`?",
        ),
        (
            "each.live.widget_arn",
            "each.live.widget_urn",
            "neither an attribute nor a member of a reply: `widget_urn`",
        ),
        (
            "each.value.depth",
            "each.other.depth",
            "each has no `other.depth`",
        ),
        (
            "state: widget.state",
            "state: widget.stat",
            "DescribeWidget answers no `stat`; did you mean `state`?",
        ),
        (
            "ready: [THERE], failed: [BROKEN], reason",
            "ready: [THEIR], failed: [BROKEN], reason",
            "there is no state `THEIR`",
        ),
        (
            "pending: [MAKING], ready: [THERE], failed: [BROKEN], reason",
            "pending: [], ready: [THERE], failed: [BROKEN], reason",
            "the state MAKING must be in exactly one of ready, pending, failed",
        ),
        (
            "reason: widget.kind",
            "reason: widget.kin",
            "DescribeWidget answers no `kin`; did you mean `kind`?",
        ),
        (", state: widget.state", "", "until needs `state`"),
        (
            "tags: \"${tags}\" } }",
            "tags: \"${each.live.x}\" } }",
            "each has no `live.x`",
        ),
        (
            "exists: [WidgetExists]",
            "exists: [{ code: WidgetExists }]",
            "an error that is a map has `message`, `advice`, or both",
        ),
        (
            "exists: [WidgetExists]",
            "exists: [{ code: WidgetExists, advise: wait }]",
            "an error has no key `advise`; did you mean `advice`?",
        ),
    ] {
        let edits: Vec<(&str, &str)> = RIGHT.into_iter().chain([(from, to)]).collect();
        let found = problems(&edits);
        assert!(
            found.iter().any(|line| line.contains(expected)),
            "{from} -> {to}: {found:#?}"
        );
    }
}
