//! What a user sees: whole stories of a stack file, the cloud and the binary.
//!
//! A case is a folder under `tests/cases/` with a `steps.yaml` (its form: `support/steps.rs`) and the
//! files it works with; without a `stack.yaml` it works with the shipped `stacks/pinterest.yaml`. Each
//! runs in a folder and an account of its own. Beside what a case itself expects, every plan,
//! validation, rendering and output must leave the cloud as it was, and the plan after every apply
//! that went well must be empty.
//!
//! `CASE=name` runs the cases whose folder contains that name; `UPDATE_EXPECTED=1` writes the
//! snapshots anew.
#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/steps.rs"]
mod steps;
#[path = "support/world.rs"]
mod world;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many cases run at once: they wait more than they work.
const AT_ONCE: usize = 6;

fn cases(repository: &Path) -> Vec<PathBuf> {
    let wanted = std::env::var("CASE").unwrap_or_default();
    let mut found = Vec::new();
    let mut folders = vec![repository.join("tests/cases")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("steps.yaml") && folder.display().to_string().contains(&wanted)
            {
                found.push(folder.clone());
            }
        }
    }
    found.sort();
    found
}

fn played(case: &Path, repository: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(case.join("steps.yaml")).map_err(|e| e.to_string())?;
    let steps = steps::parse(&text)?;
    let mut world = world::World::new(case, repository);
    for (at, step) in steps.iter().enumerate() {
        let told = |why| format!("step {} of {}: {why}", at + 1, steps.len());
        world.step(step).map_err(told)?;
    }
    Ok(())
}

#[test]
fn every_case_goes_as_told() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = cases(repository);
    assert!(!cases.is_empty(), "no case");
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = case.strip_prefix(repository.join("tests/cases")).unwrap();
                    let played = std::panic::catch_unwind(|| played(case, repository));
                    let played = played.unwrap_or_else(|_| Err("it panicked".to_owned()));
                    if let Err(why) = played {
                        failed
                            .lock()
                            .unwrap()
                            .push(format!("{}: {why}", name.display()));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    assert!(
        failed.is_empty(),
        "{} of {} cases failed\n\n{}",
        failed.len(),
        cases.len(),
        failed.join("\n\n")
    );
}
