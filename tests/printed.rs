//! Output that does not get where it is to go.
#![cfg(all(feature = "aws", target_os = "linux"))]
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs::File;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The command in a folder of its own, with nothing of whoever runs the tests.
fn pinfra(folder: &TempDir, words: &str) -> Command {
    let stack = concat!(env!("CARGO_MANIFEST_DIR"), "/stacks/pinterest.yaml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_pinfra"));
    command
        .args(
            words
                .split(' ')
                .map(|word| if word == "STACK" { stack } else { word }),
        )
        .current_dir(folder.path())
        .env_clear()
        .env("HOME", folder.path())
        .stdin(Stdio::null());
    command
}

const COMMANDS: [&str; 11] = [
    "plan STACK --local",
    "plan STACK --local --format json",
    "apply STACK --local --auto-approve",
    "output STACK --local",
    "validate STACK",
    "render-configs STACK --stdout --set bootstrap_servers=b:1 --set zookeeper_connect= --set role_arn=r",
    "schema",
    "completions bash",
    "cloud operations",
    "--help",
    "--version",
];

#[test]
fn output_that_is_lost_is_an_error() {
    let folder = TempDir::new().unwrap();
    for words in COMMANDS {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let Output { status, stderr, .. } = pinfra(&folder, words).stdout(full).output().unwrap();
        let stderr = String::from_utf8_lossy(&stderr);
        assert_eq!(status.code(), Some(1), "{words}: {stderr}");
        assert!(
            stderr.contains("error: standard output cannot be written: No space left on device"),
            "{words}: {stderr}"
        );
    }
    // Nothing was made whose plan could not be shown.
    let made = pinfra(&folder, "destroy STACK --local --auto-approve")
        .output()
        .unwrap();
    let plan = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(plan.contains("No changes"), "{plan}");
}

#[test]
fn a_reader_that_has_enough_is_none() {
    let folder = TempDir::new().unwrap();
    for words in ["schema", "completions bash", "cloud operations", "--help"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = pinfra(&folder, words).stdout(writer).output().unwrap();
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert!(
            ended.status.success() && stderr.is_empty(),
            "{words}: {stderr}"
        );
    }
}
