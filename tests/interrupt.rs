//! Ctrl-C during an apply, as processes: the first one starts nothing new, finishes the calls under
//! way and reports; the second ends it at once. Either way the next run goes on from there.
#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use pinfra::cloud::{Cloud, Options};
use tempfile::TempDir;

/// A cluster takes about a minute: whoever waits for it has not seen the end.
const SLOW: f64 = 20.0;
const FAST: f64 = 3000.0;

fn folder(scale: f64) -> TempDir {
    let dir = TempDir::new().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("stacks/pinterest.yaml");
    std::fs::copy(shipped, dir.path().join("stack.yaml")).unwrap();
    pace(&dir, scale);
    dir
}

fn pace(dir: &TempDir, scale: f64) {
    let mut options = Options::at(dir.path().join("cloud"));
    options.time_scale = Some(scale);
    Cloud::open(options).unwrap();
}

fn pinfra(dir: &TempDir, command: &str, faults: Option<&str>) -> Command {
    let mut process = Command::new(env!("CARGO_BIN_EXE_pinfra"));
    process
        .args([command, "stack.yaml", "--local=cloud"])
        .env_clear()
        .env("HOME", dir.path())
        .current_dir(dir.path())
        .stdin(Stdio::null());
    if command != "plan" {
        process.args(["--auto-approve", "--allow-data-loss"]);
    }
    if let Some(rules) = faults {
        let file = dir.path().join("faults.yaml");
        std::fs::write(&file, rules).unwrap();
        process.env("PINFRA_FAULTS", file);
    }
    process
}

/// A run under way.
struct Apply {
    child: Child,
    said: BufReader<ChildStderr>,
    text: String,
}

impl Apply {
    fn start(dir: &TempDir, faults: Option<&str>) -> Apply {
        let mut child = pinfra(dir, "apply", faults)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Apply {
            child,
            said,
            text: String::new(),
        }
    }

    /// Reads on until a line holds this.
    fn until(&mut self, wanted: &str) {
        let mut line = String::new();
        while !line.contains(wanted) {
            line.clear();
            let read = self.said.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "`{wanted}` was never said:\n{}", self.text);
            self.text.push_str(&line);
        }
    }

    fn interrupt(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// The exit code, and all that was said.
    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        self.text.push_str(&rest);
        (self.child.wait().unwrap().code(), self.text)
    }
}

fn converges(dir: &TempDir) {
    pace(dir, FAST);
    for command in ["apply", "plan"] {
        let done = pinfra(dir, command, None).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{command}: {said}");
    }
}

#[test]
fn the_first_starts_nothing_new_and_reports() {
    let dir = folder(SLOW);
    let mut apply = Apply::start(&dir, None);
    apply.until("msk_cluster.pipeline: CREATING");
    let started = Instant::now();
    apply.interrupt();
    let (code, said) = apply.end();
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "it waited for the cluster"
    );
    assert_eq!(code, Some(1), "{said}");
    for part in [
        "Stopping: nothing new is started",
        "Stopped: ",
        "Run the same command again",
    ] {
        assert!(said.contains(part), "`{part}` is missing:\n{said}");
    }
    converges(&dir);
}

#[test]
fn the_second_ends_it_at_once() {
    let dir = folder(FAST);
    let held = "- { service: kafka, operation: CreateCluster, action: hold_after }";
    let mut apply = Apply::start(&dir, Some(held));
    apply.until("msk_cluster.pipeline: creating");
    apply.interrupt();
    apply.until("Stopping: nothing new is started");
    // The call under way is waited for.
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(apply.child.try_wait().unwrap(), None);
    apply.interrupt();
    let (code, said) = apply.end();
    assert_eq!(code, Some(130), "{said}");
    converges(&dir);
}

#[test]
fn while_it_plans_one_is_enough() {
    let dir = folder(FAST);
    let held = "- { service: kafka, operation: ListClustersV2, action: hold_before }";
    let apply = Apply::start(&dir, Some(held));
    std::thread::sleep(Duration::from_millis(1500));
    apply.interrupt();
    let (code, said) = apply.end();
    assert_ne!(code, Some(0), "{said}");
    converges(&dir);
}
