//! The first promise: killed at any instant, pinfra converges on the next run, with nothing made
//! twice, nothing unowned and nothing to repair by hand.
//!
//! `pinfra` runs as a process against a served cloud whose lists lag three reads behind. The server
//! holds the k-th call, before or after its effect, and the client is killed as by `kill -9`; then
//! the same command runs again, on the same cloud. Or the k-th call's reply gets lost, and the SDK
//! sends it once more: that, the same run must get over. An uninterrupted run counts the calls first.
//!
//! ```text
//! cargo test --test kill_sweep                                   a seeded part: of replace a fifth, of apply and change a tenth, of destroy a twentieth
//! PINFRA_SWEEP=fifth cargo test --test kill_sweep                a fifth of each sweep
//! PINFRA_SWEEP=all cargo test --test kill_sweep                  all of them
//! PINFRA_SWEEP=destroy cargo test --test kill_sweep              all of one: apply, change, replace, destroy
//! PINFRA_SWEEP=apply:17:after cargo test --test kill_sweep       this one: what a failure prints
//! PINFRA_SWEEP_SEED=anything …                                   other points where not all are tried
//! ```
#![cfg(all(feature = "aws", feature = "cloud", feature = "stack"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod inventory;
mod process;
mod stacks;

use std::fmt;
use std::path::Path;
use std::sync::Mutex;

use pinfra::provider::aws::TYPES;
use pinfra::provider::keys::LocalKey;
use process::{Ran, Server, run};
use sha2::{Digest, Sha256};
use stacks::{FILE, KEY_FILE, Stack};
use tempfile::TempDir;

/// Which points are tried: `all`, a `fifth`, those of one sweep, or one as a failure prints it; a part of them without it.
const CHOICE: &str = "PINFRA_SWEEP";
/// What that part is drawn with: a text.
const SEED: &str = "PINFRA_SWEEP_SEED";
/// So fast that a cluster takes half a second, and its states are met all the same.
const TIME_SCALE: u32 = 3000;
const LAG: &str = "- {action: {lag: {reads: 3}}}\n- {action: {tags_lag: {reads: 3}}}\n";
const APPLY: [&str; 3] = ["apply", FILE, "--auto-approve"];

#[test]
fn a_first_apply_disturbed_at_any_call_is_finished() {
    sweep(&Sweep {
        name: "apply",
        command: &APPLY,
        applied_before: false,
        stack: stacks::whole(),
        one_of: 10,
        plan_after: 0,
    });
}

#[test]
fn a_later_apply_disturbed_at_any_call_is_finished() {
    sweep(&Sweep {
        name: "change",
        command: &["apply", FILE, "--auto-approve", "--allow-data-loss"],
        applied_before: true,
        stack: stacks::changed(),
        one_of: 10,
        plan_after: 0,
    });
}

#[test]
fn a_new_instance_in_place_of_another_disturbed_at_any_call_is_finished() {
    sweep(&Sweep {
        name: "replace",
        command: &APPLY,
        applied_before: true,
        stack: stacks::moved(),
        one_of: 5,
        plan_after: 0,
    });
}

#[test]
fn a_destroy_disturbed_at_any_call_is_finished() {
    sweep(&Sweep {
        name: "destroy",
        command: &["destroy", FILE, "--auto-approve", "--allow-data-loss"],
        applied_before: true,
        stack: stacks::destroyed(),
        one_of: 20,
        plan_after: 2,
    });
}

/// A type that is new in the product belongs into the sweeps.
#[test]
fn the_stack_has_every_type() {
    let stack = stacks::whole();
    let missing = TYPES.iter().filter(|ty| ty.create.is_some());
    let missing = missing.map(|ty| ty.schema.name);
    let missing: Vec<&str> = missing
        .filter(|name| !stack.text.contains(&format!("\n  {name}.")))
        .collect();
    assert!(missing.is_empty(), "not in stacks.rs: {missing:?}");
}

/// One command, disturbed at many points.
struct Sweep<'a> {
    name: &'a str,
    command: &'a [&'a str],
    /// Whether the whole stack is there when it begins.
    applied_before: bool,
    /// What it runs with, and what is there afterwards.
    stack: Stack,
    /// One point of so many is tried: of what takes longer, fewer.
    one_of: usize,
    /// How `plan` exits afterwards.
    plan_after: i32,
}

