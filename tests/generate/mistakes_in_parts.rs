//! How strict the generator is with the parts of specs that the fixture does not have.

use pinfra::generate::{Mode, generate};

use super::changed;
use super::mistakes::problems;

/// A text, what is put in its place, and what is said of that.
type Mistake = (&'static str, &'static str, &'static str);

/// Each part of a spec, right as it stands, that goes in after a text of the fixture's; and for each
/// change of it what is said then.
const PARTS: &[(&str, &str, &[Mistake])] = &[
    (
        "CreateWidget, reply_id: widget_arn",
        ", try: { with: dry_run, ok: [WidgetExists] }",
        &[
            ("with: dry_run, ", "", "23:63: try needs `with`"),
            (
                "dry_run",
                "dry_runs",
                "creation takes no `dry_runs`; did you mean `dry_run`?",
            ),
            (
                "with: dry_run",
                "with: material",
                "`material` is text, and must be boolean",
            ),
            (", ok: [WidgetExists]", "", "23:63: try needs `ok`"),
            (
                "[WidgetExists]",
                "[WidgetExist]",
                "`WidgetExist`; did you mean `WidgetExists`?",
            ),
            (
                "[WidgetExists]",
                "[]",
                "`ok` has no code that says that it would have worked",
            ),
        ],
    ),
    (
        "    settles: true\n",
        "    when: { live: paint.coats }\n",
        &[
            (
                "live: paint.coats",
                "live: paint.coat",
                "neither an attribute nor a member of a reply: `coat`; did you mean `coats`?",
            ),
            (
                "live: paint.coats",
                "live: shine",
                "neither an attribute nor a member of a reply: `shine`",
            ),
            (
                "live: paint.coats",
                "live: [paint]",
                "expected a text, found a list",
            ),
        ],
    ),
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
        "already: [NoSuchWidget]",
        ", blockers: [{ operation: ListWidgets, holders: [{ at: widgets, id: widget_arn, lets_go: widget }], help: see to it }]",
        &[
            (
                "lets_go: widget",
                "lets_go: gadget",
                "there is no type `gadget`",
            ),
            (
                ", help: see to it",
                "",
                "what does not let go by itself needs `help`",
            ),
            ("id: widget_arn", "id: arn", "ListWidgets answers no `arn`"),
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
            (
                "when: { paint.coats",
                "unless: { paint.coat",
                "there is no attribute `coat`; did you mean `coats`?",
            ),
            (
                "when: {",
                "unless: { paint.color: [RED] }, when: {",
                "5: a check has exactly one of",
            ),
            (
                "one_of: paint.color, values: [RED]",
                "matches: widget_name, pattern: \"[\"",
                "no regular expression",
            ),
            (
                "one_of: paint.color, values: [RED]",
                "excludes: widget_nam, pattern: a",
                "there is no attribute `widget_nam`; did you mean `widget_name`?",
            ),
            (
                "one_of: paint.color, values: [RED]",
                "matches: widget_name",
                "5: a check has exactly one of",
            ),
            (
                "one_of: paint.color, values: [RED]",
                "some_of: [paint.color, paint.coat]",
                "there is no attribute `coat`; did you mean `coats`?",
            ),
            (
                "one_of: paint.color, values: [RED]",
                "one_case: tag",
                "there is no attribute `tag`",
            ),
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
