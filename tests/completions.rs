//! `pinfra completions`: what each shell's script knows.
#![allow(clippy::unwrap_used, missing_docs)]

use std::process::{Command, Output};

fn pinfra(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pinfra"));
    command.args(arguments).output().unwrap()
}

/// The commands that the help lists.
fn commands() -> Vec<String> {
    let help = String::from_utf8(pinfra(&["--help"]).stdout).unwrap();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    listed
        .filter_map(|line| {
            line.strip_prefix("  ")?
                .split(' ')
                .next()
                .map(str::to_owned)
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn every_shells_script_names_every_command() {
    let commands = commands();
    assert!(commands.contains(&"completions".to_owned()), "{commands:?}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let printed = pinfra(&["completions", shell]);
        assert!(printed.status.success(), "{shell}");
        let script = String::from_utf8(printed.stdout).unwrap();
        for command in &commands {
            assert!(
                script.contains(command.as_str()),
                "{shell} does not know {command}"
            );
        }
    }
}

#[test]
fn bash_and_its_like_can_read_theirs() {
    let script = pinfra(&["completions", "bash"]).stdout;
    let folder = std::env::temp_dir().join(format!("pinfra-completions-{}", std::process::id()));
    std::fs::write(&folder, script).unwrap();
    let read = Command::new("bash")
        .arg("-n")
        .arg(&folder)
        .output()
        .unwrap();
    std::fs::remove_file(&folder).unwrap();
    assert!(
        read.status.success(),
        "{}",
        String::from_utf8_lossy(&read.stderr)
    );
}

#[test]
fn an_unknown_shell_is_wrong_usage() {
    let printed = pinfra(&["completions", "dos"]);
    assert_eq!(printed.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&printed.stderr)
            .contains("possible values: bash, elvish, fish, powershell, zsh")
    );
}

#[test]
fn every_commands_help_fits_a_terminal_and_shows_how() {
    for command in commands() {
        let help = String::from_utf8(pinfra(&[&command, "--help"]).stdout).unwrap();
        let wide = help.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{command}");
        let taught = ["help", "cloud", "schema", "generate"].contains(&command.as_str());
        assert!(taught || help.contains("Examples:"), "{command}: {help}");
    }
}