/// Where something happens to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    call: usize,
    fate: Fate,
}

/// What happens to it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is killed before the call takes effect.
    Before,
    /// It is killed when the call has taken effect, and has no reply.
    After,
    /// The call takes effect, and its reply is lost.
    Lost,
}

impl Fate {
    const ALL: [Fate; 3] = [Fate::Before, Fate::After, Fate::Lost];

    /// What a point is written with.
    fn word(self) -> &'static str {
        match self {
            Fate::Before => "before",
            Fate::After => "after",
            Fate::Lost => "lost",
        }
    }

    /// What the faults file calls it.
    fn action(self) -> &'static str {
        match self {
            Fate::Before => "hold_before",
            Fate::After => "hold_after",
            Fate::Lost => "drop",
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.call, self.fate.word())
    }
}

/// The points to try among those of so many calls.
fn points(choice: Option<&str>, name: &str, calls: usize, one_of: usize) -> Vec<Point> {
    let (choice, one_of) = match choice {
        Some("fifth") => (None, 5),
        choice => (choice, one_of),
    };
    let all = (1..=calls).flat_map(|call| Fate::ALL.map(|fate| Point { call, fate }));
    let all: Vec<Point> = all.collect();
    match choice {
        Some(choice) if choice == "all" || choice == name => all,
        Some(one) => {
            // Its number may lie beyond this machine's count: how often a state is asked differs.
            let Some(point) = one
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix(':'))
            else {
                return Vec::new();
            };
            let (call, word) = point.split_once(':').expect("PINFRA_SWEEP=apply:17:after");
            let fate = Fate::ALL.into_iter().find(|fate| fate.word() == word);
            vec![Point {
                call: call.parse().expect("the number of a call"),
                fate: fate.expect("before, after or lost"),
            }]
        }
        // One of so many neighbours: the same for the same seed, however many calls there are.
        None => {
            let mut random = fastrand::Rng::with_seed(seed());
            let groups = all.chunks(one_of);
            let drawn = groups.filter_map(|group| group.get(random.usize(..one_of)));
            drawn.copied().collect()
        }
    }
}

/// The seed, always the same where none is given.
fn seed() -> u64 {
    let text = std::env::var(SEED).unwrap_or_default();
    let digest = Sha256::digest(text);
    u64::from_be_bytes(digest[..8].try_into().unwrap())
}

fn sweep(sweep: &Sweep<'_>) {
    let choice = std::env::var(CHOICE).ok();
    let before = sweep.applied_before.then(applied);
    let before = before.as_ref().map(TempDir::path);
    let calls = sweep.uninterrupted(before);
    let points = points(choice.as_deref(), sweep.name, calls, sweep.one_of);
    let (next, failures, unreached) = (
        Mutex::new(points.iter()),
        Mutex::new(Vec::new()),
        Mutex::new(0),
    );
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(point) = next.lock().unwrap().next() else {
                        return;
                    };
                    match sweep.disturbed_at(before, *point) {
                        Ok(true) => {}
                        Ok(false) => *unreached.lock().unwrap() += 1,
                        Err(why) => failures.lock().unwrap().push(format!(
                            "{CHOICE}={}:{point} cargo test --test kill_sweep\n{why}",
                            sweep.name
                        )),
                    }
                }
            });
        }
    });
    let (failures, unreached) = (
        failures.into_inner().unwrap(),
        unreached.into_inner().unwrap(),
    );
    let tried = points.len();
    eprintln!(
        "{}: {tried} of {} points, {unreached} of them beyond the last call",
        sweep.name,
        Fate::ALL.len() * calls
    );
    assert!(
        failures.is_empty(),
        "{} of {tried} failed\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    // How often a state is asked for differs from run to run; more than that would be a mistake here.
    assert!(
        unreached * 4 <= tried,
        "{unreached} of {tried} points were never reached"
    );
}

/// A folder with the whole stack applied, long enough ago that every list shows it.
fn applied() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join(FILE), stacks::whole().text).unwrap();
    let server = Server::start(folder.path(), LAG, TIME_SCALE);
    let plan: &[&str] = &["plan", FILE];
    for command in [&["apply", FILE, "--auto-approve"], plan, plan, plan] {
        let ran = run(folder.path(), &server, command, false).unwrap();
        assert_eq!(ran.code, Some(0), "{}", ran.said);
    }
    server.stop();
    folder
}

