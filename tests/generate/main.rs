//! The provider generator: what it writes, and how strict it is with specs.
#![cfg(feature = "generate")]
#![allow(clippy::unwrap_used)]

mod elements;
mod mistakes;
mod mistakes_in_parts;
mod new;
mod pages;
mod trouble;

use std::fs;
use std::path::Path;
use std::process::Command;

use pinfra::generate::{Mode, generate};
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
