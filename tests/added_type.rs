//! A type that the product does not have: drafted, generated, and type-checked against the SDK.
#![cfg(all(feature = "generate", feature = "aws", unix))]
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pinfra::generate::{Mode, generate};

const SPEC: &str = "src/provider/aws/kafkaconnect/mskconnect_worker_configuration/spec.yaml";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, relative to it.
fn files(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => files(folder, &path, found),
            false => found.push(path),
        }
    }
}

/// Makes `to` what `from` is. What is so already is not touched: cargo looks at times.
fn mirror(from: &Path, to: &Path) {
    let text = fs::read(from).unwrap();
    if fs::read(to).is_ok_and(|there| there == text) {
        return;
    }
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::write(to, text).unwrap();
}

/// Whether the generator writes this file.
fn is_generated(root: &Path, file: &Path) -> bool {
    let text = match file.extension().is_some_and(|extension| extension == "rs") {
        true => fs::read_to_string(root.join(file)).unwrap(),
        false => return false,
    };
    text.lines()
        .next()
        .is_some_and(|line| line.contains("@generated"))
}

/// The files by hand in the folders that the library is made of.
fn by_hand(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["src", "templates", "models", "benches"] {
        if root.join(folder).exists() {
            files(root, Path::new(folder), &mut found);
        }
    }
    found.retain(|file| !is_generated(root, file));
    found
}

/// The product with the fixture's type in it, always in the same folder: what cargo made of it the
/// last time still counts. The product's own files win over the fixture's.
fn with_type() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("added_type");
    let fixture = repository().join("tests/fixtures/added_type");
    let mut wanted = by_hand(repository());
    wanted.extend(["Cargo.toml", "Cargo.lock"].map(PathBuf::from));
    let mut added = by_hand(&fixture);
    added.retain(|file| !wanted.contains(file));
    assert!(
        added.contains(&PathBuf::from(SPEC)),
        "the product has the fixture's type: choose another"
    );
    for file in by_hand(&scratch) {
        if !wanted.contains(&file) && !added.contains(&file) {
            fs::remove_file(scratch.join(file)).unwrap();
        }
    }
    for (root, files) in [(repository(), wanted), (&fixture, added)] {
        for file in files {
            mirror(&root.join(&file), &scratch.join(&file));
        }
    }
    scratch
}

/// Type-checks the library there as `cargo build` would build it, with the crates that are built
/// already. `cargo check` would check all of them once more.
fn type_check(scratch: &Path) -> Output {
    let wrapper = scratch.join("rustc-without-code");
    let script = "#!/bin/sh\nfor argument do\n  shift\n  case \"$argument\" in\n  --emit=*) argument=--emit=dep-info,metadata ;;\n  esac\n  set -- \"$@\" \"$argument\"\ndone\nexec \"$@\"\n";
    if fs::read_to_string(&wrapper).unwrap_or_default() != script {
        fs::write(&wrapper, script).unwrap();
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new(env!("CARGO"));
    // What cargo tells this test of its package would have ring built once more, and what uses it.
    let told = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ];
    for (name, _) in std::env::vars() {
        if told.iter().any(|start| name.starts_with(start)) {
            command.env_remove(name);
        }
    }
    command
        .args(["build", "--lib", "--offline", "--locked"])
        .current_dir(scratch)
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap(),
        )
        .env("RUSTC_WORKSPACE_WRAPPER", wrapper)
        .output()
        .unwrap()
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "the SDK is built for `cargo build`")]
fn a_type_from_a_model_and_a_spec_fits_the_sdk() {
    let scratch = with_type();
    generate(&scratch, Mode::Write).unwrap();
    let checked = type_check(&scratch);
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}");
    assert!(!said.contains("warning: unused"), "{said}");
    assert!(
        !said.contains("Compiling aws-"),
        "the SDK was built once more: {said}"
    );

    // It is the generated code that was looked at: a call of the SDK that there is not is found.
    let shapes = scratch.join("src/provider/aws/kafkaconnect/shapes.rs");
    let right = fs::read_to_string(&shapes).unwrap();
    let wrong = right.replacen(".set_properties_file_content(", ".set_properties(", 1);
    assert_ne!(right, wrong);
    fs::write(&shapes, &wrong).unwrap();
    let checked = type_check(&scratch);
    fs::write(&shapes, right).unwrap();
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(!checked.status.success());
    assert!(said.contains("no method named `set_properties`"), "{said}");
}