impl Sweep<'_> {
    /// A folder to run in, with what was there before.
    fn folder(&self, before: Option<&Path>) -> TempDir {
        let folder = TempDir::new().unwrap();
        if let Some(before) = before {
            copy(before, folder.path());
        }
        std::fs::write(folder.path().join(FILE), &self.stack.text).unwrap();
        folder
    }

    /// Runs the command in peace; the calls it made.
    fn uninterrupted(&self, before: Option<&Path>) -> usize {
        let folder = self.folder(before);
        let server = Server::start(folder.path(), LAG, TIME_SCALE);
        let ran = run(folder.path(), &server, self.command, false).unwrap();
        assert_eq!(ran.code, Some(0), "{}", ran.said);
        let calls = server.calls().len();
        self.check(folder.path(), &server).unwrap();
        calls
    }

    /// Runs the command, lets happen what happens at a point, and runs it again if that killed it.
    /// Whether the point was reached, or what is wrong afterwards.
    fn disturbed_at(&self, before: Option<&Path>, point: Point) -> Result<bool, String> {
        let folder = self.folder(before);
        let action = point.fate.action();
        let faults = format!("{LAG}- {{at: {}, action: {action}}}\n", point.call);
        let server = Server::start(folder.path(), &faults, TIME_SCALE);
        let first = run(
            folder.path(),
            &server,
            self.command,
            point.fate != Fate::Lost,
        )?;
        let Some(fault) = first.fault else {
            return match first.code {
                Some(0) => Ok(false),
                _ => Err(format!("in peace it failed:\n{}", first.said)),
            };
        };
        let told = |why: String| format!("{fault}\nthe first run:\n{}\n{why}", first.said);
        let last = match point.fate {
            Fate::Lost if first.code == Some(0) => None,
            Fate::Lost => return Err(told(format!("exit {:?}", first.code))),
            Fate::Before | Fate::After => {
                let next = run(folder.path(), &server, self.command, false).map_err(told)?;
                if next.code != Some(0) {
                    return Err(told(format!("the next run: {}", shown(&next))));
                }
                Some(next)
            }
        };
        let last = last.as_ref().map(shown).unwrap_or_default();
        self.check(folder.path(), &server)
            .map_err(|why| told(format!("the next run: {last}\n{why}")))?;
        Ok(true)
    }

    /// What must be true at the end.
    fn check(&self, folder: &Path, server: &Server) -> Result<(), String> {
        let found = inventory::of(folder);
        if found.objects != self.stack.objects {
            return Err(format!("there is now {:#?}", found.objects));
        }
        let key = LocalKey::read(&folder.join(KEY_FILE))?.ok_or("the private key is gone")?;
        if let Some(public) = &found.public_key
            && !key.is(Some(public), None)
        {
            return Err("the private key is not the live key's".to_owned());
        }
        let plan = run(folder, server, &["plan", FILE], false)?;
        match plan.code == Some(self.plan_after) {
            true => Ok(()),
            false => Err(format!("the plan afterwards: {}", shown(&plan))),
        }
    }
}

fn shown(ran: &Ran) -> String {
    format!("exit {:?}\n{}", ran.code, ran.said)
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

#[test]
fn a_part_is_the_same_every_time_and_spread_over_all_calls() {
    let (fewer, more) = (points(None, "apply", 50, 5), points(None, "apply", 60, 5));
    assert_eq!((fewer.len(), more.len()), (30, 36));
    assert_eq!(fewer, more[..30]);
    for fate in Fate::ALL {
        assert!(fewer.iter().any(|point| point.fate == fate), "{fate:?}");
    }
    let one = points(Some("apply:17:after"), "apply", 50, 5);
    let fate = Fate::After;
    assert_eq!(one, [Point { call: 17, fate }]);
    assert_eq!(one[0].to_string(), "17:after");
    assert!(points(Some("apply:17:after"), "destroy", 50, 5).is_empty());
    assert_eq!(points(Some("all"), "apply", 50, 5).len(), 150);
}
