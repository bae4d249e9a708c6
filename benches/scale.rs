//! What plans of large stacks cost: CPU time and memory of `pinfra plan`, and its API calls, type by type,
//! beside what docs/calls.md says. One plan is without changes, one from nothing. The embedded cloud runs
//! in a process of its own and does not count. It ends with 1 where calls are not as documented, or a
//! limit of docs/calls.md does not hold.
//!
//! ```text
//! cargo bench --bench scale                         stacks of 100, 1,000 and 10,000 resources (some minutes)
//! cargo bench --bench scale -- 1000                 of this size
//! PINFRA_BIN=target/debug/pinfra cargo bench …      of another build of pinfra
//! cargo bench --profile dev --bench scale …         of the build that `cargo build` makes, whose CPU time has no limit
//! ```
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/support/mix.rs"]
mod mix;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pinfra::cloud::{Cloud, Options};
use serde_json::{Value, json};
use tempfile::TempDir;

const SIZES: [usize; 3] = [100, 1_000, 10_000];
/// CPU seconds of an optimised build, and bytes, that a plan of the largest takes at most.
const MOST_CPU: f64 = 5.0;
const MOST_MEMORY: f64 = 300e6;
/// In which /proc counts CPU time.
const TICKS_A_SECOND: f64 = 100.0;
/// How often a process is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<usize> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let sizes = if given.is_empty() {
        SIZES.to_vec()
    } else {
        given
    };
    println!(
        "{:>9}  {:<16}  {:>8}  {:>8}  {:>8}  {:>7}",
        "resources", "plan", "CPU", "wall", "memory", "calls"
    );
    let mut right = true;
    for size in sizes {
        let folder = TempDir::new().unwrap();
        mix::write(folder.path(), size);
        right &= plan(&folder, size, "from nothing", false);
        seed(&folder, size);
        right &= plan(&folder, size, "without changes", true);
    }
    if !right {
        std::process::exit(1);
    }
}

/// The build that is measured.
fn pinfra() -> PathBuf {
    let other = std::env::var_os("PINFRA_BIN").map(PathBuf::from);
    let own = || PathBuf::from(env!("CARGO_BIN_EXE_pinfra"));
    // Its plans run in folders of their own.
    other.map_or_else(own, |path| path.canonicalize().unwrap())
}

fn seed(folder: &TempDir, size: usize) {
    let mut options = Options::at(folder.path().join("cloud"));
    options.time_scale = Some(3000.0);
    let cloud = Cloud::open(options).unwrap();
    mix::seed(&cloud, folder.path(), size);
}

/// Plans in a process of its own, and prints what that took; whether it is as documented.
fn plan(folder: &TempDir, size: usize, what: &str, compare: bool) -> bool {
    let server = Server::start(&folder.path().join("cloud"));
    let out = File::create(folder.path().join("plan.json")).unwrap();
    let started = Instant::now();
    let child = Command::new(pinfra())
        .args([
            "plan",
            "stack.yaml",
            "--format",
            "json",
            "--endpoint-url",
            &server.url,
        ])
        .env_clear()
        .env("HOME", folder.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .current_dir(folder.path())
        .stdout(out)
        .spawn()
        .unwrap();
    let usage = Usage::of(child);
    let wall = started.elapsed().as_secs_f64();
    let text = std::fs::read(folder.path().join("plan.json")).unwrap();
    let document: Value = serde_json::from_slice(&text).unwrap();
    let planned = &document["summary"];
    let wanted = if compare { "none" } else { "create" };
    assert_eq!(planned[wanted], json!(size), "{planned}");
    println!(
        "{size:>9}  {what:<16}  {:>6.2} s  {:>6.2} s  {:>5.0} MB  {:>7}",
        usage.cpu,
        wall,
        usage.peak / 1e6,
        document["api_calls"]["total"],
    );
    let is_small = is_within_limits(&usage);
    let calls = &document["api_calls"]["by_operation"];
    (!compare || told_calls(size, calls)) && is_small
}

/// Whether a plan of any of the sizes keeps the limits that hold for the largest.
fn is_within_limits(usage: &Usage) -> bool {
    let optimised = !cfg!(debug_assertions);
    let is_fast = usage.cpu <= MOST_CPU || !optimised;
    let is_small = usage.peak <= MOST_MEMORY;
    if !is_fast {
        println!("           MORE THAN {MOST_CPU} s OF CPU TIME");
    }
    if !is_small {
        println!("           MORE THAN {} MB OF MEMORY", MOST_MEMORY / 1e6);
    }
    is_fast && is_small
}

/// The calls beside what docs/calls.md says; whether they are the same.
fn told_calls(size: usize, counted: &Value) -> bool {
    let mut counted: BTreeMap<String, usize> = serde_json::from_value(counted.clone()).unwrap();
    let mut right = true;
    let mut tell = |of: &str, expected: BTreeMap<String, usize>| {
        for (operation, expected) in expected {
            let found = counted.remove(&operation).unwrap_or_default();
            let mark = match found == expected {
                true => "as documented".to_owned(),
                false => format!("NOT AS DOCUMENTED: {expected}"),
            };
            right &= found == expected;
            println!("  {of:<21} {operation:<36} {found:>6}  {mark}");
        }
    };
    for kind in mix::KINDS {
        tell(kind.type_name, mix::calls_of(kind, size));
    }
    tell("the stack as a whole", mix::calls_beside(size));
    for (operation, found) in &counted {
        println!("  {:<21} {operation:<36} {found:>6}  NOT DOCUMENTED", "");
    }
    right && counted.is_empty()
}

/// What a process took, as Linux tells of it.
struct Usage {
    /// Seconds, in user and in system mode.
    cpu: f64,
    /// Bytes of memory at most.
    peak: f64,
}

impl Usage {
    /// Of a process, once it has ended.
    fn of(mut child: Child) -> Usage {
        let folder = PathBuf::from(format!("/proc/{}", child.id()));
        let mut usage = Usage {
            cpu: 0.0,
            peak: 0.0,
        };
        loop {
            // The first two words, the second in brackets, are its id and name.
            let stat = std::fs::read_to_string(folder.join("stat")).unwrap();
            let (_, stat) = stat.rsplit_once(") ").unwrap();
            let words: Vec<&str> = stat.split(' ').collect();
            let ticks = |word: usize| words[word].parse::<f64>().unwrap();
            usage.cpu = (ticks(11) + ticks(12)) / TICKS_A_SECOND;
            if words[0] == "Z" {
                break;
            }
            let status = std::fs::read_to_string(folder.join("status")).unwrap();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = peak.and_then(|text| text.trim().strip_suffix(" kB"));
            usage.peak = kib.map_or(usage.peak, |kib| kib.parse::<f64>().unwrap() * 1024.0);
            std::thread::sleep(LOOK_EVERY);
        }
        child.wait().unwrap();
        usage
    }
}

/// The embedded cloud, served over a socket.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path) -> Server {
        let mut child = Command::new(pinfra())
            .args(["cloud", "serve", "--port", "0", "--dir"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        let url = url
            .unwrap_or_else(|| panic!("the server said: {line}"))
            .to_owned();
        // What it says is read on, so that it always has a reader.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Server { child, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
