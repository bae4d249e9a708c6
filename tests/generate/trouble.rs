//! What the command says where it cannot work at all.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{GENERATED, fixture, repository};

/// What the command says on standard error when it fails, in a folder.
fn fails(folder: &Path, arguments: &[&str], path: Option<&Path>) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pinfra"));
    command.arg("generate").args(arguments).current_dir(folder);
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn elsewhere_than_in_the_repository_it_says_so() {
    let elsewhere = tempfile::tempdir().unwrap();
    for arguments in [
        &[][..],
        &["--check"],
        &["--stats"],
        &["new", "AWS::EC2::InternetGateway"],
    ] {
        assert_eq!(
            fails(elsewhere.path(), arguments, None),
            "error: `.` is not pinfra's repository: it has no folder src/provider/aws; begin there, or name it with `--root DIR`\n",
            "{arguments:?}"
        );
    }
    let root = repository().to_str().unwrap();
    let stats = Command::new(env!("CARGO_BIN_EXE_pinfra"))
        .args(["generate", "--stats", "--root", root])
        .current_dir(elsewhere.path())
        .output()
        .unwrap();
    assert!(stats.status.success());
}

#[test]
fn what_rustfmt_says_is_shown_with_what_to_do() {
    let folder = fixture();
    let tools = tempfile::tempdir().unwrap();
    let missing = fails(folder.path(), &[], Some(tools.path()));
    assert!(
        missing.contains("cannot be started") && missing.contains("rustup component add rustfmt"),
        "{missing}"
    );

    let template = folder.path().join("templates/provider/type.rs.hbs");
    let right = fs::read_to_string(&template).unwrap();
    fs::write(&template, format!("{right}\nfn {{")).unwrap();
    let wrong = fails(folder.path(), &[], None);
    assert!(
        wrong.starts_with(&format!("error: rustfmt: {GENERATED}: error"))
            && wrong.contains("what came out is no Rust"),
        "{wrong}"
    );
}

/// One that is there and does not work, as rustup's is where the component is missing: it reads
/// nothing.
#[cfg(unix)]
#[test]
fn a_rustfmt_that_does_not_run_says_why() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = fixture();
    let tools = tempfile::tempdir().unwrap();
    let tool = tools.path().join("rustfmt");
    for (script, reason) in [
        (
            "echo 'error: rustfmt is not installed' >&2; exit 1",
            "error: rustfmt is not installed\n",
        ),
        ("exit 3", "exit status: 3; "),
    ] {
        fs::write(&tool, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
        let said = fails(folder.path(), &[], Some(tools.path()));
        assert!(
            said.contains(&format!(
                "{reason}`rustfmt --version` must work: `rustup component add rustfmt` installs it"
            )),
            "{said}"
        );
        assert!(!said.contains("Broken pipe"), "{said}");
    }
}
