//! What a person sees of a stack file with mistakes, and what one without means.
//!
//! A case is a folder of `tests/cases/language`: `stack.yaml`, `expected.txt`, and if need be
//! `vars.yaml` (a file of variables) and `vars.txt` (a `--var` a line). `expected.txt` holds the
//! diagnostics exactly as they are printed, or the resources of a file that is right.
//! `UPDATE_EXPECTED=1 cargo test --test language` writes what is printed now.
#![cfg(feature = "stack")]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/catalog.rs"]
mod catalog;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use catalog::TestCatalog;
use pinfra::schema::Draft;
use pinfra::stack::{NothingKnown, Sources, Stack, Stage, edges, load, report};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/language")
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
    let found = load(&case.join("stack.yaml"), &sources(case), &TestCatalog);
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
    let mut text = report(&stack.warnings, false);
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
    for (name, value) in stack.outputs(&NothingKnown).unwrap() {
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
